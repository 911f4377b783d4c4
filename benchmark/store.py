"""The store of scores: an SQLite file that survives a killed run.

Of a metric that learns, what it prepared of the images is stored in place of a score.

The key is explicit: metric, variant, version of the metric, its parameters, and the hashes of the pixels of the fused
image and the sources. The same picture under another name, or in another database, is the same score.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from benchmark.errors import BenchmarkError
from fusion_metrics import Image, Metric, Score
from fusion_metrics.image import Array
from fusion_metrics.spec import DEFAULT_VARIANT

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
    """A score, and what a metric that learns prepared of the images."""

    score: Score
    prepared: Array | None = None


class Key(NamedTuple):
    """What a stored score depends on."""

    fused: str
    a: str
    b: str
    metric: str
    variant: str
    version: int
    parameters: str


def key_of(metric: Metric, fused: Image, a: Image | None, b: Image | None) -> Key:
    """Build the key of one score: of the pictures as the metric sees them, and of what an alias is computed as.

    A metric that needs no sources does not depend on them.
    """
    sources = (image if metric.needs_sources else None for image in (a, b))
    digests = ("" if image is None else metric.seen(image).digest for image in (fused, *sources))
    name, _, variant = metric.spec.computed_as.partition(":")
    return Key(*digests, name, variant or DEFAULT_VARIANT, metric.spec.version, metric.parameters)


class ScoreStore:
    """Stored scores in one file; safe to use from several threads and from several runs at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(path, timeout=60, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            if self._connection.execute("PRAGMA user_version").fetchone()[0] != LAYOUT:
                self._connection.execute("DROP TABLE IF EXISTS score")
                self._connection.execute("DROP TABLE IF EXISTS prediction")
                self._connection.execute(f"PRAGMA user_version={LAYOUT}")
            self._connection.execute(SCHEMA)
            self._connection.execute(PREDICTIONS)
            self._connection.execute(ANALYSES)
        except sqlite3.DatabaseError as error:
            raise BenchmarkError(f"{path}: is not a store of scores ({error}); delete it to start anew") from None

    def get(self, fused: Image, wanted: Collection[Key]) -> dict[Key, Computed]:
        """Look up what is stored of one fused image, among all that is wanted of it."""
        query = "SELECT * FROM score WHERE fused = ?"
        rows: list[tuple[Any, ...]] = []
        # A metric with a grey rule of its own knows a colour picture by the hash of the grey one.
        for digest in {fused.digest} | {key.fused for key in wanted}:
            with self._lock, closing(self._connection.execute(query, (digest,))) as cursor:
                rows += cursor.fetchall()
        return {
            key: Computed(Score(row[3], row[4], *row[7:11]), _array(row[11]))
            for row in rows
            if (key := Key(*row[:7])) in wanted
        }

    def put(self, computed: Iterable[tuple[Key, Computed]]) -> None:
        """Store in one transaction; errors are never stored, so they are tried again."""
        rows = [
            (*key, score.value, score.status, score.reason, score.seconds, _bytes(prepared))
            for key, (score, prepared) in computed
            if score.status != "error"
        ]
        with self._lock, self._connection:
            self._connection.executemany(f"INSERT OR REPLACE INTO score VALUES ({', '.join('?' * 12)})", rows)  # noqa: S608

    def get_prediction(self, fit: str) -> Array | None:
        """Look up what a fitted metric predicted; `fit` is a hash of all that the fit and the prediction depend on."""
        query = "SELECT predicted FROM prediction WHERE fit = ?"
        with self._lock, closing(self._connection.execute(query, (fit,))) as cursor:
            row = cursor.fetchone()
        return None if row is None else _array(row[0])

    def put_prediction(self, fit: str, predicted: Array) -> None:
        """Store what a fitted metric predicted."""
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO prediction VALUES (?, ?)", (fit, _bytes(predicted)))

    def get_analysis(self, digest: str) -> str | None:
        """Look up the JSON text of an analysis; `digest` is a hash of all that it depends on."""
        query = "SELECT found FROM analysis WHERE input = ?"
        with self._lock, closing(self._connection.execute(query, (digest,))) as cursor:
            row = cursor.fetchone()
        return None if row is None else str(row[0])

    def put_analysis(self, digest: str, found: str) -> None:
        """Store the JSON text of an analysis."""
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO analysis VALUES (?, ?)", (digest, found))

    def __enter__(self) -> ScoreStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()


def _bytes(array: Array | None) -> bytes | None:
    """Form of an array in the store: NumPy's own format, which needs no pickle for numbers."""
    if array is None:
        return None
    buffer = BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(content: bytes | None) -> Array | None:
    if content is None:
        return None
    array: Array = np.load(BytesIO(content), allow_pickle=False)
    return array
