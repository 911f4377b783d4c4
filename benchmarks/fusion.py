"""Print how long every fusion algorithm takes: ``OMP_NUM_THREADS=1 python -m benchmarks.fusion``.

Seconds for one pair of 128 x 128 and one of 256 x 256: the quickest of three runs after one that fills the caches.
"""

from __future__ import annotations

import time

import numpy as np
from skimage import data

from benchmark.fusion import EXTERNAL_ALGORITHMS, PHANTOM_ALGORITHMS, fuse

SIDES = (128, 256)


def seconds(name: str, side: int) -> float:
    """Time `name` on two pictures of that side."""
    a, b = (picture[:side, :side] for picture in (data.camera()[100:, 150:], data.coins()))
    fuse(a, b, name)
    runs = []
    for _ in range(3):
        start = time.perf_counter()
        fuse(a, b, name)
        runs.append(time.perf_counter() - start)
    return min(runs)


def main() -> None:
    """Print one line an algorithm, and the sum of the ten."""
    print(f"{'algorithm':12}" + "".join(f"{side:9}" for side in SIDES))
    ten = np.zeros(len(SIDES))
    for name in (*PHANTOM_ALGORITHMS, *EXTERNAL_ALGORITHMS):
        times = [seconds(name, side) for side in SIDES]
        ten += times if name in PHANTOM_ALGORITHMS else 0
        print(f"{name:12}" + "".join(f"{value:9.4f}" for value in times), flush=True)
    print(f"{'all ten':12}" + "".join(f"{value:9.4f}" for value in ten))


if __name__ == "__main__":
    main()
