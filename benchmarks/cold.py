"""Print where the time of a first run goes: ``python -m benchmarks.cold``, `fmbench run --all` in an empty cache.

One line a stage: CPU seconds of all processes, user and system, seconds of the clock, and how many cores were at work.
Where that is less than there are, one process waits for another. It takes as long as the run, minutes, and everything
it makes is thrown away. Options behind ``--`` take the place of ``--all``: ``-- phantom --metrics qabf,ssim``.
``--keep`` writes results/timing/cold.csv.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.kept import keep

#: Seconds between two looks at the processes: one that ends loses what it did since the last.
PERIOD = 0.2
COLUMNS = ("stage", "user_s", "system_s", "wall_s", "cores")
_TICKS = os.sysconf("SC_CLK_TCK")


class Spent(NamedTuple):
    """CPU seconds of all processes so far, and the clock."""

    user: float
    system: float
    wall: float


class Processes:
    """CPU time of this process and all below it, those that have ended included; from /proc."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, int]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def spent(self) -> Spent:
        """Look now."""
        with self._lock:
            table = dict(_processes())
            waiting, family = [os.getpid()], set()
            while waiting:
                one = waiting.pop()
                family.add(one)
                waiting += [pid for pid, (parent, *_) in table.items() if parent == one and pid not in family]
            for pid in family & set(table):
                self._seen[pid] = table[pid][1:]
            user, system = (sum(times[k] for times in self._seen.values()) / _TICKS for k in (0, 1))
        return Spent(user, system, time.perf_counter())

    def _watch(self) -> None:
        while True:
            time.sleep(PERIOD)
            self.spent()


def _processes() -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Yield every process with its parent and its ticks of user and system time."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            yield int(folder.name), (int(fields[1]), int(fields[11]), int(fields[12]))


class Stages:
    """Whose turn it is: what is spent goes to the innermost stage."""

    def __init__(self) -> None:
        self.processes = Processes()
        self.rows: dict[str, list[float]] = {}
        self._names: list[str] = []
        self._since = self.processes.spent()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is spent inside a ``with`` block to a stage."""
        self._count()
        self._names.append(name)
        try:
            yield
        finally:
            self._count()
            self._names.pop()

    def wrap(self, owner: Any, name: str, label: Callable[..., str]) -> None:
        """Make every call of a function a stage, which `label` names from the arguments."""
        function = getattr(owner, name)

        def staged(*arguments: Any, **more: Any) -> Any:
            with self.stage(label(*arguments, **more)):
                return function(*arguments, **more)

        setattr(owner, name, staged)

    def _count(self) -> None:
        now = self.processes.spent()
        row = self.rows.setdefault(self._names[-1] if self._names else "start", [0.0, 0.0, 0.0])
        for k in range(3):
            row[k] += now[k] - self._since[k]
        self._since = now


def name_stages(stages: Stages) -> None:
    """Say which functions are stages."""
    from benchmark.analysis import analyse
    from benchmark.databases import embedded
    from benchmark.runs import results, run
    from benchmark.scoring import folds, score

    names: list[str] = []
    inner = score.run_tasks

    def scored(*arguments: Any, **more: Any) -> Iterator[Any]:
        with stages.stage(f"{names[-1]}: scores"):
            yield from inner(*arguments, **more)

    def rows_of(database: Any, *arguments: Any, **more: Any) -> str:
        names.append(database.name)
        return f"{database.name}: rows"

    score.run_tasks = scored
    stages.wrap(embedded, "_build", lambda database, *rest: f"{database.name}: built")
    stages.wrap(run, "outcome_of", rows_of)
    stages.wrap(folds, "_predictions", lambda fits, *rest, **more: f"{names[-1]}: {fits[0].metric.spec.name} fitted")
    stages.wrap(analyse, "_measure_all", lambda *all_, **more: f"{names[-1]}: intervals")
    stages.wrap(analyse, "_compare", lambda lines, opinions, level, *rest: f"{names[-1]}: compared, {level}")
    stages.wrap(analyse, "judge_raters", lambda *all_: f"{names[-1]}: raters")
    stages.wrap(results, "write_run", lambda *all_, **more: "tables written")
    stages.wrap(results, "draw_figures", lambda *all_: "figures")


def main() -> None:
    """Run, and print one line a stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("run", nargs="*", default=["--all"], help="What follows `fmbench run`.")
    asked = parser.parse_args()
    stages = Stages()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["FMBENCH_CACHE"] = str(Path(scratch) / "cache")
        with stages.stage("start"):
            from benchmark.cli import main as command

            name_stages(stages)
        with stages.stage("other"), suppress(SystemExit):
            command(["run", *asked.run, "--out", str(Path(scratch) / "out")], standalone_mode=False)
    rows = [
        (name, round(user, 1), round(system, 1), round(wall, 1)) for name, (user, system, wall) in stages.rows.items()
    ]
    rows.append(("all", *(round(sum(row[k] for row in rows), 1) for k in (1, 2, 3))))
    print(f"\n{'stage':36}{'user':>8}{'system':>8}{'wall':>8}{'cores':>7}")
    kept = []
    for name, user, system, wall in rows:
        cores = (user + system) / wall if wall else 0.0
        print(f"{name:36}{user:8.1f}{system:8.1f}{wall:8.1f}{cores:7.2f}")
        kept.append((name, user, system, wall, round(cores, 2)))
    if asked.keep:
        print(keep("cold", COLUMNS, kept))


if __name__ == "__main__":
    main()
