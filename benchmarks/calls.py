"""Print what a call of each cheap metric costs beside bare numpy: ``python -m benchmarks.calls``.

CPU milliseconds at 640x480 on arrays that are ready, both in turns in one process: medians of 40 rounds of five calls.
``OMP_NUM_THREADS=1`` keeps the BLAS from taking more cores. ``--keep`` writes results/timing/calls.csv.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np
from scipy import ndimage

from benchmarks.kept import keep
from fusion_metrics import create

SHAPE, ROUNDS, CALLS = (480, 640), 40, 5
Pixels = np.ndarray


def en(f: Pixels, a: Pixels, b: Pixels) -> float:
    p = np.bincount(f.ravel(), minlength=256) / f.size
    p = p[p > 0]
    return -float((p * np.log2(p)).sum())


def sd(f: Pixels, a: Pixels, b: Pixels) -> float:
    return float(f.astype(float).std())


def sf(f: Pixels, a: Pixels, b: Pixels) -> float:
    f = f.astype(float)
    return math.sqrt(sum((np.diff(f, axis=axis) ** 2).sum() / f.size for axis in (0, 1)))


def ag(f: Pixels, a: Pixels, b: Pixels) -> float:
    f = f.astype(float)
    x, y = f[:-1, 1:] - f[:-1, :-1], f[1:, :-1] - f[:-1, :-1]
    return float(np.sqrt((x**2 + y**2) / 2).mean())


def mse(f: Pixels, a: Pixels, b: Pixels) -> float:
    f = f.astype(float)
    return float(((a - f) ** 2).mean() + ((b - f) ** 2).mean()) / 2


def psnr(f: Pixels, a: Pixels, b: Pixels) -> float:
    return 10 * math.log10(255**2 / mse(f, a, b))


def cc(f: Pixels, a: Pixels, b: Pixels) -> float:
    f = f.astype(float)
    return (_r(a.astype(float), f) + _r(b.astype(float), f)) / 2


def scd(f: Pixels, a: Pixels, b: Pixels) -> float:
    a, b, f = (image.astype(float) for image in (a, b, f))
    return _r(f - b, a) + _r(f - a, b)


def mi(f: Pixels, a: Pixels, b: Pixels) -> float:
    return _information(a, f) + _information(b, f)


def _r(x: Pixels, y: Pixels) -> float:
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum()) / math.sqrt((x * x).sum() * (y * y).sum())


def _information(x: Pixels, y: Pixels) -> float:
    joint = np.bincount((x.astype(np.intp) * 256 + y).ravel(), minlength=65536).reshape(256, 256) / x.size
    parts = [p[p > 0] for p in (joint.sum(axis=0), joint.sum(axis=1), joint)]
    x_alone, y_alone, both = (-float((p * np.log2(p)).sum()) for p in parts)
    return x_alone + y_alone - both


FORMULAS: tuple[Callable[[Pixels, Pixels, Pixels], float], ...] = (en, sd, sf, ag, mse, psnr, cc, scd, mi)


def pictures(shape: tuple[int, int] = SHAPE) -> tuple[Pixels, Pixels, Pixels]:
    """Draw a fused picture and two sources of about seven bits of entropy."""
    rng = np.random.default_rng(0)

    def source(blur: float) -> Pixels:
        smooth = ndimage.gaussian_filter(rng.normal(size=shape), blur)
        grey = (smooth - smooth.min()) / np.ptp(smooth) * 255 + rng.normal(0, 2, shape)
        return np.rint(grey).clip(0, 255).astype(np.uint8)

    a, b = source(3), source(5)
    return ((a.astype(int) + b) // 2).astype(np.uint8), a, b


def main() -> None:
    """Print one line a metric."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    images = pictures()
    rows = []
    print(f"{'metric':8}{'ms':>8}{'bare ms':>9}{'ratio':>7}")
    for bare in FORMULAS:
        name = bare.__name__
        metric = create(name)
        if not math.isclose(metric(*images), bare(*images), rel_tol=1e-9):
            raise SystemExit(f"{name}: {metric(*images)} and {bare(*images)} are not the same formula")
        spent: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(ROUNDS):
            for who, call in (("ours", metric), ("bare", bare)):
                start = time.process_time()
                for _ in range(CALLS):
                    call(*images)
                spent[who].append((time.process_time() - start) / CALLS * 1e3)
        ours, theirs = (float(np.median(spent[who])) for who in ("ours", "bare"))
        print(f"{name:8}{ours:8.2f}{theirs:9.2f}{ours / theirs:7.2f}", flush=True)
        rows.append((name, round(ours, 3), round(theirs, 3), round(ours / theirs, 2)))
    if asked.keep:
        print(keep("calls", ("metric", "cpu_ms", "bare_numpy_cpu_ms", "ratio"), rows))


if __name__ == "__main__":
    main()
