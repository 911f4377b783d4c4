"""Q_P: how well the fused image keeps the features (edges, lines, corners) that phase congruency finds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.phase_congruency import KOVESI, KovesiSettings, PhaseCongruency, phase_congruency
from fusion_metrics.features.sliding import symmetric_sums
from fusion_metrics.image import Array

#: Keeps the correlation of featureless windows finite, at 1.
C = 1e-4
#: Pixels on each side of the centre of a Gaussian window, and its weights along one side, of standard deviation 1.5.
RADIUS = 5
WEIGHTS = np.exp(-0.5 / 1.5**2 * np.arange(-RADIUS, RADIUS + 1) ** 2)
WEIGHTS /= WEIGHTS.sum()


class _Reference(NamedTuple):
    """What the fused image is compared with: where features are, and of each of the three maps x the following.

    Attributes
    ----------
    pixels : ndarray of int, shape (n,)
        Where phase congruency exceeds the threshold, in the flattened picture.
    maps : tuple of three ndarrays, shape (H, W)
        x, set to zero elsewhere.
    mean, variance : tuples of three ndarrays, shape (n,)
        Mean and variance of `maps`, in the windows around `pixels`.
    """

    pixels: npt.NDArray[np.intp]
    maps: tuple[Array, ...]
    mean: tuple[Array, ...]
    variance: tuple[Array, ...]


@metric(
    "qp",
    title="Q_P",
    family="edges",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    cites="zhao2007",
    min_size=2,
    variants={
        "paper": Variant(
            "Zhao, Laganiere and Liu 2007 on phase congruency as Kovesi published it; window, border and the blanking "
            "of the sources outside their features as in the toolbox of Liu et al."
        ),
        "liu2012": Variant(
            "Toolbox of Liu et al. 2012: as the paper, with a copy of Kovesi's program whose moments have a quarter of "
            "the cross term and 1e-4 added to their root, and which divides frequencies by n - 1 where a size is odd; "
            "no value for flat images.",
            {"settings": KovesiSettings(edition="liu2012")},
            cites="liu2012",
        ),
        "mefb": Variant(
            "MEFB's Qp: as `liu2012`, the mean of red, green and blue; no value if one channel of a picture is flat.",
            {"settings": KovesiSettings(edition="liu2012")},
            channels="each",
            cites="zhang2021mefb",
        ),
    },
)
def qp(
    a: Image,
    b: Image,
    fused: Image,
    *,
    threshold: float = 0.1,
    settings: KovesiSettings = KOVESI,
) -> float:
    """Local correlation of phase congruency and its two moments between the sources and the fused image.

    Let x be one of the three feature maps: phase congruency p, its maximum moment M (edges) and minimum moment m
    (corners). S is the map of maximum selection: at each pixel, x of the source whose p is larger. With variances
    and covariances in an 11x11 Gaussian window (standard deviation 1.5),

        C^x_YF = (cov(x_Y, x_F) + C) / (sigma(x_Y) sigma(x_F) + C),   Y in {A, B, S},   C = 1e-4,
        P_x = mean of max(C^x_AF, C^x_BF, C^x_SF) over the pixels with p_S > threshold,
        Q_P = P_p P_M P_m.

    A correlation with Y counts only where p_Y > threshold and is 0 elsewhere.

    Parameters
    ----------
    a, b, fused : Image
    threshold : float
        Phase congruency above which a pixel belongs to a feature.
    settings : KovesiSettings
        Filters and constants of phase congruency.

    Returns
    -------
    float
        In [-1, 1]; 1 where all features are kept. Three equal images stay below 1, because the sources are blanked
        outside their features and the fused image is not.

    Raises
    ------
    UndefinedScore
        The fused image is flat: phase congruency does not depend on contrast, so it has no limit as contrast goes
        to zero. Or no source has a feature above the threshold, and the mean is over nothing.

    Notes
    -----
    A flat source has no feature, and the other source alone is judged. A window in which the fused image has no
    feature at all gets 1, not 0, from the constant C; that is the definition.

    References
    ----------
    zhao2007, kovesi1999; for the scripts liu2012, zhang2021mefb

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> scene = np.kron(rng.integers(0, 256, (8, 8)), np.ones((8, 8))).astype(np.uint8)
    >>> noise = rng.integers(0, 256, scene.shape, dtype=np.uint8)
    >>> [round(qp(Image(scene), Image(scene), Image(fused)), 2) for fused in (scene, 255 - scene, scene // 2, noise)]
    [0.99, 0.99, 0.99, 0.03]
    """
    return _kept(a, b, fused, threshold=threshold, settings=settings)


@feature
def _kept(a: Image, b: Image, fused: Image, *, threshold: float, settings: KovesiSettings) -> float:
    """Compute Q_P, once for all metrics that are made of it."""
    if fused.luminance.min() == fused.luminance.max():
        raise UndefinedScore(f"{fused.name} is flat: phase congruency does not depend on contrast and has no limit")
    references = (
        _source(a, threshold=threshold, settings=settings),
        _source(b, threshold=threshold, settings=settings),
        _strongest(a, b, threshold=threshold, settings=settings),
    )
    pixels = references[2].pixels.size
    if pixels == 0:
        raise UndefinedScore(f"neither source has a feature with phase congruency above {threshold:g}")
    score = 1.0
    for k, x_f in enumerate(phase_congruency(fused, settings=settings)):
        mean_f = _local_mean(x_f)
        variance_f = _local_mean(x_f, x_f) - mean_f * mean_f
        kept = np.max([_correlation(reference, k, x_f, mean_f, variance_f) for reference in references], axis=0)
        score *= float(kept.sum()) / pixels
    return min(score, 1.0)  # a correlation may exceed 1 by rounding


def _correlation(reference: _Reference, k: int, x_f: Array, mean_f: Array, variance_f: Array) -> Array:
    """Return C^x_YF for the k-th feature map, 0 outside the features of the reference; shape (H * W,)."""
    at = reference.pixels
    covariance = _local_mean(reference.maps[k], x_f).ravel()[at] - reference.mean[k] * mean_f.ravel()[at]
    # The product of two variances is negative only by rounding.
    deviations = np.sqrt(np.abs(reference.variance[k] * variance_f.ravel()[at]))
    correlation = np.zeros(x_f.size)
    correlation[at] = (covariance + C) / (deviations + C)
    return correlation


@feature
def _source(source: Image, *, threshold: float, settings: KovesiSettings) -> _Reference:
    return _describe(phase_congruency(source, settings=settings), threshold)


@feature
def _strongest(a: Image, b: Image, *, threshold: float, settings: KovesiSettings) -> _Reference:
    """Take every feature from the source whose phase congruency is larger at that pixel."""
    of_a, of_b = (phase_congruency(source, settings=settings) for source in (a, b))
    a_wins = of_a.congruency > of_b.congruency
    chosen = (np.where(a_wins, x_a, x_b) for x_a, x_b in zip(of_a, of_b, strict=True))
    return _describe(PhaseCongruency(*chosen), threshold)


def _describe(features: PhaseCongruency, threshold: float) -> _Reference:
    mask = features.congruency > threshold
    at = np.flatnonzero(mask)
    maps = tuple(x * mask for x in features)
    mean = tuple(_local_mean(x).ravel()[at] for x in maps)
    square = (_local_mean(x, x).ravel()[at] for x in maps)
    variance = tuple(of_x - m * m for of_x, m in zip(square, mean, strict=True))
    return _Reference(at, maps, mean, variance)


def _local_mean(x: Array, y: Array | float = 1.0) -> Array:
    """Average a product over 11x11 Gaussian windows; outside the picture there are no features, so zeros."""
    framed = np.zeros((x.shape[0] + 2 * RADIUS, x.shape[1] + 2 * RADIUS))
    np.multiply(x, y, out=framed[RADIUS:-RADIUS, RADIUS:-RADIUS])
    return symmetric_sums(framed, WEIGHTS)
