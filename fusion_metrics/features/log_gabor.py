"""Log-Gabor filters: what a picture has of one scale and orientation, as a complex number at each pixel.

Its real part is the response of an even filter and its imaginary part that of an odd one, its magnitude the local
amplitude; one complex inverse FFT per filter gives both. Filters are products of what depends on the scale and what
depends on the orientation, so that only those are held.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from fusion_metrics.compiled import compiled
from fusion_metrics.image import Array
from fusion_metrics.strips import strips

#: Bytes that processors' caches map to one place, and how many numbers keep rows out of step with them.
PAGE, GAP = 4096, 4

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


class Responses:
    """The responses of a picture to the filters of one orientation after the other.

    Parameters
    ----------
    grey : ndarray of any real type, shape (H, W)
        Taken as one period of a periodic picture, as the discrete Fourier transform has it.
    settings : KovesiSettings

    Attributes
    ----------
    bank : Bank
    """

    def __init__(self, grey: npt.NDArray[Any], settings: KovesiSettings) -> None:
        self.bank = log_gabor_bank((grey.shape[0], grey.shape[1]), settings)
        self._spectrum = scipy.fft.fft2(grey.astype(np.float64))
        self._responses = _room((settings.scales, *grey.shape))
        self._power = np.empty(grey.shape)
        # As an inverse FFT of both axes rounds it, which multiplies once, after the first.
        self._share = float(1.0 / np.longdouble(grey.size))

    def turn(self, orientation: int) -> Array:
        """Go on to an orientation, and return the squared amplitude of its finest scale; the next turn writes over it.

        Returns
        -------
        ndarray, shape (H, W)
        """
        _filter(_parts(self._spectrum), self.bank.radial, self.bank.spread[orientation], _parts(self._responses))
        self._responses = scipy.fft.ifft(self._responses, axis=-2, norm="forward", overwrite_x=True)
        for rows in strips(self._power.shape):
            finest = self._responses[0, rows] = self._along(self._responses[0, rows])
            power = np.square(finest.real, out=self._power[rows])
            power += finest.imag**2
        return self._power

    def of(self, rows: slice) -> Complex:
        """Return what some rows have in the orientation of the last turn, a copy, shape (scales, n, W)."""
        return np.concatenate([self._responses[:1, rows], self._along(self._responses[1:, rows])])

    def _along(self, values: Complex) -> Complex:
        """Transform back along rows what was transformed back along columns."""
        found: Complex = scipy.fft.ifft(values * self._share, norm="forward", overwrite_x=True)
        return found


def _room(shape: tuple[int, ...]) -> Complex:
    """Make room for complex pictures in which columns are quickly walked along.

    Rows that are whole pages apart displace each other in the processor's cache, so they get a gap between them.
    """
    gap = GAP if shape[-1] * np.dtype(np.complex128).itemsize % PAGE == 0 else 0
    return np.empty((*shape[:-1], shape[-1] + gap), dtype=np.complex128)[..., : shape[-1]]


def _parts(values: Complex) -> Array:
    """Real and imaginary parts side by side, without copying them, shape (..., 2 W)."""
    return values.view(np.float64)


@compiled
def _filter(spectrum: Array, radial: Array, spread: Array, responses: Array) -> None:
    """Write the products of a spectrum and all filters of one orientation; complex numbers as their `_parts`."""
    height, width = spread.shape
    for r in range(height):
        wave, of_angle = spectrum[r], spread[r]
        for s in range(len(radial)):
            of_scale, product = radial[s, min(r, height - r)], responses[s, r]
            for c in range(width):
                product[2 * c] = wave[2 * c] * of_scale[c] * of_angle[c]
                product[2 * c + 1] = wave[2 * c + 1] * of_scale[c] * of_angle[c]


class Bank(NamedTuple):
    """Log-Gabor filters on the grid of `fft2`, as products of one array for each scale and one for each orientation.

    Attributes
    ----------
    radial : ndarray, shape (scales, H // 2 + 1, W)
        Row r is that of the frequencies r and -r.
    spread : ndarray, shape (orientations, H, W)
    angles, noise : ndarray, shape (orientations,)
        Angle in radians, and the factor of the noise threshold, see `log_gabor_bank`.
    """

    radial: Array
    spread: Array
    angles: Array
    noise: Array


@lru_cache(maxsize=2)
def log_gabor_bank(shape: tuple[int, int], settings: KovesiSettings) -> Bank:
    """Build the filters for one image size.

    The noise threshold of an orientation is ``noise * sqrt(median(A_1^2))``: for Gaussian noise A_1^2, the squared
    amplitude of the finest scale, is exponentially distributed with mean = median / ln 2, which over the power of
    the filter gives the power of the noise; the energy of all scales together is Rayleigh distributed with
    tau^2 = power * sum((sum_s even part of filter s)^2), by Parseval's theorem.
    """
    rows, columns = (scipy.fft.fftfreq(n) for n in shape)
    low_pass = np.empty(shape)
    for strip in strips(shape):
        low_pass[strip] = 1.0 / (1.0 + (np.hypot(rows[strip, None], columns) / 0.45) ** 30)
    if settings.edition == "liu2012":
        low_pass = scipy.fft.fftshift(scipy.fft.fftshift(low_pass))  # displaced by one sample where a size is odd
        rows, columns = (f * (n / max(n - 1, 1) if n % 2 else 1.0) for f, n in zip((rows, columns), shape, strict=True))
    angles = np.arange(settings.orientations) * np.pi / settings.orientations
    radial = _radial(rows[: shape[0] // 2 + 1], columns, settings)
    spread = np.empty((settings.orientations, *shape))
    sigma = np.pi / settings.orientations / settings.theta_on_sigma
    for strip in strips(shape):
        theta = np.arctan2(-rows[strip, None], columns)
        for angle, gaussian in zip(angles, spread, strict=True):
            distance = (theta - angle + np.pi) % (2.0 * np.pi) - np.pi
            # A low-pass filter takes away the corners of the spectrum, where orientations are not evenly covered.
            np.multiply(np.exp(-(distance**2) / (2.0 * sigma**2)), low_pass[strip], out=gaussian[strip])
    tau = np.array([_tau(radial, gaussian, room=low_pass) for gaussian in spread])
    mean, deviation = np.sqrt(np.pi / 2.0) * tau, np.sqrt(2.0 - np.pi / 2.0) * tau
    # The model above is that of an older measure of congruency; Kovesi found it 1.7 times too large for this one.
    noise = (mean + settings.k * deviation) / 1.7
    return Bank(radial, spread, angles, noise)


def _radial(rows: Array, columns: Array, settings: KovesiSettings) -> Array:
    """Return the log-Gabor functions of the radius at frequencies of which the first is zero."""
    wavelengths = settings.min_wavelength * settings.mult ** np.arange(settings.scales)
    spread_of_log = 2.0 * np.log(settings.sigma_on_f) ** 2
    radial = np.empty((settings.scales, len(rows), len(columns)))
    for strip in strips(radial.shape[1:]):
        radius = np.hypot(rows[strip, None], columns)
        if strip.start == 0:
            radius[0, 0] = 1.0
        for wavelength, gaussian in zip(wavelengths, radial, strict=True):
            np.exp(-(np.log(radius * wavelength) ** 2) / spread_of_log, out=gaussian[strip])
    radial[:, 0, 0] = 0.0
    return radial


def _tau(radial: Array, spread: Array, room: Array) -> float:
    """Return tau over the root of the median in one orientation; `room` is written over."""
    height = len(spread)
    negative = -np.arange(height)
    fold = np.minimum(np.arange(height), height - np.arange(height))
    all_scales = radial.sum(axis=0)
    for strip in strips(spread.shape):
        even = (spread[strip] + np.roll(spread[negative[strip], ::-1], 1, axis=1)) / 2.0
        np.square(even * all_scales[fold[strip]], out=room[strip])
    energy = room.sum()
    for strip in strips(spread.shape):
        np.square(spread[strip] * radial[0, fold[strip]], out=room[strip])
    return float(np.sqrt(energy / room.sum() / np.log(2.0)))
