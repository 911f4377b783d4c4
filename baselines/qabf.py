"""Q^AB/F: how much of the sources' edge strength and orientation the fused image keeps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Literal

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.edge_preservation import (
    LIU2012,
    PETROVIC2005,
    PETROVIC2005_WEIGHT,
    PROPORTIONAL,
    XYDEAS2000,
    EdgeModel,
    EdgeWeight,
    edge_weight,
    preserved,
)
from fusion_metrics.sources import none_of

#: One script behind VIFB's, MEFB's, Tang's and thfylsty's: white is 255 in the latter two and 255^2 in the former.
_SCRIPT = XYDEAS2000._replace(vertical_angle=-math.pi / 2, equal=1.0)
_SCRIPT_255 = _SCRIPT._replace(equal=255.0)
_SCRIPT_UNIT = _SCRIPT._replace(order="kernel", white=1.0)
_SLIPS = (
    "where two edges are equally strong G is {} instead of 1, and every gradient without a horizontal component has "
    "the same orientation, up or down or none at all"
)


@metric(
    "qabf",
    title="Q^AB/F",
    family="edges",
    higher_is_better=True,
    bounds=(0.0, XYDEAS2000.ideal),
    cites="xydeas2000",
    variants={
        "paper": Variant(
            "Xydeas and Petrovic 2000, equations 1 to 8 with the constants of the paper.", ideal=XYDEAS2000.ideal
        ),
        "wrapped": Variant(
            "As `paper`, but orientations are compared modulo pi, as those of undirected edges are.",
            {"model": XYDEAS2000._replace(wrapped=True)},
            sources="all",
            ideal=XYDEAS2000.ideal,
        ),
        "liu2012": Variant(
            "Z. Liu's toolbox (Q_G): other constants, orientations modulo pi, zero gradients replaced by 1e-5, and the "
            "mean of local ratios, in which a flat pixel counts like an edge, so that a large background decides. "
            "Equal to 1e-7: where the fused image is flat, the toolbox compares a with 0 instead of 1e-5.",
            {"model": LIU2012, "pooling": "local"},
            bounds=(0.0, LIU2012.ideal),
            ideal=LIU2012.ideal,
            cites="liu2012",
        ),
        "kumar2013": Variant(
            "Shreyamsha Kumar's toolbox, after Petrovic and Xydeas 2005: other constants, the geometric mean of both "
            "shares, orientations modulo pi, weights g^1.5 above a threshold, pictures mirrored outside.",
            {"model": PETROVIC2005, "weight": PETROVIC2005_WEIGHT},
            bounds=(0.0, PETROVIC2005.ideal),
            cites="kumar2013",
        ),
        "vifb": Variant(
            f"VIFB: {_SLIPS.format('255 times their strength')}; the mean of red, green and blue.",
            {"model": _SCRIPT_255},
            channels="each",
            bounds=(0.0, _SCRIPT_255.ideal),
            ideal=_SCRIPT_255.ideal,
            cites="zhang2020vifb",
        ),
        "mefb": Variant(
            "MEFB: the same as `vifb`.",
            {"model": _SCRIPT_255},
            channels="each",
            bounds=(0.0, _SCRIPT_255.ideal),
            ideal=_SCRIPT_255.ideal,
            cites="zhang2021mefb",
        ),
        "tang": Variant(
            f"Tang's scripts: {_SLIPS.format('their strength')}; `vifb` departs from it in the eighth digit.",
            {"model": _SCRIPT},
            bounds=(0.0, _SCRIPT.ideal),
            cites="tang2023",
        ),
        "thfylsty": Variant(
            "thfylsty's scripts: the same as `tang`.", {"model": _SCRIPT}, bounds=(0.0, _SCRIPT.ideal), cites="fu2021"
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: as `tang`, of pixels 0..1, whose sums round, so that MATLAB's order of "
            "additions decides which edges are equal and which are vertical.",
            {"model": _SCRIPT_UNIT},
            bounds=(0.0, _SCRIPT.ideal),
            cites="tang2022",
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: the same as `tang`.", alias_of="tang", grey="opencv-float", cites="zhao2023"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `tang`.", alias_of="tang", grey="pillow", cites="tang2023"
        ),
        "li2018": Variant(
            "DenseFuse's analysis_Reference: the same as `tang-2022`.", alias_of="tang-2022", cites="li2019"
        ),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `tang`.", alias_of="tang", grey="pillow", cites="liu2025"),
    },
)
def qabf(
    sources: Sequence[Image],
    fused: Image,
    *,
    model: EdgeModel = XYDEAS2000,
    weight: EdgeWeight = PROPORTIONAL,
    pooling: Literal["global", "local"] = "global",
) -> float:
    """Edge strength and orientation of the sources kept in the fused image, weighted by edge strength.

    With the Sobel gradient (s_x, s_y), strength g = |s| and orientation alpha = atan(s_y / s_x) of every pixel,

        G^AF = min(g_A, g_F) / max(g_A, g_F),     A^AF = 1 - |alpha_A - alpha_F| / (pi/2),
        Q^AF = strength(G^AF) orientation(A^AF),
        Q^AB/F = sum(Q^AF w_A + Q^BF w_B) / sum(w_A + w_B),     w_A = g_A,  w_B = g_B,

    and of k sources both sums go over all of them, ``sum(Q^iF w_i) / sum(w_i)`` (inferred: the publication has two).

    `paper` is this to the letter, with two consequences. The picture goes on as zeros, so that even a constant one
    has an edge: its border. And atan leaves (-pi/2, pi/2], so that edges of 89 and -89 degrees count as 178 degrees
    apart, although turning one by 2 degrees makes it the other; they then keep next to nothing (A = -0.98). `wrapped`
    compares orientations modulo pi, ``min(d, pi - d)`` for a difference d: there these edges are 2 degrees apart.

    Where g_A = g_F, G is 1; two flat pixels are equal as well, and have no weight. A fused image that is flat where
    the sources have edges keeps little but not nothing: strength(0) is 0.0006.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    model : EdgeModel
        What is perceived of G and of A, and the rules for borderline cases.
    weight : EdgeWeight
        Importance of an edge by its strength.
    pooling : {"global", "local"}
        One ratio of sums over all pixels, or the mean of the ratios of the single pixels that have weight.

    Returns
    -------
    float
        From 0 to ``model.ideal``, the value of three equal images: 0.9748 (`liu2012`: 0.9867). With the edges of
        `tang` and the flat pixels of `kumar2013` equal images may have less.

    Raises
    ------
    UndefinedScore
        All sources are black: there is no edge, and no weight.

    References
    ----------
    xydeas2000, petrovic2005; for the scripts liu2012, kumar2013, zhang2020vifb, zhang2021mefb, tang2022, fu2021,
    li2019, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> step = Image(np.repeat(np.array([[0, 200]], dtype=np.uint8), 8, axis=1))
    >>> round(qabf([step, step], step), 4)
    0.9748
    """
    w = [edge_weight(source, model=model, weight=weight) for source in sources]
    Q = [preserved(source, fused, model=model) for source in sources]
    weighted, total = reduce(add, (Q_i * w_i for Q_i, w_i in zip(Q, w, strict=True))), reduce(add, w)
    if not total.any():
        raise UndefinedScore(f"{none_of(sources)} has an edge")
    if pooling == "local":
        edge = total > 0.0
        return float(np.mean(weighted[edge] / total[edge]))
    return float(weighted.sum() / total.sum())
