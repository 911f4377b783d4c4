"""MI and NMI: how much of the sources' grey-level information the fused image shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.histograms import (
    entropy,
    histogram,
    joint_entropy,
    levels,
    mutual_information,
    shannon,
)
from fusion_metrics.sources import mean_over

_STRETCHED = (
    "Z. Liu's toolbox: each picture is stretched to 0..255 first, which fails for a constant one; the same value as "
    "`paper` for all other pictures of whole grey levels."
)


def twice_the_entropy(a: Image, b: Image, fused: Image) -> float:
    """Entropy of the fused image, twice: what is left of I(A; F) + I(B; F) where the sources count as flat."""
    return 2.0 * entropy(fused)


@metric(
    "mi",
    title="MI",
    family="information",
    higher_is_better=True,
    bounds=(0.0, 16.0),
    cites="qu2002",
    variants={
        "paper": Variant("Qu et al. 2002, with 256 grey levels and logarithms to base 2."),
        "liu2012": Variant(_STRETCHED, {"stretched": True}, cites="liu2012"),
        "vifb": Variant(
            "VIFB: in nats, the mean of red, green and blue. The script stretches pictures first, without effect on "
            "those of whole grey levels.",
            {"unit": "nats"},
            channels="each",
            bounds=(0.0, 16.0 * math.log(2.0)),
            cites="zhang2020vifb",
        ),
        "tang": Variant(
            "Tang's scripts: levels 254 and 255 are one in the joint histogram and two in the entropies.",
            {"saturated": "joint"},
            bounds=(0.0, 2.0 * math.log2(258.0)),
            cites="tang2023",
        ),
        "thfylsty": Variant(
            "thfylsty's MIabf for images of 8 bits, as its own main program calls it: levels 254 and 255 are one.",
            {"saturated": "all"},
            cites="fu2021",
        ),
        "thfylsty-double": Variant(
            "thfylsty's MIabf for images of floating-point numbers, which agrees with `paper`.", cites="fu2021"
        ),
        "thfylsty-analysis": Variant(
            "thfylsty's analysis_MI for images of floating-point numbers: twice the entropy of the question whether a "
            "pixel of the fused image is black. The sources have no part in it.",
            {"samples": "rows"},
            bounds=(0.0, 2.0),
            cites="fu2021",
            exceptions={"prefers noise": "it counts black pixels, which the noise has more of"},
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: in nats.",
            {"unit": "nats"},
            bounds=(0.0, 16.0 * math.log(2.0)),
            grey="opencv-float",
            cites="zhao2023",
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: the same as `tang`.", alias_of="tang", cites="tang2022"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `paper`.", alias_of="paper", grey="pillow", cites="tang2023"
        ),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `paper`.", alias_of="paper", grey="pillow", cites="liu2025"),
        "li2018": Variant(
            "DenseFuse's analysis_MI: twice the entropy of the fused image, whatever the sources are.",
            function=twice_the_entropy,
            bounds=(0.0, 16.0),
            cites="li2019",
            exceptions={"prefers noise": "it looks at the fused image alone, and noise is detail to it"},
        ),
    },
)
def mi(
    sources: Sequence[Image],
    fused: Image,
    *,
    stretched: bool = False,
    saturated: Literal["nowhere", "joint", "all"] = "nowhere",
    samples: Literal["pixels", "rows"] = "pixels",
    unit: Literal["bits", "nats"] = "bits",
) -> float:
    """Mutual information of the fused image with both sources, summed.

        MI = I(A; F) + I(B; F),   I(X; F) = sum p(x, f) log2( p(x, f) / (p(x) p(f)) ).

    Of k sources, the sum is scaled to that of two, ``2/k sum I(S_i; F)``, so that sets of different sizes can be
    compared (inferred: the publication has two).

    A constant image shares nothing: its term is 0.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    stretched : bool
        Spread each picture's own range over 0..255 before its levels are counted.
    saturated : {"nowhere", "joint", "all"}
        Where levels 254 and 255 count as one: adding 1 to a pixel of 8 bits leaves white white. In the joint
        histogram alone it adds up to 2 bits of information that nothing shares.
    samples : {"pixels", "rows"}
        What is counted. A program that takes whole rows for the samples numbers those that differ and has the
        numbers saturate at white, which leaves nothing of the joint entropies, and of the fused image's entropy that
        of black against all other levels.
    unit : {"bits", "nats"}
        Unit of the information.

    Returns
    -------
    float
        In `unit`, from 0 to 16 bits. Three equal images have twice their entropy.

    Raises
    ------
    UndefinedScore
        `stretched`, and an image is constant without being black.

    References
    ----------
    qu2002; for the scripts liu2012, zhang2020vifb, tang2022, fu2021, li2019, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> import numpy as np
    >>> step = Image(np.array([[0, 0, 255, 255]], dtype=np.uint8))
    >>> flat = Image(np.array([[90, 90, 90, 90]], dtype=np.uint8))
    >>> mi([step, flat], step)
    1.0
    """

    def shared(source: Image, fused: Image) -> float:
        if samples == "rows":
            black = histogram(fused)[0]
            return shannon(np.array([black, 1.0 - black]))
        if saturated == "joint":
            joint = joint_entropy(_saturated(source), _saturated(fused))
            return max(entropy(source) + entropy(fused) - joint, 0.0)
        if saturated == "all":
            return mutual_information(_saturated(source), _saturated(fused))
        return mutual_information(source, fused, stretched=stretched)

    bits = 2.0 * mean_over(sources, lambda source: shared(source, fused))
    return bits * math.log(2.0) if unit == "nats" else bits


@feature
def _saturated(image: Image) -> Image:
    """Take white for the level below it."""
    return Image(np.minimum(levels(image), 254), name=image.name)


@metric(
    "nmi",
    title="Q_MI",
    family="information",
    higher_is_better=True,
    bounds=(0.0, 2.0),
    ideal=2.0,
    cites="hossny2008",
    variants={
        "paper": Variant("Hossny et al. 2008, with 256 grey levels."),
        "liu2012": Variant(_STRETCHED, {"stretched": True}, cites="liu2012"),
        "mefb": Variant(
            "MEFB's NMI: as `liu2012`, the mean of red, green and blue; no value if one channel of a picture is "
            "constant.",
            {"stretched": True},
            channels="each",
            cites="zhang2021mefb",
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: the information of both sources together, relative to the mean of their entropies.",
            {"relative_to": "sources"},
            grey="pillow",
            cites="liu2025",
        ),
    },
)
def nmi(
    sources: Sequence[Image],
    fused: Image,
    *,
    stretched: bool = False,
    relative_to: Literal["pairs", "sources"] = "pairs",
) -> float:
    """Mutual information with each source, relative to the entropies it is made of.

        Q_MI = 2 ( I(A; F) / (H(A) + H(F)) + I(B; F) / (H(B) + H(F)) ).

    Of k sources, four times the mean of k such terms (inferred: the publication has two).

    Without the two divisors a source of high entropy outweighs the other. A term with one constant image is 0; with
    two of them it is 0/0 and depends on how they became constant.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    stretched : bool
        Spread each picture's own range over 0..255 before its levels are counted.
    relative_to : {"pairs", "sources"}
        What informations are divided by: each by the entropies of its own two images, or both together by those of the
        sources.

    Returns
    -------
    float
        From 0 (the fused image is independent of all sources) to 2 (it is a renaming of the levels of each).

    Raises
    ------
    UndefinedScore
        The fused image and a source are both constant, or all sources are; or `stretched`, and an image is constant
        without being black.

    References
    ----------
    hossny2008; for the scripts liu2012, zhang2021mefb, liu2025
    """
    if relative_to == "sources":
        mean = mean_over(sources, lambda source: entropy(source, stretched=stretched))
        if mean == 0.0:
            names, both = " and ".join(source.name for source in sources), "both" if len(sources) == 2 else "all"
            raise UndefinedScore(f"{names} are {both} constant: there is no entropy to divide by")
        return 2.0 * mean_over(sources, lambda source: mutual_information(source, fused, stretched=stretched)) / mean

    def share(source: Image) -> float:
        available = entropy(source, stretched=stretched) + entropy(fused, stretched=stretched)
        if available == 0.0:
            raise UndefinedScore(f"{source.name} and {fused.name} are both constant: there is no entropy to divide by")
        return mutual_information(source, fused, stretched=stretched) / available

    return 4.0 * mean_over(sources, share)
