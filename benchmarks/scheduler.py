"""Print what a dask cluster costs over processes of one's own: ``python -m benchmarks.scheduler``.

Draws 100 pictures of 10 pairs, 640x480 unless ``--size`` says otherwise, starts a scheduler and two workers of one
thread on 127.0.0.1, and scores the pictures anew with ten usual metrics: with ``--jobs 2``, with ``--scheduler``, and
with ``--shared-storage`` too, in turn. CPU seconds are those of all processes that take part, the scheduler and the
workers among them; wall seconds are those of the command with its start. The workers' imports and the first calls of
compiled functions are in the round 0, which is printed apart. ``--keep`` writes results/timing/scheduler.csv.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from benchmarks.kept import keep
from benchmarks.processes import METRICS
from benchmarks.stored import UNTIL_SETTLED, write_pictures

WAYS = {"jobs": ("--jobs", "2"), "scheduler": (), "shared": ("--shared-storage",)}


class Cpu(NamedTuple):
    """CPU seconds."""

    user: float
    system: float


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Start a scheduler and workers of one thread as processes of their own; yield the address and all of them."""
    told = folder / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    started = [subprocess.Popen([*command, "--no-dashboard", "--scheduler-file", str(told)], **quiet)]
    try:
        while not told.exists():
            time.sleep(0.1)
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(told)]
        options = ["--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(folder)]
        started += [subprocess.Popen([*worker, *options], **quiet) for _ in range(workers)]
        from distributed import Client

        with Client(scheduler_file=str(told)) as client:
            client.wait_for_workers(workers, timeout=60)
            address = client.scheduler.address
        yield address, [psutil.Process(one.pid) for one in started]
    finally:
        for one in reversed(started):
            one.terminate()
        for one in started:
            one.wait()


def cpu_of(processes: list[psutil.Process]) -> Cpu:
    """Add up the CPU seconds of processes and of those that they started, and of what ran and ended."""
    times = [each.cpu_times() for one in processes for each in (one, *one.children(recursive=True))]
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = sum(each.user for each in times), sum(each.system for each in times)
    return Cpu(user + ended.ru_utime, system + ended.ru_stime)


def main() -> None:
    """Print one line a run, and what the cluster costs more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--size", type=int, nargs=2, default=(640, 480))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--metrics", default=METRICS)
    parser.add_argument("--ways", nargs="+", choices=[*WAYS], default=[*WAYS])
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in asked.ways}
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "database"
        folder.mkdir()
        write_pictures(folder, asked.images, max(asked.images // 10, 1), asked.size)
        time.sleep(UNTIL_SETTLED)
        environment = {"FMBENCH_CACHE": str(Path(name) / "cache"), "OMP_NUM_THREADS": "1"}
        os.environ.update(environment)
        with cluster(Path(name)) as (address, processes):
            for number in range(asked.rounds + 1):
                for way in asked.ways:
                    where = WAYS[way] if way == "jobs" else ("--scheduler", address, *WAYS[way])
                    out = Path(name) / f"{way}.csv"
                    command = [sys.executable, "-m", "benchmark", "score", str(folder), "--fresh", "--out", str(out)]
                    before, start = cpu_of(processes), time.perf_counter()
                    subprocess.run([*command, "--metrics", asked.metrics, *where], check=True, capture_output=True)
                    wall = time.perf_counter() - start
                    user, system = (now - then for now, then in zip(cpu_of(processes), before, strict=True))
                    print(f"round {number} {way:9}: {user:6.2f} s + {system:5.2f} s CPU, {wall:6.2f} s", flush=True)
                    rows.append((number, way, asked.images, *asked.size, *(round(t, 2) for t in (user, system, wall))))
                    if number:
                        found[way].append((user + system, wall))
    for way in [each for each in asked.ways if each != "jobs" and "jobs" in asked.ways and found["jobs"]]:
        ratios = [
            median(times[which] for times in found[way]) / median(times[which] for times in found["jobs"])
            for which in (0, 1)
        ]
        print(f"{way}: {ratios[0]:.2f} of the CPU and {ratios[1]:.2f} of the wall time of --jobs 2")
    if asked.keep:
        print(keep("scheduler", ("round", "way", "images", "width", "height", "user_s", "system_s", "wall_s"), rows))


if __name__ == "__main__":
    main()
