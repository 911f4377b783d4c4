"""MI and NMI: how much of the sources' grey-level information the fused image shares."""

from __future__ import annotations

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.histograms import entropy, mutual_information

_STRETCHED = (
    "Z. Liu's toolbox: each picture is stretched to 0..255 first, which fails for a constant one; the same value as "
    "`paper` for all other pictures of whole grey levels."
)


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
    },
)
def mi(a: Image, b: Image, fused: Image, *, stretched: bool = False) -> float:
    """Mutual information of the fused image with either source, summed.

        MI = I(A; F) + I(B; F),   I(X; F) = sum p(x, f) log2( p(x, f) / (p(x) p(f)) ).

    A constant image shares nothing: its term is 0.

    Parameters
    ----------
    a, b, fused : Image
    stretched : bool
        Spread each picture's own range over 0..255 before its levels are counted.

    Returns
    -------
    float
        Bits, from 0 to 16. Three equal images have twice their entropy.

    Raises
    ------
    UndefinedScore
        `stretched`, and an image is constant without being black.

    References
    ----------
    qu2002; for the toolbox liu2012

    Examples
    --------
    >>> import numpy as np
    >>> step = Image(np.array([[0, 0, 255, 255]], dtype=np.uint8))
    >>> flat = Image(np.array([[90, 90, 90, 90]], dtype=np.uint8))
    >>> mi(step, flat, step)
    1.0
    """
    return sum(mutual_information(source, fused, stretched=stretched) for source in (a, b))


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
    },
)
def nmi(a: Image, b: Image, fused: Image, *, stretched: bool = False) -> float:
    """Mutual information with either source, each relative to the entropies it is made of.

        Q_MI = 2 ( I(A; F) / (H(A) + H(F)) + I(B; F) / (H(B) + H(F)) ).

    Without the two divisors a source of high entropy outweighs the other. A term with one constant image is 0; with
    two of them it is 0/0 and depends on how they became constant.

    Parameters
    ----------
    a, b, fused : Image
    stretched : bool
        Spread each picture's own range over 0..255 before its levels are counted.

    Returns
    -------
    float
        From 0 (the fused image is independent of both sources) to 2 (it is a renaming of the levels of both).

    Raises
    ------
    UndefinedScore
        The fused image and a source are both constant; or `stretched`, and an image is constant without being black.

    References
    ----------
    hossny2008; for the toolbox liu2012
    """
    terms = []
    for source in (a, b):
        available = entropy(source, stretched=stretched) + entropy(fused, stretched=stretched)
        if available == 0.0:
            raise UndefinedScore(f"{source.name} and {fused.name} are both constant: there is no entropy to divide by")
        terms.append(mutual_information(source, fused, stretched=stretched) / available)
    return 2.0 * sum(terms)
