"""Q_CV: the visible difference between the fused image and its sources, counted where the sources have edges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.contrast_sensitivity import (
    MANNOS_SAKRISON,
    ContrastSensitivity,
    MannosSakrison,
    regions,
    stretched_image,
    visible,
)
from fusion_metrics.features.gradients import sobel
from fusion_metrics.features.windows import weighted_mean
from fusion_metrics.image import Array


class DifferenceModel(NamedTuple):
    """What an eye sees of the difference of two pictures, and where it looks.

    Parameters
    ----------
    region : int
        Side of a square region in pixels; those at the right and the bottom are filled up with zeros.
    alpha : float
        How much the strongest edges dominate.
    sensitivity : MannosSakrison or DifferenceOfGaussians
        Contrast sensitivity function.
    degrees : float
        Visual angle that the picture fills, down as well as across.
    region_by_region : bool
        Filter every region by itself, or else the whole picture before it is divided.
    border : {"constant", "nearest", "reflect"}
        How the picture goes on outside for the Sobel filter (`scipy.ndimage` names).
    """

    region: int = 16
    alpha: float = 5.0
    sensitivity: ContrastSensitivity = MANNOS_SAKRISON
    degrees: float = 4.0
    region_by_region: bool = True
    border: str = "nearest"


#: Chen and Varshney 2007.
CHEN2007 = DifferenceModel()
#: Toolbox of Liu et al. 2012.
LIU2012 = DifferenceModel(sensitivity=MannosSakrison(0.144), region_by_region=False, border="constant")
_LIU2012: dict[str, object] = {"model": LIU2012, "stretch": True}
_PER_CHANNEL = "'s Qcv: as `liu2012`, the mean of red, green and blue."


def qcv_against(reference: Image, fused: Image) -> float:
    """Visible squared difference from the ground truth, weighted by its edges."""
    try:
        return qcv((reference,), fused)
    except UndefinedScore:
        raise UndefinedScore(f"{reference.name} has no edge that could weight the difference") from None


@metric(
    "qcv",
    title="Q_CV",
    family="contrast",
    higher_is_better=False,
    bounds=(0.0, math.inf),
    ideal=0.0,
    cites="chen2007",
    variants={
        "paper": Variant(
            "Chen and Varshney 2007: every region is filtered by itself with the sensitivity of Mannos and Sakrison "
            "1974; size of the regions, exponent and viewing distance as in the toolbox of Liu et al."
        ),
        "liu2012": Variant(
            "Toolbox of Liu et al. 2012: stretches each image to its full range first, filters the whole picture and "
            "divides it into regions afterwards, takes 0.144 for the 0.114 of Mannos and Sakrison, and sees an edge "
            "along the picture's border, because it continues with zeros.",
            _LIU2012,
            cites="liu2012",
        ),
        "vifb": Variant("VIFB" + _PER_CHANNEL, _LIU2012, channels="each", cites="zhang2020vifb"),
        "mefb": Variant("MEFB" + _PER_CHANNEL, _LIU2012, channels="each", cites="zhang2021mefb"),
        "reference": Variant(
            "The visible difference from the ground truth, weighted by its edges: the measure of Chen and Varshney for "
            "one picture in place of the sources (inferred); of the luminance.",
            function=qcv_against,
            ideal=0.0,
        ),
    },
)
def qcv(
    sources: Sequence[Image],
    fused: Image,
    *,
    model: DifferenceModel = CHEN2007,
    stretch: bool = False,
) -> float:
    """Mean squared difference that the eye can see, weighted by the edge strength of the sources in each region.

    In every region W, with Sobel edge strength g and the difference X - F of a source X and the fused image after
    filtering with a contrast sensitivity function,

        lambda_X(W) = sum_W g_X^alpha,   D_X(W) = mean_W (filtered(X - F))^2,
        Q_CV = sum_W (lambda_A D_A + lambda_B D_B) / sum_W (lambda_A + lambda_B),

    and of k sources both sums go over all of them (inferred: the publication has two).

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    model : DifferenceModel
        What is seen of a difference, and where.
    stretch : bool
        Stretch each image from its own minimum and maximum to 0..255 first.

    Returns
    -------
    float
        In squared grey levels (0..255), 0 for three equal images, without upper bound; lower is better.

    Raises
    ------
    UndefinedScore
        No source has an edge, and the difference is not the same everywhere, so that the weights matter. With
        `stretch`, also a flat image that is not black.

    Notes
    -----
    A flat fused image is scored like any other: what it loses is visible.

    That regions are cut first and then filtered is what the abstract of the publication says. The size of the
    regions, alpha and the viewing distance are free in it; the values here are the toolbox's. Outside its border the
    picture goes on with its outermost pixels: with zeros the border would be an edge, and with alpha = 5 the strongest
    (up to nine tenths of all weight in ordinary pictures).

    References
    ----------
    chen2007, mannos1974; for the scripts liu2012, zhang2020vifb, zhang2021mefb

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> left, right = rng.integers(0, 256, (2, 64, 64), dtype=np.uint8)
    >>> qcv([Image(left), Image(left)], Image(left))
    0.0
    >>> qcv([Image(left), Image(left)], Image(right)) > 1000
    True
    """
    if stretch:
        *sources, fused = (stretched_image(image) for image in (*sources, fused))
    # The filter is linear: the difference of the filtered images is the filtered difference.
    *seen, seen_F = (_visible(image, model) for image in (*sources, fused))
    D = np.stack([regions((seen_X - seen_F) ** 2, model.region).mean(axis=(1, 3)) for seen_X in seen])
    return weighted_mean(D, np.stack([_saliency(source, model=model) for source in sources]))


def _visible(image: Image, model: DifferenceModel) -> Array:
    region = model.region if model.region_by_region else None
    return visible(image, sensitivity=model.sensitivity, degrees=model.degrees, region=region)


@feature
def _saliency(source: Image, *, model: DifferenceModel) -> Array:
    """Return lambda of every region."""
    strength = sobel(source, border=model.border).strength
    return regions(strength**model.alpha, model.region).sum(axis=(1, 3))
