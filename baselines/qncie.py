"""Q_NCIE: nonlinear correlation of the sources and the fused image, taken as one set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import scipy

from baselines.ivif_zoo import correlation_entropy
from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.histograms import LEVELS, mutual_information

#: Value for three images without any relation: all eigenvalues are 1.
UNRELATED = 1.0 - math.log(3.0) / math.log(LEVELS)


@metric(
    "qncie",
    title="Q_NCIE",
    family="information",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    cites="wang2008ncie",
    variants={
        "paper": Variant("Wang et al. 2008, with b = 256 grey levels; two sources make K = 3 images."),
        "liu2012": Variant(
            "Z. Liu's toolbox: each picture is stretched to 0..255 first, which fails for a constant one; the same "
            "value as `paper` for all other pictures of whole grey levels.",
            {"stretched": True},
            cites="liu2012",
        ),
        "mefb": Variant(
            "MEFB's Qncie: as `liu2012`, the mean of red, green and blue; no value if one channel of a picture is "
            "constant.",
            {"stretched": True},
            channels="each",
            cites="zhang2021mefb",
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: of linear correlations instead of nonlinear ones; no value where the pictures go "
            "exactly together.",
            function=correlation_entropy,
            bounds=(1.0 - math.log2(3.0) / 8.0, 1.0),
            exceptions={
                "undefined if equal": "two eigenvalues are then zero",
                "undefined for some": "a fused image that equals a source has a zero eigenvalue",
            },
            grey="pillow",
            cites="liu2025",
        ),
    },
)
def qncie(sources: Sequence[Image], fused: Image, *, stretched: bool = False) -> float:
    """Nonlinear correlation information entropy of sources and fused image.

    The nonlinear correlation coefficient of two images, in units of log b with b = 256 levels, is

        NCC(X, Y) = H(X) + H(Y) - H(X, Y),

    and with the eigenvalues lambda_i of the K x K matrix R of these coefficients, whose diagonal is 1,

        Q_NCIE = 1 + sum_i lambda_i / K log_b( lambda_i / K ),

    K being the number of all images, 3 where there are two sources; the publication defines it for any K. A constant
    image has coefficient 0 with any other, so that constant images have R = I.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    stretched : bool
        Spread each picture's own range over 0..255 before its levels are counted.

    Returns
    -------
    float
        From 1 - log_b K (unrelated images, 0.8019 for three) to 1 (equal images in which all 256 levels are equally
        frequent). The relation of the sources to each other counts as well.

    Raises
    ------
    UndefinedScore
        `stretched`, and an image is constant without being black.

    References
    ----------
    wang2008ncie; for the scripts liu2012, zhang2021mefb, liu2025

    Examples
    --------
    >>> import numpy as np
    >>> all_levels = Image(np.arange(256, dtype=np.uint8).reshape(16, 16))
    >>> qncie([all_levels, all_levels], all_levels)
    1.0
    """
    images = (*sources, fused)
    K = len(images)
    R = np.eye(K)
    for i, j in combinations(range(K), 2):
        R[j, i] = mutual_information(images[i], images[j], stretched=stretched) / math.log2(LEVELS)
    # eigvalsh reads the lower triangle. The information matrix of three variables is positive semidefinite, and a
    # diagonal of 1 >= H / log b only adds to it: what is negative here is rounding.
    share = np.maximum(np.linalg.eigvalsh(R), 0.0) / K
    return 1.0 + float(scipy.special.xlogy(share, share).sum()) / math.log(LEVELS)
