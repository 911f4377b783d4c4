"""The images on which methods differ most, and the place in them: found in the pixels, not chosen by hand.

Fused images are brought to one mean and contrast first, so that a method that is brighter everywhere does not differ
everywhere. At every pixel, the standard deviation of the methods' brightness then says how far they are apart; its mean
over a square is what an eye compares. The square with the greatest mean is the place, and images are ordered by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import scipy

from benchmark.databases import Database
from benchmark.figures.insets import Insets, Place
from fusion_metrics import FusionMetricsError, Image
from fusion_metrics.image import Array

#: Source pairs that are shown, and the share of a picture's shorter side that the square takes.
SHOWN, SHARE = 3, 0.2
#: Methods beside each other; more would be too small to see.
MOST = 8


def differences(database: Database, printed: Mapping[str, str], about: str) -> Insets | None:
    """Find the source pairs on which methods differ most.

    Parameters
    ----------
    database : Database
    printed : mapping of str to str
        Printed names of the methods that are shown, by the names in the database, in order.
    about : str
        Part of the title.

    Returns
    -------
    Insets or None
        None where no pair has one readable image of each method, or there are too many methods to show.
    """
    if len(printed) > MOST:
        return None
    places, searched = places_of(database, tuple(printed), SHOWN)
    if not places:
        return None
    return Insets(about, ("source A", "source B", *printed.values()), places, searched)


def places_of(database: Database, methods: Sequence[str], shown: int) -> tuple[tuple[Place, ...], int]:
    """Find the source pairs on which methods differ most, and where.

    Parameters
    ----------
    database : Database
    methods : sequence of str
        As the database names them, in the order of the pictures.
    shown : int

    Returns
    -------
    places : tuple of Place
        At most `shown`, the greatest difference first.
    searched : int
        Source pairs that have one readable image of each method, among which they were found.
    """
    paths: dict[str, dict[str, list[Path]]] = {}
    for fused in database.fused:
        if fused.algorithm in methods and not fused.problem:
            paths.setdefault(fused.pair, {}).setdefault(fused.algorithm, []).append(fused.path)
    ranked: list[tuple[float, Place]] = []
    searched = 0
    for name, images in paths.items():
        if images.keys() != set(methods) or any(len(found) > 1 for found in images.values()):
            continue
        try:
            found = _place(name, database, [images[method][0] for method in methods])
        except (FusionMetricsError, OSError):  # what cannot be read was named when it was scored
            continue
        if found is not None:
            searched += 1
            # Pictures of pairs that are not shown are not kept.
            ranked = sorted([*ranked, found], key=lambda item: -item[0])[:shown]
    return tuple(place for _, place in ranked), searched


def _place(name: str, database: Database, fused: list[Path]) -> tuple[float, Place] | None:
    pair = database.pairs[name]
    pictures = [Image.open(path, database.reading) for path in (pair.source_a, pair.source_b, *fused)]
    if len({picture.luminance.shape for picture in pictures}) > 1:
        return None
    apart = np.stack([standardised(picture.luminance) for picture in pictures[2:]]).std(axis=0)
    size = max(round(SHARE * min(apart.shape)), min(8, *apart.shape))
    row, column, height = greatest_square(apart, size)
    return height, Place(name, tuple(np.asarray(picture.pixels) for picture in pictures), row, column, size)


def standardised(brightness: Array) -> Array:
    """Bring a picture to mean 0 and standard deviation 1; what is constant becomes 0.

    >>> standardised(np.array([[1.0, 3.0]]))
    array([[-1.,  1.]])
    """
    spread = brightness.std()
    found: Array = (brightness - brightness.mean()) / (spread if spread > 0 else 1.0)
    return found


def greatest_square(apart: Array, size: int) -> tuple[int, int, float]:
    """Find the square with the greatest mean.

    Parameters
    ----------
    apart : ndarray, shape (H, W)
    size : int
        Side of the square, at most that of the picture.

    Returns
    -------
    row, column : int
        Its upper left corner.
    mean : float

    Examples
    --------
    >>> apart = np.zeros((6, 6))
    >>> apart[1:3, 3:5] = 4.0
    >>> greatest_square(apart, 2)
    (1, 3, 4.0)
    """
    means = scipy.ndimage.uniform_filter(apart.astype(np.float64), size, origin=-(size // 2) if size % 2 == 0 else 0)
    # The filter's square begins `size // 2` before an odd size's middle, and at the pixel itself with this origin.
    half = 0 if size % 2 == 0 else size // 2
    inside = means[half : half + apart.shape[0] - size + 1, half : half + apart.shape[1] - size + 1]
    row, column = np.unravel_index(int(np.argmax(inside)), inside.shape)
    return int(row), int(column), float(inside[row, column])
