"""Q_P: how well the fused image keeps the features (edges, lines, corners) that phase congruency finds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.compiled import compiled
from fusion_metrics.features.log_gabor import KOVESI, KovesiSettings
from fusion_metrics.features.phase_congruency import PhaseCongruency, phase_congruency
from fusion_metrics.features.sliding import symmetric_sums
from fusion_metrics.image import Array

#: Keeps the correlation of featureless windows finite, at 1.
C = 1e-4
#: Pixels on each side of the centre of a Gaussian window, and its weights along one side, of standard deviation 1.5.
RADIUS = 5
WEIGHTS = np.exp(-0.5 / 1.5**2 * np.arange(-RADIUS, RADIUS + 1) ** 2)
WEIGHTS /= WEIGHTS.sum()
#: Rows that are averaged at once, so that the processor's cache holds them.
ROWS = 32


class _Reference(NamedTuple):
    """What the fused image is compared with: where features are, and of each of the three maps x the following.

    Attributes
    ----------
    candidates : tuple of PhaseCongruency
        Maps of one source, or of two; x is that of the one whose phase congruency is larger, and zero elsewhere.
    pixels : ndarray of int, shape (n,)
        Where phase congruency exceeds the threshold, in the flattened picture.
    mean, variance : tuples of three ndarrays, shape (n,)
        Mean and variance of x, in the windows around `pixels`.
    """

    candidates: tuple[PhaseCongruency, ...]
    pixels: npt.NDArray[np.intp]
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
    if fused.compact_luminance.min() == fused.compact_luminance.max():
        raise UndefinedScore(f"{fused.name} is flat: phase congruency does not depend on contrast and has no limit")
    features = phase_congruency(fused, settings=settings)  # before anything else, because it needs the most memory
    references = (
        _source(a, threshold=threshold, settings=settings),
        _source(b, threshold=threshold, settings=settings),
        _strongest(a, b, threshold=threshold, settings=settings),
    )
    pixels = references[2].pixels.size
    if pixels == 0:
        raise UndefinedScore(f"neither source has a feature with phase congruency above {threshold:g}")
    score = 1.0
    for k, x_f in enumerate(features):
        mean_f = _local_mean(x_f)
        variance_f = _local_mean(x_f, x_f)
        variance_f -= mean_f * mean_f
        kept = np.full(x_f.size, -np.inf)
        for reference in references:
            moment = _local_mean(_chosen(reference.candidates, k, threshold), x_f)
            own = (reference.pixels, reference.mean[k], reference.variance[k])
            _keep_larger(kept, own, moment.ravel(), mean_f.ravel(), variance_f.ravel())
        score *= float(kept.sum()) / pixels
    return min(score, 1.0)  # a correlation may exceed 1 by rounding


@compiled
def _keep_larger(
    kept: Array, own: tuple[npt.NDArray[np.intp], Array, Array], moment: Array, mean_f: Array, variance_f: Array
) -> None:
    """Raise what is kept to C^x_YF, which is 0 outside the features of Y; ``own`` are its pixels, mean and variance."""
    pixels, mean, variance = own
    following = 0
    for p in range(len(kept)):
        correlation = 0.0
        if following < len(pixels) and pixels[following] == p:
            covariance = moment[p] - mean[following] * mean_f[p]
            # The product of two variances is negative only by rounding.
            deviations = np.sqrt(np.abs(variance[following] * variance_f[p]))
            correlation = (covariance + C) / (deviations + C)
            following += 1
        kept[p] = max(kept[p], correlation)


@feature
def _source(source: Image, *, threshold: float, settings: KovesiSettings) -> _Reference:
    return _describe((phase_congruency(source, settings=settings),), threshold)


@feature
def _strongest(a: Image, b: Image, *, threshold: float, settings: KovesiSettings) -> _Reference:
    """Take every feature from the source whose phase congruency is larger at that pixel."""
    return _describe(tuple(phase_congruency(source, settings=settings) for source in (a, b)), threshold)


def _describe(candidates: tuple[PhaseCongruency, ...], threshold: float) -> _Reference:
    at = np.flatnonzero(_chosen(candidates, 0, threshold))
    mean, variance = [], []
    for k in range(3):
        x = _chosen(candidates, k, threshold)
        mean.append(_local_mean(x).ravel()[at])
        variance.append(_local_mean(x, x).ravel()[at] - mean[k] * mean[k])
    return _Reference(candidates, at, tuple(mean), tuple(variance))


def _chosen(candidates: tuple[PhaseCongruency, ...], k: int, threshold: float) -> Array:
    """Return the k-th map of the candidate with the larger phase congruency, and 0 where there is no feature."""
    of_a, of_b = candidates[0], candidates[-1]
    if len(candidates) == 1:
        return of_a[k] * (of_a.congruency > threshold)
    x = np.where(of_a.congruency > of_b.congruency, of_a[k], of_b[k])
    x *= np.maximum(of_a.congruency, of_b.congruency) > threshold
    return x


def _local_mean(x: Array, y: Array | None = None) -> Array:
    """Average x or x y over 11x11 Gaussian windows; outside the picture there are no features, so zeros."""
    height, width = x.shape
    mean = np.empty(x.shape)
    for top in range(0, height, ROWS):
        above, below = min(top, RADIUS), min(height, top + ROWS + RADIUS)
        rows = slice(top - above, below)
        framed = np.zeros((min(ROWS, height - top) + 2 * RADIUS, width + 2 * RADIUS))
        inside = framed[RADIUS - above : RADIUS - above + below - rows.start, RADIUS:-RADIUS]
        inside[...] = x[rows] if y is None else x[rows] * y[rows]
        mean[top : top + ROWS] = symmetric_sums(framed, WEIGHTS)
    return mean
