"""Print what all handcrafted metrics cost together on one picture: ``python -m benchmarks.together``.

CPU seconds of one thread for a fused image and its two sources, of which nothing was computed before; what several
metrics look at is computed once. Left out are metrics that are fitted, networks, and those against a ground truth. The
quickest of three pictures a size counts. ``--keep`` writes results/timing/together.csv.
"""

from __future__ import annotations

import argparse
import time

from benchmarks.calls import pictures
from benchmarks.kept import keep
from fusion_metrics import Image
from fusion_metrics.metric import Metric
from fusion_metrics.selection import select_metrics

SIZES = ("256x256", "640x480")
ROUNDS = 3


def chosen() -> list[Metric]:
    """Choose the metrics that need neither opinions, nor torch, nor a ground truth."""
    found = select_metrics("all")
    return [m for m in found if not (m.learns or m.spec.needs_reference or "torch" in m.spec.requires)]


def measured(metrics: list[Metric], width: int, height: int) -> float:
    """Score new pictures by all metrics; return the CPU seconds of the quickest round."""
    seconds = []
    for _ in range(ROUNDS):
        fused, a, b = (Image(picture) for picture in pictures((height, width)))
        start = time.process_time()
        for metric in metrics:
            metric(fused, a, b) if metric.needs_sources else metric(fused)
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    metrics, rows = chosen(), []
    measured(metrics, 192, 192)  # loads and compiles
    for size in SIZES:
        width, height = map(int, size.split("x"))
        seconds = measured(metrics, width, height)
        print(f"{len(metrics)} metrics at {size}: {seconds:.2f} CPU s", flush=True)
        rows.append((size, len(metrics), round(seconds, 3)))
    if asked.keep:
        print(keep("together", ("size", "metrics", "cpu_s"), rows))


if __name__ == "__main__":
    main()
