"""SD: the contrast of the fused image, as the spread of its grey levels."""

from __future__ import annotations

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
        "tang": Variant("Tang's scripts, which agree with `paper`.", cites="tang2022"),
        "thfylsty": Variant("thfylsty's scripts, which agree with `paper`.", cites="fu2021"),
    },
)
def sd(fused: Image) -> float:
    """Spread of the pixels around their mean, as their standard deviation.

        SD = sqrt( sum (F - mean F)^2 / (M N) ),   M x N pixels.

    Blind: noise raises it, and so does any stretch of contrast.

    Parameters
    ----------
    fused : Image

    Returns
    -------
    float
        Grey levels, from 0, a constant image, to 127.5, half of it black and half white.

    References
    ----------
    ma2019; for the scripts zhang2020vifb, zhang2021mefb, tang2022, fu2021

    Examples
    --------
    >>> import numpy as np
    >>> sd(Image(np.array([[0, 0, 200, 200]], dtype=np.uint8)))
    100.0
    """
    return float(fused.luminance.std())
