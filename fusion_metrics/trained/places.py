"""Where trained metrics lie: those that packages ship, and the user's own in the cache folder.

A file is ``NAME/METRIC.safetensors``, in the folder ``trained`` of a plug-in or in ``models`` of the cache folder, and
its metric is called ``METRIC+NAME``. A file of the user's own comes before one that is shipped under the same name.
"""

from __future__ import annotations

import functools
import re
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from fusion_metrics.cache import cache_folder
from fusion_metrics.errors import FusionMetricsError
from fusion_metrics.printable import printable
from fusion_metrics.spec import DEFAULT_VARIANT

SUFFIX = ".safetensors"
#: Between the name of a metric and that of what it was trained on.
PLUS = "+"
#: The group of the plug-ins, any of which may have a folder of this name.
_PLUGINS, _FOLDER = "fusion_metrics.metrics", "trained"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class Place(NamedTuple):
    """One file of a trained metric.

    Attributes
    ----------
    metric, variant, name : str
        ``bmpri``, ``paper`` and ``phantom`` of ``bmpri+phantom``.
    path : Path
    shipped : bool
        Whether a package brought it; otherwise it is the user's own.
    """

    metric: str
    variant: str
    name: str
    path: Path
    shipped: bool

    @property
    def id(self) -> str:
        """The name by which the metric is asked for."""
        return identifier(self.metric, self.variant, self.name)


def identifier(metric: str, variant: str, name: str) -> str:
    """Put the name of a trained metric together.

    >>> identifier("bmpri", "paper", "phantom"), identifier("ms_aan", "argmax", "mine")
    ('bmpri+phantom', 'ms_aan+mine:argmax')
    """
    return f"{metric}{PLUS}{name}" + ("" if variant == DEFAULT_VARIANT else f":{variant}")


def taken_apart(text: str) -> tuple[str, str, str]:
    """Take the name of a trained metric apart: metric, variant and what it was trained on.

    >>> taken_apart("ms_aan+mine:argmax") == taken_apart("ms_aan:argmax+mine") == ("ms_aan", "argmax", "mine")
    True
    """
    head, _, tail = text.strip().partition(":")
    metric, _, name = head.partition(PLUS)
    if not name:
        tail, _, name = tail.partition(PLUS)
    return metric, tail or DEFAULT_VARIANT, name


def check_name(name: str) -> str:
    """Return a name under which a trained metric may be kept, or raise an error that says what one looks like."""
    if not _NAME.fullmatch(name):
        raise FusionMetricsError(
            f"'{printable(name)[:64]}' cannot be the name of a trained metric: letters, digits, later . _ - too"
        )
    return name


def own_folder() -> Path:
    """Return the folder of the user's own trained metrics."""
    return cache_folder() / "models"


def own_path(metric: str, variant: str, name: str) -> Path:
    """Say where a trained metric of the user's is kept."""
    return (
        own_folder() / check_name(name) / f"{metric if variant == DEFAULT_VARIANT else f'{metric}-{variant}'}{SUFFIX}"
    )


def places() -> list[Place]:
    """List the files that there are, the user's own first, each name once."""
    found: dict[str, Place] = {}
    for folder, shipped in ((own_folder(), False), *((folder, True) for folder in _shipped())):
        for path in sorted(folder.glob(f"*/*{SUFFIX}")) if folder.is_dir() else ():
            metric, _, variant = path.stem.partition("-")
            if _NAME.fullmatch(path.parent.name):
                place = Place(metric, variant or DEFAULT_VARIANT, path.parent.name, path, shipped)
                found.setdefault(place.id, place)
    return list(found.values())


def place_of(metric: str, variant: str, name: str) -> Place | None:
    """Find the file of a trained metric; None where there is none."""
    wanted = identifier(metric, variant, name)
    return next((place for place in places() if place.id == wanted), None)


@functools.cache
def _shipped() -> list[Path]:
    """List the folders of trained metrics that plug-ins bring."""
    found = []
    for module in dict.fromkeys(entry.module for entry in entry_points(group=_PLUGINS)):
        try:
            folder = Path(str(files(module))) / _FOLDER
        except (ImportError, TypeError):  # a plug-in that is broken, or one that is no package: it ships nothing
            continue
        found += [folder] if folder.is_dir() else []
    return found
