"""EN: how much information the grey levels of the fused image carry."""

from __future__ import annotations

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.histograms import entropy


@metric(
    "en",
    title="EN",
    family="activity",
    higher_is_better=True,
    bounds=(0.0, 8.0),
    cites="roberts2008",
    exceptions={"prefers noise": "it looks at the fused image alone, and noise is detail to it"},
    variants={
        "paper": Variant("Roberts et al. 2008, with 256 grey levels and logarithms to base 2."),
        "vifb": Variant("VIFB: the mean of red, green and blue.", channels="each", cites="zhang2020vifb"),
        "mefb": Variant("MEFB: the same as `vifb`.", channels="each", cites="zhang2021mefb"),
        "tang": Variant("Tang's scripts, which agree with `paper`.", cites="tang2022"),
    },
)
def en(fused: Image) -> float:
    """Shannon entropy of the grey levels.

        EN = -sum over levels l of p(l) log2 p(l).

    Blind, and blind to where the levels are: shuffled pixels have the same entropy, and noise raises it.

    Parameters
    ----------
    fused : Image

    Returns
    -------
    float
        Bits, from 0, a constant image, to 8, all levels equally often.

    References
    ----------
    roberts2008; for the scripts zhang2020vifb, zhang2021mefb, tang2022

    Examples
    --------
    >>> import numpy as np
    >>> en(Image(np.array([[0, 0, 80, 160]], dtype=np.uint8)))
    1.5
    """
    return entropy(fused)
