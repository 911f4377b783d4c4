"""CC and SCD: linear correlation of the fused image with its sources, and of what it adds to one with the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.image import Array
from fusion_metrics.sources import mean_over

#: Differences of equal float pixels vary by less, 8-bit pictures that are not constant by more.
_ROUNDING = 1e-9
#: What the correlation with a constant counts as.
Constant = Literal["zero", "undefined"]


def _correlation(x: Array, y: Array, constant: Constant, what: str) -> float:
    """Pearson's correlation coefficient; `what` names the two for the case that one of them is constant."""
    if min(np.ptp(x), np.ptp(y)) < _ROUNDING:
        if constant == "undefined":
            raise UndefinedScore(f"{what}: a constant has no correlation with anything")
        return 0.0
    x, y = x - x.mean(), y - y.mean()
    r = np.vdot(x, y) / np.sqrt(np.vdot(x, x) * np.vdot(y, y))
    return float(np.clip(r, -1.0, 1.0))


def cc_against(reference: Image, fused: Image) -> float:
    """Correlation coefficient with the ground truth, the only source."""
    return cc((reference,), fused)


@metric(
    "cc",
    title="CC",
    family="difference",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    ideal=1.0,
    cites="ma2019",
    variants={
        "paper": Variant("As in the survey of Ma et al. 2019; a constant image correlates with nothing."),
        "tang": Variant(
            "Tang's scripts: as `paper`, no value if an image is constant.",
            {"constant": "undefined"},
            cites="tang2023",
        ),
        "thfylsty": Variant(
            "thfylsty's my_cc: as `paper`, no value if an image is constant.",
            {"constant": "undefined"},
            cites="fu2021",
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: the same as `tang`.", alias_of="tang", grey="opencv-float", cites="zhao2023"
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: the same as `tang`.", alias_of="tang", cites="tang2022"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `tang`.", alias_of="tang", grey="pillow", cites="tang2023"
        ),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `tang`.", alias_of="tang", grey="pillow", cites="liu2025"),
        "reference": Variant(
            "With the ground truth; of colours the mean of red, green and blue, as pan-sharpening averages over bands.",
            function=cc_against,
            channels="each",
            ideal=1.0,
        ),
    },
)
def cc(sources: Sequence[Image], fused: Image, *, constant: Constant = "zero") -> float:
    """Correlation coefficient of the fused image with each source, averaged.

        CC = (r(A, F) + r(B, F)) / 2,
        r(X, F) = sum (X - mean X)(F - mean F) / sqrt( sum (X - mean X)^2 sum (F - mean F)^2 ).

    Of k sources, the mean of k coefficients (inferred: the survey has two).

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    constant : {"zero", "undefined"}
        What r is if an image is constant. No limit exists; 0 says that nothing is shared (inferred).

    Returns
    -------
    float
        From -1 to 1; signed. Three equal images have 1.

    Raises
    ------
    UndefinedScore
        `constant` is ``"undefined"``, and an image is constant.

    References
    ----------
    ma2019; for the scripts tang2022, fu2021, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> step, stripe = (Image(np.array([row], dtype=np.uint8)) for row in ([0, 0, 9, 9], [0, 9, 0, 9]))
    >>> cc([step, stripe], step)
    0.5
    """

    def r(source: Image) -> float:
        return _correlation(source.luminance, fused.luminance, constant, f"{source.name} and {fused.name}")

    return mean_over(sources, r)


@metric(
    "scd",
    title="SCD",
    family="difference",
    higher_is_better=True,
    bounds=(-2.0, 2.0),
    cites="aslantas2015",
    variants={
        "paper": Variant("Aslantas and Bendes 2015; a constant difference or source correlates with nothing."),
        "tang": Variant(
            "Tang's scripts: as `paper`, no value if a difference or a source is constant, as for a fused image that "
            "equals a source.",
            {"constant": "undefined"},
            cites="tang2023",
            exceptions={
                "undefined if equal": "it correlates the differences, which are constant",
                "undefined for some": "a fused image that equals a source leaves a constant difference",
            },
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: the same as `tang`.", alias_of="tang", grey="opencv-float", cites="zhao2023"
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: the same as `tang`.", alias_of="tang", cites="tang2022"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `tang`.", alias_of="tang", grey="pillow", cites="tang2023"
        ),
        "li2018": Variant("DenseFuse's analysis_Reference: the same as `tang`.", alias_of="tang", cites="li2019"),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `tang`.", alias_of="tang", grey="pillow", cites="liu2025"),
    },
)
def scd(a: Image, b: Image, fused: Image, *, constant: Constant = "zero") -> float:
    """Sum of the correlations of differences: what the fused image has beyond one source should be the other.

        SCD = r(F - B, A) + r(F - A, B),   r being the correlation coefficient.

    A fused image that adds to B a trace of A, however weak, has r(F - B, A) = 1: the sum A + B has 2, and the mean of
    both often less. What it should have beyond one of three sources the publication does not say, so SCD takes two.

    Parameters
    ----------
    a, b, fused : Image
    constant : {"zero", "undefined"}
        What r is if a difference or a source is constant. No limit exists; 0 says that nothing of the source was
        added (inferred): three equal images have 0.

    Returns
    -------
    float
        From -2 to 2; signed.

    Raises
    ------
    UndefinedScore
        `constant` is ``"undefined"``, and a difference or a source is constant.

    References
    ----------
    aslantas2015; for the scripts tang2022, li2019, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> step, stripe, total = (
    ...     Image(np.array([row], dtype=np.uint8)) for row in ([0, 0, 9, 9], [0, 9, 0, 9], [0, 9, 9, 18])
    ... )
    >>> scd(step, stripe, total)
    2.0
    """

    def r(other: Image, source: Image) -> float:
        added = fused.luminance - other.luminance
        return _correlation(added, source.luminance, constant, f"{fused.name} - {other.name} and {source.name}")

    return r(b, a) + r(a, b)
