"""The votes of a study: one SQLite file in which a row is written for every vote, and none is ever changed."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmark.errors import BenchmarkError
from benchmark.study.orders import Slot
from benchmark.study.raters import hashed, new_secret

#: Raised when the tables change.
LAYOUT = 1
#: Seconds to wait for another process that writes.
PATIENCE = 10.0

_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE raters (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, token TEXT NOT NULL UNIQUE);
CREATE TABLE sessions (
    secret TEXT PRIMARY KEY, rater INTEGER NOT NULL REFERENCES raters (id), began TEXT NOT NULL
);
CREATE TABLE slots (
    rater INTEGER NOT NULL REFERENCES raters (id), position INTEGER NOT NULL, kind TEXT NOT NULL,
    item INTEGER NOT NULL, other INTEGER, PRIMARY KEY (rater, position)
);
CREATE TABLE votes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, rater INTEGER NOT NULL, position INTEGER NOT NULL,
    attempt INTEGER NOT NULL, value REAL NOT NULL, note TEXT NOT NULL, details TEXT NOT NULL, at TEXT NOT NULL,
    UNIQUE (rater, position, attempt), FOREIGN KEY (rater, position) REFERENCES slots (rater, position)
);
CREATE TABLE conditions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, rater INTEGER NOT NULL REFERENCES raters (id), said TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TRIGGER votes_stay BEFORE UPDATE ON votes BEGIN SELECT RAISE(ABORT, 'votes are not changed'); END;
CREATE TRIGGER votes_are_kept BEFORE DELETE ON votes BEGIN SELECT RAISE(ABORT, 'votes are not deleted'); END;
"""


@dataclass(frozen=True)
class Vote:
    """One row.

    Attributes
    ----------
    rater : str
        The pseudonym.
    position : int
    slot : Slot
    attempt : int
        1, and more for corrections; the highest counts.
    value : float
    note : str
    details : mapping
        How the picture was looked at: milliseconds, zoom, window.
    at : str
        UTC.
    """

    rater: str
    position: int
    slot: Slot
    attempt: int
    value: float
    note: str
    details: Mapping[str, Any]
    at: str


class Conflict(Exception):
    """A vote that contradicts one that is stored, such as one from a second window."""


class Votes:
    """The file of votes, opened; it may be used from several threads, and by several processes.

    Parameters
    ----------
    path : Path
    study : str
        The hash of the description that the votes must belong to.

    Raises
    ------
    BenchmarkError
        The file is missing, damaged, cannot be written, or belongs to another study.
    """

    def __init__(self, path: Path, study: str) -> None:
        self.path = path
        if not path.is_file():
            raise BenchmarkError(f"{path}: is missing, so nobody's votes are known; restore it from a copy")
        self._lock = threading.RLock()
        with self._telling():
            self._file = _open(path)
            about = dict(self._file.execute("SELECT key, value FROM about"))
        if about.get("layout") != str(LAYOUT):
            raise BenchmarkError(f"{path}: has layout {about.get('layout')!r}, but this fmbench knows {LAYOUT}")
        if about.get("study") != study:
            raise BenchmarkError(
                f"{path}: belongs to another study.json, or that file was altered after the study was made; "
                "restore the one that it was made with"
            )

    @classmethod
    def create(cls, path: Path, study: str, raters: Sequence[tuple[str, str, Sequence[Slot]]]) -> None:
        """Make the file; `raters` has the pseudonym, the token and the sequence of each."""
        file = _open(path)
        try:
            file.executescript(_TABLES)
            file.execute("BEGIN")
            file.executemany("INSERT INTO about VALUES (?, ?)", [("layout", str(LAYOUT)), ("study", study)])
            for name, token, slots in raters:
                _add(file, name, token, slots)
            file.execute("COMMIT")
        finally:
            file.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    # Who votes.

    def raters(self) -> dict[str, int]:
        """Return the number of each pseudonym, in the order in which they were added."""
        return dict(self._rows("SELECT name, id FROM raters ORDER BY id"))

    def add(self, name: str, token: str, slots: Sequence[Slot]) -> None:
        """Add a rater."""
        with self._writing():
            _add(self._file, name, token, slots)

    def renew(self, name: str, token: str) -> None:
        """Give a rater another token; the link of before and whoever came in with it are shut out."""
        with self._writing():
            self._file.execute("UPDATE raters SET token = ? WHERE name = ?", (hashed(token), name))
            self._file.execute("DELETE FROM sessions WHERE rater = (SELECT id FROM raters WHERE name = ?)", (name,))

    def open_session(self, token: str) -> str | None:
        """Return the secret of a new session, or None if nobody has this token."""
        found = self._rows("SELECT id FROM raters WHERE token = ?", hashed(token))
        if not found:
            return None
        secret = new_secret()
        with self._writing():
            self._file.execute("INSERT INTO sessions VALUES (?, ?, ?)", (hashed(secret), found[0][0], now()))
        return secret

    def close_session(self, secret: str) -> None:
        """Forget a session."""
        with self._writing():
            self._file.execute("DELETE FROM sessions WHERE secret = ?", (hashed(secret),))

    def rater_of(self, secret: str) -> tuple[int, str] | None:
        """Return number and pseudonym of who has this session."""
        found = self._rows(
            "SELECT raters.id, name FROM sessions JOIN raters ON raters.id = rater WHERE secret = ?", hashed(secret)
        )
        return found[0] if found else None

    # What is shown.

    def slots(self, rater: int) -> list[Slot]:
        """Return the sequence of a rater."""
        rows = self._rows("SELECT kind, item, other FROM slots WHERE rater = ? ORDER BY position", rater)
        return [Slot(*row) for row in rows]

    def append(self, rater: int, position: int, slot: Slot) -> Slot:
        """Put a slot at the end of a sequence; where another window was first, return what that one put there."""
        with self._writing():
            self._file.execute(
                "INSERT OR IGNORE INTO slots VALUES (?, ?, ?, ?, ?)",
                (rater, position, slot.kind, slot.item, slot.other),
            )
        return self.slots(rater)[position]

    # What was said.

    def voted(self, rater: int) -> dict[int, tuple[int, float, str]]:
        """Return what counts of a rater: attempt, value and note by position."""
        rows = self._rows("SELECT position, attempt, value, note FROM votes WHERE rater = ? ORDER BY attempt", rater)
        return {position: (attempt, value, note) for position, attempt, value, note in rows}

    def vote(
        self, rater: int, position: int, attempt: int, value: float, note: str, details: Mapping[str, Any]
    ) -> None:
        """Write a vote down for good. The same vote once more changes nothing, since a page asks again after a fault.

        Raises
        ------
        Conflict
            Another vote has this attempt, or the attempt before it is missing.
        """
        with self._writing():
            last = self._file.execute(
                "SELECT attempt, value FROM votes WHERE rater = ? AND position = ? ORDER BY attempt DESC LIMIT 1",
                (rater, position),
            ).fetchone()
            if last == (attempt, value):
                return
            if attempt != (last[0] if last else 0) + 1:
                raise Conflict(f"attempt {attempt} follows on {last[0] if last else 0}")
            self._file.execute(
                "INSERT INTO votes (rater, position, attempt, value, note, details, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (rater, position, attempt, value, note, json.dumps(details), now()),
            )

    def all_votes(self) -> list[Vote]:
        """Return every row, in the order in which they were written."""
        rows = self._rows(
            "SELECT name, votes.position, kind, item, other, attempt, value, note, details, at FROM votes "
            "JOIN raters ON raters.id = votes.rater "
            "JOIN slots ON slots.rater = votes.rater AND slots.position = votes.position ORDER BY votes.id"
        )
        return [
            Vote(name, position, Slot(kind, item, other), attempt, value, note, json.loads(details), at)
            for name, position, kind, item, other, attempt, value, note, details, at in rows
        ]

    def say_conditions(self, rater: int, said: Mapping[str, Any]) -> None:
        """Write down where and on what somebody looks at the pictures."""
        with self._writing():
            self._file.execute(
                "INSERT INTO conditions (rater, said, at) VALUES (?, ?, ?)", (rater, json.dumps(said), now())
            )

    def conditions(self) -> list[tuple[str, dict[str, Any], str]]:
        """Return what each rater said about that: pseudonym, answers, time."""
        rows = self._rows(
            "SELECT name, said, at FROM conditions JOIN raters ON raters.id = rater ORDER BY conditions.id"
        )
        return [(name, json.loads(said), at) for name, said, at in rows]

    # The file.

    def _rows(self, question: str, *values: object) -> list[Any]:
        with self._lock, self._telling():
            return self._file.execute(question, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the only right to write; what was written is on the disk when this ends, or nothing of it."""
        with self._lock, self._telling():
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise BenchmarkError(f"{self.path}: {error}") from None
        except sqlite3.DatabaseError as error:
            raise BenchmarkError(f"{self.path}: cannot be read or written ({error})") from None


def now() -> str:
    """Return the time, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _open(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    # A vote that was answered for is on the disk, also if the power fails.
    for line in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        file.execute(f"PRAGMA {line}")
    return file


def _add(file: sqlite3.Connection, name: str, token: str, slots: Sequence[Slot]) -> None:
    number = file.execute("INSERT INTO raters (name, token) VALUES (?, ?)", (name, hashed(token))).lastrowid
    file.executemany(
        "INSERT INTO slots VALUES (?, ?, ?, ?, ?)",
        [(number, position, slot.kind, slot.item, slot.other) for position, slot in enumerate(slots)],
    )
