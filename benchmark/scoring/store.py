"""The store of scores: an SQLite file that survives a killed run.

Of a metric that learns, what it prepared of the images is stored in place of a score.

The key is explicit: metric, variant, version of the metric, its parameters, and the hashes of the pixels of the fused
image and the sources, which are those after the reading, with its grey rule where they are coloured. The same picture
under another name, or in another database, is the same score.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from benchmark.scoring.store_file import StoreFile
from fusion_metrics import Image, Metric, Score
from fusion_metrics.image import Array
from fusion_metrics.spec import DEFAULT_VARIANT

_LOG = logging.getLogger("fmbench.store")
#: Raised whenever the table changes; a store of another layout is emptied, because all of it can be computed again.
LAYOUT = 3
SCHEMA = """
CREATE TABLE IF NOT EXISTS score (
    fused TEXT, a TEXT, b TEXT, metric TEXT, variant TEXT, version INTEGER, parameters TEXT,
    value REAL, status TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL, prepared BLOB,
    PRIMARY KEY (fused, a, b, metric, variant, version, parameters)
) WITHOUT ROWID
"""
ANALYSES = "CREATE TABLE IF NOT EXISTS analysis (input TEXT PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID"
PREDICTIONS = "CREATE TABLE IF NOT EXISTS prediction (fit TEXT PRIMARY KEY, predicted BLOB NOT NULL) WITHOUT ROWID"


class Computed(NamedTuple):
    """A score, and what a metric that learns prepared of the images.

    How the pictures were read is not stored: the key has the hashes of what they became, and two files that are read
    differently but become the same pixels have the same score.
    """

    score: Score
    prepared: Array | None = None
    reading: str = ""


class Key(NamedTuple):
    """What a stored score depends on."""

    fused: str
    a: str
    b: str
    metric: str
    variant: str
    version: int
    parameters: str


class Stored(NamedTuple):
    """What is stored under a key, as SQLite gives it; it may be damaged."""

    value: Any
    status: Any
    reason: Any
    seconds: Any
    prepared: Any


def key_of(metric: Metric, fused: Image, *sources: Image) -> Key:
    """Build the key of one score: of the pictures as the metric sees them, and of what an alias is computed as.

    A metric that needs no sources does not depend on them. Of more than two, all but the first are hashed together.
    """
    digests = [metric.seen(image).digest for image in sources] if metric.spec.sources != "none" else []
    digest_a, *others = digests or [""]
    digest_b = hashlib.sha256(" ".join(others).encode()).hexdigest() if len(others) > 1 else "".join(others)
    name, _, variant = metric.spec.computed_as.partition(":")
    return Key(
        fused=metric.seen(fused).digest,
        a=digest_a,
        b=digest_b,
        metric=name,
        variant=variant or DEFAULT_VARIANT,
        version=metric.spec.version,
        parameters=metric.parameters,
    )


class ScoreStore:
    """Stored scores in one file; safe to use from several threads and from several runs at once.

    Parameters
    ----------
    path : Path
    fresh : bool
        Find nothing that was stored before, so that all is computed and stored again.

    Raises
    ------
    BenchmarkError
        The file was made by a newer version or cannot be written; see `benchmark.scoring.store_file`.
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._file = StoreFile(path, LAYOUT, {"score": SCHEMA, "prediction": PREDICTIONS, "analysis": ANALYSES})

    def get(self, fused: Image, wanted: Collection[Key]) -> dict[Key, Computed]:
        """Look up what is stored of one fused image, among all that is wanted of it."""
        if self._fresh:
            return {}
        found = {}
        query = f"SELECT {', '.join(Key._fields + Stored._fields)} FROM score WHERE fused = ?"  # noqa: S608
        # A metric with a grey rule of its own knows a colour picture by the hash of the grey one.
        for digest in {fused.digest} | {key.fused for key in wanted}:
            for row in self._file.read(query, (digest,)):
                key, stored = Key(*row[: len(Key._fields)]), Stored(*row[len(Key._fields) :])
                if key in wanted and (computed := _computed(key, stored)) is not None:
                    found[key] = computed
        return found

    def put(self, computed: Iterable[tuple[Key, Computed]]) -> None:
        """Store in one transaction; errors are never stored, so they are tried again."""
        rows = [
            (*key, score.value, score.status, score.reason, score.seconds, _bytes(prepared))
            for key, (score, prepared, _) in computed
            if score.status != "error"
        ]
        self._file.write(f"INSERT OR REPLACE INTO score VALUES ({', '.join('?' * 12)})", rows)  # noqa: S608
        _LOG.debug("stored %d scores", len(rows))

    def get_prediction(self, fit: str) -> Array | None:
        """Look up what a fitted metric predicted; `fit` is a hash of all that the fit and the prediction depend on."""
        content = self._text_or_bytes("SELECT predicted FROM prediction WHERE fit = ?", fit)
        return _array(content) if isinstance(content, bytes) else None

    def put_prediction(self, fit: str, predicted: Array) -> None:
        """Store what a fitted metric predicted."""
        self._file.write("INSERT OR REPLACE INTO prediction VALUES (?, ?)", [(fit, _bytes(predicted))])

    def get_analysis(self, digest: str) -> str | None:
        """Look up the JSON text of an analysis; `digest` is a hash of all that it depends on."""
        content = self._text_or_bytes("SELECT found FROM analysis WHERE input = ?", digest)
        return content if isinstance(content, str) else None

    def put_analysis(self, digest: str, found: str) -> None:
        """Store the JSON text of an analysis."""
        self._file.write("INSERT OR REPLACE INTO analysis VALUES (?, ?)", [(digest, found)])

    def _text_or_bytes(self, query: str, key: str) -> object:
        rows = [] if self._fresh else self._file.read(query, (key,))
        return rows[0][0] if rows else None

    def __enter__(self) -> ScoreStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _computed(key: Key, stored: Stored) -> Computed | None:
    """Read what is stored; None if it was damaged, so that it is computed again."""
    value, status, reason, seconds, content = stored
    sound = (
        (isinstance(value, float) if status == "ok" else value is None and status == "undefined")
        and isinstance(reason, str)
        and isinstance(seconds, float)
    )
    prepared = _array(content) if isinstance(content, bytes) else None
    if not sound or (content is not None and prepared is None):
        return None
    return Computed(Score(key.metric, key.variant, value, status, reason, seconds), prepared)


def _bytes(array: Array | None) -> bytes | None:
    """Form of an array in the store: NumPy's own format, which needs no pickle for numbers."""
    if array is None:
        return None
    buffer = BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(content: bytes) -> Array | None:
    """Read what `_bytes` wrote; None if that is damaged."""
    try:
        array: Array = np.load(BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return None
    return array
