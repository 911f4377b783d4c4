"""CE: how far the grey-level distribution of the fused image is from those of its sources."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from baselines.ivif_zoo import sigmoid_cross_entropy
from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.histograms import histogram
from fusion_metrics.sources import mean_over

#: Least value of p log2(p/q) for probabilities p and q.
LEAST = -1.0 / (math.e * math.log(2.0))
_ZERO: dict[str, object] = {"without_common_levels": "zero"}


@metric(
    "ce",
    title="CE",
    family="information",
    higher_is_better=False,
    bounds=(LEAST, math.inf),
    ideal=0.0,
    cites="bulanon2009",
    exceptions={"prefers blur": "blur leaves out levels, and levels that the fused image lacks do not count"},
    variants={
        "paper": Variant(
            "Bulanon et al. 2009, mean over the sources, without the levels that only one of two images has; no value "
            "if there is no other level."
        ),
        "vifb": Variant(
            "VIFB: 0 for images without a common level; the mean of red, green and blue.",
            _ZERO,
            channels="each",
            cites="zhang2020vifb",
        ),
        "mefb": Variant("MEFB: the same as `vifb`.", _ZERO, channels="each", cites="zhang2021mefb"),
        "thfylsty": Variant(
            "thfylsty's OverallCrossEntropy: 0 for images without a common level.", _ZERO, cites="fu2021"
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: not a divergence of histograms, but the binary cross entropy of sigmoids of the grey levels, "
            "pixel by pixel; nearly all are 1.",
            function=sigmoid_cross_entropy,
            bounds=(0.0, 16.0),
            grey="pillow",
            cites="liu2025",
        ),
    },
)
def ce(
    sources: Sequence[Image],
    fused: Image,
    *,
    without_common_levels: Literal["undefined", "zero"] = "undefined",
) -> float:
    """Relative entropy of the grey levels of a source with respect to the fused image, mean over the sources.

        CE = (D(A, F) + D(B, F)) / 2,   D(X, F) = sum over levels l of p_X(l) log2( p_X(l) / p_F(l) ),

    and of k sources the mean of k terms (inferred: the publication has two).

    It is called cross entropy in the field, but is the relative entropy (Kullback-Leibler divergence). That would be
    infinite as soon as the fused image lacks one level of a source, which is the rule: all programs known to us leave
    such levels out, and so does `paper` (inferred). The price is that the sum may be negative, and that it says the
    less the fewer levels both images have: a constant fused image has about 0, the ideal. Distances from 0 on
    either side count as equally bad.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    without_common_levels : {"undefined", "zero"}
        What D is if no level occurs in both images.

    Returns
    -------
    float
        Bits, from -0.53 upwards; 0 for three equal images.

    Raises
    ------
    UndefinedScore
        A source and the fused image have no level in common.

    References
    ----------
    bulanon2009; for the scripts zhang2020vifb, zhang2021mefb, fu2021, liu2025

    Examples
    --------
    >>> a = Image(np.array([[0, 0, 0, 9]], dtype=np.uint8))
    >>> fused = Image(np.array([[0, 9, 9, 9]], dtype=np.uint8))
    >>> round(ce([a, a], fused), 6)  # log2(3) / 2
    0.792481
    """

    def divergence(source: Image) -> float:
        p_X, p_F = histogram(source), histogram(fused)
        common = (p_X > 0.0) & (p_F > 0.0)
        if without_common_levels == "undefined" and not common.any():
            raise UndefinedScore(f"{source.name} and {fused.name} have no grey level in common")
        p, q = p_X[common], p_F[common]
        return float(p @ np.log2(p / q))

    return mean_over(sources, divergence)
