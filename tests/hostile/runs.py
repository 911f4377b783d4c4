"""What the scripts of this folder share: a small database, and commands in processes that can be killed."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.databases import write_database

METRICS = "qabf,qcv,vif,fmi,nmi,pnqc_like"
Rows = dict[tuple[object, ...], tuple[object, ...]]


def make_database(folder: Path, pairs: int = 8) -> Path:
    return write_database(folder / "database", pairs=pairs, steps=6, size=96)


def start(
    arguments: Sequence[object], cache: Path, *, log: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start ``fmbench`` in a process group of its own, so that its workers can be killed with it."""
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmark", *map(str, arguments)],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "FMBENCH_CACHE": str(cache), **(environment or {})},
            start_new_session=True,
            preexec_fn=_hear_interrupts,
        )


def _hear_interrupts() -> None:
    """Undo what a shell does to commands in the background, which ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(arguments: Sequence[object], cache: Path, *, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run ``fmbench``; return the exit code and all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmark", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "FMBENCH_CACHE": str(cache), **(environment or {})},
        check=False,
    )
    return done.returncode, done.stdout.decode()


def kill(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> int:
    """Send a signal; return the exit code, as shells count it.

    SIGINT goes to the process and its workers, as a terminal sends it, and so does SIGKILL; SIGTERM to the process
    alone, as service managers and `kill` send it.
    """
    if process.poll() is None:
        os.kill(process.pid, number) if number == signal.SIGTERM else os.killpg(process.pid, number)
    code = process.wait()
    return 128 - code if code < 0 else code


def count(cache: Path) -> int:
    """Count the stored scores, without getting in the way of a run that stores more."""
    path = cache / "scores.sqlite"
    if not path.exists():
        return 0
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=60)
    try:
        return int(connection.execute("SELECT COUNT(*) FROM score").fetchone()[0])
    except sqlite3.OperationalError:  # the run has not made its tables yet
        return 0
    finally:
        connection.close()


def wait_for(rows: int, cache: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until a run has stored this many scores, or has ended."""
    while process.poll() is None and count(cache) < rows:
        time.sleep(0.02)


def stored(cache: Path) -> Rows:
    """Read the scores and predictions of a store: what stands under each key."""
    path = cache / "scores.sqlite"
    if not path.exists():
        return {}
    connection = sqlite3.connect(path, timeout=60)
    try:
        tables = {name for [name] in connection.execute("SELECT name FROM sqlite_master")}
        found: Rows = {}
        if "score" in tables:
            found.update({tuple(row[:7]): tuple(row[7:]) for row in connection.execute("SELECT * FROM score")})
        if "prediction" in tables:
            found.update({tuple(row[:1]): tuple(row[1:]) for row in connection.execute("SELECT * FROM prediction")})
        return found
    finally:
        connection.close()


def contents(folder: Path) -> dict[str, object]:
    """Read all files of a folder; of ``scores.csv`` all but the seconds, which a computation takes anew each time."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name == "scores.csv":
            with path.open(newline="", encoding="utf-8") as file:
                rows = csv.DictReader(file)
                found[name] = [{key: value for key, value in row.items() if key != "seconds"} for row in rows]
        elif path.is_file():
            found[name] = path.read_bytes()
    return found
