"""EI: the mean edge strength of the fused image."""

from __future__ import annotations

import math
from typing import Literal

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.gradients import sobel


@metric(
    "ei",
    title="EI",
    family="activity",
    higher_is_better=True,
    # Of the eight pixels around, the half plane around (2, 1) is white: s_x = 4 * 255, s_y = 2 * 255.
    bounds=(0.0, 255.0 * math.sqrt(20.0)),
    cites="rajalingam2018",
    exceptions={"prefers noise": "it looks at the fused image alone, and noise is detail to it"},
    variants={
        "paper": Variant("Rajalingam and Priya 2018, with the outermost pixels repeated outside."),
        "vifb": Variant("VIFB: the mean of red, green and blue.", channels="each", cites="zhang2020vifb"),
        "mefb": Variant("MEFB: the same as `vifb`.", channels="each", cites="zhang2021mefb"),
        "thfylsty": Variant("thfylsty's Edge_Intensity, which agrees with `paper`.", cites="fu2021"),
        "ivif-zoo": Variant(
            "IVIF_ZOO: as `paper`, but the picture goes on with zeros outside, which makes its border an edge.",
            {"border": "constant"},
            grey="pillow",
            cites="liu2025",
        ),
    },
)
def ei(fused: Image, *, border: Literal["nearest", "constant"] = "nearest") -> float:
    """Mean strength of the Sobel gradient.

        EI = mean of sqrt( s_x^2 + s_y^2 ).

    The kernels are not normalised: a slope of one grey level a pixel has s = 8. How the picture goes on outside is
    not published; repeated pixels, as in all programs known to us, make no edge at the border (inferred). Blind: noise
    raises it.

    Parameters
    ----------
    fused : Image
    border : {"nearest", "constant"}
        How the picture goes on outside: with its outermost pixels, or with zeros.

    Returns
    -------
    float
        From 0, a constant image, to 1140.4 at a single pixel.

    References
    ----------
    rajalingam2018; for the scripts zhang2020vifb, zhang2021mefb, fu2021, liu2025

    Examples
    --------
    >>> import numpy as np
    >>> step = np.repeat([[0, 0, 10, 10]], 3, axis=0).astype(np.uint8)
    >>> ei(Image(step))  # 0, 40, 40, 0 in every row
    20.0
    """
    return float(sobel(fused, border=border).strength.mean())
