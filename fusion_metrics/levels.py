"""What is black and what is white in numbers that are not 8-bit, in pictures as in volumes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from fusion_metrics.reading import Reading

#: Says what is wrong, and which readings would decide it.
Refuse = Callable[..., NoReturn]
#: Depth, in words, of voxels that a header rescales.
RESCALED = "rescaled"


def find_ends(
    values: npt.NDArray[Any], depth: str, reading: Reading, refuse: Refuse, noun: str = "pixels"
) -> tuple[float, float]:
    """Find black and white of numbers that are not 8-bit.

    Parameters
    ----------
    values : ndarray
        All of a picture or of a volume.
    depth : str
        What they are, in words: ``float``, ``16-bit``, ...
    reading : Reading
    refuse : callable
        Called with a sentence and the readings that would decide, where numbers are not finite, where no range is
        stated, or where they leave it.
    noun : str
        What the sentence calls them.
    """
    if not np.isfinite(values).all():
        refuse(f"has {depth} {noun}, some of them NaN or infinite")
    low, high = float(values.min()), float(values.max())
    options = _likely_levels(depth, low, high)
    ends = reading.ends(values)
    if ends is None:
        refuse(f"has {depth} {noun}, {low:g}..{high:g}, and what is black and white is not said", *options)
    black, white = ends
    if not black < white:
        refuse(f"has {depth} {noun} that are all {black:g}, so {reading.levels} gives no range", *options)
    if not reading.cuts and (low < black or high > white):
        refuse(f"has {depth} {noun}, {low:g}..{high:g}, which leave {reading.levels}", *options)
    return ends


def _likely_levels(depth: str, low: float, high: float) -> tuple[str, ...]:
    """Name the readings that suit these values."""
    if depth == "1-bit":
        return ("0..1",)
    ranges = {"float": ((0.0, 1.0), (0.0, 255.0)), RESCALED: ((0.0, 1.0),)}.get(depth, ((0.0, 4095.0), (0.0, 65535.0)))
    fitting = [f"{black:g}..{white:.0f}" for black, white in ranges if black <= low and high <= white]
    if depth == "float":
        fitting = fitting[:1]
    return (*fitting, "minmax") if fitting else ("minmax", "window=CENTRE/WIDTH")
