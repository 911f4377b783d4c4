"""TE: the information that the fused image shares with the sources, in Tsallis' generalised entropy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import scipy

from baselines.ivif_zoo import entropies_beyond_fused
from fusion_metrics import FusionMetricsError, Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.histograms import LEVELS, entropy, histogram, joint_histogram
from fusion_metrics.sources import exactly_two, mean_over
from fusion_metrics.spec import Trait

CVEJIC_Q = 1.85
NAVA_Q = 0.43137

_WRONG_MARGINALS: dict[Trait, str] = {"prefers blur": "what is rare in one image is divided by what is in both"}


@feature
def tsallis_information(x: Image, y: Image, *, q: float, stretched: bool = False, transposed: bool = False) -> float:
    """Tsallis information of order q that two images share.

        I^q(X; Y) = ( 1 - sum p(x, y)^q / (p(x) p(y))^(q-1) ) / (1 - q)
                  = sum p(x, y) ln_q( p(x, y) / (p(x) p(y)) ),   ln_q(r) = (r^(q-1) - 1) / (q - 1),

    the sums going over the pairs of levels that occur. The second form is the one computed: it has no cancellation
    near q = 1, where ln_q is the natural logarithm and I^q the mutual information in nats.

    Parameters
    ----------
    x, y : Image
        Two images of one size.
    q : float
        Order, above 0.
    stretched : bool
        See `fusion_metrics.features.histograms.levels`.
    transposed : bool
        Take the marginals of the wrong image, p_Y(x) p_X(y), as Z. Liu's toolbox does. It leaves out the cells where
        that product is zero, although their probability stays in the 1 from which the sum is taken.

    Returns
    -------
    float
        From 0 to ln_q(256), for q up to 2. With `transposed` it has no upper limit, and for q > 1 it can be negative.
    """
    if not (q > 0.0 and math.isfinite(q)):
        raise FusionMetricsError(f"the order q of Tsallis' entropy must be above 0, got {q}")
    joint = joint_histogram(x, y, stretched=stretched)
    if not transposed:
        return float(joint.p @ scipy.special.boxcox(joint.p / (joint.p_x[joint.x] * joint.p_y[joint.y]), q - 1.0))
    if q == 1.0:
        raise UndefinedScore("with transposed marginals Tsallis' information has no limit at q = 1")
    product = joint.p_y[joint.x] * joint.p_x[joint.y]
    kept = product > 0.0
    p = joint.p[kept]
    left_out = float(joint.p[~kept].sum())
    return float(p @ scipy.special.boxcox(p / product[kept], q - 1.0)) + left_out / (1.0 - q)


def tsallis_entropy(image: Image, *, q: float, stretched: bool = False) -> float:
    """Tsallis entropy of the grey levels, ``H^q = (1 - sum p^q) / (q - 1) = -sum p ln_q(p)``, not negative."""
    p = histogram(image, stretched=stretched)
    occurring = np.sort(p[p > 0.0])
    return float(-(occurring @ scipy.special.boxcox(occurring, q - 1.0)))


@metric(
    "te",
    title="Q_TE",
    family="information",
    higher_is_better=True,
    bounds=(0.0, 2.0 * (LEVELS ** (CVEJIC_Q - 1.0) - 1.0) / (CVEJIC_Q - 1.0)),
    cites="cvejic2006",
    variants={
        "paper": Variant("Cvejic et al. 2006: the sum of both informations, q = 1.85."),
        "nava": Variant(
            "Nava et al. 2007 as the field computes it: q = 0.43137, relative to H(A)^q + H(B)^q + I^q(A; B) with "
            "powers of Shannon entropies in bits.",
            {"q": NAVA_Q, "relative_to": "shannon"},
            bounds=(0.0, math.inf),
            cites="nava2007",
        ),
        "nava-tsallis": Variant(
            "Nava et al. 2007 as Liu et al. 2012 review it: q = 0.43137, relative to H^q(A) + H^q(B) - I^q(A; B) with "
            "Tsallis entropies.",
            {"q": NAVA_Q, "relative_to": "tsallis"},
            bounds=(0.0, 2.0),
            cites="nava2007",
        ),
        "liu2012": Variant(
            "Z. Liu's toolbox, form of Cvejic: stretched pictures (constant ones fail) and marginals taken from the "
            "wrong image.",
            {"stretched": True, "transposed": True},
            bounds=(-2.0 / (CVEJIC_Q - 1.0), math.inf),
            cites="liu2012",
            exceptions=_WRONG_MARGINALS,
        ),
        "liu2012-nava": Variant(
            "Z. Liu's toolbox, form of Nava: as `liu2012`, q = 0.43137, relative to H(A)^q + H(B)^q + I^q(A; B) with "
            "powers of Shannon entropies in bits.",
            {"q": NAVA_Q, "stretched": True, "transposed": True, "relative_to": "shannon"},
            bounds=(0.0, math.inf),
            cites="liu2012",
            exceptions=_WRONG_MARGINALS,
        ),
        "mefb": Variant(
            "MEFB's TE: as `liu2012`, q = 1.85, the mean of red, green and blue.",
            {"stretched": True, "transposed": True},
            channels="each",
            bounds=(-2.0 / (CVEJIC_Q - 1.0), math.inf),
            cites="zhang2021mefb",
            exceptions=_WRONG_MARGINALS,
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: the entropies of both sources less that of the fused image.",
            function=entropies_beyond_fused,
            exceptions={"prefers blur": "the less entropy the fused image has, the more is left"},
            bounds=(-8.0, 16.0),
            grey="pillow",
            cites="liu2025",
        ),
    },
)
def te(
    sources: Sequence[Image],
    fused: Image,
    *,
    q: float = CVEJIC_Q,
    relative_to: Literal["nothing", "tsallis", "shannon"] = "nothing",
    stretched: bool = False,
    transposed: bool = False,
) -> float:
    """Tsallis information of order q that the fused image shares with its sources.

    With I^q as in `tsallis_information`,

        Q_TE = I^q(A; F) + I^q(B; F)                                                     (Cvejic, q = 1.85),
        Q_TE = ( I^q(A; F) + I^q(B; F) ) / ( H(A)^q + H(B)^q + I^q(A; B) )               (Nava, q = 0.43137).

    At q = 1 the first is the mutual information in nats. Of k sources, it is scaled to two, ``2/k sum I^q(S_i; F)``
    (inferred); the second has exactly two.

    The second is inferred: it is the toolbox's form with the marginals put right, because Nava's equations could not
    be read. The review of Liu et al. 2012 has ``H^q(A) + H^q(B) - I^q(A; B)`` below the line. Read with Tsallis
    entropies of order q, that is `nava-tsallis`, which at q = 1 is the mutual information relative to the joint entropy
    H(A, B), all that there is to be fused.

    A constant image shares nothing: its term is 0.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    q : float
        Order of the entropy, above 0. The larger, the more weight have pairs of levels that chance would rarely bring
        together.
    relative_to : {"nothing", "tsallis", "shannon"}
        What the sum is divided by: nothing, ``H^q(A) + H^q(B) - I^q(A; B)`` with Tsallis entropies, or
        ``H(A)^q + H(B)^q + I^q(A; B)`` with Shannon entropies in bits.
    stretched : bool
        Spread each picture's own range over 0..255 before its levels are counted.
    transposed : bool
        The toolbox's marginals; see `tsallis_information`.

    Returns
    -------
    float
        `paper`: from 0 to 2 ln_q(256) = 259.7. `nava-tsallis`: from 0 to 2.

    Raises
    ------
    UndefinedScore
        Relative to the sources, and both are constant; or `stretched`, and an image is constant without being black.

    References
    ----------
    cvejic2006, nava2007; for the scripts liu2012, zhang2021mefb, liu2025

    Examples
    --------
    >>> import numpy as np
    >>> step = Image(np.array([[0, 0, 255, 255]], dtype=np.uint8))
    >>> te([step, step], step, q=2.0)
    2.0
    """
    shared = 2.0 * mean_over(
        sources,
        lambda source: tsallis_information(source, fused, q=q, stretched=stretched, transposed=transposed),
    )
    if relative_to == "nothing":
        return shared
    a, b = exactly_two(sources, f"te relative to {relative_to} entropies")
    between = tsallis_information(a, b, q=q, stretched=stretched, transposed=transposed)
    if relative_to == "tsallis":
        available = sum(tsallis_entropy(source, q=q, stretched=stretched) for source in (a, b)) - between
    elif relative_to == "shannon":
        available = sum(entropy(source, stretched=stretched) ** q for source in (a, b)) + between
    else:
        raise FusionMetricsError(f"te cannot be relative to {relative_to!r}: nothing, tsallis or shannon")
    if available == 0.0:
        raise UndefinedScore("both sources are constant: there is no information to divide by")
    return shared / available
