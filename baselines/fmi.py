"""FMI: how much the features of the fused image tell about those of its sources, window by window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.window_information import (
    FeatureMap,
    distributions,
    feature_map,
    shared_information,
    windows,
)
from fusion_metrics.image import Array
from fusion_metrics.sources import exactly_two, mean_over
from fusion_metrics.spec import Trait

#: The authors' own program.
_PROGRAM = {"largest_phi": math.inf, "peaks": "program"}
#: Edges are 0 and 1: a peak is equal to another exactly if its pixels are.
_EDGE_PROGRAM = {"feature": "edge", "largest_phi": math.inf}
#: The cosine transforms of flat pictures alone have peaks.
_DCT_PROGRAM = {"feature": "dct", "largest_phi": math.inf}

_FEWER_EDGES: dict[Trait, str] = {"prefers blur": "windows without edges are equal, and blur leaves fewer edges"}

#: All four sub-bands lie in one picture, which is stretched as a whole.
_WAVELET_PROGRAM = {"feature": "wavelet", "largest_phi": math.inf}


@metric(
    "fmi",
    title="FMI",
    family="information",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    ideal=1.0,
    cites="haghighat2014",
    min_size=3,
    variants={
        "paper": Variant("Haghighat and Razian 2014 (Fast-FMI), of horizontal gradients in 3x3 windows."),
        "haghighat": Variant(
            "The authors' program as it is called without options: edges; phi may exceed 1, which makes negative "
            "probabilities, of whose logarithm the real part is taken, and values above 1 in single windows.",
            _EDGE_PROGRAM,
            bounds=(-math.inf, math.inf),
            exceptions=_FEWER_EDGES,
        ),
        "haghighat-pixel": Variant(
            "The authors' program, of the pixels themselves, about a hundredth higher than with phi limited to 1. "
            "Equal windows in which one pixel alone stands out do not always count as equal: the fused image's is "
            "stretched to 0..1 before it is compared with the second source's, unless it equalled the first's.",
            {"feature": "pixel", **_PROGRAM},
            bounds=(-math.inf, math.inf),
            symmetric=False,
            exceptions={"symmetric without ties": "only windows in which one pixel stands out are compared in order"},
        ),
        "haghighat-gradient": Variant(
            "The authors' program, of horizontal gradients; see `haghighat-pixel`.",
            {"feature": "gradient", **_PROGRAM},
            bounds=(-math.inf, math.inf),
            symmetric=False,
            exceptions={"symmetric without ties": "only windows in which one pixel stands out are compared in order"},
        ),
        "haghighat-dct": Variant(
            "The authors' program, of the cosine transform of the whole picture; see `haghighat`.",
            _DCT_PROGRAM,
            bounds=(-math.inf, math.inf),
        ),
        "mefb": Variant(
            "MEFB: as `haghighat`, the mean of red, green and blue.",
            _EDGE_PROGRAM,
            channels="each",
            bounds=(-math.inf, math.inf),
            cites="zhang2021mefb",
            exceptions=_FEWER_EDGES,
        ),
        "tang": Variant(
            "FMI_pixel of L. Tang's scripts, which looks at edges all the same: `haghighat`.",
            _EDGE_PROGRAM,
            bounds=(-math.inf, math.inf),
            cites="tang2023",
            exceptions=_FEWER_EDGES,
        ),
        "tang-dct": Variant(
            "FMI_dct of L. Tang's scripts: `haghighat-dct`.",
            _DCT_PROGRAM,
            bounds=(-math.inf, math.inf),
            cites="tang2023",
        ),
        "haghighat-wavelet": Variant(
            "The authors' program, of one level of the wavelet transform; see `haghighat`.",
            _WAVELET_PROGRAM,
            bounds=(-math.inf, math.inf),
        ),
        "tang-wavelet": Variant(
            "FMI_w of L. Tang's scripts: `haghighat-wavelet`.", alias_of="haghighat-wavelet", cites="tang2023"
        ),
        "tang-2022": Variant("FMI_pixel before March 2023: the same as `tang`.", alias_of="tang", cites="tang2022"),
        "tang-2022-dct": Variant("FMI_dct before March 2023: `haghighat-dct`.", alias_of="tang-dct", cites="tang2022"),
        "tang-2022-wavelet": Variant(
            "FMI_w before March 2023: `haghighat-wavelet`.", alias_of="haghighat-wavelet", cites="tang2022"
        ),
        "li2018": Variant(
            "FMI_pixel of DenseFuse's analysis_Reference, of edges all the same: `haghighat`.",
            alias_of="haghighat",
            cites="li2019",
        ),
        "li2018-dct": Variant(
            "FMI_dct of DenseFuse's analysis_Reference: `haghighat-dct`.", alias_of="haghighat-dct", cites="li2019"
        ),
        "li2018-wavelet": Variant(
            "FMI_w of DenseFuse's analysis_Reference: `haghighat-wavelet`.",
            alias_of="haghighat-wavelet",
            cites="li2019",
        ),
    },
)
def fmi(
    sources: Sequence[Image],
    fused: Image,
    *,
    feature: FeatureMap = "gradient",
    size: int = 3,
    largest_phi: float = 1.0,
    peaks: Literal["equal", "program"] = "equal",
) -> float:
    """Feature mutual information: what the sources' features share with the fused image's.

    In each window the features of an image, stretched to 0..1 and divided by their sum, are taken for the
    probabilities of the window's n positions, in order down the columns. Two images give two such distributions x and
    y, with distribution functions F and G, but no joint one. It is put together from the two extremes that have these
    marginals, independence and the Frechet bound, so that its correlation is c, the correlation of x and y themselves:

        H(i, j) = phi min(F_i, G_j) + (1 - phi) F_i G_j,   phi = c / c_up,

    where c_up is the correlation of a position drawn from x and one from y if their joint distribution is min(F, G).
    Where c is negative, max(F_i + G_j - 1, 0) takes the place of the bound. With the mutual information I of the joint
    distribution and the marginals' entropies H,

        FMI = mean over the windows of I(A, F) / (H(A) + H(F)) + I(B, F) / (H(B) + H(F)),

    of k sources the mean of 2 I(S_i, F) / (H(S_i) + H(F)) over them as well (inferred: the publications have two).

    Two equal distributions share everything (I = H), also where H = 0: one pixel stands out from a flat window at the
    same place in both. Two flat windows are equal in this sense, and a flat window shares nothing with one that is not.

    In up to a quarter of the windows of natural pictures c exceeds c_up: no joint distribution with these marginals
    has that correlation. `paper` then takes the bound itself, phi = 1. That is inferred, as is the choice of the
    feature: the authors propose gradients or edges, and their program's gradient is the horizontal one.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    feature : {"pixel", "gradient", "edge", "dct", "wavelet"}
        Luminance; its horizontal central difference; its edges (see `fusion_metrics.features.edges`); its cosine
        transform; or one level of its wavelet transform, all four sub-bands in one picture, by the discrete Meyer
        wavelet of 102 taps (FMI_w in scripts).
    size : int
        Rows and columns of a window.
    largest_phi : float
        Limit of phi.
    peaks : {"equal", "program"}
        What two windows share of which the same single pixel stands out: everything; or everything if the pixels are
        equal and nothing otherwise.

    Returns
    -------
    float
        In [0, 1], 1 for three equal images. With phi beyond 1 there is no bound.

    References
    ----------
    haghighat2014, haghighat2011, nelsen1987; for the scripts zhang2021mefb, tang2022, li2019, tang2023

    Examples
    --------
    >>> ramp = np.add.outer(np.arange(16), np.arange(16) ** 2).astype(np.uint8)
    >>> fmi([Image(ramp), Image(ramp // 2 * 2)], Image(ramp)) > fmi([Image(ramp)] * 2, Image(ramp.T))
    True
    """
    shared = {
        source: shared_information(source, fused, feature=feature, size=size, largest_phi=largest_phi)
        for source in sources
    }
    if peaks == "program":
        a, b = exactly_two(sources, "the comparison of peaks")
        compared = _compare_peaks(a, b, fused, [shared[a], shared[b]], feature, size)
        return float(compared[0].mean() + compared[1].mean()) / 2.0
    return mean_over(sources, lambda source: float(shared[source].mean()))


def _compare_peaks(
    a: Image, b: Image, fused: Image, shared: list[Array], feature: FeatureMap, size: int
) -> list[Array]:
    """Count windows with the same single peak as the authors' program does."""
    X_a, X_b, X_f = (distributions(image, feature=feature, size=size) for image in (a, b, fused))
    A, B, F = (windows(feature_map(image, feature=feature), size) for image in (a, b, fused))
    peak = X_f.p.max(axis=0) == 1.0
    equals_a = (A == F).all(axis=0)
    equals_b = (np.where(equals_a, F, X_f.p) == B).all(axis=0)
    return [
        np.where(peak & (X.p == X_f.p).all(axis=0), equal, values)
        for X, equal, values in zip((X_a, X_b), (equals_a, equals_b), shared, strict=True)
    ]
