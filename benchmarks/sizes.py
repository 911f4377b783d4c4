"""Print what a call of each metric costs as pictures grow: ``python -m benchmarks.sizes``.

CPU milliseconds and peak memory of one call on arrays that are ready, every call in a process of its own; the memory
is what the call adds to the process, pictures it is given left out. ``growth`` is the exponent b of time ~ pixels^b
from the size before. Metrics that must be fitted are left out. ``--keep`` writes results/timing/sizes.csv. Linux alone
tells the peak of a single call.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.calls import pictures
from benchmarks.kept import keep
from fusion_metrics import create
from fusion_metrics.metric import Metric
from fusion_metrics.selection import select_metrics

SIZES = ("256x256", "640x480", "1024x768", "2048x1536")
#: Calls of which the quickest counts, and only so many of a metric that takes longer than that many seconds: the first
#: call of a size makes filters that are kept, and asks for memory that no other has used.
CALLS, FEW, LONG = 3, 2, 2.0
#: Rows and columns of which every metric has a value.
SMALL = (192, 192)
#: The goal: bytes a pixel.
MOST_BYTES = 2048.0


class Cost(NamedTuple):
    """What one call costs: CPU seconds, and bytes of memory at its peak."""

    seconds: float
    peak: int


def measured(name: str, width: int, height: int) -> Cost:
    """Call a metric in this process, in which nothing of that size was computed before."""
    metric = create(name)
    _call(metric, pictures(SMALL))  # loads and compiles
    images = pictures((height, width))
    seconds: list[float] = []
    before = _restart_peak()
    peak = 0
    while len(seconds) < (CALLS if sum(seconds) < LONG else FEW):
        start = time.process_time()
        _call(metric, images)
        seconds.append(time.process_time() - start)
        peak = peak or _memory("VmHWM") - before
    return Cost(min(seconds), peak)


def _call(metric: Metric, images: tuple[np.ndarray, ...]) -> float:
    """Score the fused picture, or compare it with the first source as with a ground truth."""
    fused, a, b = images
    if not metric.spec.needs_reference:
        return metric(fused, a, b) if metric.needs_sources else metric(fused)
    if metric.spec.channels == "colours":
        fused, a = (np.stack([x, x[::-1], x[:, ::-1]], axis=-1) for x in (fused, a))
    return metric(fused, reference=a)


def _restart_peak() -> int:
    """Forget the peak of this process so far, and return the memory that it has."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _memory("VmRSS")


def _memory(kind: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{kind}:"))


def main() -> None:
    """Print one line for each metric and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", default="all", help="which; default: all")
    parser.add_argument("--sizes", default=",".join(SIZES), help=f"default: {','.join(SIZES)}")
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["baselines", "benchmarks.calls"])
    rows = []
    print(f"{'metric':10}{'size':>10}{'ms':>10}{'bytes/pixel':>13}{'growth':>8}")
    for metric in select_metrics(asked.metrics):
        if metric.learns:
            continue
        before: tuple[int, float] | None = None
        for size in asked.sizes.split(","):
            width, height = map(int, size.split("x"))
            with context.Pool(1, maxtasksperchild=1) as pool:
                cost = pool.apply(measured, (metric.spec.id, width, height))
            pixels = width * height
            growth = math.log(cost.seconds / before[1]) / math.log(pixels / before[0]) if before else None
            before = (pixels, cost.seconds)
            per_pixel = cost.peak / pixels
            shown = "" if growth is None else f"{growth:.2f}"
            mark = " *" if per_pixel > MOST_BYTES else ""
            ms = cost.seconds * 1e3
            print(f"{metric.spec.name:10}{size:>10}{ms:10.2f}{per_pixel:13.0f}{shown:>8}{mark}", flush=True)
            rows.append((metric.spec.name, size, round(ms, 3), round(per_pixel), shown))
    if asked.keep:
        print(keep("sizes", ("metric", "size", "cpu_ms", "bytes_a_pixel", "growth"), rows))


if __name__ == "__main__":
    main()
