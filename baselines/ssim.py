"""SSIM: how similar the fused image is to each of its sources, in sliding windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from fusion_metrics import Image, Variant, feature, metric
from fusion_metrics.features.single_precision import similarity
from fusion_metrics.features.windows import GAUSSIAN_11, Window, ssim_map
from fusion_metrics.sources import mean_over

K1, K2 = 0.01, 0.03


#: The window of scikit-image.
UNIFORM_7 = Window(7)
#: Where rounding errors are compared there are no bounds.
_SINGLE: dict[str, Any] = {"bounds": (-math.inf, math.inf), "ideal": 2.0}


def single_precision_ssim(
    a: Image,
    b: Image,
    fused: Image,
    *,
    window: Window = UNIFORM_7,
    dynamic_range: float = 255.0,
    sample: bool = True,
    gain: float = 1.0,
) -> float:
    """Sum of both sources' SSIM with the fused image, computed with 32 bits.

    See `fusion_metrics.features.single_precision`. Pixels are multiplied by `gain` beforehand; `sample` makes variances
    and covariance those of a sample.
    """
    x, y, f = (image.luminance.astype(np.float32) * np.float32(gain) for image in (a, b, fused))
    return sum(similarity(s, f, window=window, dynamic_range=dynamic_range, sample=sample).mean for s in (x, y))


def ssim_against(reference: Image, fused: Image) -> float:
    """Structural similarity to the ground truth, the only source."""
    return ssim((reference,), fused)


@metric(
    "ssim",
    title="SSIM",
    family="structure",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    ideal=1.0,
    cites="wang2004ssim",
    min_size=11,
    variants={
        "paper": Variant("Wang et al. 2004, the mean of the values against the sources."),
        "vifb": Variant(
            "VIFB: the sum of the values against both sources, the mean of red, green and blue.",
            {"pooling": "sum"},
            channels="each",
            bounds=(-2.0, 2.0),
            ideal=2.0,
            cites="zhang2020vifb",
        ),
        "tang": Variant(
            "L. Tang's scripts: MATLAB's `ssim`, whose windows leave the picture, of grey levels 0..255 that it takes "
            "for 0..1. Its constants are then next to nothing, and smooth parts decide the value.",
            {"border": "replicated", "dynamic_range": 1.0},
            cites="tang2023",
            min_size=1,
        ),
        "tang-255": Variant(
            "As `tang`, with the dynamic range that the pictures have.",
            {"border": "replicated"},
            cites="tang2023",
            min_size=1,
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: scikit-image's, of 7x7 pixels of equal weight, which takes 32-bit grey levels "
            "0..255 for -1..1; its constants are next to nothing, so that smooth parts compare rounding errors. The "
            "sum of both.",
            {"dynamic_range": 2.0},
            function=single_precision_ssim,
            **_SINGLE,
            min_size=7,
            grey="opencv-float",
            cites="zhao2023",
        ),
        "cddfuse-255": Variant(
            "Relatives of CDDFuse's Evaluator: as `cddfuse`, with the dynamic range that the pictures have.",
            function=single_precision_ssim,
            **_SINGLE,
            min_size=7,
            grey="opencv-float",
            cites="zhao2023",
        ),
        "tang-2022": Variant(
            "SSIM of Tang's scripts before March 2023, which is MEF-SSIM at one scale, another metric.",
            alias_of="mef_ssim:mefb-single",
            cites="tang2022",
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: as `paper`, but the sum of both, of grey levels 0..255 multiplied by 255 once "
            "more, with 32 bits. Its constants are next to nothing, so that smooth parts compare rounding errors.",
            {"window": GAUSSIAN_11, "sample": False, "gain": 255.0},
            function=single_precision_ssim,
            **_SINGLE,
            grey="pillow",
            cites="tang2023",
        ),
        "li2018": Variant(
            "DenseFuse's analysis_Reference: the same as `tang-255`.", alias_of="tang-255", cites="li2019"
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: the same as `tang-python`.", alias_of="tang-python", grey="pillow", cites="liu2025"
        ),
        "reference": Variant(
            "Wang et al. 2004 against the ground truth, as published; of colours the mean of red, green and blue.",
            function=ssim_against,
            channels="each",
            ideal=1.0,
        ),
    },
)
def ssim(
    sources: Sequence[Image],
    fused: Image,
    *,
    window: Window = GAUSSIAN_11,
    dynamic_range: float = 255.0,
    border: Literal["inside", "replicated"] = "inside",
    pooling: Literal["mean", "sum"] = "mean",
) -> float:
    """Structural similarity of the fused image to its sources.

    With local means mu, variances sigma^2 and covariances of two pictures x and y in Gaussian windows,

        SSIM(x, y) = (2 mu_x mu_y + C1) (2 sigma_xy + C2) / ((mu_x^2 + mu_y^2 + C1) (sigma_x^2 + sigma_y^2 + C2)),
        C1 = (0.01 L)^2,   C2 = (0.03 L)^2,

    averaged over the windows, where L is the dynamic range; and the score of a fused image is the mean of SSIM(A, F)
    and SSIM(B, F), or of as many sources as there are. That mean is the field's custom: the paper compares a picture
    with one reference.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    window : Window
        11x11 Gaussian, standard deviation 1.5 pixels.
    dynamic_range : float
        L, in grey levels.
    border : {"inside", "replicated"}
        Windows that lie inside the picture; or one around every pixel of a picture that goes on with its border pixels.
    pooling : {"mean", "sum"}
        What is made of the sources' values.

    Returns
    -------
    float
        In [-1, 1], 1 for three equal images (`vifb`: in [-2, 2], and 2).

    References
    ----------
    wang2004ssim; for the scripts zhang2020vifb, tang2022, li2019, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> black, white = (Image(np.full((16, 16), level, np.uint8)) for level in (0, 255))
    >>> round(ssim([black, white], white), 6)
    0.50005
    """
    c1, c2 = (K1 * dynamic_range) ** 2, (K2 * dynamic_range) ** 2
    if border == "replicated":
        *sources, fused = (extended(image, margin=window.size // 2) for image in (*sources, fused))
    mean = mean_over(sources, lambda source: float(ssim_map(source, fused, window=window, c1=c1, c2=c2).mean()))
    return mean * len(sources) if pooling == "sum" else mean


@feature
def extended(image: Image, *, margin: int) -> Image:
    """Repeat the border pixels outside, `margin` pixels on each side."""
    return Image(np.pad(image.luminance, margin, mode="edge"), data_range=255.0, name=f"{image.name}, extended")
