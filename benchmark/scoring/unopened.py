"""Pictures that are known without being opened: hashes of their pixels, kept for files that have not changed.

A file counts as unchanged while its path, inode, size, time of modification and time of change are those that it had
when it was read, by the same reading and the same decoders. A file that was written less than `SETTLED` before it was
read is not kept: it could be written once more without its times showing that.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmark.scoring.store import ScoreStore
from fusion_metrics import Image, __version__
from fusion_metrics.grey import grey_image
from fusion_metrics.reading import Reading
from fusion_metrics.volumes.address import parse_address

#: Raised whenever a file becomes other pixels than before, so that hashes which are kept are made again.
VERSION = 1
#: Nanoseconds after which a file that is written again shows other times, on every file system that is in use.
SETTLED = 2_000_000_000


class Known(NamedTuple):
    """What scoring has to know of a picture where every score is stored.

    Attributes
    ----------
    shape : (int, int)
    is_colour : bool
    decisions : tuple of str
        What was decided when the file became pixels.
    digests : mapping of str to str
        Of the picture, under an empty name, and of what grey rules make of its colours.
    """

    shape: tuple[int, int]
    is_colour: bool
    decisions: tuple[str, ...]
    digests: Mapping[str, str]

    def digest(self, rule: str) -> str | None:
        """Return the digest of the picture as a metric with this grey rule of its own sees it; None if not known."""
        return self.digests.get(rule if self.is_colour else "")


class KnownFiles:
    """The pictures of one database that the store knows.

    Parameters
    ----------
    store : ScoreStore
    reading : Reading
    rules : collection of str
        Grey rules of the metrics.
    """

    def __init__(self, store: ScoreStore, reading: Reading, rules: Collection[str]) -> None:
        self._store, self._reading, self._rules = store, str(reading), rules
        self._noted: list[tuple[bytes, str, str, str]] = []

    def find(self, paths: Iterable[Path]) -> dict[Path, Known]:
        """Look up pictures; those that were never read, or have changed since, are not among what is returned."""
        names = {path: os.fsencode(os.path.abspath(path)) for path in paths}  # noqa: PTH100 - no link is followed
        stored = self._store.get_files(self._reading, names.values())
        found = {}
        for path, name in names.items():
            state, text = stored.get(name, ("", ""))
            if state and state == state_of(path) and (known := _known(text)) is not None:
                found[path] = known
        return found

    def note(self, path: Path, state: str, image: Image) -> None:
        """Keep what is known of a picture that was opened; `state` is that of its file before."""
        if not state or state != state_of(path) or not _is_settled(state):
            return
        digests = {"": image.digest}
        if image.is_colour:
            digests |= {rule: grey_image(image, rule=rule).digest for rule in self._rules}
        known = Known(image.shape, image.is_colour, image.decisions, digests)
        name = os.fsencode(os.path.abspath(path))  # noqa: PTH100
        self._noted.append((name, self._reading, state, json.dumps(known)))

    def flush(self) -> None:
        """Store what was noted."""
        if self._noted:
            self._store.put_files(self._noted)
            self._noted = []


def state_of(path: Path) -> str:
    """Say what changes when a file does; empty where that cannot be said, as of a slice of a volume."""
    try:
        found = os.stat(path)  # noqa: PTH116 - faster, for thousands of files
    except (OSError, ValueError):
        return ""
    if parse_address(path) is not None:
        return ""
    times = f"{found.st_mtime_ns} {found.st_ctime_ns}"
    return f"{times} {found.st_dev} {found.st_ino} {found.st_size} {_decoders()}"


def _is_settled(state: str) -> bool:
    modified, changed = map(int, state.split(" ", 2)[:2])
    return time.time_ns() - max(modified, changed) > SETTLED


@cache
def _decoders() -> str:
    """Name what turns files into pixels: a JPEG may become others by another version of its library."""
    from PIL import __version__ as pillow
    from PIL import features

    libraries = (features.version(name) for name in ("libjpeg_turbo", "jpg_2000", "webp"))
    return f"{VERSION} {__version__} {pillow} {' '.join(str(version) for version in libraries)}"


def _known(text: str) -> Known | None:
    """Read what was kept; None if that was damaged."""
    try:
        (height, width), is_colour, decisions, digests = json.loads(text)
        known = Known((height, width), is_colour, tuple(decisions), dict(digests))
    except (TypeError, ValueError):
        return None
    return known if isinstance(is_colour, bool) else None
