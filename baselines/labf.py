"""L^AB/F: edges of the sources that the fused image has lost."""

from __future__ import annotations

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.edge_preservation import (
    PETROVIC2005,
    PETROVIC2005_WEIGHT,
    EdgeModel,
    EdgeWeight,
    edge_strength,
    edge_weight,
    preserved,
)


@metric(
    "labf",
    title="L^AB/F",
    family="edges",
    higher_is_better=False,
    bounds=(0.0, 1.0),
    cites="petrovic2005",
    exceptions={"prefers noise": "noise takes no edge away"},
    variants={
        "paper": Variant(
            "Petrovic and Xydeas 2005, as Shreyamsha Kumar's toolbox renders it; not checked against numbers of the "
            "toolbox, of which none was found."
        ),
        "kumar2013": Variant(
            "LABF of Shreyamsha Kumar's toolbox: the same as `paper`; not checked against the script.",
            alias_of="paper",
            cites="kumar2013",
        ),
    },
)
def labf(
    a: Image,
    b: Image,
    fused: Image,
    *,
    model: EdgeModel = PETROVIC2005,
    weight: EdgeWeight = PETROVIC2005_WEIGHT,
) -> float:
    """Edge strength that fusion has lost: what is not kept where a source has at least as strong an edge.

    With edge strength g, weights w and the share Q^AF of an edge that is kept as in Q^AB/F,

        L^AB/F = sum over losses of ((1 - Q^AF) w_A + (1 - Q^BF) w_B) / sum over all pixels of (w_A + w_B),
        a loss being a pixel where g_F <= g_A or g_F <= g_B.

    All other pixels are artefacts, see `nabf`. With Kumar's form of N^AB/F, Q + L + N = 1.

    The publication could not be read. Formula, constants and weights are those that Kumar's toolbox attributes to it
    (inferred).

    Parameters
    ----------
    a, b, fused : Image
    model : EdgeModel
        What is perceived of an edge, and the rules for borderline cases.
    weight : EdgeWeight
        Importance of a source's edge by its strength.

    Returns
    -------
    float
        From 0, nothing lost, to 1. Three equal images have next to 0, because the sigmoids do not quite reach 1, and
        where they are flat they keep little of nothing. Lower is better.

    References
    ----------
    petrovic2005, kumar2013

    Examples
    --------
    >>> import numpy as np
    >>> from fusion_metrics import create
    >>> rng = np.random.default_rng(0)
    >>> a, b, fused = (Image(rng.integers(0, 256, (16, 16), dtype=np.uint8)) for _ in range(3))
    >>> round(labf(a, b, fused) + create("qabf:kumar2013")(fused, a, b) + create("nabf:kumar2013")(fused, a, b), 12)
    1.0
    """
    g_A, g_B, g_F = (edge_strength(image, model=model) for image in (a, b, fused))
    w_A, w_B = (edge_weight(source, model=model, weight=weight) for source in (a, b))
    loss = (g_F <= g_A) | (g_F <= g_B)
    lost_A, lost_B = (
        (1.0 - preserved(source, fused, model=model)[loss]) * w[loss] for source, w in ((a, w_A), (b, w_B))
    )
    return float((lost_A + lost_B).sum() / (w_A + w_B).sum())
