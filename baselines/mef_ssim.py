"""MEF-SSIM: how similar the fused image is to the best that patches of both sources can be fused to."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.scales import pyramid
from fusion_metrics.features.windows import GAUSSIAN_11, SSIM_C2, Window, local_covariance, local_variance
from fusion_metrics.image import Array

#: The first three of MS-SSIM's five weights, finest scale first; they are scaled to sum 1.
WEIGHTS = (0.0448, 0.2856, 0.3001)
#: The exponent p beyond which the stronger of two patches alone makes the structure.
LARGEST_P = 10.0

#: Below this squared norm of s', patches cancel: what is left is rounding.
CANCELLED = 1e-12

#: What the authors' program adds to the strength of a patch.
LEAST_STRENGTH = 0.001

_PROGRAM = {"least_strength": LEAST_STRENGTH, "contradiction": "undefined"}


@metric(
    "mef_ssim",
    title="MEF-SSIM",
    family="structure",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    ideal=1.0,
    cites="ma2015",
    min_size=41,
    variants={
        "paper": Variant("Ma et al. 2015, three scales."),
        "single": Variant(
            "As `paper`, at the scale of the picture alone.", {"weights": (1.0,)}, bounds=(-1.0, 1.0), min_size=11
        ),
        "mefb": Variant(
            "MEFB, the authors' program: 0.001 is added to the strength of every patch; no value where a scale "
            "contradicts the sources.",
            _PROGRAM,
            cites="zhang2021mefb",
            min_size=44,
        ),
        "mefb-single": Variant(
            "The one-scale function of the same program.",
            {**_PROGRAM, "weights": (1.0,)},
            bounds=(-1.0, 1.0),
            cites="zhang2021mefb",
            min_size=11,
        ),
    },
)
def mef_ssim(
    a: Image,
    b: Image,
    fused: Image,
    *,
    weights: tuple[float, ...] = WEIGHTS,
    window: Window = GAUSSIAN_11,
    C: float = SSIM_C2,
    least_strength: float = 0.0,
    contradiction: Literal["zero", "undefined"] = "zero",
) -> float:
    """Contrast and structure of the fused image against patches fused from both sources.

    With x the 11x11 patch of a source less its mean, its strength c = ||x|| and its structure s = x / ||x||, the patch
    to compare with has the larger of both strengths and a structure between both,

        x' = max(c_A, c_B) s' / ||s'||,   s' = (c_A^p s_A + c_B^p s_B) / (c_A^p + c_B^p),
        p = tan(R pi / 2),   R = ||x_A + x_B|| / (||x_A|| + ||x_B||),

    so that patches of the same structure (R = 1) are not mixed, and those that contradict each other are. Then, with
    variances and covariance in a Gaussian window, f being the patch of the fused image,

        Q_l = mean over all patches of (2 sigma_x'f + C) / (sigma_x'^2 + sigma_f^2 + C),   MEF-SSIM = prod Q_l^beta_l

    over three scales l, the picture being halved from one to the next. Mean luminance is not looked at.

    Where both sources are flat, or cancel (x_A = -x_B), x' is flat. One scale alone has no product and may be negative;
    among several, a scale whose Q_l is negative contradicts the sources and has no fractional power: the product is
    then 0, which is where it goes as Q_l does. p is limited to 10; that and the weights beta_l are the authors'
    program's.

    Parameters
    ----------
    a, b, fused : Image
    weights : tuple of float
        beta_l, finest scale first, of any sum; as many scales as weights.
    window : Window
        Its size is the patch's, its weights are those of the variances.
    C : float
        Stabilising constant in squared grey levels.
    least_strength : float
        Added to the strength of each patch.
    contradiction : {"zero", "undefined"}
        What the product is where a Q_l is negative.

    Returns
    -------
    float
        In [0, 1] (one scale: [-1, 1]); 1 where the fused image is in all patches what the sources can be fused to.

    Raises
    ------
    UndefinedScore
        With ``"undefined"``, a scale with negative Q_l: the program then prints a complex number.

    References
    ----------
    ma2015, wang2003msssim; for the script zhang2021mefb

    Examples
    --------
    >>> ramp = np.add.outer(np.arange(48), np.arange(48)).astype(np.uint8)
    >>> flat = np.full_like(ramp, 200)
    >>> round(mef_ssim(Image(ramp), Image(flat), Image(ramp)), 6)
    1.0
    """
    scales = zip(*(pyramid(image, len(weights)) for image in (a, b, fused)), strict=True)
    quality = [float(_quality(*images, window=window, C=C, least_strength=least_strength).mean()) for images in scales]
    if len(quality) == 1:
        return quality[0]
    if min(quality) < 0.0:
        if contradiction == "undefined":
            raise UndefinedScore(f"the mean similarity of a scale is {min(quality):.3g}, which has no fractional power")
        return 0.0
    return math.prod(q ** (weight / sum(weights)) for q, weight in zip(quality, weights, strict=True))


def _quality(a: Image, b: Image, fused: Image, *, window: Window, C: float, least_strength: float) -> Array:
    """Similarity of the fused image to the patch x' in each window, shape (H - size + 1, W - size + 1)."""
    patch = Window(window.size)
    n = window.size**2
    # Sums over the patch, from the patch's own variances: ||x_A||^2, ||x_B||^2 and x_A . x_B.
    AA, BB = n * local_variance(a, window=patch), n * local_variance(b, window=patch)
    AB = n * local_covariance(a, b, window=patch)
    c_A, c_B = np.sqrt(AA), np.sqrt(BB)
    total = c_A + c_B
    R = np.divide(np.sqrt(np.maximum(AA + BB + 2 * AB, 0.0)), total, out=np.ones_like(total), where=total > 0.0)
    p = np.minimum(np.tan(np.pi / 2 * np.minimum(R, 1.0)), LARGEST_P)

    c_A, c_B = c_A + least_strength, c_B + least_strength
    stronger = np.maximum(c_A, c_B)
    # s' without its denominator: alpha x_A + beta x_B, in units of the stronger patch.
    alpha, beta = (
        np.divide((c / np.where(stronger > 0.0, stronger, 1.0)) ** p, c, out=np.zeros_like(c), where=c > 0.0)
        for c in (c_A, c_B)
    )
    norm_sq = alpha**2 * AA + beta**2 * BB + 2 * alpha * beta * AB
    scale = np.divide(stronger, np.sqrt(np.maximum(norm_sq, 0.0)), out=np.zeros_like(total), where=norm_sq > CANCELLED)
    alpha, beta = scale * alpha, scale * beta

    sigma_x_sq = (
        alpha**2 * local_variance(a, window=window)
        + beta**2 * local_variance(b, window=window)
        + 2 * alpha * beta * local_covariance(a, b, window=window)
    )
    sigma_xf = alpha * local_covariance(a, fused, window=window) + beta * local_covariance(b, fused, window=window)
    return (2 * sigma_xf + C) / (sigma_x_sq + local_variance(fused, window=window) + C)
