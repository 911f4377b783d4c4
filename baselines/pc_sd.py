"""PC-SD: kept features times contrast, the product of Q_P and the standard deviation of the fused image."""

from __future__ import annotations

import numpy as np

from baselines.qp import qp
from fusion_metrics import Image, Variant, metric


@metric(
    "pc_sd",
    title="PC-SD",
    family="contrast",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    cites="tang2018",
    min_size=2,
    variants={"paper": Variant("Reconstruction of Tang et al. 2018 from its abstract: a product with equal powers.")},
)
def pc_sd(a: Image, b: Image, fused: Image, *, power_pc: float = 1.0, power_sd: float = 1.0) -> float:
    """Phase congruency kept, times the contrast of the fused image.

        Q = sign(Q_P) |Q_P|^p_pc SD^p_sd,   SD = std(F) / 127.5

    with Q_P of Zhao et al. (see `baselines.qp`), positive for all but contrived images, and the largest standard
    deviation that a picture can have, half its range, as the unit of SD.

    The publication's text could not be read; its abstract says that it combines these two. *Inferred* are the product,
    the equal powers and the unit.

    Parameters
    ----------
    a, b, fused : Image
    power_pc, power_sd : float
        Powers of the two factors.

    Returns
    -------
    float
        In [-1, 1].

    Raises
    ------
    UndefinedScore
        Where Q_P is: no source has a feature, and the fused image is not flat.

    Notes
    -----
    A flat fused image has SD = 0 and scores 0, whatever Q_P would be.

    References
    ----------
    tang2018, zhao2007
    """
    deviation = float(np.std(fused.luminance)) / 127.5
    if deviation == 0.0:
        return 0.0
    kept = qp(a, b, fused)
    return float(np.copysign(abs(kept) ** power_pc * deviation**power_sd, kept))
