"""SAM and ERGAS: how far the colours of the fused image are from those of the ground truth, as pan-sharpening asks.

Spectra of four bands and more, and Q4 and Q2n, which are made for them, have no place here: an `Image` is grey or has
three channels, and quaternions need four.
"""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import numpy.typing as npt

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.gradients import PIECE
from fusion_metrics.image import Array


@metric(
    "sam",
    title="SAM",
    family="difference",
    higher_is_better=False,
    bounds=(0.0, 90.0),
    ideal=0.0,
    cites="yuhas1992",
    channels="colours",
    exceptions={
        "undefined if equal": "pictures without colours have one direction, and no angle says anything",
        "undefined for some": "pictures without colours have no spectra that could differ",
    },
    variants={"paper": Variant("Yuhas et al. 1992, in degrees: the mean of the angles of all pixels.")},
)
def sam(reference: Image, fused: Image) -> float:
    """Spectral angle mapper: the mean angle between the colours of the fused image and those of the ground truth.

        SAM = mean over pixels of arccos( <v, w> / (|v| |w|) ),

    where v and w are a pixel's colours in the two pictures, red, green and blue as they are stored. The angle knows
    nothing of brightness: a picture twice as bright has the same colours.

    Parameters
    ----------
    reference, fused : Image
        Of which at least one has colours; a grey picture has three equal channels.

    Returns
    -------
    float
        Degrees, from 0; pixels of an `Image` are not negative, so that none is beyond 90.

    Raises
    ------
    UndefinedScore
        Neither picture has colours, or no pixel is brighter than black in both.

    Notes
    -----
    The mean of the angles, not the angle of the means, as all programs of pan-sharpening have it. A pixel that is black
    in either picture has no direction and is left out (inferred). The angle is computed as
    2 atan2(|v/|v| - w/|w||, |v/|v| + w/|w||), which is the same and exact for small angles.

    References
    ----------
    yuhas1992, alparone2007

    Examples
    --------
    >>> red, yellow = (Image(np.full((2, 2, 3), colour, dtype=np.uint8)) for colour in ([9, 0, 0], [5, 5, 0]))
    >>> round(sam(red, yellow), 6)
    45.0
    """
    v, w = (_planes(image) for image in (reference, fused))
    if not (_differ(v) or _differ(w)):
        raise UndefinedScore("neither picture has colours, so that there are no angles")
    lengths = [_length(*each) for each in (v, w)]
    valued = np.logical_and(*(length > 0.0 for length in lengths))
    if not valued.any():
        raise UndefinedScore("one of the pictures is black in every pixel, and black has no direction")
    v, w = ([plane[valued] / length[valued] for plane in each] for each, length in zip((v, w), lengths, strict=True))
    apart = _length(*(x - y for x, y in zip(v, w, strict=True)))
    together = _length(*(x + y for x, y in zip(v, w, strict=True)))
    return float(np.degrees((2.0 * np.arctan2(apart, together)).mean()))


@metric(
    "ergas",
    title="ERGAS",
    family="difference",
    higher_is_better=False,
    bounds=(0.0, math.inf),
    ideal=0.0,
    cites="wald2000",
    channels="colours",
    variants={"paper": Variant("Wald 2000, with pixels four times as fine as those that were sharpened, h/l = 1/4.")},
)
def ergas(reference: Image, fused: Image, *, ratio: float = 0.25) -> float:
    """Relative dimensionless global error in synthesis, of the errors of all channels beside their means.

        ERGAS = 100 h/l sqrt( mean_k ( RMSE_k^2 / mu_k^2 ) ),

    with the error RMSE_k of a channel and its mean mu_k in the ground truth.

    Parameters
    ----------
    reference, fused : Image
        Of colours, red, green and blue are the channels; a grey picture stands in for each channel of the other.
    ratio : float
        h/l: the size of the pixels of the fused image, as a part of those of the multispectral one that was sharpened.
        Most satellites have 1/4; elsewhere it only scales the value.

    Returns
    -------
    float
        From 0, without an upper limit.

    Raises
    ------
    UndefinedScore
        A channel of the ground truth is black, so that nothing can be relative to it.

    References
    ----------
    wald2000

    Examples
    --------
    >>> truth, other = (Image(np.full((2, 2), level, dtype=np.uint8)) for level in (100, 104))
    >>> ergas(truth, other)
    1.0
    """
    squares, means = _squares_and_means(*_alike(reference, fused))
    if not means.all():
        raise UndefinedScore(f"a channel of {reference.name} is black: no error is relative to nothing")
    # Exact: three equal channels have the value of the grey picture, to the last bit.
    return 100.0 * ratio * math.sqrt(statistics.mean((squares / means**2).tolist()))


def _alike(one: Image, other: Image) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the pixels of both with three channels, or with one channel if both are grey; shape (H, W, C)."""
    v, w = (image.compact_pixels.reshape(*image.shape, -1) for image in (one, other))
    shape = np.broadcast_shapes(v.shape, w.shape)
    return np.broadcast_to(v, shape), np.broadcast_to(w, shape)


def _squares_and_means(v: npt.NDArray[Any], w: npt.NDArray[Any]) -> tuple[Array, Array]:
    """Mean squared difference of each channel, and mean of each channel of v, from pieces that stay in the cache."""
    height, width, channels = v.shape
    squares, totals = np.zeros((2, width, channels))
    step = max(1, PIECE // (3 * width))  # the same for grey and colours, so that sums of fractions round alike
    for start in range(0, height, step):
        levels = v[start : start + step].astype(np.float64)
        totals += levels.sum(axis=0)
        levels -= w[start : start + step]
        squares += np.einsum("ijk,ijk->jk", levels, levels)
    count = height * width
    sums = ([column.sum() for column in np.ascontiguousarray(columns.T)] for columns in (squares, totals))
    of_squares, of_levels = (np.array(each) / count for each in sums)
    return of_squares, of_levels


def _planes(image: Image) -> list[Array]:
    """Return red, green and blue one by one, each contiguous, which is quicker than three numbers side by side."""
    return [np.ascontiguousarray(image.pixels[..., c]) for c in range(3)] if image.is_colour else [image.pixels] * 3


def _length(x: Array, y: Array, z: Array) -> Array:
    return np.sqrt((x * x + y * y) + z * z)


def _differ(planes: list[Array]) -> bool:
    """Whether any pixel is not grey."""
    return any(bool((plane != planes[0]).any()) for plane in planes[1:])
