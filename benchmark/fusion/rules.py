"""Rules that several algorithms share for picking coefficients."""

from __future__ import annotations

import numpy as np
import scipy

from fusion_metrics.image import Array
from fusion_metrics.neurons import FiringTimes


def choose_max(a: Array, b: Array) -> Array:
    """Take the coefficient of larger magnitude, that of `a` if they are equal."""
    return np.where(np.abs(a) >= np.abs(b), a, b)


def choose_by(activity_a: Array | FiringTimes, activity_b: Array | FiringTimes, a: Array, b: Array) -> Array:
    """Take the coefficient of the source that is more active there, the larger one if both are equally so.

    Firing times are small integers and equal at half of the places: papers that write >= give all those to one source.
    """
    return np.where(activity_a > activity_b, a, np.where(activity_a < activity_b, b, choose_max(a, b)))


def box_mean(image: Array, size: int) -> Array:
    """Take the mean over a size x size window, the image continued by its mirror image."""
    mean: Array = scipy.ndimage.uniform_filter(image, size, mode="reflect")
    return mean
