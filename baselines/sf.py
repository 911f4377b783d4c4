"""SF: how much the fused image varies from pixel to pixel."""

from __future__ import annotations

import math
from typing import Literal

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.gradients import neighbours, sum_of_squares


@metric(
    "sf",
    title="SF",
    family="activity",
    higher_is_better=True,
    bounds=(0.0, 255.0 * math.sqrt(2.0)),
    cites="eskicioglu1995",
    exceptions={"prefers noise": "it looks at the fused image alone, and noise is detail to it"},
    variants={
        "paper": Variant("Eskicioglu and Fisher 1995."),
        "vifb": Variant(
            "VIFB: as `paper` for grey pictures; of a colour picture, red, green and blue are one wide picture side by "
            "side, so that their seams count as edges.",
            channels="side by side",
            cites="zhang2020vifb",
        ),
        "mefb": Variant("MEFB: the mean of red, green and blue.", channels="each", cites="zhang2021mefb"),
        "tang": Variant(
            "Tang's scripts: sums of squares over the number of differences, which is a row or a column less than "
            "that of pixels.",
            {"divisor": "differences"},
            cites="tang2023",
            min_size=2,
        ),
        "thfylsty": Variant("thfylsty's MySF, which agrees with `paper`.", cites="fu2021"),
        "thfylsty-square": Variant(
            "thfylsty's space_frequency: as `paper`, but it fails unless the picture is square.",
            {"square_only": True},
            cites="fu2021",
            exceptions={"undefined for some": "it takes square pictures only"},
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: the same as `tang`.", alias_of="tang", grey="opencv-float", cites="zhao2023"
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: as `tang`, of pixels 0..1.",
            {"divisor": "differences", "white": 1.0},
            bounds=(0.0, math.sqrt(2.0)),
            cites="tang2022",
            min_size=2,
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `tang`.", alias_of="tang", grey="pillow", cites="tang2023"
        ),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `tang`.", alias_of="tang", grey="pillow", cites="liu2025"),
    },
)
def sf(
    fused: Image,
    *,
    divisor: Literal["pixels", "differences"] = "pixels",
    white: float = 255.0,
    square_only: bool = False,
) -> float:
    """Root of the mean squared difference of neighbours, along rows and columns.

        SF = sqrt(RF^2 + CF^2),
        RF^2 = sum (F(i, j) - F(i, j-1))^2 / (M N),   CF^2 = sum (F(i, j) - F(i-1, j))^2 / (M N),   M x N pixels.

    Blind: noise raises it.

    Parameters
    ----------
    fused : Image
    divisor : {"pixels", "differences"}
        What sums are divided by: M N, or the number of their terms, M (N-1) and (M-1) N.
    white : float
        Scale of the pixels.
    square_only : bool
        Refuse pictures that are not square.

    Returns
    -------
    float
        Grey levels, from 0, a constant image, to 360.6.

    Raises
    ------
    UndefinedScore
        `square_only`, and the picture is not square.

    References
    ----------
    eskicioglu1995; for the scripts zhang2020vifb, zhang2021mefb, tang2022, fu2021, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> import numpy as np
    >>> sf(Image(np.array([[0, 40], [30, 70]], dtype=np.uint8)), divisor="differences")
    50.0
    """
    if square_only and fused.shape[0] != fused.shape[1]:
        raise UndefinedScore(f"{fused.name} is not square")
    squares = 0.0
    for direction in ("horizontal", "vertical"):
        here, there = neighbours(fused, direction)
        squares += sum_of_squares(here, there) / (fused.compact_luminance.size if divisor == "pixels" else here.size)
    return math.sqrt(squares) * (white / 255.0)
