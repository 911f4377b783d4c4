"""How long metrics take on one 256x256 triple, and what ten fused images of one pair cost against one.

Run as ``OMP_NUM_THREADS=1 python tests/timing/bench_metrics.py [NAMES]``; times are CPU seconds, the least of several
runs, so that what else the machine does counts little. Compare ratios, not machines.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from scipy import ndimage

from fusion_metrics import Image, Metric
from fusion_metrics.scoring import select_metrics

TOOLBOX = "mi,nmi,te,qncie,qabf,qm,rsfe,qp,piella,cvejic,yang,qcv,qcb"
REPEATS = 5


def triple(count: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Two half-blurred copies of a picture that scikit-image ships, and `count` fused images."""
    import skimage

    path = Path(skimage.__file__).parent / "data" / "camera.png"
    sharp = np.asarray(Pillow.open(path).resize((256, 256), Pillow.Resampling.LANCZOS), dtype=np.float64)
    blurred = ndimage.gaussian_filter(sharp, 2)
    left = np.arange(256)[None, :] < 128
    a, b = np.where(left, sharp, blurred), np.where(left, blurred, sharp)
    fused = [(a + b) / 2 + 0.05 * i * (sharp - (a + b) / 2) for i in range(count)]
    return *(np.rint(image).astype(np.uint8) for image in (a, b)), [np.rint(f).astype(np.uint8) for f in fused]


def seconds(metrics: list[Metric], a: np.ndarray, b: np.ndarray, fused: list[np.ndarray]) -> dict[str, float]:
    """CPU seconds per metric, for all fused images of one pair together."""
    first, second = Image(a), Image(b)
    spent = dict.fromkeys((metric.spec.id for metric in metrics), 0.0)
    for pixels in fused:
        image = Image(pixels)
        for metric in metrics:
            start = time.process_time()
            _ = metric.prepare(image) if metric.learns else metric(image, first, second)
            spent[metric.spec.id] += time.process_time() - start
    return spent


def main() -> None:
    """Print the table."""
    metrics = select_metrics(sys.argv[1] if len(sys.argv) > 1 else TOOLBOX)
    a, b, fused = triple(10)
    seconds(metrics, a, b, fused[:1])  # filters that are built once per size
    one = [seconds(metrics, a, b, fused[:1]) for _ in range(REPEATS)]
    ten = [seconds(metrics, a, b, fused) for _ in range(2)]
    print(f"{'metric':12} {'one (ms)':>9} {'ten (ms)':>9} {'ratio':>6}   in this order: what is shared is paid first")
    for metric in metrics:
        of_one, of_ten = (min(run[metric.spec.id] for run in runs) * 1e3 for runs in (one, ten))
        print(f"{metric.spec.id:12} {of_one:9.1f} {of_ten:9.1f} {of_ten / of_one if of_one else 0:6.1f}")
    of_one, of_ten = (min(sum(run.values()) for run in runs) for runs in (one, ten))
    print(f"{'all':12} {of_one * 1e3:9.1f} {of_ten * 1e3:9.1f} {of_ten / of_one:6.1f}")


if __name__ == "__main__":
    main()
