"""Q^AB/F: how much of the sources' edge strength and orientation the fused image keeps."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.gradients import orientation as edge_orientation
from fusion_metrics.features.gradients import sobel
from fusion_metrics.image import Array


class Sigmoid(NamedTuple):
    """Perceived share of what is preserved: ``gain / (1 + exp(slope (x - centre)))``."""

    gain: float
    slope: float
    centre: float

    def __call__(self, x: Array | float) -> Array:
        """Share at `x`, element by element."""
        return self.gain / (1.0 + np.exp(self.slope * (np.asarray(x) - self.centre)))


STRENGTH = Sigmoid(0.9994, -15.0, 0.5)
ORIENTATION = Sigmoid(0.9879, -22.0, 0.8)
IDEAL = float(STRENGTH(1.0) * ORIENTATION(1.0))

LIU_STRENGTH = Sigmoid(1.0, -10.0, 0.5)
LIU_ORIENTATION = Sigmoid(1.0, -20.0, 0.75)
LIU_IDEAL = float(LIU_STRENGTH(1.0) * LIU_ORIENTATION(1.0))


@metric(
    "qabf",
    title="Q^AB/F",
    family="gradient",
    higher_is_better=True,
    bounds=(0.0, IDEAL),
    ideal=IDEAL,
    cites="xydeas2000",
    variants={
        "paper": Variant("Xydeas and Petrovic 2000, equations 1 to 8 with the constants of the paper."),
        "wrapped": Variant(
            "As `paper`, but orientations are compared modulo pi, as those of undirected edges are.", {"wrapped": True}
        ),
        "liu2012": Variant(
            "Z. Liu's toolbox (Q_G): other constants, orientations modulo pi, zero gradients replaced by 1e-5, and the "
            "mean of local ratios, in which a flat pixel counts like an edge.",
            {
                "strength": LIU_STRENGTH,
                "orientation": LIU_ORIENTATION,
                "wrapped": True,
                "pooling": "local",
                "least_gradient": 1e-5,
            },
            bounds=(0.0, LIU_IDEAL),
            ideal=LIU_IDEAL,
            cites="liu2012",
        ),
    },
)
def qabf(
    a: Image,
    b: Image,
    fused: Image,
    *,
    strength: Sigmoid = STRENGTH,
    orientation: Sigmoid = ORIENTATION,
    wrapped: bool = False,
    pooling: Literal["global", "local"] = "global",
    least_gradient: float = 0.0,
) -> float:
    """Edge strength and orientation of the sources kept in the fused image, weighted by edge strength.

    With the Sobel gradient (s_x, s_y), strength g = |s| and orientation alpha = atan(s_y / s_x) of every pixel,

        G^AF = min(g_A, g_F) / max(g_A, g_F),     A^AF = 1 - |alpha_A - alpha_F| / (pi/2),
        Q^AF = strength(G^AF) orientation(A^AF),
        Q^AB/F = sum(Q^AF g_A + Q^BF g_B) / sum(g_A + g_B).

    `paper` is this to the letter, with two consequences. The picture goes on as zeros, so that even a constant one
    has an edge: its border. And atan leaves (-pi/2, pi/2], so that edges of 89 and -89 degrees count as 178 degrees
    apart, although turning one by 2 degrees makes it the other; they then keep next to nothing (A = -0.98). `wrapped`
    compares orientations modulo pi, ``min(d, pi - d)`` for a difference d: there these edges are 2 degrees apart.

    Where g_A = g_F, G is 1; two flat pixels are equal as well, and have no weight. A fused image that is flat where
    the sources have edges keeps little but not nothing: strength(0) is 0.0006.

    `liu2012` averages (Q^AF g_A + Q^BF g_B) / (g_A + g_B) over all pixels instead, so that flat areas decide its
    value in a picture with a large background. Its values are the toolbox's to 1e-7: where the fused image is flat,
    the toolbox compares the first source with 0 and the second with 1e-5, here both are compared with 1e-5.

    Parameters
    ----------
    a, b, fused : Image
    strength, orientation : Sigmoid
        What is perceived of G and of A.
    wrapped : bool
        Compare orientations modulo pi.
    pooling : {"global", "local"}
        One ratio of sums over all pixels, or the mean of the ratios of the single pixels that have weight.
    least_gradient : float
        Takes the place of a horizontal component, and of an edge strength, that is zero.

    Returns
    -------
    float
        From 0 to ``strength(1) orientation(1)``, the value of three equal images: 0.9748 (`liu2012`: 0.9867).

    Raises
    ------
    UndefinedScore
        Both sources are black: there is no edge, and no weight.

    References
    ----------
    xydeas2000; for the toolbox liu2012

    Examples
    --------
    >>> step = Image(np.repeat(np.array([[0, 200]], dtype=np.uint8), 8, axis=1))
    >>> round(qabf(step, step, step), 4)
    0.9748
    """

    def edges(image: Image) -> tuple[Array, Array]:
        g = np.maximum(sobel(image).strength, least_gradient)
        return g, edge_orientation(image, vertical_x=least_gradient)

    g_F, alpha_F = edges(fused)

    def preserved(g: Array, alpha: Array) -> Array:
        larger = np.maximum(g, g_F)
        G = np.divide(np.minimum(g, g_F), larger, out=np.ones_like(g), where=larger > 0.0)
        turned = np.abs(alpha - alpha_F)
        if wrapped:
            turned = np.minimum(turned, np.pi - turned)
        return strength(G) * orientation(1.0 - turned * (2.0 / np.pi))

    (g_A, alpha_A), (g_B, alpha_B) = edges(a), edges(b)
    Q_AF, Q_BF = preserved(g_A, alpha_A), preserved(g_B, alpha_B)
    weighted, weight = Q_AF * g_A + Q_BF * g_B, g_A + g_B
    if not weight.any():
        raise UndefinedScore("neither source has an edge")
    if pooling == "local":
        edge = weight > 0.0
        return float(np.mean(weighted[edge] / weight[edge]))
    return float(weighted.sum() / weight.sum())
