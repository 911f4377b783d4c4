"""Pulse-coupled neural networks: how often the neuron of each coefficient fires.

A PCNN gives every coefficient a neuron. A neuron fires when what feeds and links it exceeds a threshold that jumps up
at every pulse and decays in between; its firing times measure how salient the coefficient is in its neighbourhood.
Two models of the fusion literature stand here: Qu's simplified network with fixed constants, and the parameter-adaptive
one, which reads its constants from the band itself. Both take a stack of bands at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fusion_metrics.image import Array
from fusion_metrics.screened_neurons import Room

FiringTimes = npt.NDArray[np.int64]


def simplified_pcnn(
    coefficients: Array,
    *,
    beta: float | Array = 3.0,
    alpha_l: float = 1.0,
    alpha_theta: float = 0.2,
    v_l: float = 1.0,
    v_theta: float = 20.0,
    size: int = 3,
    iterations: int = 200,
    room: Room | None = None,
) -> FiringTimes:
    """Count how often the neurons of Qu's simplified PCNN fire, band by band.

    From zero states, for n = 1..N::

        F     = (|S| - min|S|) / (max|S| - min|S| + eps)
        L     <- exp(-alpha_l) L + v_l (W * Y)
        Theta <- exp(-alpha_theta) Theta + v_theta Y
        U     = F (1 + beta L)
        Y     = [U > Theta]
        T     <- T + Y

    with ``W(i, j) = 1 / distance to the centre`` (0 at the centre), zero outside the band, and the Y of the previous
    iteration on the right of the first two lines.

    Parameters
    ----------
    coefficients : ndarray, shape (..., H, W)
        S: one band or a stack of them, in any unit; each band is normalised by itself.
    beta : float or ndarray, broadcast to `coefficients`
        Linking strength; an array gives every neuron its own.
    alpha_l, alpha_theta : float
        Decay of the linking and of the threshold, per iteration.
    v_l, v_theta : float
        Gain of the linking, and the jump of the threshold at a pulse.
    size : int
        Side of the square linking window W, odd.
    iterations : int
        N.
    room : Room, optional
        Memory of an earlier call for bands of the same size.

    Returns
    -------
    ndarray of int64, shape of `coefficients`
        T, in 0..N. All zero for a constant band: nothing in it stands out.

    Raises
    ------
    ValueError
        If `size` is even or below 1, or `coefficients` has fewer than two axes.

    References
    ----------
    X. Qu, J. Yan, H. Xiao, Z. Zhu. Image fusion algorithm based on spatial frequency-motivated pulse coupled neural
    networks in nonsubsampled contourlet transform domain. Acta Automatica Sinica 34(12), 2008, 1508-1514. The default
    constants are those of the public implementation.

    Examples
    --------
    >>> import numpy as np
    >>> simplified_pcnn(np.array([[0.0, 1.0, 4.0]]), iterations=40)
    array([[0, 3, 3]])
    >>> int(simplified_pcnn(np.full((2, 2), 7.0)).max())
    0
    """
    from fusion_metrics.neurons import fire_simplified, inverse_distance

    stack = _as_stack(coefficients)
    strength = v_l * np.asarray(beta, dtype=np.float64)  # v_l scales L and nothing else
    strengths = np.broadcast_to(strength, coefficients.shape).reshape(stack.shape)
    window = inverse_distance(size)
    decay_l, decay_theta = float(np.exp(-alpha_l)), float(np.exp(-alpha_theta))
    times, room = [], room or Room()
    for band, own in zip(stack, strengths, strict=True):
        F = np.abs(band)
        low, high = F.min(), F.max()
        F -= low
        F = F.astype(np.float64, copy=False)
        F /= high - low + np.finfo(np.float64).eps
        times.append(fire_simplified(F, F * own, window, decay_l, decay_theta, float(v_theta), iterations, room))
    return (times[0] if len(times) == 1 else np.array(times, dtype=np.int64)).reshape(coefficients.shape)


def spatial_frequency(bands: Array) -> Array:
    """Measure the spatial frequency around each coefficient: Qu's stimulus of the network for high-frequency bands.

    Root mean square difference of neighbours down and across, in the 3x3 window around the coefficient.

    Parameters
    ----------
    bands : ndarray, shape (..., H, W)

    Returns
    -------
    ndarray, shape of `bands`
        Not negative; beyond the border the outermost coefficients are repeated, so that there is no difference.

    Examples
    --------
    >>> import numpy as np
    >>> spatial_frequency(np.array([[0.0, 0.0, 0.0, 3.0]])).round(3).tolist()
    [[0.0, 0.0, 1.732, 2.449]]
    """
    from fusion_metrics.neurons import local_spatial_frequency

    result = np.empty(bands.shape)
    for band, found in zip(_as_stack(bands), _as_stack(result), strict=True):
        local_spatial_frequency(np.array(band, order="C"), found)  # of one kind, so that it is compiled once
    return result


class AdaptiveParameters(NamedTuple):
    """The constants that the parameter-adaptive PCNN reads from one band."""

    alpha_f: float
    lam: float
    v_e: float
    alpha_e: float


def adaptive_parameters(stimulus: Array) -> AdaptiveParameters | None:
    """Derive the constants of the parameter-adaptive PCNN from the spread, maximum and Otsu threshold of one band.

    With ``s = std(F)``, ``Smax = max(F)``, ``S' = Otsu(F)``::

        alpha_f = log10(1 / s)                    lam     = (Smax / S' - 1) / 6
        V_E     = exp(-alpha_f) + Smax / S'       alpha_e = ln(V_E / (S' m))
        m       = (1 - exp(-3 alpha_f)) / (1 - exp(-alpha_f)) + (Smax / S' - 1) exp(-alpha_f)

    Parameters
    ----------
    stimulus : ndarray
        F >= 0, coefficients of an image whose pixels are in 0..1, so that s < 1.

    Returns
    -------
    AdaptiveParameters or None
        None for a constant band, which has no such parameters.

    Raises
    ------
    ValueError
        If s is 1 or more: the feeding would grow without bound.

    References
    ----------
    Y. Chen, S.-K. Park, Y. Ma, R. Ala. A new automatic parameter setting method of a simplified PCNN for image
    segmentation. IEEE Transactions on Neural Networks 22(6), 2011, 880-892.

    Examples
    --------
    >>> import numpy as np
    >>> parameters = adaptive_parameters(np.array([[0.1, 0.1], [0.9, 0.9]]))
    >>> round(parameters.alpha_f, 4)
    0.3979
    """
    s, peak = float(stimulus.std()), float(stimulus.max())
    if peak - float(stimulus.min()) <= 1e-12 * peak:  # constant up to rounding
        return None
    if s >= 1:
        raise ValueError(f"standard deviation of the band is {s:.4g}, not below 1: give the image in 0..1, not 0..255")
    threshold = otsu_threshold(stimulus)
    ratio = peak / threshold
    alpha_f = float(np.log10(1 / s))
    fade = float(np.exp(-alpha_f))
    v_e = fade + ratio
    m = 1 + fade + fade**2 + (ratio - 1) * fade  # (1 - x^3) / (1 - x) = 1 + x + x^2
    return AdaptiveParameters(alpha_f, (ratio - 1) / 6, v_e, float(np.log(v_e / (threshold * m))))


def adaptive_pcnn(coefficients: Array, *, iterations: int = 110) -> FiringTimes:
    """Count how often the neurons of the parameter-adaptive PCNN (PA-PCNN) fire, band by band.

    From U = Y = T = 0 and E = 1, for n = 1..N::

        U <- exp(-alpha_f) U + F (1 + lam (W * Y)),   F = |S|
        Y  = [U > E]
        E <- exp(-alpha_e) E + V_E Y
        T <- T + Y

    with ``W = [[.5, 1, .5], [1, 0, 1], [.5, 1, .5]]``, zero outside the band, and the constants of
    `adaptive_parameters`.

    Parameters
    ----------
    coefficients : ndarray, shape (..., H, W)
        S: one band or a stack of them, of an image whose pixels are in 0..1.
    iterations : int
        N.

    Returns
    -------
    ndarray of int64, shape of `coefficients`
        T, in 0..N. All zero for a constant band.

    Raises
    ------
    ValueError
        If the standard deviation of a band is 1 or more, or `coefficients` has fewer than two axes.

    References
    ----------
    M. Yin, X. Liu, Y. Liu, X. Chen. Medical image fusion with parameter-adaptive pulse coupled neural network in
    nonsubsampled shearlet transform domain. IEEE Transactions on Instrumentation and Measurement 68(1), 2019, 49-64.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_pcnn(np.array([[0.1, 0.2, 0.9]]), iterations=20)
    array([[ 3,  5, 10]])
    """
    from fusion_metrics.neurons import Window, fire_adaptive, ring

    stack = _as_stack(coefficients)
    window = Window(((1.0, ring(0, 1)), (0.5, ring(1, 1))))
    times = np.zeros(stack.shape, dtype=np.int64)
    for band, result in zip(stack, times, strict=True):
        F = np.abs(band)
        if (found := adaptive_parameters(F)) is None:
            continue
        decay_f, decay_e = float(np.exp(-found.alpha_f)), float(np.exp(-found.alpha_e))
        result[...] = fire_adaptive(F, F * found.lam, window, decay_f, decay_e, found.v_e, iterations)
    return times.reshape(coefficients.shape)


def otsu_threshold(values: Array, *, bins: int = 256) -> float:
    """Find the threshold that best separates `values` into two classes (largest between-class variance).

    Parameters
    ----------
    values : ndarray
        Not all equal.
    bins : int
        Bins of the histogram between the smallest and the largest value.

    Returns
    -------
    float
        The upper edge of the last bin of the lower class, so above min(values) and below max(values).

    References
    ----------
    N. Otsu. A threshold selection method from gray-level histograms. IEEE Transactions on Systems, Man, and
    Cybernetics 9(1), 1979, 62-66.

    Examples
    --------
    >>> import numpy as np
    >>> 0.1 < otsu_threshold(np.array([0.0, 0.1, 0.1, 0.9, 1.0])) < 0.9
    True
    """
    counts, edges = np.histogram(values, bins=bins)
    centres = (edges[:-1] + edges[1:]) / 2
    weight = np.cumsum(counts)[:-1] / counts.sum()
    moment = np.cumsum(counts * centres)[:-1] / counts.sum()
    mean = float(np.sum(counts * centres) / counts.sum())
    # The first and the last bin hold the extremes, so that neither class is ever empty.
    between = (mean * weight - moment) ** 2 / (weight * (1 - weight))
    # Every cut between two well separated classes is equally good: take the middle one.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-12))
    return float(edges[1:-1][best].mean())


def _as_stack(coefficients: Array) -> Array:
    """View (..., H, W) as (n, H, W)."""
    if coefficients.ndim < 2:
        raise ValueError(f"bands have two axes, not {coefficients.ndim}")
    return coefficients.reshape(-1, *coefficients.shape[-2:])
