"""`Picture`: what a file was read as, before it is an image."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt


class Picture(NamedTuple):
    """Pixels of a file, what is black and white in them, and what was decided on the way to them.

    Attributes
    ----------
    pixels : ndarray
        uint8, or numbers of another type with a `data_range`.
    decisions : tuple of str
    data_range : (float, float) or None
        None where the pixels are 8-bit.
    """

    pixels: npt.NDArray[Any]
    decisions: tuple[str, ...]
    data_range: tuple[float, float] | None = None
