"""Print what a second process brings to a run: ``OMP_NUM_THREADS=1 python -m benchmarks.processes``.

Draws 200 pictures of 640x480, ten fused images of each of 20 pairs, and scores them with ten usual metrics, each time
in a store of its own: by one process and by two in turns, three times. Wall and CPU seconds are those of the whole
command ``fmbench score`` with its workers. Wall time says something only on a machine with two cores that do nothing
else. ``--keep`` writes results/timing/processes.csv.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow
from scipy import ndimage

from benchmarks.kept import keep

SHAPE = (480, 640)
METRICS = "en,sd,sf,ag,mi,scd,vif,qabf,ssim,psnr"
PROCESSES = (1, 2)


class Spent(NamedTuple):
    """Seconds of a command with all that it started."""

    wall: float
    user: float
    system: float

    @property
    def cpu(self) -> float:
        return self.user + self.system


def write_pictures(folder: Path, pairs: int, fused: int) -> None:
    """Write sources and their weighted means, of about seven bits of entropy."""
    rng = np.random.default_rng(0)

    def save(name: str, pixels: np.ndarray) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Pillow.fromarray(np.rint(pixels).clip(0, 255).astype(np.uint8)).save(path)

    def source(blur: float) -> np.ndarray:
        smooth = ndimage.gaussian_filter(rng.normal(size=SHAPE), blur)
        return (smooth - smooth.min()) / np.ptp(smooth) * 255 + rng.normal(0, 2, SHAPE)

    for pair in range(pairs):
        a, b = source(3), source(5)
        save(f"a/{pair:03}.png", a)
        save(f"b/{pair:03}.png", b)
        for number in range(fused):
            weight = (number + 1) / (fused + 1)
            save(f"fused/m{number}/{pair:03}.png", weight * a + (1 - weight) * b + rng.normal(0, 1, SHAPE))


def score(folder: Path, processes: int, compiled: Path) -> Spent:
    """Score all pictures of a folder, none of which is known; loops that are compiled are in a folder of their own."""
    with tempfile.TemporaryDirectory() as cache:
        told = [f"--{name}={folder / name}" for name in ("a", "b", "fused")]
        told += [f"--metrics={METRICS}", f"--jobs={processes}", f"--out={cache}/scores.csv"]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "benchmark", "score", *told],
            check=True,
            capture_output=True,
            env={**os.environ, "FMBENCH_CACHE": cache, "NUMBA_CACHE_DIR": str(compiled)},
        )
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(wall, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime)


def main() -> None:
    """Print a line a run, and what two processes are to one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--fused", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    images = asked.pairs * asked.fused
    runs: dict[int, list[Spent]] = {processes: [] for processes in PROCESSES}
    rows = []
    with tempfile.TemporaryDirectory() as name:
        first, pictures, compiled = (Path(name) / part for part in ("first", "pictures", "compiled"))
        write_pictures(first, 1, 1)
        write_pictures(pictures, asked.pairs, asked.fused)
        score(first, 1, compiled)  # does what only the first start ever does
        for number in range(asked.rounds):
            for processes in PROCESSES:
                spent = score(pictures, processes, compiled)
                runs[processes].append(spent)
                print(
                    f"{processes} process{'es' if processes > 1 else '  '} {images / spent.wall:6.2f} images/s,"
                    f" {spent.wall:6.2f} s, CPU {spent.user:6.2f} s user and {spent.system:5.2f} s system",
                    flush=True,
                )
                seconds = (round(part, 2) for part in spent)
                rows.append((number + 1, processes, images, round(images / spent.wall, 2), *seconds))
    one, two = (runs[processes] for processes in PROCESSES)
    faster = statistics.median(a.wall / b.wall for a, b in zip(one, two, strict=True))
    dearer = statistics.median(b.cpu / a.cpu for a, b in zip(one, two, strict=True))
    print(f"two processes are {faster:.2f} times as fast and take {dearer:.2f} times the CPU time (medians)")
    if asked.keep:
        columns = ("round", "processes", "images", "images_per_s", "wall_s", "user_s", "system_s")
        print(keep("processes", columns, rows))


if __name__ == "__main__":
    main()
