"""MS-SSIM: structural similarity of the fused image to its sources at five resolutions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from baselines.mef_ssim import LEAST_STRENGTH, mef_ssim
from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.scales import pyramid
from fusion_metrics.features.single_precision import halved, similarity
from fusion_metrics.features.windows import (
    GAUSSIAN_11,
    SSIM_C1,
    SSIM_C2,
    Window,
    local_covariance,
    local_variance,
    ssim_map,
)
from fusion_metrics.sources import mean_over

#: beta_j, finest scale first.
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def single_precision_ms_ssim(a: Image, b: Image, fused: Image) -> float:
    """Sum of both sources' MS-SSIM with the fused image, of pixels multiplied by 255, computed with 32 bits."""
    white = np.float32(255.0)
    total = 0.0
    for source in (a, b):
        x, y = (image.luminance.astype(np.float32) * white for image in (source, fused))
        product = 1.0
        for scale, beta in enumerate(WEIGHTS, start=1):
            found = similarity(x, y, window=GAUSSIAN_11, dynamic_range=255.0)
            mean = found.mean if scale == len(WEIGHTS) else float(found.structure.mean(dtype=np.float64))
            product *= max(mean, 0.0) ** beta
            x, y = halved(x), halved(y)
        total += product
    return total


def ms_ssim_against(reference: Image, fused: Image) -> float:
    """Multi-scale structural similarity to the ground truth, the only source."""
    return ms_ssim((reference,), fused)


@metric(
    "ms_ssim",
    title="MS-SSIM",
    family="structure",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    ideal=1.0,
    cites="wang2003msssim",
    min_size=161,
    variants={
        "paper": Variant("Wang, Simoncelli and Bovik 2003, the mean of the values against the sources."),
        "tang": Variant(
            "L. Tang's scripts: what they call MS-SSIM is MEF-SSIM (`mef_ssim:mefb`), another metric.",
            {"reference": "best patches"},
            cites="tang2023",
            min_size=44,
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: the same as `tang`.", alias_of="tang", cites="tang2022"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: as `paper`, but the sum of both, of grey levels 0..255 multiplied by 255 once "
            "more, with 32 bits; see `ssim:tang-python`.",
            function=single_precision_ms_ssim,
            bounds=(0.0, math.inf),
            ideal=2.0,
            grey="pillow",
            cites="tang2023",
        ),
        "li2018": Variant("DenseFuse's analysis_Reference: the same as `tang`.", alias_of="tang", cites="li2019"),
        "ivif-zoo": Variant(
            "IVIF_ZOO: the same as `tang-python`.", alias_of="tang-python", grey="pillow", cites="liu2025"
        ),
        "reference": Variant(
            "Wang et al. 2003 against the ground truth, as published; of colours the mean of red, green and blue.",
            function=ms_ssim_against,
            channels="each",
            ideal=1.0,
        ),
    },
)
def ms_ssim(
    sources: Sequence[Image],
    fused: Image,
    *,
    weights: tuple[float, ...] = WEIGHTS,
    window: Window = GAUSSIAN_11,
    reference: Literal["sources", "best patches"] = "sources",
) -> float:
    """Multi-scale structural similarity of the fused image to its sources.

    SSIM has a luminance factor l and a factor cs of contrast and structure. The picture is halved from scale to scale;
    with the means over all windows of a scale j = 1 (finest) to M = 5,

        MS-SSIM = mean(l_M cs_M)^beta_M prod_{j < M} mean(cs_j)^beta_j,

    and the score of a fused image is the mean of MS-SSIM(A, F) and MS-SSIM(B, F), or of as many sources as there are.
    That mean is the field's custom: the paper compares a picture with one reference. A negative mean has no fractional
    power: the product is then 0, which is where it goes as the mean does.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    weights : tuple of float
        beta_j, finest scale first; as many scales as weights.
    window : Window
        11x11 Gaussian, standard deviation 1.5 pixels, at every scale. It must fit the coarsest.
    reference : {"sources", "best patches"}
        Compare with each source, or with patches fused from both: that is MEF-SSIM, with three scales of its own.

    Returns
    -------
    float
        In [0, 1], 1 for three equal images.

    Raises
    ------
    UndefinedScore
        For ``"best patches"`` see `baselines.mef_ssim`.

    References
    ----------
    wang2003msssim, wang2004ssim; for the scripts tang2022, ma2015, li2019, liu2025, tang2023

    Examples
    --------
    >>> ramp = (np.add.outer(np.arange(161), np.arange(161)) // 2).astype(np.uint8)
    >>> round(ms_ssim([Image(ramp), Image(ramp)], Image(ramp)), 9)
    1.0
    """
    if reference == "best patches":
        return mef_ssim(sources, fused, least_strength=LEAST_STRENGTH, contradiction="undefined")

    def similarity(source: Image) -> float:
        *finer, coarsest = zip(pyramid(source, len(weights)), pyramid(fused, len(weights)), strict=True)
        means = [_contrast_structure(x, y, window) for x, y in finer]
        means.append(float(ssim_map(*coarsest, window=window, c1=SSIM_C1, c2=SSIM_C2).mean()))
        return math.prod(max(mean, 0.0) ** beta for mean, beta in zip(means, weights, strict=True))

    return mean_over(sources, similarity)


def _contrast_structure(x: Image, y: Image, window: Window) -> float:
    """Mean of SSIM without its luminance factor."""
    numerator = 2 * local_covariance(x, y, window=window) + SSIM_C2
    denominator = local_variance(x, window=window) + local_variance(y, window=window) + SSIM_C2
    return float(np.mean(numerator / denominator))
