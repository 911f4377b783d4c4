"""Phase congruency: how far the frequency components of a picture agree in phase, whatever their contrast.

Edges, lines and corners are where they agree (Kovesi 1999, 2003). A bank of log-Gabor filters, 4 scales by 6
orientations, gives the local amplitude and phase of each component; one complex inverse FFT per filter does it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fusion_metrics.errors import UndefinedScore
from fusion_metrics.feature import feature
from fusion_metrics.features.log_gabor import KOVESI, Complex, KovesiSettings, Responses
from fusion_metrics.image import Array, Image
from fusion_metrics.strips import strips

#: Keeps quotients finite where there is no signal; in units of amplitude (pixels are 0..255).
EPSILON = 1e-4

#: One in so many values tells roughly where the median is.
SAMPLE = 1024


class PhaseCongruency(NamedTuple):
    """Feature maps without unit, shape (H, W) each; all but rounding lies in [0, 1]."""

    congruency: Array
    maximum_moment: Array
    minimum_moment: Array


@feature
def phase_congruency(image: Image, *, settings: KovesiSettings = KOVESI) -> PhaseCongruency:
    """Phase congruency of the luminance and the moments of its covariance over orientation.

    With the response e + i o of scale s in orientation theta, its amplitude A_s and the unit vector (E, O) of the
    sum of responses over scales,

        energy_theta = sum_s(e_s E + o_s O - |e_s O - o_s E|),
        PC_theta = W max(energy_theta - T, 0) / sum_s A_s,

    where W grows with the number of scales that respond and T is the energy expected of noise alone, estimated from
    the median amplitude of the finest scale. The map over all orientations is the same quotient of sums,
    ``sum W max(energy - T, 0) / (sum A + EPSILON)``. With a = sum (PC cos theta)^2, c = sum (PC sin theta)^2 and
    b = 2 sum PC^2 cos theta sin theta, each over half the number of orientations, the moments are
    M, m = (a + c +- sqrt(b^2 + (a - c)^2)) / 2: M is large on edges, m on corners.

    Parameters
    ----------
    image : Image
        Taken as one period of a periodic picture, as the discrete Fourier transform has it.
    settings : KovesiSettings

    Returns
    -------
    PhaseCongruency
        A flat image has no component and so no feature: all three maps are 0.

    Raises
    ------
    UndefinedScore
        Flat image in the ``liu2012`` edition, which divides 0 by 0.

    References
    ----------
    kovesi1999; for the moments P. Kovesi, "Phase congruency detects corners and edges", DICTA 2003

    Examples
    --------
    >>> step = np.zeros((64, 64), np.uint8)
    >>> step[:, 32:] = 200
    >>> congruency = phase_congruency(Image(step)).congruency
    >>> bool(congruency[20, 31:33].min() > 0.5 > 0.1 > congruency[20, 14:18].max())
    True
    """
    grey = image.compact_luminance
    if grey.min() == grey.max():
        if settings.edition == "liu2012":
            raise UndefinedScore(f"{image.name} is flat: phase congruency of this edition divides 0 by 0")
        return PhaseCongruency(*(np.zeros(grey.shape) for _ in range(3)))
    responses = Responses(grey, settings)
    sums = _Sums(*(np.zeros(grey.shape) for _ in _Sums._fields))
    for orientation, (angle, noise) in enumerate(zip(responses.bank.angles, responses.bank.noise, strict=True)):
        threshold = noise * np.sqrt(_median(responses.turn(orientation)))
        for rows in strips(grey.shape):
            energy, amplitude = _weighted_energy(responses.of(rows), threshold, settings)
            sums.add(rows, energy, amplitude, angle)
    return sums.maps(settings)


class _Sums(NamedTuple):
    """Sums over orientations, shape (H, W): of weighted energy and amplitude, and of their quotients' covariance."""

    energy: Array
    amplitude: Array
    xx: Array
    xy: Array
    yy: Array

    def add(self, rows: slice, energy: Array, amplitude: Array, angle: float) -> None:
        """Add what some rows have in one orientation; destroys it."""
        np.add(self.energy[rows], energy, out=self.energy[rows])
        np.add(self.amplitude[rows], amplitude, out=self.amplitude[rows])
        if amplitude.min() > 0.0:  # then there is nothing to choose, which takes long
            energy /= amplitude
        else:
            np.divide(energy, amplitude, out=energy, where=amplitude > 0.0)
        squared = np.square(energy, out=energy)
        cos, sin = np.cos(angle), np.sin(angle)
        for moment, factor in ((self.xx, cos**2), (self.xy, cos * sin), (self.yy, sin**2)):
            moment[rows] += np.multiply(squared, factor, out=amplitude)

    def maps(self, settings: KovesiSettings) -> PhaseCongruency:
        """Return the maps that the sums over all orientations make, in the place of the sums."""
        half = settings.orientations / 2.0
        for rows in strips(self.energy.shape):
            self.amplitude[rows] += EPSILON
            self.energy[rows] /= self.amplitude[rows]
            xx, xy, yy = (moment[rows] / half for moment in (self.xx, self.xy, self.yy))
            self.xx[rows], self.yy[rows] = _moments(xx, xy, yy, settings.edition)
        return PhaseCongruency(self.energy, self.xx, self.yy)


def _weighted_energy(response: Complex, threshold: float, settings: KovesiSettings) -> tuple[Array, Array]:
    """Return ``W max(energy - T, 0)`` and the sum of amplitudes of one orientation; destroys the responses."""
    amplitudes = np.abs(response)
    amplitude: Array = amplitudes.sum(axis=0)
    mean = response.sum(axis=0)
    length = np.abs(mean)
    # Seen from the direction of the mean response, the real parts are e E + o O and the imaginary parts o E - e O.
    response *= np.conjugate(mean, out=mean)
    largest = amplitudes.max(axis=0)
    energy = length**2
    energy -= np.abs(response.imag, out=amplitudes).sum(axis=0)
    length += EPSILON
    energy /= length
    energy -= threshold
    np.maximum(energy, 0.0, out=energy)
    largest += EPSILON
    width = np.divide(amplitude, largest, out=largest)
    width /= settings.scales
    np.subtract(settings.cut_off, width, out=width)
    width *= settings.gain
    np.exp(width, out=width)
    width += 1.0
    energy /= width
    return energy, amplitude


def _moments(xx: Array, xy: Array, yy: Array, edition: str) -> tuple[Array, Array]:
    """Return the maximum and minimum moment of the covariance [[xx, xy], [xy, yy]]."""
    liu2012 = edition == "liu2012"
    root = np.sqrt(((0.5 if liu2012 else 2.0) * xy) ** 2 + (xx - yy) ** 2)
    if liu2012:
        root += EPSILON
    return (xx + yy + root) / 2.0, (xx + yy - root) / 2.0


def _median(values: Array) -> float:
    """Return the median, that of `numpy.median` to the last bit.

    A sample tells between which two values it lies; those in between are a tenth of all, and only they are ordered.
    """
    flat = values.ravel()
    middle = flat.size // 2
    sample = np.sort(flat[:: flat.size // SAMPLE | 1])
    low, high = sample[int(0.44 * len(sample))], sample[int(0.56 * len(sample))]
    below = int(np.count_nonzero(flat < low))
    between = flat[(flat >= low) & (flat <= high)]
    if not below < middle < below + between.size:
        below, between = 0, flat.copy()
    first, second = middle - 1 - below, middle - below
    between.partition((first, second) if flat.size > 1 else second)
    return float(between[second] if flat.size % 2 else (between[first] + between[second]) / 2.0)
