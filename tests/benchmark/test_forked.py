"""Workers that are copies of this process. Each test runs a script: pytest itself has threads, and is not copied."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.databases import write_database

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")

BEGIN = r"""
import os, signal, sys, threading, time
from benchmark.errors import BenchmarkError
from benchmark.forked import start_workers, workers_for
from benchmark.messages import LOGGER, messages_to
from benchmark.parallel import run_tasks

told = "at first"

def where(task):
    return os.getpid(), told

def speak(task):
    LOGGER.warning("task %d", task)

def sleep(task):
    os.write(1, b"%d\n" % os.getpid())  # at once, whatever the other one writes
    time.sleep(60)

def end(task):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def program(script: str) -> list[str]:
    return [sys.executable, "-c", BEGIN + script]


def run(script: str) -> str:
    ended = subprocess.run(program(script), capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)
    assert ended.stderr == ""
    assert ended.returncode == 0
    return ended.stdout


def test_workers_are_copies_of_the_process_that_started_them() -> None:
    run("""
told = "before the copies were made"
start_workers(2)
told = "after"
pids, words = zip(*run_tasks(where, iter(range(20)), jobs=2))
assert words == ("before the copies were made",) * 20
assert os.getpid() not in pids
again, _ = zip(*run_tasks(where, iter(range(20)), jobs=2))
assert len({*pids, *again}) <= 2
""")


@pytest.mark.parametrize(
    "hindrance",
    ["threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", "sys.modules['torch'] = sys"],
    ids=["a thread", "torch"],
)
def test_no_copy_is_made_of_a_process_that_may_hold_locks(hindrance: str) -> None:
    run(f"{hindrance}\nstart_workers(2)\nassert workers_for(2) is None")


def test_one_process_needs_no_workers_and_another_number_has_none() -> None:
    run("""
start_workers(1)
assert workers_for(1) is None
start_workers(2)
assert workers_for(2) is not None and workers_for(3) is None
""")


def test_new_workers_know_what_was_defined_since() -> None:
    run("""
start_workers(2)
told = "before"
start_workers(2)
assert {word for _, word in run_tasks(where, iter(range(8)), jobs=2)} == {"before"}
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
start_workers(2)
assert workers_for(2) is None
""")


def test_workers_that_are_busy_are_neither_ended_nor_given_to_others() -> None:
    run("""
start_workers(2)
results = run_tasks(where, iter(range(8)), jobs=2)
first = next(results)
start_workers(2)
assert workers_for(2) is None
assert len({pid for pid, _ in [first, *results]}) <= 2
assert workers_for(2) is not None
""")


def test_a_task_may_be_a_function_that_another_one_has_defined() -> None:
    run("""
def called(task):
    return task()

def task_of(number):
    return lambda: number

start_workers(2)

class Later:
    def __call__(self):
        return 4

assert sorted(run_tasks(called, iter([*map(task_of, range(4)), Later()]), jobs=2)) == [0, 1, 2, 3, 4]
""")


def test_what_a_worker_says_is_said_once() -> None:
    assert sorted(
        run("""
import logging
handler = logging.StreamHandler(sys.stdout)
with messages_to(handler, logging.INFO):
    start_workers(2)
    list(run_tasks(speak, iter(range(3)), jobs=2))
""").splitlines()
    ) == ["task 0", "task 1", "task 2"]


def test_a_worker_that_was_killed_is_one_sentence_and_the_next_run_goes_on() -> None:
    run("""
start_workers(2)
try:
    list(run_tasks(end, iter(range(3)), jobs=2))
except BenchmarkError as error:
    assert str(error).startswith("a worker process was ended from outside")
else:
    raise AssertionError
assert workers_for(2) is None
assert len(list(run_tasks(where, iter(range(3)), jobs=2))) == 3
""")


def test_whoever_leaves_early_waits_for_no_worker() -> None:
    run("""
start_workers(2)
begun = time.monotonic()
results = run_tasks(time.sleep, iter([0, 60, 60]), jobs=2)
next(results)
results.close()
assert time.monotonic() - begun < 30
assert workers_for(2) is None
""")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_its_parent(number: signal.Signals) -> None:
    script = """
signal.signal(signal.SIGINT, signal.default_int_handler)
start_workers(2)
try:
    list(run_tasks(sleep, iter(range(2)), jobs=2))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    with subprocess.Popen(program(script), stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        pids = [int(process.stdout.readline()) for _ in range(2)]
        process.send_signal(number)
        assert process.stdout.read() == ("interrupted\n" if number == signal.SIGINT else "")
        assert process.wait(30) == (0 if number == signal.SIGINT else -signal.SIGKILL)
    for pid in pids:
        assert ended(pid)


def ended(pid: int) -> bool:
    """Wait until a process is no more; one that nobody has waited for yet counts as ended."""
    for _ in range(300):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_scores_of_copies_are_those_of_one_process(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "small", pairs=3, steps=2)
    command = [sys.executable, "-m", "benchmark", "score"]
    tables = []
    for jobs in ("1", "2"):
        out = tmp_path / f"{jobs}.csv"
        subprocess.run(
            [*command, folder, "--metrics=qabf,ssim,mi", f"--jobs={jobs}", f"--out={out}"],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "FMBENCH_CACHE": str(tmp_path / jobs)},
        )
        rows = [line.split(",") for line in out.read_text().splitlines()]
        seconds = rows[0].index("seconds")
        tables.append([row[:seconds] + row[seconds + 1 :] for row in rows])
    assert tables[0] == tables[1]
