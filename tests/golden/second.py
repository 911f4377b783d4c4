"""Print the table ``reference.csv``: what other packages make of the pan-sharpened pictures of `tests.pictures`.

``python tests/golden/second.py > tests/golden/reference.csv``, with torchmetrics, scikit-image and sewar installed;
the README beside this file says with which versions it was.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version

import numpy as np

from tests.pictures import pansharpened

Second = Callable[[np.ndarray, np.ndarray], float]


def _torch(name: str, scale: float = 1.0, **options: object) -> Second:
    import torch
    import torchmetrics.functional.image as functional

    def score(truth: np.ndarray, fused: np.ndarray) -> float:
        given, wanted = (torch.tensor(x, dtype=torch.float64).permute(2, 0, 1)[None] for x in (fused, truth))
        return scale * float(getattr(functional, name)(given, wanted, **options))

    return score


def _per_channel(second: Second) -> Second:
    """Average over channels, where a package weighs them otherwise or takes one alone."""
    return lambda truth, fused: float(np.mean([second(truth[..., k, None], fused[..., k, None]) for k in range(3)]))


def _skimage(name: str, **options: object) -> Second:
    from skimage import metrics

    return lambda truth, fused: float(getattr(metrics, name)(truth, fused, **options))


def _sewar(name: str, *, grey: bool = False, **options: object) -> Second:
    import sewar

    def score(truth: np.ndarray, fused: np.ndarray) -> float:
        given = [_luminance(x) if grey else x for x in (truth, fused)]
        return float(getattr(sewar, name)(*given, **options))

    return score


def _luminance(pixels: np.ndarray) -> np.ndarray:
    """Grey picture by ITU-R BT.601, rounded, as `Image.luminance` has it: no subject of this table."""
    from fusion_metrics import Image

    return Image(pixels).luminance


def _correlation(truth: np.ndarray, fused: np.ndarray) -> float:
    return float(np.mean([np.corrcoef(truth[..., k].ravel(), fused[..., k].ravel())[0, 1] for k in range(3)]))


def seconds() -> Iterator[tuple[str, str, Second]]:
    """Yield identifier, package and function."""
    yield "sam", "torchmetrics", _torch("spectral_angle_mapper", 180 / math.pi)
    yield "ergas", "torchmetrics", _torch("error_relative_global_dimensionless_synthesis", ratio=4)
    yield "ergas", "sewar", _sewar("ergas", r=0.25)
    yield "sam", "sewar", lambda truth, fused: math.degrees(_sewar("sam")(truth, fused))
    yield "uiqi in Gaussian windows", "torchmetrics", _torch("universal_image_quality_index")
    yield "psnr:reference", "torchmetrics", _torch("peak_signal_noise_ratio", data_range=255.0)
    yield "psnr:reference", "scikit-image", _skimage("peak_signal_noise_ratio", data_range=255)
    yield "mse:reference", "scikit-image", _skimage("mean_squared_error")
    yield "rmse:reference", "sewar", _sewar("rmse")
    gaussian = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    yield "ssim:reference", "scikit-image", _skimage("structural_similarity", channel_axis=2, **gaussian)
    several = _torch("multiscale_structural_similarity_index_measure", data_range=255.0, normalize=None)
    yield "ms_ssim:reference", "torchmetrics", _per_channel(several)
    yield "vif:reference", "sewar", _sewar("vifp", grey=True)
    yield "cc:reference", "numpy", _correlation


def main() -> None:
    """Print the table."""
    truth, _, fused = pansharpened()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("picture", "identifier", "package", "version", "value"))
    for identifier, package, second in seconds():
        for name, pixels in fused.items():
            writer.writerow((name, identifier, package, version(package), repr(second(truth, pixels))))


if __name__ == "__main__":
    main()
