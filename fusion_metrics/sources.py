"""Any number of sources: what a metric makes of the values that its definition has for each of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from fusion_metrics.errors import InvalidImage
from fusion_metrics.image import Image


def mean_over(sources: Sequence[Image], value: Callable[[Image], float]) -> float:
    """Average the values of all sources, ``(value(S_1) + ... + value(S_k)) / k``.

    The sum is rounded once, so that the order of the sources is of no account.

    Examples
    --------
    >>> import numpy as np
    >>> sources = [Image(np.full((2, 2), level, dtype=np.uint8)) for level in (10, 20, 60)]
    >>> mean_over(sources, lambda source: float(source.luminance.mean()))
    30.0
    """
    return math.fsum(map(value, sources)) / len(sources)


def exactly_two(sources: Sequence[Image], what: str) -> tuple[Image, Image]:
    """Return the two sources of a part of a definition that has no more.

    Raises
    ------
    InvalidImage
        There are not two; `what` says of what.
    """
    if len(sources) != 2:
        raise InvalidImage(f"{what} takes exactly two sources, not {len(sources)}")
    return sources[0], sources[1]


def all_of(sources: Sequence[Image]) -> str:
    """Say "both sources", or "all 3 sources"."""
    return "both sources" if len(sources) == 2 else f"all {len(sources)} sources"


def none_of(sources: Sequence[Image]) -> str:
    """Say "neither source", or "no source"."""
    return "neither source" if len(sources) == 2 else "no source"
