"""What the comparison of methods asks of its input, and blocks of images that are not independent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmark.statistics.arrays import Index, Labels, complete, numbered
from fusion_metrics.image import Array


def checked_values(values: npt.ArrayLike) -> Array:
    """Return the values of one metric, shape (images, methods).

    Raises
    ------
    ValueError
        Missing values, fewer than two images or methods.
    """
    table = complete(values, "the table of images and methods", 2)
    return _large_enough(table)


def checked_cube(cube: npt.ArrayLike) -> Array:
    """Return the values of several metrics, shape (metrics, images, methods).

    Raises
    ------
    ValueError
        Missing values, no metric, fewer than two images or methods.
    """
    found = complete(cube, "the cube of metrics, images and methods", 3)
    if not len(found):
        raise ValueError("no metric to compare methods by")
    return _large_enough(found)


def _large_enough(found: Array) -> Array:
    images, methods = found.shape[-2:]
    if images < 2:
        raise ValueError(f"a comparison needs two images, not {images}")
    if methods < 2:
        raise ValueError(f"a comparison needs two methods, not {methods}")
    return found


def blocks_of(groups: Labels | None, images: int) -> tuple[Index, int]:
    """Give numbers to the blocks of images that are independent of each other; without groups, every image is one.

    Raises
    ------
    ValueError
        Another number of groups than images; a single block, of which no statistics can be made.

    >>> blocks_of(["a", "a", "b"], 3)
    (array([0, 0, 1]), 2)
    """
    if groups is None:
        return np.arange(images), images
    found, names = numbered(groups, images, "groups")
    if len(names) < 2:
        raise ValueError("all images are of one group: nothing is independent of anything")
    return found, len(names)


def block_sums(values: Array, blocks: Index, count: int) -> Array:
    """Sum the rows of each block, shape (images, ...) to (blocks, ...)."""
    found = np.zeros((count, *values.shape[1:]))
    np.add.at(found, blocks, values)
    return found


def names_of(names: Sequence[str] | None, count: int, what: str) -> list[str]:
    """Return the names, or numbers where there are none.

    Raises
    ------
    ValueError
        Another number of names.
    """
    if names is None:
        return [f"{what} {i}" for i in range(count)]
    if len(names) != count:
        raise ValueError(f"{len(names)} names for {count} {what}s")
    return list(names)
