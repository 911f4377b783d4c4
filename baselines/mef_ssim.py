"""MEF-SSIM: how similar the fused image is to the best that patches of its sources can be fused to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import combinations
from operator import add
from typing import Literal, NamedTuple

import numpy as np

from baselines.mef_ssim_colour import mef_ssim_colour
from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.scales import pyramid
from fusion_metrics.features.windows import (
    GAUSSIAN_11,
    SSIM_C2,
    Window,
    covariance_once,
    local_covariance,
    local_variance,
)
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
            "As `paper`, at the scale of the picture alone.",
            {"weights": (1.0,)},
            bounds=(-1.0, 1.0),
            min_size=11,
            sources="all",
        ),
        "colour": Variant(
            "MEF-SSIMc of Ma et al. 2018: of colours, with the brightness that the sources call for, in 8x8 windows of "
            "one scale.",
            function=mef_ssim_colour,
            sources="all",
            channels="colours",
            bounds=(-1.0, 1.0),
            ideal=1.0,
            cites="ma2018",
            min_size=8,
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
    sources: Sequence[Image],
    fused: Image,
    *,
    weights: tuple[float, ...] = WEIGHTS,
    window: Window = GAUSSIAN_11,
    C: float = SSIM_C2,
    least_strength: float = 0.0,
    contradiction: Literal["zero", "undefined"] = "zero",
) -> float:
    """Contrast and structure of the fused image against patches fused from all sources.

    With x_i the 11x11 patch of a source less its mean, its strength c_i = ||x_i|| and its structure s_i = x_i /
    ||x_i||, the patch to compare with has the largest strength and a structure between those of all k sources,

        x' = max(c_i) s' / ||s'||,   s' = sum(c_i^p s_i) / sum(c_i^p),
        p = tan(R pi / 2),   R = ||sum x_i|| / sum ||x_i||,

    so that patches of the same structure (R = 1) are not mixed, and those that contradict each other are. Then, with
    variances and covariance in a Gaussian window, f being the patch of the fused image,

        Q_l = mean over all patches of (2 sigma_x'f + C) / (sigma_x'^2 + sigma_f^2 + C),   MEF-SSIM = prod Q_l^beta_l

    over three scales l, the picture being halved from one to the next. Mean luminance is not looked at.

    Where all sources are flat, or cancel (x_A = -x_B), x' is flat. One scale alone has no product and may be negative;
    among several, a scale whose Q_l is negative contradicts the sources and has no fractional power: the product is
    then 0, which is where it goes as Q_l does. p is limited to 10; that and the weights beta_l are the authors'
    program's.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
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
    ma2015, wang2003msssim; for colours ma2018, for the script zhang2021mefb

    Examples
    --------
    >>> ramp = np.add.outer(np.arange(48), np.arange(48)).astype(np.uint8)
    >>> flat = np.full_like(ramp, 200)
    >>> round(mef_ssim([Image(ramp), Image(flat)], Image(ramp)), 6)
    1.0
    """
    scales = zip(*(pyramid(image, len(weights)) for image in (*sources, fused)), strict=True)
    quality = [
        float(_quality(images[:-1], images[-1], window=window, C=C, least_strength=least_strength).mean())
        for images in scales
    ]
    if len(quality) == 1:
        return quality[0]
    if min(quality) < 0.0:
        if contradiction == "undefined":
            raise UndefinedScore(f"the mean similarity of a scale is {min(quality):.3g}, which has no fractional power")
        return 0.0
    return math.prod(q ** (weight / sum(weights)) for q, weight in zip(quality, weights, strict=True))


def _quality(sources: Sequence[Image], fused: Image, *, window: Window, C: float, least_strength: float) -> Array:
    """Similarity of the fused image to the patch x' in each window, shape (H - size + 1, W - size + 1)."""
    best = _best_patches(*sources, window=window, least_strength=least_strength)
    sigma_xf = reduce(
        add,
        (
            share * local_covariance(source, fused, window=window)
            for share, source in zip(best.shares, sources, strict=True)
        ),
    )
    return (2 * sigma_xf + C) / (best.variance + local_variance(fused, window=window) + C)


class _BestPatches(NamedTuple):
    """The patches x' that k sources can be fused to, ``x' = sum shares_i x_i``, and their variance in a window."""

    shares: tuple[Array, ...]
    variance: Array


@feature
def _best_patches(*sources: Image, window: Window, least_strength: float) -> _BestPatches:
    """Fuse the patches of all sources."""
    patch = Window(window.size)
    n = window.size**2
    # Sums over the patch, from the patch's own variances: ||x_i||^2, and x_i . x_j of two sources.
    squares = [n * local_variance(source, window=patch) for source in sources]
    products = {
        (i, j): n * covariance_once(sources[i], sources[j], window=patch)
        for i, j in combinations(range(len(sources)), 2)
    }
    c = [np.sqrt(square) for square in squares]
    total = reduce(add, c)
    of_sum = reduce(add, [*squares, *(2 * product for product in products.values())])
    R = np.divide(np.sqrt(np.maximum(of_sum, 0.0)), total, out=np.ones_like(total), where=total > 0.0)
    p = np.minimum(np.tan(np.pi / 2 * np.minimum(R, 1.0)), LARGEST_P)

    c = [c_i + least_strength for c_i in c]
    strongest = np.maximum.reduce(c)
    # s' without its denominator: the sum of alpha_i x_i, in units of the strongest patch.
    alpha = [
        np.divide((c_i / np.where(strongest > 0.0, strongest, 1.0)) ** p, c_i, out=np.zeros_like(c_i), where=c_i > 0.0)
        for c_i in c
    ]
    norm_sq = _weighted(alpha, squares, products)
    scale = np.divide(strongest, np.sqrt(np.maximum(norm_sq, 0.0)), out=np.zeros_like(total), where=norm_sq > CANCELLED)
    alpha = [scale * alpha_i for alpha_i in alpha]
    variances = [local_variance(source, window=window) for source in sources]
    covariances = {(i, j): covariance_once(sources[i], sources[j], window=window) for i, j in products}
    return _BestPatches(tuple(alpha), _weighted(alpha, variances, covariances))


def _weighted(alpha: Sequence[Array], squares: Sequence[Array], products: Mapping[tuple[int, int], Array]) -> Array:
    """Square of a weighted sum, ``sum alpha_i^2 x_i^2 + 2 sum alpha_i alpha_j x_i x_j``, the latter of i < j."""
    own = (alpha_i**2 * square for alpha_i, square in zip(alpha, squares, strict=True))
    return reduce(add, [*own, *(2 * alpha[i] * alpha[j] * product for (i, j), product in products.items())])
