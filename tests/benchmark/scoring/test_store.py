"""The store under bad conditions: broken, newer, older and unwritable files, full disks, and many runs at once."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.scoring import store_file
from benchmark.scoring.store import LAYOUT, Computed, Key, ScoreStore
from fusion_metrics import Image, Score

IMAGE = Image(np.arange(64, dtype=np.uint8).reshape(8, 8))
WRITE = """
import sys
from pathlib import Path
from benchmark.scoring.store import ScoreStore
from tests.benchmark.scoring.test_store import rows
with ScoreStore(Path(sys.argv[1])) as store:
    for number in range(int(sys.argv[2])):
        store.put(rows(number, sys.argv[3]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scores.sqlite"


def rows(number: int, metric: str = "m", size: int = 4) -> list[tuple[Key, Computed]]:
    key = Key(IMAGE.digest, "", "", metric, f"v{number}", 1, "[]")
    return [(key, Computed(Score(metric, f"v{number}", float(number), "ok", "", 0.5), np.arange(size, dtype=float)))]


def held(path: Path, count: int, metric: str = "m") -> list[float | None]:
    keys = [rows(number, metric)[0][0] for number in range(count)]
    with ScoreStore(path) as store:
        found = store.get(IMAGE, keys)
    return [found[key].score.value for key in keys if key in found]


def fill(path: Path, count: int, metric: str = "m", size: int = 4) -> None:
    with ScoreStore(path) as store:
        for number in range(count):
            store.put(rows(number, metric, size))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_file_that_is_no_store_is_set_aside(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in (1, 2):
        path.write_text("something else, long enough to be no database at all")
        fill(path, 3)
        assert held(path, 3) == [0, 1, 2]
        assert path.with_name(f"scores.sqlite.broken-{number}").read_text().startswith("something else")
    assert len(said(caplog)) == 2
    assert "is broken (file is not a database); set aside as scores.sqlite.broken-1" in said(caplog)[0]


def test_pages_overwritten_in_the_middle_of_a_run_do_not_stop_it(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fill(path, 400, size=50)
    with ScoreStore(path) as store:
        store.put(rows(400))
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(100)
            file.write(b"\xff" * (size - 100))
        found = store.get(IMAGE, [rows(3)[0][0]])
        store.put(rows(401))
        assert len(found) <= 1
        assert store.get(IMAGE, [rows(401)[0][0]])[rows(401)[0][0]].score.value == 401
    assert path.with_name("scores.sqlite.broken-1").stat().st_size == size
    assert [text for text in said(caplog) if "is broken" in text] == said(caplog)
    assert len(said(caplog)) == 1


def test_a_damaged_row_is_computed_again(path: Path) -> None:
    fill(path, 3)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE score SET prepared = x'00112233' WHERE variant = 'v0'")
        connection.execute("UPDATE score SET status = 'gibberish' WHERE variant = 'v1'")
    connection.close()
    assert held(path, 3) == [2]


def test_a_store_of_a_newer_version_is_refused_and_stays(path: Path) -> None:
    fill(path, 3)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={LAYOUT + 1}")
    connection.close()
    content = path.read_bytes()
    with pytest.raises(BenchmarkError, match=rf"made by a newer fmbench \(layout {LAYOUT + 1}"):
        ScoreStore(path)
    assert path.read_bytes() == content


def test_a_store_of_an_older_version_is_emptied_and_that_is_said(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fill(path, 3)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={LAYOUT - 1}")
    connection.close()
    assert held(path, 3) == []
    assert [text for text in said(caplog) if "was made by an older fmbench" in text] == said(caplog) != []


def test_what_cannot_be_written_at_all_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "scores.sqlite"
    for _ in range(2):
        fill(path, 2)
    assert held(path, 2) == []
    [line] = said(caplog)
    assert "so nothing is stored; FMBENCH_CACHE names another folder" in line


@pytest.mark.skipif(sys.platform != "linux", reason="limits of file sizes are set differently here")
def test_a_full_disk_is_said_in_one_line_and_loses_nothing(path: Path) -> None:
    fill(path, 20)
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000));" + WRITE
    )
    program = code.replace("sys.argv[3])", "sys.argv[3], 2000)")
    done = subprocess.run(
        [sys.executable, "-c", program, path, "200", "n"], capture_output=True, text=True, check=False
    )
    last = done.stderr.strip().splitlines()[-1]
    assert "cannot be written, the disk may be full" in last
    assert "what was stored stays" in last
    assert "delete" not in last
    assert held(path, 20) == list(range(20))


def test_three_runs_at_once_store_everything(path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    names = ["a", "b", "c"]
    processes = [subprocess.Popen([sys.executable, "-c", WRITE, path, "150", name], env=environment) for name in names]
    assert [process.wait() for process in processes] == [0, 0, 0]
    for name in names:
        assert held(path, 150, name) == list(range(150))
    assert not list(path.parent.glob("*broken*"))


def test_a_run_follows_when_another_sets_the_file_aside(path: Path) -> None:
    fill(path, 1)
    with ScoreStore(path) as store, ScoreStore(path) as other:
        other._file.set_aside("as a test")
        other.put(rows(5))
        store.put(rows(6))
    assert held(path, 7) == [5, 6]
    assert len(list(path.parent.glob("scores.sqlite.broken-*"))) <= 3


def test_a_lock_that_is_never_released_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "PATIENCE", 0.1)
    with ScoreStore(path) as store:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(BenchmarkError, match="other runs do not let go of it"):
            store.put(rows(0))
        connection.execute("ROLLBACK")
        connection.close()
        store.put(rows(0))
    assert held(path, 1) == [0]


def test_a_fresh_store_finds_nothing_and_stores(path: Path) -> None:
    fill(path, 1)
    with ScoreStore(path, fresh=True) as store:
        store.put_analysis("digest", "text")
        store.put_prediction("fit", np.arange(3.0))
        assert store.get(IMAGE, [rows(0)[0][0]]) == {}
        assert store.get_analysis("digest") is store.get_prediction("fit") is None
    with ScoreStore(path) as store:
        assert store.get_analysis("digest") == "text"
        np.testing.assert_array_equal(store.get_prediction("fit"), np.arange(3.0))
