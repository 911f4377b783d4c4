"""The SQLite file under the store: what may happen to it while several runs use it, and what is done then.

A full disk and a file of a newer fmbench end a run with one line, and leave what is stored as it is. A file that is
broken is set aside under another name and a new one is begun, so that the run goes on. Where nothing can be written
at all, a run works without storing. Each is said once.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from benchmark.errors import BenchmarkError
from fusion_metrics.files import alone

Found = TypeVar("Found")
Row = Sequence[Any]

#: Seconds that a run waits for other runs to finish a transaction.
PATIENCE = 60.0
_LOG = logging.getLogger("fmbench.store")
_SIDES = ("", "-wal", "-shm")


class StoreFile:
    """An SQLite file; safe to use from several threads and from several runs at once.

    Parameters
    ----------
    path : Path
    layout : int
        Number of the layout of its tables. A file of an older layout is emptied, one of a newer layout refused.
    tables : mapping of str to str
        The statement that makes each table, by the name of the table.

    Raises
    ------
    BenchmarkError
        The file was made by a newer version, the disk is full, or other runs do not let go of the file.
    """

    def __init__(self, path: Path, layout: int, tables: dict[str, str]) -> None:
        self.path = path
        self._layout, self._tables = layout, tables
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        with self._lock:
            self._attempt(lambda connection: None)

    def read(self, query: str, values: Row) -> list[Row]:
        """Return the rows that a query finds; none where nothing can be stored."""

        def ask(connection: sqlite3.Connection) -> list[Row]:
            return connection.execute(query, values).fetchall()

        with self._lock:
            return self._attempt(ask) or []

    def write(self, statement: str, rows: Iterable[Row]) -> None:
        """Run a statement for every row, in one transaction."""
        kept = list(rows)

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany(statement, kept)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

        with self._lock:
            self._attempt(insert)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
            self._connection = self._inode = None

    def set_aside(self, why: str) -> None:
        """Give a broken file another name, unless another run has done that already; the next use begins a new one."""
        with self._lock:
            inode = self._inode
            self.close()
            with alone(self._lock_file):
                if not self.path.exists() or (inode is not None and _inode(self.path) != inode):
                    return
                number = 1
                while any(_named(self.path, f".broken-{number}{side}").exists() for side in _SIDES):
                    number += 1
                # First what belongs to the file: a new file must never meet the journal of the old one.
                for side in reversed(_SIDES):
                    with suppress(FileNotFoundError):
                        _named(self.path, side).rename(_named(self.path, f".broken-{number}{side}"))
            aside = _named(self.path, f".broken-{number}")
            _LOG.warning("%s: is broken (%s); set aside as %s, a new one is begun", self.path, why, aside.name)

    @property
    def _lock_file(self) -> Path:
        return _named(self.path, ".lock")

    def _attempt(self, use: Callable[[sqlite3.Connection], Found]) -> Found | None:
        """Use the file, opening or replacing it where that is necessary; None where nothing can be stored."""
        until = time.monotonic() + PATIENCE
        replaced = 0
        while True:
            try:
                if self.path in _UNWRITABLE:
                    return None
                return use(self._open())
            except sqlite3.Error as error:
                name, why = getattr(error, "sqlite_errorname", None) or "", str(error)
                if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")):
                    if time.monotonic() > until:
                        raise BenchmarkError(f"{self.path}: other runs do not let go of it ({why})") from None
                    _LOG.debug("%s: %s, tried again", self.path, why)
                    time.sleep(0.05)
                elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
                    replaced += 1
                    if replaced > 2 or not all(os.access(each, os.W_OK) for each in (self.path.parent, self.path)):
                        self._do_without(why)
                    else:  # what is wrong is not the permissions: another run is just replacing the file, say
                        self.close()
                        time.sleep(0.05)
                elif name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_TOOBIG", "SQLITE_NOMEM")):
                    raise BenchmarkError(
                        f"{self.path}: cannot be written, the disk may be full ({why}); what was stored stays, and "
                        "the same command goes on from there"
                    ) from None
                else:
                    replaced += 1
                    if replaced > 3:
                        raise BenchmarkError(f"{self.path}: cannot be used as a store ({why})") from None
                    self.set_aside(why)
            except OSError as error:
                self._do_without(error.strerror or str(error))

    def _do_without(self, why: str) -> None:
        self.close()
        _UNWRITABLE.add(self.path)
        _LOG.warning("%s: cannot be written (%s), so nothing is stored; FMBENCH_CACHE names another folder",
                     self.path, why)  # fmt: skip

    def _open(self) -> sqlite3.Connection:
        """Return a connection to the file that now has the name."""
        if self._connection is not None and _inode(self.path) == self._inode:
            return self._connection
        self.close()  # never opened, or set aside by another run, or deleted
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with alone(self._lock_file):
            connection = sqlite3.connect(self.path, timeout=PATIENCE, check_same_thread=False, isolation_level=None)
            try:
                self._prepare(connection)
                self._inode = _inode(self.path)
            except BaseException:
                self._inode = _inode(self.path)
                connection.close()
                raise
        self._connection = connection
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        [layout] = connection.execute("PRAGMA user_version").fetchone()
        if layout > self._layout:
            raise BenchmarkError(
                f"{self.path}: was made by a newer fmbench (layout {layout}, this one knows {self._layout}); it is "
                "left as it is: update fmbench, or name another folder in FMBENCH_CACHE"
            )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        there = {name for [name] in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if layout == self._layout and there >= set(self._tables):
            return
        connection.execute("BEGIN IMMEDIATE")
        if layout != self._layout:
            if there & set(self._tables):
                _LOG.warning("%s: was made by an older fmbench; it is emptied, and all is computed again", self.path)
            for table in set(self._tables) & there:
                connection.execute(f"DROP TABLE {table}")
            connection.execute(f"PRAGMA user_version={self._layout}")
        for statement in self._tables.values():
            connection.execute(statement)
        connection.execute("COMMIT")


#: Files that this process has found unwritable, and has said so of.
_UNWRITABLE: set[Path] = set()


def _named(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
