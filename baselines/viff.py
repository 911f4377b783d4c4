"""VIFF: the share of the sources' visual information in the fused image, scale by scale."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Literal, NamedTuple

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.visual_information import MIN_SIZE, SCALES, distortion_channel
from fusion_metrics.image import Array
from fusion_metrics.spec import Trait

#: Variance of the eye's noise for grey levels 0..255.
SIGMA_N_SQ = 0.005 * 255**2
#: Weights of the four scales, finest first.
WEIGHTS = (1 / 2.15, 0.0, 0.15 / 2.15, 1 / 2.15)

_SCRIPT = {"least_information": 1e-7, "ties": "second"}

_TIES: dict[Trait, str] = {"symmetric without ties": "the second source counts only where both gains are equal"}


Ties = Literal["more informative", "second"]


class _Candidate(NamedTuple):
    """What each window has of one source, or of the one among several that counts there."""

    gain: Array
    signal: Array
    kept: Array
    offered: Array

    def against(self, other: _Candidate, ties: Ties) -> _Candidate:
        """Choose in each window between this source and another."""
        first = self.gain < other.gain
        if ties == "more informative":
            first |= (self.gain == other.gain) & (self.signal > other.signal)
        return _Candidate(*(np.where(first, mine, its) for mine, its in zip(self, other, strict=True)))


@metric(
    "viff",
    title="VIFF",
    family="information",
    higher_is_better=True,
    bounds=(0.0, np.inf),
    ideal=1.0,
    cites="han2013",
    min_size=MIN_SIZE,
    variants={
        "paper": Variant("Han et al. 2013, with the constants of the authors' program."),
        "mefb": Variant(
            "MEFB, the authors' program: every window has 1e-7 more information, so that a flat source counts as "
            "fully kept; the mean of red, green and blue.",
            _SCRIPT,
            channels="each",
            cites="zhang2021mefb",
            symmetric=False,
            exceptions=_TIES,
        ),
        "thfylsty": Variant(
            "The authors' program in Y. Fu's collection: as `mefb`, of the luminance.",
            _SCRIPT,
            cites="fu2021",
            symmetric=False,
            exceptions=_TIES,
        ),
        "cddfuse": Variant(
            "VIFF of CDDFuse's Evaluator, which is VIF, another metric.", alias_of="vif:cddfuse", cites="zhao2023"
        ),
    },
)
def viff(
    sources: Sequence[Image],
    fused: Image,
    *,
    sigma_n_sq: float = SIGMA_N_SQ,
    weights: tuple[float, ...] = WEIGHTS,
    ties: Ties = "more informative",
    least_information: float = 0.0,
) -> float:
    """Visual information fidelity for fusion.

    As in VIF, the fused image is taken for each source after a gain and additive noise, F = g C + V, in all windows of
    four scales. In each window the source with the smallest gain counts, of however many there are, for which

        FVID = log10(1 + g^2 sigma_C^2 / (sigma_V^2 + sigma_n^2)),   FVIND = log10(1 + sigma_C^2 / sigma_n^2),

    and over all windows of a scale k, and all scales,

        VIFF_k = sum FVID / sum FVIND,   VIFF = sum p_k VIFF_k.

    The weights p_k (0.465, 0, 0.070, 0.465), sigma_n^2 = 325.1 and the choice by the smaller gain are those of the
    authors' program. Where both gains are equal, that is zero, the program takes the second source; `paper` takes the
    one with more information (inferred), so that the order of the sources is of no account. Of colour pictures the
    program takes L*; here it is the luminance, as for every metric, and red, green and blue one by one in `mefb`.

    Where one source is flat its gain, zero, is the smaller one: such windows count only if the other source has no gain
    either.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    sigma_n_sq : float
        Variance of the eye's noise, in squared grey levels.
    weights : tuple of float
        p_k, finest scale first.
    ties : {"more informative", "second"}
        Which source counts where both gains are equal.
    least_information : float
        Added to FVID and FVIND in every window.

    Returns
    -------
    float
        Not negative; 1 for three equal images. Contrast that no source has makes it exceed 1.

    Raises
    ------
    UndefinedScore
        Without `least_information`, where at a scale with weight the source that counts is flat in every window.

    References
    ----------
    han2013, sheikh2006; for the scripts zhang2021mefb, fu2021, zhao2023

    Examples
    --------
    >>> ramp = np.add.outer(np.arange(48), np.arange(48)).astype(np.uint8)
    >>> round(viff([Image(ramp), Image(ramp)], Image(ramp)), 9)
    1.0
    """
    total = 0.0
    for scale, p in zip(SCALES, weights, strict=True):
        if p == 0.0:
            continue
        channels = (distortion_channel(source, fused, scale=scale) for source in sources)
        candidates = (
            _Candidate(each.gain, each.signal, each.kept(sigma_n_sq), each.offered(sigma_n_sq)) for each in channels
        )
        chosen = reduce(lambda one, other: one.against(other, ties), candidates)
        FVID, FVIND = chosen.kept + least_information, chosen.offered + least_information
        if not FVIND.any():
            raise UndefinedScore(f"at scale {scale} the source that counts is flat in every window")
        total += p * float(FVID.sum() / FVIND.sum())
    return total
