"""MSE, RMSE and PSNR: how far the pixels of the fused image are from those of its sources.

None of them is a quality in itself. The mean of different sources has the least error of all fused images and is
seldom the best of them.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Literal

from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.gradients import sum_of_squares
from fusion_metrics.sources import all_of, mean_over

WHITE = 255.0
_EQUAL_ERRORS = "the errors are equal, because either picture has the difference of the sources"
_ROOT_SUM: dict[str, object] = {"root_of_sum": True}


@feature
def _mean_square(source: Image, fused: Image) -> float:
    """Mean squared difference of two luminances, in squared grey levels."""
    x, y = source.compact_luminance, fused.compact_luminance
    return sum_of_squares(x, y) / x.size


def _against(reference: Image, fused: Image) -> float:
    """Mean squared difference over all pixels and channels; a grey picture stands in for each channel of the other."""
    count = max(len(reference.channels), len(fused.channels))
    pairs = (
        (reference.channels[c % len(reference.channels)], fused.channels[c % len(fused.channels)]) for c in range(count)
    )
    # Exact: three equal channels have the error of the grey picture, to the last bit.
    return statistics.mean(_mean_square(x, y) for x, y in pairs)


def mse_against(reference: Image, fused: Image) -> float:
    """Mean squared error over all pixels and channels."""
    return _against(reference, fused)


def rmse_against(reference: Image, fused: Image) -> float:
    """Root of the mean squared error over all pixels and channels."""
    return math.sqrt(_against(reference, fused))


def psnr_against(reference: Image, fused: Image, *, peak: float = WHITE) -> float:
    """Peak signal-to-noise ratio, of the mean squared error over all pixels and channels."""
    noise = _against(reference, fused)
    if noise == 0.0:
        raise UndefinedScore(f"{fused.name} equals the reference: there is no noise to divide by")
    return 10.0 * math.log10(peak**2 / noise)


def _error(source: Image, fused: Image, *, white: float = WHITE, root_of_sum: bool = False) -> float:
    """Mean squared difference, or what VIFB takes for it: the root of the summed squares over the number of pixels."""
    square = _mean_square(source, fused) * (white / WHITE) ** 2
    return math.sqrt(square / fused.compact_luminance.size) if root_of_sum else square


@metric(
    "mse",
    title="MSE",
    family="difference",
    higher_is_better=False,
    bounds=(0.0, WHITE**2),
    ideal=0.0,
    cites="ma2019",
    exceptions={"prefers blur": _EQUAL_ERRORS},
    variants={
        "paper": Variant("As in the survey of Ma et al. 2019: mean over the sources, pixels 0..255."),
        "tang": Variant(
            "Tang's scripts: as `paper`, pixels 0..1.", {"white": 1.0}, bounds=(0.0, 1.0), cites="tang2023"
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: the same as `paper`.", alias_of="paper", grey="opencv-float", cites="zhao2023"
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: the same as `tang`.", alias_of="tang", cites="tang2022"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `tang`.", alias_of="tang", grey="pillow", cites="tang2023"
        ),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `tang`.", alias_of="tang", grey="pillow", cites="liu2025"),
        "reference": Variant(
            "Against the ground truth, over all pixels and channels, 0..255.",
            function=mse_against,
            channels="colours",
            ideal=0.0,
        ),
    },
)
def mse(sources: Sequence[Image], fused: Image, *, white: float = WHITE) -> float:
    """Mean squared error of the fused image against each source, averaged.

        MSE = (MSE_AF + MSE_BF) / 2,   MSE_XF = sum (X - F)^2 / (M N),   M x N pixels.

    Of k sources, the mean of k errors (inferred: the survey has two).

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    white : float
        The value of white, which sets the scale of the pixels.

    Returns
    -------
    float
        Squared grey levels, from 0 to ``white ** 2``; 0 for three equal images.

    References
    ----------
    ma2019; for the scripts tang2022, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> import numpy as np
    >>> black, dark = (Image(np.full((2, 2), level, dtype=np.uint8)) for level in (0, 4))
    >>> mse([black, dark], dark)
    8.0
    """
    return mean_over(sources, lambda source: _error(source, fused, white=white))


@metric(
    "rmse",
    title="RMSE",
    family="difference",
    higher_is_better=False,
    bounds=(0.0, WHITE),
    ideal=0.0,
    cites="jagalingam2015",
    exceptions={"prefers blur": _EQUAL_ERRORS},
    variants={
        "paper": Variant("Jagalingam and Hegde 2015: the mean of the RMSE against each source."),
        "vifb": Variant(
            "VIFB: the root of the sum of squares, divided by the number of pixels afterwards, and so smaller by the "
            "root of that number; the mean of red, green and blue.",
            _ROOT_SUM,
            channels="each",
            cites="zhang2020vifb",
        ),
        "reference": Variant(
            "Against the ground truth: the root of the error over all pixels and channels, 0..255.",
            function=rmse_against,
            channels="colours",
            ideal=0.0,
        ),
    },
)
def rmse(sources: Sequence[Image], fused: Image, *, root_of_sum: bool = False) -> float:
    """Root mean squared error of the fused image against each source, averaged.

        RMSE = (RMSE_AF + RMSE_BF) / 2,   RMSE_XF = sqrt( sum (X - F)^2 / (M N) ),   M x N pixels.

    Of k sources, the mean of k roots (inferred: the publication has two).

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    root_of_sum : bool
        ``sqrt( sum (X - F)^2 ) / (M N)`` instead: the value depends on the size of the picture.

    Returns
    -------
    float
        Grey levels, from 0 to 255; 0 for three equal images.

    References
    ----------
    jagalingam2015; for the scripts zhang2020vifb

    Examples
    --------
    >>> import numpy as np
    >>> black, dark = (Image(np.full((2, 2), level, dtype=np.uint8)) for level in (0, 4))
    >>> rmse([black, dark], dark)
    2.0
    """

    def error(source: Image) -> float:
        found = _error(source, fused, root_of_sum=root_of_sum)
        return found if root_of_sum else math.sqrt(found)

    return mean_over(sources, error)


@metric(
    "psnr",
    title="PSNR",
    family="difference",
    higher_is_better=True,
    bounds=(0.0, math.inf),
    cites="jagalingam2015",
    exceptions={"prefers blur": _EQUAL_ERRORS, "undefined if equal": "there is no noise, and the ratio is infinite"},
    variants={
        "paper": Variant("Jagalingam and Hegde 2015, of the mean squared error averaged over the sources."),
        "vifb": Variant(
            "VIFB: for the mean squared error stands the root of the sum of squares over the number of pixels, so that "
            "the value grows with the picture; the mean of red, green and blue.",
            _ROOT_SUM,
            channels="each",
            bounds=(10.0 * math.log10(WHITE), math.inf),
            cites="zhang2020vifb",
        ),
        "mefb": Variant(
            "MEFB: the same as `vifb`.",
            _ROOT_SUM,
            channels="each",
            bounds=(10.0 * math.log10(WHITE), math.inf),
            cites="zhang2021mefb",
        ),
        "tang": Variant(
            "Tang's scripts: the error is that of pixels 0..1, the peak 255: 48.13 dB more than `paper`.",
            {"white": 1.0},
            bounds=(20.0 * math.log10(WHITE), math.inf),
            cites="tang2023",
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: the peak is the brightest pixel of the fused image.",
            {"peak": "fused"},
            exceptions={"prefers blur": ""},
            bounds=(-math.inf, math.inf),
            grey="opencv-float",
            cites="zhao2023",
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: the same as `tang`.", alias_of="tang", cites="tang2022"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `tang`.", alias_of="tang", grey="pillow", cites="tang2023"
        ),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `tang`.", alias_of="tang", grey="pillow", cites="liu2025"),
        "reference": Variant(
            "Against the ground truth, of the mean squared error over all pixels and channels.",
            function=psnr_against,
            channels="colours",
            exceptions={"undefined if equal": "there is no noise, and the ratio is infinite"},
        ),
    },
)
def psnr(
    sources: Sequence[Image],
    fused: Image,
    *,
    peak: float | Literal["fused"] = 255.0,
    white: float = WHITE,
    root_of_sum: bool = False,
) -> float:
    """Peak signal-to-noise ratio of the fused image, its difference from its sources being the noise.

        PSNR = 10 log10( peak^2 / MSE ),   MSE = (MSE_AF + MSE_BF) / 2.

    Of k sources, MSE is the mean of k errors (inferred: the publication has two).

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    peak : float or "fused"
        The signal's largest value, or that of the fused image.
    white : float
        The value of white in the error's scale; the published ratio has both the same.
    root_of_sum : bool
        ``sqrt( sum (X - F)^2 ) / (M N)`` for MSE_XF.

    Returns
    -------
    float
        Decibels, from 0 (`paper`), without an upper limit.

    Raises
    ------
    UndefinedScore
        All images are equal: there is no noise, and the ratio is infinite. Or the peak is that of a black image.

    References
    ----------
    jagalingam2015; for the scripts zhang2020vifb, zhang2021mefb, tang2022, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> import numpy as np
    >>> black, white = (Image(np.full((2, 2), level, dtype=np.uint8)) for level in (0, 255))
    >>> round(psnr([black, white], white), 4)  # half of the largest error
    3.0103
    """
    noise = mean_over(sources, lambda source: _error(source, fused, white=white, root_of_sum=root_of_sum))
    if noise == 0.0:
        raise UndefinedScore(f"{fused.name} equals {all_of(sources)}: there is no noise to divide by")
    signal = float(fused.compact_luminance.max()) if peak == "fused" else peak
    if signal == 0.0:
        raise UndefinedScore(f"{fused.name} is black: there is no signal")
    return 10.0 * math.log10(signal**2 / noise)
