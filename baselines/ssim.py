"""SSIM: how similar the fused image is to each of its sources, in sliding windows."""

from __future__ import annotations

from typing import Literal

import numpy as np

from fusion_metrics import Image, Variant, feature, metric
from fusion_metrics.features.windows import GAUSSIAN_11, Window, ssim_map

K1, K2 = 0.01, 0.03


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
        "paper": Variant("Wang et al. 2004, the mean of the values against both sources."),
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
            cites="tang2022",
            min_size=1,
        ),
        "tang-255": Variant(
            "As `tang`, with the dynamic range that the pictures have.",
            {"border": "replicated"},
            cites="tang2022",
            min_size=1,
        ),
    },
)
def ssim(
    a: Image,
    b: Image,
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
    and SSIM(B, F). That mean is the field's custom: the paper compares a picture with one reference.

    Parameters
    ----------
    a, b, fused : Image
    window : Window
        11x11 Gaussian, standard deviation 1.5 pixels.
    dynamic_range : float
        L, in grey levels.
    border : {"inside", "replicated"}
        Windows that lie inside the picture; or one around every pixel of a picture that goes on with its border pixels.
    pooling : {"mean", "sum"}
        What is made of the two sources' values.

    Returns
    -------
    float
        In [-1, 1], 1 for three equal images (`vifb`: in [-2, 2], and 2).

    References
    ----------
    wang2004ssim; for the scripts zhang2020vifb, tang2022

    Examples
    --------
    >>> black, white = (Image(np.full((16, 16), level, np.uint8)) for level in (0, 255))
    >>> round(ssim(black, white, white), 6)
    0.50005
    """
    c1, c2 = (K1 * dynamic_range) ** 2, (K2 * dynamic_range) ** 2
    if border == "replicated":
        a, b, fused = (extended(image, margin=window.size // 2) for image in (a, b, fused))
    values = [float(ssim_map(source, fused, window=window, c1=c1, c2=c2).mean()) for source in (a, b)]
    return sum(values) if pooling == "sum" else sum(values) / 2.0


@feature
def extended(image: Image, *, margin: int) -> Image:
    """Repeat the border pixels outside, `margin` pixels on each side."""
    return Image(np.pad(image.luminance, margin, mode="edge"), data_range=255.0, name=f"{image.name}, extended")
