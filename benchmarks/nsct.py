"""Print what the NSCT costs: ``python -m benchmarks.nsct``, levels (2, 3, 3, 4), one image, milliseconds.

*cold* is the first call, which computes the responses; *warm* the fastest of several. Run it with OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from fusion_metrics.nsct import BORDERS, insct, nsct
from fusion_metrics.nsct.directions import _CACHE
from learned.nsct import NSCTLayer


def milliseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)


def warm(call: Callable[[], object], repeat: int = 15) -> float:
    return min(milliseconds(call) for _ in range(repeat))


def row(name: str, n: int, *times: float) -> None:
    print(f"| {name:<32} | {n:>4} |" + "".join(f" {t:>12.1f} |" for t in times))


def main() -> None:
    heads = ("forward cold", "forward warm", "inverse cold", "inverse warm")
    print(f"| {'':<32} | size |" + "".join(f" {head} |" for head in heads))
    print(f"|{'-' * 34}|-----:|" + "-------------:|" * len(heads))
    for n in (128, 256, 512):
        image = np.random.default_rng(0).uniform(0, 255, (n, n))
        for border in BORDERS:
            analyse = partial(nsct, image, border=border)
            synthesise = partial(insct, analyse())
            _CACHE.clear()
            cold = milliseconds(analyse), milliseconds(synthesise)
            row(f"numpy float64, {border}", n, cold[0], warm(analyse), cold[1], warm(synthesise))
    # The layer computes the responses of both ways when it is built: that is its cold time.
    print(f"\n| {'symmetric':<32} | size |" + "".join(f" {head:>12} |" for head in ("build", "forward", "inverse")))
    print(f"|{'-' * 34}|-----:|" + "-------------:|" * 3)
    for threads, dtype, n in itertools.product((1, 2), (torch.float32, torch.float64), (128, 256, 512)):
        torch.set_num_threads(threads)
        _CACHE.clear()
        build = milliseconds(partial(NSCTLayer, (n, n), dtype=dtype))
        layer = NSCTLayer((n, n), dtype=dtype)
        x = torch.rand(1, 1, n, n, dtype=dtype)
        with torch.no_grad():
            subbands = layer(x)
            row(
                f"{dtype}, {threads} thread(s)",
                n,
                build,
                warm(partial(layer, x)),
                warm(partial(layer.inverse, subbands)),
            )


if __name__ == "__main__":
    main()
