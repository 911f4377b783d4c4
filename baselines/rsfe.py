"""rSFe: whether the fused image has more or less spatial frequency than its sources call for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.gradients import difference
from fusion_metrics.image import Array
from fusion_metrics.sources import all_of

#: Weight of squared differences; diagonal neighbours are sqrt(2) apart.
WEIGHTS = {
    "horizontal": 1.0,
    "vertical": 1.0,
    "main_diagonal": 1.0 / math.sqrt(2.0),
    "secondary_diagonal": 1.0 / math.sqrt(2.0),
}


def spatial_frequency(image: Image) -> float:
    """Compute the extended spatial frequency SF of one image, in grey levels."""
    return math.sqrt(sum(w * _energy(difference(image, d)) for d, w in WEIGHTS.items()) / image.luminance.size)


@feature
def reference_spatial_frequency(*sources: Image) -> float:
    """Compute the spatial frequency SF_R of an ideal fusion: the largest absolute difference of all at every place."""

    def steepest(direction: str) -> Array:
        largest: Array = np.maximum.reduce([np.abs(difference(source, direction)) for source in sources])
        return largest

    return math.sqrt(sum(w * _energy(steepest(d)) for d, w in WEIGHTS.items()) / sources[0].luminance.size)


def _energy(differences: Array) -> float:
    return float(np.vdot(differences, differences))


@metric(
    "rsfe",
    title="rSFe",
    family="edges",
    higher_is_better=False,
    bounds=(-1.0, math.inf),
    ideal=0.0,
    cites="zheng2007",
    variants={
        "paper": Variant(
            "Zheng et al. 2007, with the weight 1/sqrt(2) on squared diagonal differences, and equations 7 and 8 as "
            "Z. Liu's toolbox repairs them."
        ),
        "liu2012": Variant("Z. Liu's toolbox (Q_SF), which agrees with `paper`.", cites="liu2012"),
    },
)
def rsfe(sources: Sequence[Image], fused: Image) -> float:
    """Ratio of spatial-frequency error: too little detail below 0, too much above it.

        SF = sqrt( RF^2 + CF^2 + MDF^2 + SDF^2 ),   rSFe = (SF_F - SF_R) / SF_R,

    where RF^2 and CF^2 are the sums of squared differences of horizontal and vertical neighbours over the number of
    pixels, MDF^2 and SDF^2 those of diagonal neighbours, weighted with 1/sqrt(2). SF_R is made of the larger of both
    sources' absolute differences, at every place and in every direction; of more sources, of the largest (inferred).

    The value is signed; best is 0, so an image is judged by ``-|rSFe|`` (`MetricSpec.orient`). A constant fused image
    has -1.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image

    Returns
    -------
    float
        From -1, without an upper limit. Three equal images have 0.

    Raises
    ------
    UndefinedScore
        All sources are constant: SF_R is 0.

    References
    ----------
    zheng2007; for the toolbox liu2012

    Examples
    --------
    >>> import numpy as np
    >>> step = Image(np.array([[0, 100]], dtype=np.uint8))
    >>> half = Image(np.array([[0, 50]], dtype=np.uint8))
    >>> rsfe([step, step], half)
    -0.5
    """
    SF_R = reference_spatial_frequency(*sources)
    if SF_R == 0.0:
        raise UndefinedScore(f"{all_of(sources)} are constant: their spatial frequency is 0")
    return spatial_frequency(fused) / SF_R - 1.0
