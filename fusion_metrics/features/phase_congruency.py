"""Phase congruency: how far the frequency components of a picture agree in phase, whatever their contrast.

Edges, lines and corners are where they agree (Kovesi 1999, 2003). A bank of log-Gabor filters, 4 scales by 6
orientations, gives the local amplitude and phase of each component; one complex inverse FFT per filter does it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from fusion_metrics.errors import UndefinedScore
from fusion_metrics.feature import feature
from fusion_metrics.image import Array, Image

#: Keeps quotients finite where there is no signal; in units of amplitude (pixels are 0..255).
EPSILON = 1e-4

#: The picture is worked on in strips of about so many pixels, which the processor's cache holds.
STRIP_PIXELS = 2**14
#: Bytes that processors' caches map to one place, and how many numbers keep rows out of step with them.
PAGE, GAP = 4096, 4
#: One in so many values tells roughly where the median is.
SAMPLE = 1024

Complex: TypeAlias = npt.NDArray[np.complex128]


class KovesiSettings(NamedTuple):
    """The filters and constants of Kovesi's phase congruency, with his names in brackets.

    Parameters
    ----------
    scales, orientations : int
        Size of the bank (nscale, norient).
    min_wavelength : float
        Wavelength of the finest scale, in pixels (minWaveLength).
    mult : float
        Ratio of the wavelengths of successive scales.
    sigma_on_f : float
        Width of the log-Gabor over its centre frequency (sigmaOnf): smaller is broader.
    theta_on_sigma : float
        Angle between orientations over the standard deviation of the angular Gaussian (dThetaOnSigma).
    k : float
        Standard deviations above the mean of the noise energy at which the noise threshold lies.
    cut_off, gain : float
        Centre and slope of the sigmoid that punishes a narrow spread of frequencies (cutOff, g).
    edition : {"published", "liu2012"}
        ``liu2012`` is the copy of Kovesi's 2005 program in the toolbox of Liu et al., which leaves the published
        equations in three places: frequencies of odd sizes are divided by n - 1 (and the low-pass filter is
        displaced by one sample), the cross term of the moments is a quarter of what it should be (Kovesi corrected
        that later), and `EPSILON` is added to the root in the moments.
    """

    scales: int = 4
    orientations: int = 6
    min_wavelength: float = 3.0
    mult: float = 2.1
    sigma_on_f: float = 0.55
    theta_on_sigma: float = 1.2
    k: float = 2.0
    cut_off: float = 0.5
    gain: float = 10.0
    edition: Literal["published", "liu2012"] = "published"


#: As published, with the values Kovesi recommends.
KOVESI = KovesiSettings()


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
    grey = image.luminance
    if grey.min() == grey.max():
        if settings.edition == "liu2012":
            raise UndefinedScore(f"{image.name} is flat: phase congruency of this edition divides 0 by 0")
        return PhaseCongruency(*(np.zeros_like(grey) for _ in range(3)))
    bank = _log_gabor_bank(grey.shape, settings)
    components = scipy.fft.fft2(grey) * bank.radial
    response = _room_for_responses(components.shape)
    twice, power, sums = np.empty((*grey.shape, 2)), np.empty(grey.shape), _Sums(*np.zeros((5, *grey.shape)))
    strip = max(STRIP_PIXELS // grey.shape[1], 1)
    for angle, spread, noise in zip(bank.angles, bank.spread, bank.noise, strict=True):
        twice[..., 0] = twice[..., 1] = spread  # for both parts of a complex number, which is quicker than as one
        np.multiply(_parts(components), twice.reshape(grey.shape[0], -1), out=_parts(response))
        response = scipy.fft.ifft2(response, overwrite_x=True)
        np.square(response[0].real, out=power)
        power += response[0].imag ** 2
        threshold = noise * np.sqrt(_median(power))
        for top in range(0, grey.shape[0], strip):
            rows = slice(top, top + strip)
            here = response[:, rows] if response.flags.c_contiguous else response[:, rows].copy()
            energy, amplitude = _weighted_energy(here, threshold, settings)
            sums.add(rows, energy, amplitude, angle)
    half = settings.orientations / 2.0
    moments = _moments(sums.xx / half, sums.xy / half, sums.yy / half, settings.edition)
    return PhaseCongruency(sums.energy / (sums.amplitude + EPSILON), *moments)


def _room_for_responses(shape: tuple[int, ...]) -> Complex:
    """Make room for one complex picture a scale, shape (scales, H, W), in which columns are quickly walked along.

    Rows that are whole pages apart displace each other in the processor's cache, so they get a gap between them.
    """
    gap = GAP if shape[-1] * np.dtype(np.complex128).itemsize % PAGE == 0 else 0
    return np.empty((*shape[:-1], shape[-1] + gap), dtype=np.complex128)[..., : shape[-1]]


def _parts(values: Complex) -> Array:
    """Real and imaginary parts side by side, without copying them, shape (..., 2 W)."""
    return values.view(np.float64)


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


class _Bank(NamedTuple):
    """Log-Gabor filters as ``radial[s] * spread[o]`` on the grid of `fft2`, and the noise factor of each angle."""

    radial: Array
    spread: Array
    angles: Array
    noise: Array


@lru_cache(maxsize=2)
def _log_gabor_bank(shape: tuple[int, int], settings: KovesiSettings) -> _Bank:
    """Build the filters for one image size.

    The noise threshold of an orientation is ``noise * sqrt(median(A_1^2))``: for Gaussian noise A_1^2, the squared
    amplitude of the finest scale, is exponentially distributed with mean = median / ln 2, which over the power of
    the filter gives the power of the noise; the energy of all scales together is Rayleigh distributed with
    tau^2 = power * sum((sum_s even part of filter s)^2), by Parseval's theorem.
    """
    rows, columns = (scipy.fft.fftfreq(n) for n in shape)
    # A low-pass filter takes away the corners of the spectrum, where orientations are not evenly covered.
    low_pass = 1.0 / (1.0 + (np.hypot(rows[:, None], columns) / 0.45) ** 30)
    if settings.edition == "liu2012":
        low_pass = scipy.fft.fftshift(scipy.fft.fftshift(low_pass))  # displaced by one sample where a size is odd
        rows, columns = (f * (n / max(n - 1, 1) if n % 2 else 1.0) for f, n in zip((rows, columns), shape, strict=True))
    radius = np.hypot(rows[:, None], columns)
    radius[0, 0] = 1.0
    wavelengths = settings.min_wavelength * settings.mult ** np.arange(settings.scales)
    spread_of_log = 2.0 * np.log(settings.sigma_on_f) ** 2
    radial = np.exp(-(np.log(radius * wavelengths[:, None, None]) ** 2) / spread_of_log)
    radial[:, 0, 0] = 0.0

    theta = np.arctan2(-rows[:, None], columns)
    angles = np.arange(settings.orientations) * np.pi / settings.orientations
    distance = (theta - angles[:, None, None] + np.pi) % (2.0 * np.pi) - np.pi
    sigma = np.pi / settings.orientations / settings.theta_on_sigma
    spread = np.exp(-(distance**2) / (2.0 * sigma**2)) * low_pass

    even = (spread + np.roll(spread[:, ::-1, ::-1], (1, 1), (1, 2))) / 2.0
    energy = ((even * radial.sum(axis=0)) ** 2).sum(axis=(1, 2))
    power = ((spread * radial[0]) ** 2).sum(axis=(1, 2))
    tau = np.sqrt(energy / power / np.log(2.0))
    mean, deviation = np.sqrt(np.pi / 2.0) * tau, np.sqrt(2.0 - np.pi / 2.0) * tau
    # The model above is that of an older measure of congruency; Kovesi found it 1.7 times too large for this one.
    noise = (mean + settings.k * deviation) / 1.7
    return _Bank(radial, spread, angles, noise)


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
