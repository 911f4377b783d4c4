"""How much of a source's edges the fused image keeps: the map that Q^AB/F and N^AB/F are weighted sums of.

Both metrics compare strength and direction of the Sobel gradient at every pixel. What they and the scripts of the
field disagree in are constants and borderline cases; an `EdgeModel` names them all, so that each metric is one formula.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fusion_metrics.feature import feature
from fusion_metrics.features.gradients import Edge, Order, by_pieces, edge
from fusion_metrics.image import Array, Image


class Sigmoid(NamedTuple):
    """Perceived share of what is preserved: ``gain / (1 + exp(slope (x - centre)))``."""

    gain: float
    slope: float
    centre: float

    def __call__(self, x: Array | float) -> Array:
        """Share at `x`, element by element."""
        return self.gain / (1.0 + np.exp(self.slope * (np.asarray(x) - self.centre)))


class EdgeModel(NamedTuple):
    """What is perceived of a source's edge in the fused image.

    Parameters
    ----------
    strength, orientation : Sigmoid
        What is perceived of G, the ratio of the edge strengths, and of A, the agreement of the orientations.
    wrapped : bool
        Compare orientations modulo pi, as those of undirected edges are.
    geometric_mean : bool
        Take the geometric mean of both shares instead of their product.
    border : str
        How the picture goes on outside; see `sobel`.
    order : str
        In which order a gradient's terms are added; see `fusion_metrics.features.gradients.Order`.
    white : float
        Scale of the pixels whose gradients are compared; 255 leaves them as they are.
    least_gradient : float
        Takes the place of a horizontal component, and of an edge strength, that is zero.
    vertical_angle : float, optional
        Orientation of every pixel whose horizontal component is zero, flat ones included; see `orientation`.
    flat : float
        G of a pixel that is flat in both images.
    equal : float, optional
        Makes G of two edges of equal strength g this many times g, instead of 1: a slip of a widespread script, in
        which the scale of the pixels decides what "equal" is worth.
    """

    strength: Sigmoid
    orientation: Sigmoid
    wrapped: bool = False
    geometric_mean: bool = False
    border: str = "constant"
    order: Order = "separable"
    white: float = 255.0
    least_gradient: float = 0.0
    vertical_angle: float | None = None
    flat: float = 1.0
    equal: float | None = None

    def kept(self, G: Array | float, A: Array | float) -> Array:
        """Share of an edge that is kept, of the ratio of strengths and the agreement of orientations."""
        share = self.strength(G) * self.orientation(A)
        return np.sqrt(share) if self.geometric_mean else share

    @property
    def ideal(self) -> float:
        """Share kept of an edge in an equal picture; the sigmoids do not quite reach 1."""
        return float(self.kept(1.0 if self.equal is None else math.inf, 1.0))


class EdgeWeight(NamedTuple):
    """Importance of an edge of strength g: ``(g / unit) ** power``, or `floor` where ``g / unit < threshold``."""

    power: float = 1.0
    threshold: float = 0.0
    floor: float = 0.0
    unit: float = 1.0

    def __call__(self, g: Array) -> Array:
        """Weights of Sobel edge strengths, element by element."""
        if self == PROPORTIONAL:
            return g

        def weight(g: Array) -> Array:
            x = g / self.unit
            return np.where(x >= self.threshold, x**self.power, self.floor)

        return by_pieces(weight, g)


#: Xydeas and Petrovic 2000.
XYDEAS2000 = EdgeModel(Sigmoid(0.9994, -15.0, 0.5), Sigmoid(0.9879, -22.0, 0.8))
#: Z. Liu's toolbox.
LIU2012 = EdgeModel(Sigmoid(1.0, -10.0, 0.5), Sigmoid(1.0, -20.0, 0.75), wrapped=True, least_gradient=1e-5)
#: Petrovic and Xydeas 2005, with the constants of the toolbox of Shreyamsha Kumar 2013.
PETROVIC2005 = EdgeModel(
    Sigmoid(0.9999, -19.0, 0.5),
    Sigmoid(0.9995, -22.0, 0.5),
    wrapped=True,
    geometric_mean=True,
    border="mirror",
    vertical_angle=-math.pi / 2,
    flat=0.0,
)
#: An edge weighs what it is strong.
PROPORTIONAL = EdgeWeight()
#: Weights of Kumar's toolbox: edges of two grey levels a pixel and more count, by their strength to the power 1.5.
PETROVIC2005_WEIGHT = EdgeWeight(power=1.5, threshold=2.0, floor=0.001, unit=8.0)


@feature
def edge_strength(image: Image, *, model: EdgeModel) -> Array:
    """Sobel edge strength g under the borderline rules of a model, shape (H, W)."""
    strength = _edge(image, model).strength
    return np.maximum(strength, model.least_gradient) if model.least_gradient else strength


def _edge(image: Image, model: EdgeModel) -> Edge:
    return edge(
        image,
        border=model.border,
        order=model.order,
        white=model.white,
        vertical_x=model.least_gradient,
        vertical_angle=model.vertical_angle,
    )


@feature
def edge_weight(image: Image, *, model: EdgeModel, weight: EdgeWeight) -> Array:
    """Weigh the image's edge at every pixel by its strength, shape (H, W)."""
    return weight(edge_strength(image, model=model))


@feature
def preserved(source: Image, fused: Image, *, model: EdgeModel) -> Array:
    """Share of the source's edge that the fused image keeps at every pixel, Q^AF.

    Parameters
    ----------
    source, fused : Image
        Two images of one size.
    model : EdgeModel

    Returns
    -------
    ndarray, shape (H, W)
        From near 0 to ``model.ideal``.

    References
    ----------
    xydeas2000, petrovic2005
    """
    g, g_F = (edge_strength(image, model=model) for image in (source, fused))
    alpha, alpha_F = (_edge(image, model).orientation for image in (source, fused))

    def share(g: Array, g_F: Array, alpha: Array, alpha_F: Array) -> Array:
        larger = np.maximum(g, g_F)
        G = np.divide(np.minimum(g, g_F), larger, out=np.full_like(g, model.flat), where=larger > 0.0)
        if model.equal is not None:
            equal = g == g_F
            G[equal] = model.equal * g_F[equal]
        turned = np.abs(alpha - alpha_F)
        if model.wrapped:
            turned = np.minimum(turned, np.pi - turned)
        return model.kept(G, 1.0 - turned * (2.0 / np.pi))

    return by_pieces(share, g, g_F, alpha, alpha_F)
