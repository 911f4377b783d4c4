"""N^AB/F: edges of the fused image that no source has, the artefacts of fusion."""

from __future__ import annotations

from typing import Literal

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.edge_preservation import (
    PETROVIC2005,
    PETROVIC2005_WEIGHT,
    EdgeModel,
    EdgeWeight,
    edge_strength,
    edge_weight,
    preserved,
)

#: Pixels 0..1, of which sums round: the order of additions decides which edges are equal.
_UNIT = PETROVIC2005._replace(order="columns", white=1.0)


@metric(
    "nabf",
    title="N^AB/F",
    family="edges",
    higher_is_better=False,
    bounds=(0.0, 2.0),
    ideal=0.0,
    cites="petrovic2005",
    variants={
        "paper": Variant(
            "Petrovic and Xydeas 2005, as Shreyamsha Kumar's toolbox renders it: what both sources lose at an "
            "artefact, times the weight of both.",
            exceptions={"prefers blur": "blur adds no edges"},
        ),
        "kumar2013": Variant(
            "Shreyamsha Kumar 2013: what each source loses, times its own weight, so that Q + L + N = 1. What "
            "Tang's scripts would print if they called it with its arguments in order.",
            {"own_weights": True},
            bounds=(0.0, 1.0),
            cites="kumar2013",
            exceptions={"prefers blur": "blur adds no edges"},
        ),
        "tang": Variant(
            "Tang's scripts: as `kumar2013`, but called with its arguments out of order, so that it judges the first "
            "source as a fusion of the second source and the fused image.",
            {"own_weights": True, "judged": "a"},
            bounds=(0.0, 1.0),
            symmetric=False,
            cites="tang2023",
        ),
        "kumar2013-nabf1": Variant(
            "NABF1 of Shreyamsha Kumar's toolbox, beside his own NABF: the same as `paper`; not checked against the "
            "script.",
            alias_of="paper",
            cites="kumar2013",
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: as `kumar2013`, of pixels 0..1, of which no edge reaches the "
            "threshold, so that all weigh the same and a flat pixel that is kept flat counts as lost; arguments in "
            "order.",
            {"model": _UNIT, "own_weights": True},
            exceptions={"prefers blur": "blur adds no edges"},
            bounds=(0.0, 1.0),
            cites="tang2022",
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: as `kumar2013`, with weight 0 below the threshold; arguments in order.",
            {"weight": PETROVIC2005_WEIGHT._replace(floor=0.0), "own_weights": True},
            exceptions={"prefers blur": "blur adds no edges"},
            bounds=(0.0, 1.0),
            grey="pillow",
            cites="tang2023",
        ),
        "li2018": Variant(
            "DenseFuse's analysis_Reference: the same as `tang-2022`.", alias_of="tang-2022", cites="li2019"
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: the same as `tang-python`.", alias_of="tang-python", grey="pillow", cites="liu2025"
        ),
    },
)
def nabf(
    a: Image,
    b: Image,
    fused: Image,
    *,
    model: EdgeModel = PETROVIC2005,
    weight: EdgeWeight = PETROVIC2005_WEIGHT,
    own_weights: bool = False,
    judged: Literal["fused", "a"] = "fused",
) -> float:
    """Edge strength that fusion has added: where the fused image has a stronger edge than either source.

    With edge strength g, weights w and the share Q^AF of an edge that is kept as in Q^AB/F,

        N^AB/F = sum over artefacts of (2 - Q^AF - Q^BF) (w_A + w_B) / sum over all pixels of (w_A + w_B),
        an artefact being a pixel where g_F > g_A and g_F > g_B.

    Kumar's modification weights what each source loses by its own edges alone,

        N^AB/F = sum over artefacts of ((1 - Q^AF) w_A + (1 - Q^BF) w_B) / sum over all pixels of (w_A + w_B),

    so that it and Q^AB/F and the loss L^AB/F, the same sum over all other pixels, add up to 1.

    Weights are (g/8)^1.5 where g/8, the Sobel strength in grey levels a pixel, reaches 2, and 0.001 elsewhere: N is
    defined for any pictures, and is 0 for a constant fused image, which has no edges to add. The weights are those of
    the sources: an artefact where both are smooth costs next to nothing as long as either has edges elsewhere.

    The publication could not be read. Formula, constants and weights of `paper` are those that Kumar's toolbox
    attributes to it (inferred); no printed number was found to hold them against.

    Parameters
    ----------
    a, b, fused : Image
    model : EdgeModel
        What is perceived of an edge, and the rules for borderline cases.
    weight : EdgeWeight
        Importance of a source's edge by its strength.
    own_weights : bool
        Kumar's modification.
    judged : {"fused", "a"}
        The image whose edges may be artefacts; the two others are its sources.

    Returns
    -------
    float
        From 0, no artefact, to 2, or to 1 with `own_weights`. Three equal images have 0. Lower is better.

    Raises
    ------
    UndefinedScore
        `weight` has no floor, and no edge of a source reaches the threshold.

    References
    ----------
    petrovic2005, kumar2013; for the scripts tang2022, li2019, liu2025, tang2023

    Examples
    --------
    >>> import numpy as np
    >>> grey = Image(np.full((4, 8), 90, dtype=np.uint8))
    >>> edge = Image(np.repeat(np.array([[90, 200]], dtype=np.uint8), 4, axis=1).repeat(4, axis=0))
    >>> nabf(edge, grey, edge)
    0.0
    """
    if judged == "a":
        a, b, fused = b, fused, a
    g_A, g_B, g_F = (edge_strength(image, model=model) for image in (a, b, fused))
    w_A, w_B = (edge_weight(source, model=model, weight=weight) for source in (a, b))
    total = float((w_A + w_B).sum())
    if total == 0.0:
        raise UndefinedScore("no edge of a source reaches the threshold, so that nothing has weight")
    artefact = (g_F > g_A) & (g_F > g_B)
    lost_A, lost_B = (1.0 - preserved(source, fused, model=model)[artefact] for source in (a, b))
    w_A, w_B = w_A[artefact], w_B[artefact]
    lost = lost_A * w_A + lost_B * w_B if own_weights else (lost_A + lost_B) * (w_A + w_B)
    return float(lost.sum()) / total
