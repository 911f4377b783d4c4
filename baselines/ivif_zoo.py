"""What the survey code IVIF_ZOO computes under the names CE, TE, Q_NCIE, Q_Y, Q_CB and VIF.

The formulas have little but the names in common with the publications. They are here because tables are made with them,
as variants `ivif-zoo` of the metrics that they are called after; none is recommended.
"""

from __future__ import annotations

import math

import numpy as np
import scipy

from fusion_metrics import Image, UndefinedScore
from fusion_metrics.features.contrast_sensitivity import DIFFERENCE_OF_GAUSSIANS
from fusion_metrics.features.histograms import entropy
from fusion_metrics.features.visual_information import FLAT, SCALES
from fusion_metrics.features.windows import GAUSSIAN_7
from fusion_metrics.image import Array

#: Smaller probabilities, and those closer to 1, are cut; and what is added to divisors.
LEAST_PROBABILITY, TINY = 1e-7, 1e-10
#: Of a matrix of correlations rounded to 32 bits, an eigenvalue below this may come out negative, or not.
SINGULAR = float(np.finfo(np.float32).eps)


def sigmoid_cross_entropy(a: Image, b: Image, fused: Image) -> float:
    """Binary cross entropy of the sigmoids of grey levels 0..255, of which most are 1 to all 32 bits.

        CE = -mean(T ln s_F + (1 - T) ln(1 - s_F)),   T = (s_A + s_B) / 2,   s_X = 1 / (1 + exp(-X)).

    A pixel above 17 is white to it. Probabilities are rounded to 32 bits, and that decides what 1 - s is.
    """
    one = np.float32(1.0)
    least = np.float32(LEAST_PROBABILITY)
    s_A, s_B, s_F = (one / (one + np.exp(-image.luminance.astype(np.float32))) for image in (a, b, fused))
    target = np.clip((s_A + s_B) / np.float32(2.0), least, one - least).astype(np.float64)
    p = np.clip(s_F, least, one - least).astype(np.float64)
    return -float((target * np.log(p) + (1.0 - target) * np.log(1.0 - p)).mean())


def entropies_beyond_fused(a: Image, b: Image, fused: Image) -> float:
    """Entropies of the sources less that of the fused image, ``H(A) + H(B) - H(F)``; nothing joint is in it."""
    return entropy(a) + entropy(b) - entropy(fused)


def correlation_entropy(a: Image, b: Image, fused: Image) -> float:
    """Entropy of the eigenvalues of the three pictures' linear correlations.

        1 + sum_i lambda_i / 3 log2( lambda_i / 3 ) / 8,   lambda_i the eigenvalues of the 3x3 matrix of Pearson's r.

    Raises
    ------
    UndefinedScore
        A picture is constant, or follows exactly from the others: an eigenvalue is then zero, or less by rounding.
    """
    centred = []
    for image in (a, b, fused):
        if np.ptp(image.luminance) == 0.0:
            raise UndefinedScore(f"{image.name} is constant: it has no correlation with anything")
        x = (image.luminance - image.luminance.min()) / np.ptp(image.luminance)
        centred.append(x - x.mean())
    norms = [math.sqrt(np.vdot(x, x)) for x in centred]
    matrix = np.eye(3)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        # eigvalsh reads the lower triangle.
        matrix[j, i] = np.vdot(centred[i], centred[j]) / (norms[i] * norms[j] + TINY)
    eigenvalues = np.linalg.eigvalsh(matrix)
    if eigenvalues.min() < SINGULAR:
        raise UndefinedScore("the pictures go exactly together: an eigenvalue is zero but for rounding")
    share = eigenvalues / 3.0
    return 1.0 + float((share * np.log2(share)).sum()) / 8.0


def repeated_row_similarity(a: Image, b: Image, fused: Image) -> float:
    """Q_Y with a window whose weights sum to 7, so that its variances are none.

    The window is seven times the same row, a Gaussian across; pictures go on with zeros. S is SSIM with the constants
    1e-4 and 9e-4, which belong to pixels 0..1, of grey levels 0..255. With v the variances,

        Q = mean of (lambda S_AF + (1 - lambda) S_BF where S_AB >= 0.75, and of the larger of both elsewhere),
        lambda = v_A / (v_A + v_B).

    Raises
    ------
    UndefinedScore
        In a window the variances cancel.
    """
    averages = {image: _row_average(image.luminance) for image in (a, b, fused)}
    variances = {image: _row_average(image.luminance**2) - averages[image] ** 2 for image in (a, b, fused)}

    def similarity(x: Image, y: Image) -> Array:
        mean_x, mean_y = averages[x], averages[y]
        covariance = _row_average(x.luminance * y.luminance) - mean_x * mean_y
        below = (mean_x**2 + mean_y**2 + 1e-4) * (variances[x] + variances[y] + 9e-4)
        if not below.all():
            raise UndefinedScore(f"the variances of {x.name} and {y.name} cancel in a window")
        ratio: Array = (2.0 * mean_x * mean_y + 1e-4) * (2.0 * covariance + 9e-4) / below
        return ratio

    total = variances[a] + variances[b] + TINY
    if not total.all():
        raise UndefinedScore(f"the variances of {a.name} and {b.name} cancel in a window")
    share = variances[a] / total
    of_a, of_b = similarity(a, fused), similarity(b, fused)
    chosen = np.where(similarity(a, b) >= 0.75, share * of_a + (1.0 - share) * of_b, np.maximum(of_a, of_b))
    return float(chosen.mean())


def stretched_contrast(a: Image, b: Image, fused: Image) -> float:
    """Q_CB of pictures stretched to 0..1, with weights that do not quite sum to 1.

    The Gaussians, cut off at 15 pixels and not normalised, go on with zeros outside; with C' the masked contrasts,

        Q_CB = mean of (C'_A^2 Q_AF + C'_B^2 Q_BF) / (C'_A^2 + C'_B^2 + 1e-10),

    so that a pixel at which both sources have next to no contrast counts as next to nothing kept.

    Raises
    ------
    UndefinedScore
        A picture is constant, or a pixel has exactly no contrast in a source and the fused image.
    """
    contrast_a, contrast_b, contrast_f = (_masked_contrast(image) for image in (a, b, fused))

    def preserved(source: Array) -> Array:
        larger = np.maximum(source, contrast_f)
        if not larger.all():
            raise UndefinedScore("at a pixel neither a source nor the fused image has any contrast: 0/0")
        ratio: Array = np.minimum(source, contrast_f) / larger
        return ratio

    weighted = contrast_a**2 * preserved(contrast_a) + contrast_b**2 * preserved(contrast_b)
    return float((weighted / (contrast_a**2 + contrast_b**2 + TINY)).mean())


def shifted_window_fidelity(a: Image, b: Image, fused: Image, *, sigma_n_sq: float = 2.0) -> float:
    """VIF in windows that leave the picture, which goes on with zeros, and lie half a pixel beside it.

    Otherwise as `baselines.vif.vif`: four scales, 17, 9, 5 and 3 pixels, the sum over both sources. The N weights of a
    window belong to N places from -(N + 1)/2 to (N - 1)/2, a little more than a pixel apart.

    Raises
    ------
    UndefinedScore
        A black source; the border is an edge to any other.
    """
    return _fidelity(a, fused, sigma_n_sq) + _fidelity(b, fused, sigma_n_sq)


def _fidelity(source: Image, fused: Image, sigma_n_sq: float) -> float:
    x, y = source.luminance, fused.luminance
    kept = offered = 0.0
    for scale in SCALES:
        size = 2 ** (5 - scale) + 1
        places = np.linspace(-(size + 1) / 2.0, (size - 1) / 2.0, size)
        weights = np.exp(-(places**2) / (2.0 * (size / 5.0) ** 2))
        weights /= weights.sum()
        if scale > 1:
            x, y = (_average(picture, weights)[::2, ::2] for picture in (x, y))
        mean_x, mean_y = _average(x, weights), _average(y, weights)
        var_x = _flattened(_average(x * x, weights) - mean_x**2)
        var_y = _flattened(_average(y * y, weights) - mean_y**2)
        covariance = np.where((var_x > 0.0) & (var_y > 0.0), _average(x * y, weights) - mean_x * mean_y, 0.0)
        gain = np.maximum(covariance, 0.0) / (var_x + FLAT)
        noise = np.maximum(var_y - gain * covariance, 0.0)
        kept += float(np.log10(1.0 + gain**2 * var_x / (noise + sigma_n_sq)).sum())
        offered += float(np.log10(1.0 + var_x / sigma_n_sq).sum())
    if offered == 0.0:
        raise UndefinedScore(f"{source.name} is black: it has no visual information to keep")
    return kept / offered


def _flattened(variance: Array) -> Array:
    return np.where(variance < FLAT, 0.0, variance)


def _average(picture: Array, weights: Array) -> Array:
    """Weighted average around every pixel; zeros outside."""
    down: Array = scipy.ndimage.correlate1d(picture, weights, axis=0, mode="constant")
    return scipy.ndimage.correlate1d(down, weights, axis=1, mode="constant")


def _row_average(picture: Array) -> Array:
    """Average across with a Gaussian, summed over seven rows; zeros outside."""
    across: Array = scipy.ndimage.correlate1d(picture, GAUSSIAN_7.weights, axis=1, mode="constant")
    return scipy.ndimage.correlate1d(across, np.ones(GAUSSIAN_7.size), axis=0, mode="constant")


def _masked_contrast(image: Image) -> Array:
    """Return C' of the stretched picture."""
    low, high = image.luminance.min(), image.luminance.max()
    if low == high:
        raise UndefinedScore(f"{image.name} is constant, so it cannot be stretched")
    picture = (image.luminance - low) / (high - low)
    # The picture spans 30 units of frequency down and across, whatever its size.
    down, across = (scipy.fft.fftfreq(length) * length / 30.0 for length in picture.shape)
    response = DIFFERENCE_OF_GAUSSIANS(np.hypot(down[:, None], across))
    visible = scipy.fft.ifft2(scipy.fft.fft2(picture) * response).real
    places = np.arange(-15, 16)
    fine, coarse = (
        _average(visible, np.exp(-(places**2) / (2.0 * sigma**2)) / (math.sqrt(2.0 * math.pi) * sigma))
        for sigma in (2.0, 4.0)
    )
    contrast = np.abs(fine / (coarse + TINY) - 1.0)
    masked: Array = contrast**3 / (contrast**2 + 1e-4)
    return masked
