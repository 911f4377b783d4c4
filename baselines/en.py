"""EN: how much information the grey levels of the fused image carry."""

from __future__ import annotations

import numpy as np

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.histograms import entropy, histogram


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
        "tang": Variant("Tang's scripts, which agree with `paper`.", cites="tang2023"),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: the same as `paper`.", alias_of="paper", grey="opencv-float", cites="zhao2023"
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: the same as `paper`.", alias_of="paper", cites="tang2022"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: 1e-7 is added to a probability before its logarithm is taken, so that a "
            "constant image has less than nothing.",
            {"offset": 1e-7},
            bounds=(-2e-7, 8.0),
            grey="pillow",
            cites="tang2023",
        ),
        "li2018": Variant("DenseFuse's analysis_Reference: the same as `paper`.", alias_of="paper", cites="li2019"),
        "ivif-zoo": Variant(
            "IVIF_ZOO: as `tang-python`, with 32 bits.",
            {"offset": 1e-7, "single": True},
            bounds=(-2e-7, 8.0),
            grey="pillow",
            cites="liu2025",
        ),
    },
)
def en(fused: Image, *, offset: float = 0.0, single: bool = False) -> float:
    """Shannon entropy of the grey levels.

        EN = -sum over levels l of p(l) log2 p(l).

    Blind, and blind to where the levels are: shuffled pixels have the same entropy, and noise raises it.

    Parameters
    ----------
    fused : Image
    offset : float
        Added to a probability before its logarithm is taken.
    single : bool
        Compute with 32 bits, to which the offset changes a probability of 1 by a fifth more.

    Returns
    -------
    float
        Bits, from 0, a constant image, to 8, all levels equally often.

    References
    ----------
    roberts2008; for the scripts zhang2020vifb, zhang2021mefb, tang2022, li2019, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> en(Image(np.array([[0, 0, 80, 160]], dtype=np.uint8)))
    1.5
    """
    if offset == 0.0:
        return entropy(fused)
    p = histogram(fused)
    if single:
        p32 = p.astype(np.float32)
        return -float((p32 * np.log2(p32 + np.float32(offset))).sum())
    return -float((p * np.log2(p + offset)).sum())
