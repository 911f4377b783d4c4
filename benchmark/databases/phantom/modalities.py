"""Three kinds of scanner: spin-echo MR, CT and emission tomography (PET, SPECT).

Each is linear in the tissue fractions f up to the noise: physics gives a tissue t its value s_t (spin-echo signal,
Hounsfield number, activity), a plane shows S = sum_t f_t s_t, the scanner averages planes and blurs, and the display
maps the result linearly so that black is 0 and white is 1, not yet clipped. So what a lesion adds to an image is
exactly the difference of two noise-free images, one with it and one without.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from benchmark.databases.phantom.colour import colourise
from benchmark.databases.phantom.fields import smooth_field
from benchmark.databases.phantom.tissues import ACTIVITY, HOUNSFIELD, RELAXATION

__all__ = ["CT", "SLAB", "Emission", "Scanner", "SpinEcho"]

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SLAB = np.array([-1.2, 0.0, 1.2])  # mm, planes averaged into an MR or CT slice, about 3.6 mm thick
REACH = np.linspace(-2, 2, 5)  # standard deviations, planes that an emission slice collects
FLOOR = 0.05  # display value of emission below which the surroundings of the head are black
CT_GRAIN = 0.6  # pixels, standard deviation of the Gaussian that correlates CT noise
SIGMA_PER_FWHM = 1 / np.sqrt(8 * np.log(2))

#: Where the resting brain takes up more than elsewhere: (|x|, y, z) in MNI mm, radius in mm, relative excess.
UPTAKE = (
    ((6.0, -84.0, 4.0), 16.0, 0.22),  # visual cortex
    ((25.0, 6.0, 2.0), 9.0, 0.25),  # striatum
    ((10.0, -18.0, 8.0), 8.0, 0.12),  # thalamus
    ((5.0, -50.0, 32.0), 12.0, 0.12),  # precuneus
)


class Scanner(ABC):
    """What the three have in common; the defaults are those of a thin slice shown in grey (MR, CT)."""

    #: Whether it resolves a pixel, so that tissue has to be sampled more finely than that.
    fine = True

    @property
    def offsets(self) -> Array:
        """Heights in mm of the planes that make up a slice."""
        return SLAB

    @property
    @abstractmethod
    def values(self) -> Mapping[str, float]:
        """Value s_t of every tissue that it can meet."""

    def uptake(self, mni: Array, rng: np.random.Generator) -> Array:
        """Factor on the values at MNI positions of shape (3, H, W)."""
        return np.ones(mni.shape[1:])

    @abstractmethod
    def scan(self, planes: Array, pixel: float) -> Array:
        """Noise-free display values of object planes, shape (len(offsets), H, W), pixels of ``pixel`` mm."""

    @abstractmethod
    def expose(self, planes: Array, pixel: float, rng: np.random.Generator) -> Array:
        """Display values of one noisy acquisition. Equal generators give equal noise, whatever the object."""

    def display(self, x: Array, outside: Mask) -> Bytes:
        """Pixels of display values, black ``outside`` the head."""
        return np.asarray(np.rint(255 * np.clip(np.where(outside, 0, x), 0, 1)), dtype=np.uint8)


@dataclass(frozen=True)
class SpinEcho(Scanner):
    """Spin-echo MR: s = PD (1 - exp(-TR/T1)) exp(-TE/T2), a smooth gain g, Rician noise |g x + n1 + i n2|.

    Attributes
    ----------
    weighting : {"T1", "T2"}
    tr, te : float
        Repetition and echo time in ms.
    level : float
        Display value of white matter (T1) or cerebrospinal fluid (T2).
    sigma : float
        Standard deviation of n1 and n2 in display units.
    bias : float
        Standard deviation of log g.

    Examples
    --------
    >>> s = SpinEcho("T2", tr=3000, te=95, level=0.9, sigma=0.02, bias=0.05).values
    >>> [round(float(s[tissue]), 3) for tissue in ("csf", "gm", "wm", "bone")]
    [0.516, 0.266, 0.198, 0.0]
    """

    weighting: Literal["T1", "T2"]
    tr: float
    te: float
    level: float
    sigma: float
    bias: float

    @property
    def values(self) -> Mapping[str, float]:
        """Signal of every tissue, before gain and display."""
        return {
            tissue: pd * (1 - np.exp(-self.tr / t1)) * np.exp(-self.te / t2)
            for tissue, (t1, t2, pd) in RELAXATION.items()
        }

    def scan(self, planes: Array, pixel: float) -> Array:
        """Average the planes; scale so that the reference tissue is shown at ``level``."""
        white = self.values["wm" if self.weighting == "T1" else "csf"] / self.level
        return np.asarray(planes.mean(axis=0) / white)

    def expose(self, planes: Array, pixel: float, rng: np.random.Generator) -> Array:
        """Apply gain and noise to a scan."""
        x = self.scan(planes, pixel)
        gain = np.exp(self.bias * smooth_field(rng, x.shape[0], 100 / pixel))
        n1, n2 = self.sigma * rng.standard_normal((2, *x.shape))
        return np.asarray(np.hypot(gain * x + n1, n2))


@dataclass(frozen=True)
class CT(Scanner):
    """Computed tomography: Hounsfield numbers in the window level +- width/2, with noise of a short correlation.

    Attributes
    ----------
    level, width : float
        Centre and width of the window in Hounsfield units.
    sigma : float
        Standard deviation of the noise in Hounsfield units.
    """

    level: float
    width: float
    sigma: float

    @property
    def values(self) -> Mapping[str, float]:
        """Hounsfield units of every tissue."""
        return HOUNSFIELD

    def scan(self, planes: Array, pixel: float) -> Array:
        """Average the planes and apply the window."""
        return np.asarray((planes.mean(axis=0) - self.level) / self.width + 0.5)

    def expose(self, planes: Array, pixel: float, rng: np.random.Generator) -> Array:
        """Add noise to a scan."""
        x = self.scan(planes, pixel)
        impulse = scipy.ndimage.gaussian_filter(np.eye(9)[4] * np.eye(9)[:, [4]], CT_GRAIN)
        grain = scipy.ndimage.gaussian_filter(rng.standard_normal(x.shape), CT_GRAIN) / np.linalg.norm(impulse)
        return np.asarray(x + self.sigma / self.width * grain)


@dataclass(frozen=True)
class Emission(Scanner):
    """PET or SPECT: activity A, blurred, counted, filtered, shown in colour.

    lambda = C (G_intrinsic * A) / white;  n ~ Poisson(lambda);  x = (G_filter * n) / C, where G are Gaussians and
    fwhm**2 = intrinsic**2 + filter**2. Across the slice planes are collected with a Gaussian of ``fwhm``.

    Attributes
    ----------
    tracer : {"PET", "SPECT"}
    fwhm : float
        Resolution of the image in mm, full width at half maximum.
    intrinsic : float
        The part of it in mm that blurs before counting.
    counts : float
        Expected counts C in a pixel of display value 1.
    white : float
        Activity shown as display value 1, the end of the colour scale.
    regional : float
        Standard deviation of the logarithm of the smooth random variation of uptake.
    """

    tracer: Literal["PET", "SPECT"]
    fwhm: float
    intrinsic: float
    counts: float
    white: float
    regional: float

    fine = False

    @property
    def offsets(self) -> Array:
        """Planes up to two standard deviations of the resolution away."""
        return np.asarray(REACH * self.fwhm * SIGMA_PER_FWHM)

    @property
    def values(self) -> Mapping[str, float]:
        """Activity of every tissue."""
        return ACTIVITY

    def uptake(self, mni: Array, rng: np.random.Generator) -> Array:
        """Known highs of the resting brain, times a smooth random field."""
        relative = np.exp(self.regional * smooth_field(rng, mni.shape[1], 9.0))
        for (x, y, z), radius, excess in UPTAKE:
            squared = (np.abs(mni[0]) - x) ** 2 + (mni[1] - y) ** 2 + (mni[2] - z) ** 2
            relative *= 1 + excess * np.exp(-squared / (2 * radius**2))
        return np.asarray(relative)

    def scan(self, planes: Array, pixel: float) -> Array:
        """Collect the planes and blur to the resolution of the image."""
        return self._filter(self._expected(planes, pixel), pixel)

    def expose(self, planes: Array, pixel: float, rng: np.random.Generator) -> Array:
        """Count, then filter."""
        expected = self.counts * self._expected(planes, pixel)
        # Poisson by inverting its distribution at one uniform a pixel: with and without a lesion, the noise is shared.
        uniform, n, active = rng.random(expected.shape), np.zeros_like(expected), expected > 1e-3
        n[active] = np.maximum(np.ceil(scipy.special.pdtrik(uniform[active], expected[active])), 0)
        return self._filter(n / self.counts, pixel)

    def display(self, x: Array, outside: Mask) -> Bytes:
        """Colours of display values, black where nothing but noise surrounds the head."""
        return colourise(np.where(outside & (x < FLOOR), 0, x), self.tracer)

    def _expected(self, planes: Array, pixel: float) -> Array:
        weight = np.exp(-0.5 * REACH**2)
        collected = np.tensordot(weight / weight.sum(), planes, axes=1)
        return np.asarray(
            scipy.ndimage.gaussian_filter(collected, self.intrinsic * SIGMA_PER_FWHM / pixel) / self.white
        )

    def _filter(self, x: Array, pixel: float) -> Array:
        width = np.sqrt(self.fwhm**2 - self.intrinsic**2)
        return np.asarray(scipy.ndimage.gaussian_filter(x, width * SIGMA_PER_FWHM / pixel))
