"""The work that a metric's definition cannot avoid, in calls that any implementation has to make.

The counts are declared, not measured. Watching which library functions a metric calls would count the implementation
against itself: one that filters twice as often as it must would look thrifty, and one whose filters are sums of slices
or matrix products would seem to do nothing. What is counted here follows from the formula as published, for three grey
pictures of which nothing is known yet: each Fourier transform, each separable filter, each histogram, each exponential,
logarithm or inverse tangent of every pixel, and each other operation (+, -, x, /, root, minimum, maximum) on every
pixel; a Sobel or Prewitt gradient is eight of the latter. The convolutions of a network count in matrix products that
take the 64 channels of a map at a quarter of the picture's size to 64 others. What works on pyramids, on other maps or
on the occupied cells of a histogram counts by its size, so that counts are no whole numbers.

A metric is at its floor where its time is the sum of the times of these calls. Below it, it has merged some, or its
network's convolutions do with fewer multiplications than their definition; far above it, something is computed twice,
or in small pieces, or there is much besides that has no name here.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import scipy

from benchmark.example_pictures import example

#: Sums over the four scales, and over the five, of a pyramid that halves rows and columns.
_FOUR, _FIVE = 1 + 1 / 4 + 1 / 16 + 1 / 64, 1 + 1 / 4 + 1 / 16 + 1 / 64 + 1 / 256
_PHASE_CONGRUENCY = {"real_fft": 3.0, "complex_fft": 72.0, "operation": 576.0}
_CORRELATION_OF_FEATURES = {"filter_11": 33.0, "operation": 60.0}
_TWO_JOINT_HISTOGRAMS = {"histogram": 2.0, "exponential": 0.2, "operation": 4.0}
#: Matrix products in a ResNet34: multiplications per pixel of its input, in the stem and in each stage.
_RESNET34 = (2352 + 13824 + 17408 + 26624 + 12800) / (64**2 / 4**2)

#: Calls per metric, in its paper variant; where a variant does other work, by its own name.
CALLS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "ag": {"operation": 8},
        "cc": {"operation": 11},
        "ce": {"histogram": 3},
        "cvejic": {"operation": 16},
        "ei": {"operation": 13},
        "en": {"histogram": 1},
        "ergas": {"operation": 4},
        "fmi": {"exponential": 61, "operation": 350},
        "labf": {"exponential": 9, "operation": 84},
        "mef_ssim": {"filter_11": 14 * _FOUR, "exponential": 5 * _FOUR, "operation": 45 * _FOUR},
        "mi": _TWO_JOINT_HISTOGRAMS,
        "ms_ssim": {"filter_11": 8 * _FIVE, "operation": 28 * _FIVE},
        "mli": {"operation": 3},
        "mse": {"operation": 4},
        "nabf": {"exponential": 9, "operation": 84},
        "nmi": _TWO_JOINT_HISTOGRAMS,
        "pc_sd": {**_PHASE_CONGRUENCY, **_CORRELATION_OF_FEATURES, "operation": 636},
        "piella": {"filter_8": 8, "operation": 30},
        "piella:qw": {"filter_8": 8, "operation": 33},
        "piella:qe": {"filter_8": 16, "operation": 105},
        "piella:mefb": {"filter_11": 8, "operation": 72},
        "psnr": {"operation": 4},
        "qabf": {"exponential": 7, "operation": 67},
        "qcb": {"real_fft": 6, "filter_31": 6, "operation": 40},
        "qcnn": {"matrix_64": 3 * _RESNET34, "operation": 240},
        "qcv": {"real_fft": 6, "operation": 41},
        "qm": {"exponential": 2, "operation": 24},
        "qncie": {"histogram": 3, "exponential": 0.3, "operation": 6},
        "qp": {**_PHASE_CONGRUENCY, **_CORRELATION_OF_FEATURES, "operation": 636},
        "rmse": {"operation": 4},
        "rsfe": {"operation": 40},
        "sam": {"exponential": 1, "operation": 38},
        "scd": {"operation": 14},
        "sd": {"operation": 3},
        "sf": {"operation": 4},
        "ssim": {"filter_11": 8, "operation": 24},
        "te": _TWO_JOINT_HISTOGRAMS,
        "uiqi": {"filter_8": 5, "operation": 15},
        "vif": {"filter_17": 8, "filter_9": 5, "filter_5": 1.25, "filter_3": 0.3, "exponential": 5.3, "operation": 40},
        "viff": {"filter_17": 8, "filter_9": 3, "filter_5": 1.25, "filter_3": 0.3, "exponential": 4.3, "operation": 35},
        "yang": {"filter_7": 9, "operation": 36},
    }
)

#: What calls cost as a rule, in products of two pictures: medians on 256x256 pixels, SciPy 1.17, x86-64.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"matrix_64": 28.0, "complex_fft": 40.0, "real_fft": 16.0, "exponential": 22.0, "histogram": 4.0, "operation": 1.0}
)
#: Efforts from which on a metric counts as medium and as heavy.
MEDIUM, HEAVY = 100, 1000


def calls_of(identifier: str) -> Mapping[str, float] | None:
    """Return the declared calls of ``name`` or ``name:variant``; None for what is not counted.

    Metrics that run a network of pulsing neurons or prepare features to learn from are not counted: of what they do,
    nothing much can be called unavoidable.
    """
    return CALLS.get(identifier, CALLS.get(identifier.partition(":")[0]))


def effort(identifier: str) -> float | None:
    """Weigh the declared calls by what they cost as a rule, in operations on every pixel; None for what is not counted.

    Examples
    --------
    >>> effort("mse"), effort("anything")
    (4.0, None)
    """
    calls = calls_of(identifier)
    if calls is None:
        return None
    return sum(float(count) * (_of_filter(name) or WEIGHTS[name]) for name, count in calls.items())


def cost_class(identifier: str) -> str:
    """Name the size of the effort and the costliest kind of call.

    Examples
    --------
    >>> [cost_class(name) for name in ("qp", "ssim:tang", "mi", "mse", "anything")]
    ['heavy, transforms', 'medium, filters', 'light, histograms', 'light, pixels', 'not counted']
    """
    work, calls = effort(identifier), calls_of(identifier)
    if work is None or calls is None:
        return "not counted"
    kinds = {
        "matrix_64": "networks",
        "real_fft": "transforms",
        "complex_fft": "transforms",
        "histogram": "histograms",
    }
    found = {"filters" if _of_filter(name) else kinds.get(name, "pixels") for name in calls}
    size = "light" if work < MEDIUM else "medium" if work < HEAVY else "heavy"
    order = ("networks", "transforms", "filters", "histograms", "pixels")
    return f"{size}, {next(kind for kind in order if kind in found)}"


def _of_filter(name: str) -> float:
    """Weigh a separable filter by its taps; 0 for other calls."""
    return 30.0 + 1.7 * int(name.removeprefix("filter_")) if name.startswith("filter_") else 0.0


def primitive(name: str, size: int) -> Callable[[], Any]:
    """Make the call of that name on a picture of ``size`` rows and columns."""
    picture = example(size).fused
    pixels = picture.astype(np.float64)
    if name == "real_fft":
        return lambda: scipy.fft.rfft2(pixels)
    if name == "complex_fft":
        spectrum = pixels.astype(np.complex128)
        return lambda: scipy.fft.ifft2(spectrum)
    if name == "histogram":
        pairs = picture.astype(np.intp) * 256 + picture
        return lambda: np.bincount(pairs.ravel(), minlength=2**16)
    if name == "exponential":
        powers = pixels / -255.0
        return lambda: np.exp(powers)
    if name == "operation":
        return lambda: np.multiply(pixels, pixels)
    if name == "matrix_64":
        channels = np.repeat(pixels[::4, ::4].reshape(-1, 1).astype(np.float32), 64, axis=1)
        mixing = np.full((64, 64), 1 / 64, dtype=np.float32)
        return lambda: channels @ mixing
    weights = np.full(int(name.removeprefix("filter_")), 0.1)
    return lambda: scipy.ndimage.correlate1d(scipy.ndimage.correlate1d(pixels, weights, axis=0), weights, axis=1)


def seconds_of_primitives(size: int, repeats: int) -> dict[str, float]:
    """Time every kind of call, the median of several runs, in seconds of processor time."""
    names = sorted({name for calls in CALLS.values() for name in calls})
    found = {}
    for name in names:
        call = primitive(name, size)
        call()
        found[name] = statistics.median(_seconds(call) for _ in range(max(repeats, 3)))
    return found


def floor(identifier: str, seconds: Mapping[str, float]) -> float | None:
    """Sum the times of the calls that a metric cannot avoid."""
    calls = calls_of(identifier)
    return None if calls is None else sum(count * seconds[name] for name, count in calls.items())


def _seconds(call: Callable[[], Any]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start
