"""Q_S, Q_W and Q_E: how similar the fused image is, window by window, to the source that is more salient there."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.channels import by_channel
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

_LIU2012 = {"window": GAUSSIAN_11, "c1": SSIM_C1, "c2": SSIM_C2, "flat_saliency": 0.5}
#: One grey level of edge strength in an edge image, which holds the largest possible strength as 255.
_EDGE_UNIT = {"sobel": 1 / (4 * math.sqrt(2)), "prewitt": 1 / (3 * math.sqrt(2))}


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
            {**_LIU2012, "index": "unfinished"},
            cites="liu2012",
            min_size=11,
        ),
        "mefb": Variant(
            "MEFB's Qw: the Q_W of edge images alone, without that of the pictures; Prewitt's operator with zeros "
            "outside, SSIM as in liu2012, the mean of red, green and blue.",
            {
                **_LIU2012,
                "index": "Q_W of edges",
                "edge_operator": "prewitt",
                "edge_border": "constant",
                "per_channel": True,
            },
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
    index: Literal["Q_S", "Q_W", "Q_E", "Q_W of edges", "unfinished"] = "Q_S",
    window: Window = UNIFORM_8,
    c1: float = 0.0,
    c2: float = 0.0,
    flat_saliency: float = 0.0,
    alpha: float = 1.0,
    edge_operator: Literal["sobel", "prewitt"] = "sobel",
    edge_border: str = "nearest",
    per_channel: bool = False,
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
    index : {"Q_S", "Q_W", "Q_E", "Q_W of edges", "unfinished"}
        Which of the three indices, or the second factor of Q_E alone; ``"unfinished"`` stands for the toolbox's Q_E.
    window : Window
    c1, c2 : float
        Constants of SSIM in squared grey levels; 0 for the universal quality index.
    flat_saliency : float
        C(w) where both sources are flat.
    alpha : float
        What the edge images count for in Q_E, not negative. The value 1 is inferred: it is that of the public programs.
    edge_operator : {"sobel", "prewitt"}
    edge_border : {"constant", "nearest", "reflect"}
        How the picture goes on outside for the edge image (`scipy.ndimage` names).
    per_channel : bool
        The mean over red, green and blue instead of the value of the luminance.

    Returns
    -------
    float
        In [-1, 1]; 1 when the three images are equal.

    Raises
    ------
    UndefinedScore
        Q_W and Q_E where both sources are flat everywhere and Q(w) is not the same in all windows; a negative Q_W of
        the edge images to a fractional power; always for ``"unfinished"``.

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
    if index == "unfinished":
        raise UndefinedScore(
            "Q_E of Liu's toolbox fails on every input: the script reads a variable that it never sets"
        )

    def quality(a: Image, b: Image, fused: Image, *, weighted: bool = True, squared_unit: float = 1.0) -> float:
        lam = variance_share(a, b, window=window)
        constants = {"c1": c1 * squared_unit, "c2": c2 * squared_unit}
        q_a = ssim_map(a, fused, window=window, **constants)
        q_b = ssim_map(b, fused, window=window, **constants)
        q = lam * q_a + (1 - lam) * q_b
        if not weighted:
            return float(q.mean())
        saliency = np.maximum(local_variance(a, window=window), local_variance(b, window=window))
        return weighted_mean(q, np.where(saliency > 0, saliency, flat_saliency * squared_unit))

    def chosen(a: Image, b: Image, fused: Image) -> float:
        if index == "Q_S":
            return quality(a, b, fused, weighted=False)
        if index == "Q_W":
            return quality(a, b, fused)
        edges = (edge_image(image, operator=edge_operator, border=edge_border) for image in (a, b, fused))
        q_w_edges = quality(*edges, squared_unit=_EDGE_UNIT[edge_operator] ** 2)
        if index == "Q_W of edges":
            return q_w_edges
        if q_w_edges < 0 and not float(alpha).is_integer():
            raise UndefinedScore(f"Q_W of the edge images is {q_w_edges:.3g}, which has no power {alpha:g}")
        return float(quality(a, b, fused) * q_w_edges**alpha)

    return by_channel(chosen, a, b, fused) if per_channel else chosen(a, b, fused)


@feature
def edge_image(image: Image, *, operator: Literal["sobel", "prewitt"] = "sobel", border: str = "nearest") -> Image:
    """Edge strength of a picture as a picture of its own, in units of `_EDGE_UNIT`."""
    strength = (sobel if operator == "sobel" else prewitt)(image, border=border).strength
    return Image(strength, data_range=255 / _EDGE_UNIT[operator], name=f"edges of {image.name}")
