"""Q_S, Q_W and Q_E: how similar the fused image is, window by window, to the source that is more salient there."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.gradients import prewitt, sobel
from fusion_metrics.features.windows import (
    GAUSSIAN_11,
    SSIM_C1,
    SSIM_C2,
    UNIFORM_8,
    Window,
    local_variance,
    ssim_map,
    variance_share,
    weighted_mean,
)
from fusion_metrics.image import Array

#: One grey level of edge strength in an edge image, which holds the largest possible strength as 255.
_EDGE_UNIT = {"sobel": 1 / (4 * math.sqrt(2)), "prewitt": 1 / (3 * math.sqrt(2))}


class SimilarityModel(NamedTuple):
    """How similar two windows are, and how salient one is that is flat in both sources.

    Parameters
    ----------
    window : Window
    c1, c2 : float
        Constants of SSIM in squared grey levels; 0 for the universal quality index.
    flat_saliency : float
        C(w) where both sources are flat, in squared grey levels.
    """

    window: Window = UNIFORM_8
    c1: float = 0.0
    c2: float = 0.0
    flat_saliency: float = 0.0

    def in_units(self, unit: float) -> SimilarityModel:
        """Make the same model for pictures that hold a grey level as `unit`."""
        square = unit**2
        return self._replace(c1=self.c1 * square, c2=self.c2 * square, flat_saliency=self.flat_saliency * square)


class EdgeImages(NamedTuple):
    """How the edge images are made.

    Parameters
    ----------
    operator : {"sobel", "prewitt"}
    border : {"constant", "nearest", "reflect"}
        How the picture goes on outside (`scipy.ndimage` names).
    """

    operator: Literal["sobel", "prewitt"] = "sobel"
    border: str = "nearest"


#: Piella and Heijmans 2003; the edge operator is inferred.
PIELLA2003, PIELLA2003_EDGES = SimilarityModel(), EdgeImages()
#: Z. Liu's toolbox.
LIU2012 = SimilarityModel(GAUSSIAN_11, SSIM_C1, SSIM_C2, flat_saliency=0.5)
_LIU2012: dict[str, object] = {"model": LIU2012}


@metric(
    "piella",
    title="Q_S",
    family="structure",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    ideal=1.0,
    cites="piella2003",
    min_size=8,
    variants={
        "paper": Variant("Fusion quality index Q_S of Piella and Heijmans 2003: the plain mean over 8x8 windows."),
        "qw": Variant("Weighted index Q_W of Piella and Heijmans 2003: salient windows count more.", {"index": "Q_W"}),
        "qe": Variant(
            "Edge-dependent index Q_E of Piella and Heijmans 2003: Q_W times the Q_W of the edge images.",
            {"index": "Q_E"},
        ),
        "liu2012": Variant(
            "Q_S of Liu's toolbox: SSIM with its constants in a Gaussian 11x11 window instead of the universal quality "
            "index in 8x8 windows.",
            _LIU2012,
            cites="liu2012",
            min_size=11,
        ),
        "liu2012-qw": Variant(
            "Q_W of Liu's toolbox: SSIM as in liu2012; a window in which both sources are flat gets the saliency 0.5.",
            {**_LIU2012, "index": "Q_W"},
            cites="liu2012",
            min_size=11,
        ),
        "liu2012-qe": Variant(
            "Q_E of Liu's toolbox, which has no value: the script reads a variable that it never sets.",
            {**_LIU2012, "index": "Q_E"},
            undefined="the script reads a variable that it never sets",
            cites="liu2012",
            min_size=11,
        ),
        "mefb": Variant(
            "MEFB's Qw: the Q_W of edge images alone, without that of the pictures; Prewitt's operator with zeros "
            "outside, SSIM as in liu2012, the mean of red, green and blue.",
            {**_LIU2012, "index": "Q_W of edges", "edges": EdgeImages("prewitt", "constant")},
            channels="each",
            cites="zhang2021mefb",
            min_size=11,
        ),
    },
)
def piella(
    a: Image,
    b: Image,
    fused: Image,
    *,
    index: Literal["Q_S", "Q_W", "Q_E", "Q_W of edges"] = "Q_S",
    model: SimilarityModel = PIELLA2003,
    edges: EdgeImages = PIELLA2003_EDGES,
    alpha: float = 1.0,
) -> float:
    """Similarity of the fused image to its sources, each weighted by its local saliency.

    With the universal quality index Q_0 (or SSIM, with constants) and the saliency s, the variance, in each window w,

        lambda(w) = s(a|w) / (s(a|w) + s(b|w)),
        Q(w) = lambda(w) Q_0(a, f|w) + (1 - lambda(w)) Q_0(b, f|w),

        Q_S = mean of Q(w) over the windows,
        Q_W = sum of C(w) Q(w) / sum of C(w),   C(w) = max(s(a|w), s(b|w)),
        Q_E = Q_W(a, b, f) Q_W(a', b', f')^alpha,

    where a', b' and f' are edge images, by default Sobel strengths with the border pixels repeated outside. The product
    of two negative factors makes Q_E positive: it means nothing for images that contradict their sources.

    A window in which both sources are flat has lambda = 1/2, the one choice that prefers neither, and no weight in
    Q_W. Q_0 of two flat windows compares their means (see `ssim_map`), so equal images score 1 even where flat.

    Parameters
    ----------
    a, b, fused : Image
    index : {"Q_S", "Q_W", "Q_E", "Q_W of edges"}
        Which of the three indices, or the second factor of Q_E alone.
    model : SimilarityModel
        Similarity and saliency of a window.
    edges : EdgeImages
        How a', b' and f' are made.
    alpha : float
        What the edge images count for in Q_E, not negative. The value 1 is inferred: it is that of the public programs.

    Returns
    -------
    float
        In [-1, 1]; 1 when the three images are equal.

    Raises
    ------
    UndefinedScore
        Q_W and Q_E where both sources are flat everywhere and Q(w) is not the same in all windows; a negative Q_W of
        the edge images to a fractional power.

    References
    ----------
    piella2003, wang2002uqi; for the scripts liu2012, zhang2021mefb, wang2004ssim

    Examples
    --------
    >>> import numpy as np
    >>> from fusion_metrics import create
    >>> flat, ramp = np.full((16, 16), 60, np.uint8), np.arange(0, 256, dtype=np.uint8).reshape(16, 16)
    >>> create("piella")(fused=ramp, a=ramp, b=flat)
    1.0
    """
    if index == "Q_S":
        return float(_similarity(a, b, fused, model).mean())
    if index == "Q_W":
        return _q_w(a, b, fused, model)
    a_, b_, f_ = (edge_image(image, edges=edges) for image in (a, b, fused))
    q_w_edges = _q_w(a_, b_, f_, model.in_units(_EDGE_UNIT[edges.operator]))
    if index == "Q_W of edges":
        return q_w_edges
    if q_w_edges < 0 and not float(alpha).is_integer():
        raise UndefinedScore(f"Q_W of the edge images is {q_w_edges:.3g}, which has no power {alpha:g}")
    return float(_q_w(a, b, fused, model) * q_w_edges**alpha)


def _similarity(a: Image, b: Image, fused: Image, model: SimilarityModel) -> Array:
    """Return Q(w) of every window."""
    lam = variance_share(a, b, window=model.window)
    q_a, q_b = (ssim_map(source, fused, window=model.window, c1=model.c1, c2=model.c2) for source in (a, b))
    return lam * q_a + (1 - lam) * q_b


def _q_w(a: Image, b: Image, fused: Image, model: SimilarityModel) -> float:
    saliency = np.maximum(local_variance(a, window=model.window), local_variance(b, window=model.window))
    C = np.where(saliency > 0, saliency, model.flat_saliency)
    return weighted_mean(_similarity(a, b, fused, model), C)


@feature
def edge_image(image: Image, *, edges: EdgeImages = PIELLA2003_EDGES) -> Image:
    """Edge strength of a picture as a picture of its own, in units of `_EDGE_UNIT`."""
    strength = (sobel if edges.operator == "sobel" else prewitt)(image, border=edges.border).strength
    return Image(strength, data_range=255 / _EDGE_UNIT[edges.operator], name=f"edges of {image.name}")
