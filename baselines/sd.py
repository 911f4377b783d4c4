"""SD: the contrast of the fused image, as the spread of its grey levels."""

from __future__ import annotations

import math

import numpy as np

from fusion_metrics import Image, Variant, metric


@metric(
    "sd",
    title="SD",
    family="activity",
    higher_is_better=True,
    bounds=(0.0, 127.5),
    cites="ma2019",
    exceptions={"prefers noise": "it looks at the fused image alone, and noise is detail to it"},
    variants={
        "paper": Variant("As in the survey of Ma et al. 2019, divided by the number of pixels under the root."),
        "vifb": Variant("VIFB: the mean of red, green and blue.", channels="each", cites="zhang2020vifb"),
        "mefb": Variant("MEFB: the same as `vifb`.", channels="each", cites="zhang2021mefb"),
        "tang": Variant("Tang's scripts, which agree with `paper`.", cites="tang2023"),
        "thfylsty": Variant("thfylsty's scripts, which agree with `paper`.", cites="fu2021"),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: the same as `paper`.", alias_of="paper", grey="opencv-float", cites="zhao2023"
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: in integers of 8 bits, so that darker than the mean is nothing and the "
            "square of no difference exceeds 255: 8 to 16 where `paper` has 30 to 70.",
            {"saturated": True},
            exceptions={"prefers noise": ""},
            bounds=(0.0, math.sqrt(255.0)),
            cites="tang2022",
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `paper`.", alias_of="paper", grey="pillow", cites="tang2023"
        ),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `paper`.", alias_of="paper", grey="pillow", cites="liu2025"),
    },
)
def sd(fused: Image, *, saturated: bool = False) -> float:
    """Spread of the pixels around their mean, as their standard deviation.

        SD = sqrt( sum (F - mean F)^2 / (M N) ),   M x N pixels.

    Blind: noise raises it, and so does any stretch of contrast.

    Parameters
    ----------
    fused : Image
    saturated : bool
        Compute with integers of 8 bits: a difference from the mean is rounded and not below zero, a square at most 255.

    Returns
    -------
    float
        Grey levels, from 0, a constant image, to 127.5, half of it black and half white.

    References
    ----------
    ma2019; for the scripts zhang2020vifb, zhang2021mefb, tang2022, fu2021, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> sd(Image(np.array([[0, 0, 200, 200]], dtype=np.uint8)))
    100.0
    """
    if not saturated:
        return float(fused.luminance.std())
    above = np.clip(np.floor(fused.luminance - fused.luminance.mean() + 0.5), 0.0, 255.0)
    return math.sqrt(float(np.minimum(above * above, 255.0).mean()))
