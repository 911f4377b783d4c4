"""The nonsubsampled contourlet transform and its inverse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import pi
from operator import index
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import scipy

from fusion_metrics.errors import InvalidImage
from fusion_metrics.image import Array
from fusion_metrics.nsct.directions import wedge_responses
from fusion_metrics.nsct.filters import DIRECTIONS, PYRAMIDS, pyramid_responses
from fusion_metrics.nsct.subbands import Border, Subbands, extend, torus_shape
from fusion_metrics.strips import strips

Spectrum = npt.NDArray[Any]  # complex of a Fourier transform, real of a cosine transform
MAX_LEVEL = 6


def nsct(
    image: npt.ArrayLike,
    levels: Sequence[int] = (2, 3, 3, 4),
    *,
    pyramid: str = "maxflat",
    directions: str = "dmaxflat7",
    border: Border = "symmetric",
) -> Subbands:
    """Decompose an image into a low band and directional bands of the same size.

    From the finest level i = 0 on, with the pyramid's responses at 2^i (a, b) and the wedges D_d, d = 1..2^L::

        y_{i,d} = D_d * (X_i A1_i),    X_{i+1} = X_i A0_i,    X_0 = image,    low = X_last

    All filters are zero phase: the bands are in register with the image, and shift with it.

    Parameters
    ----------
    image : array_like, shape (H, W) or (H, W, channels)
        Real and finite, of any size and unit; channels are transformed one by one.
    levels : sequence of int
        log2 of the number of directions per pyramid level, **coarse to fine**; 0 leaves a level in one band.
    pyramid : {"maxflat", "pyr", "9-7"}
        Pyramid filters: four or two vanishing moments, or Cohen-Daubechies-Feauveau 9/7 under McClellan's mapping.
    directions : {"dmaxflat7", "pkva"}
        Directional filters.
    border : {"symmetric", "periodic", "toolbox"}
        "symmetric": the image is mirrored, the border pixel repeated, in both filter stages. "periodic": it wraps
        around, in both. "toolbox": what the published MATLAB toolbox computes, mirrored in the pyramid and wrapped in
        the directional stage; from 16 directions on also its arrangement of the wedges, which swaps neighbours in
        pairs and lets more of other directions into each (see `fusion_metrics.nsct.directions`).

    Returns
    -------
    Subbands
        ``.low``, shape of the image, and ``.bands``, one array (directions, H, W[, channels]) per level, coarse to
        fine, in the unit of the image. Bands of a level are ordered by `wedge_angles`.

    Raises
    ------
    InvalidImage
        If the image is not a finite real array of two or three axes.
    ValueError
        If a level is not an integer from 0 to 6, or a name is unknown.

    Notes
    -----
    With "toolbox", "maxflat" and "dmaxflat7" the bands equal the toolbox's output to 1e-12, borders included, for 2,
    4, 8 and 16 directions.

    As in the toolbox, the wedge filters are the same at every level. They separate directions least near frequency
    zero, so coarse levels are less directional: with 4 directions and "maxflat" a band holds about 84 % of its energy
    in its own wedge at the finest level, and 82, 63 and 41 % at the next three. Few directions at coarse levels, as in
    the default, lose least.

    References
    ----------
    A. L. da Cunha, J. Zhou, M. N. Do, "The nonsubsampled contourlet transform: theory, design, and applications",
    IEEE Trans. Image Process. 15(10):3089-3101, 2006, doi:10.1109/TIP.2006.877507.

    Examples
    --------
    >>> rows, columns = np.mgrid[:64, :64]
    >>> subbands = nsct(np.sin(2.0 * columns), levels=(3,))  # it oscillates along the rows: at 0 degrees
    >>> energy = (subbands.bands[0] ** 2).sum(axis=(1, 2))
    >>> sorted(np.argsort(energy)[-2:].tolist())  # the wedges on both sides of 0 degrees
    [1, 2]
    """
    levels = check_settings(levels, pyramid, directions, border)
    x = _planes(image)
    shape = (x.shape[-2], x.shape[-1])
    spectrum = _to_frequency(x, border)
    extended: list[Array] = []
    for depth, level in enumerate(reversed(levels)):
        bands = np.empty((*x.shape[:-2], 2**level, *torus_shape(shape, level, border)))
        high = _take_high(spectrum, pyramid, depth, shape, border)
        for d, band in enumerate(_split(high, shape, level, directions, border)):
            bands[..., d, :, :] = band
        extended.append(bands)
    return Subbands(
        low=_channels_last(_to_image(spectrum, shape, border), x.ndim),
        extended=tuple(_channels_last(bands, x.ndim) for bands in reversed(extended)),
        levels=levels,
        pyramid=pyramid,
        directions=directions,
        border=border,
    )


def one_by_one(
    image: Array,
    levels: Sequence[int],
    *,
    pyramid: str = "maxflat",
    directions: str = "dmaxflat7",
    border: Border = "symmetric",
) -> Iterator[Array]:
    """Decompose a grey image into the sub-bands of `nsct`, of which one is held at a time.

    Parameters
    ----------
    image : ndarray, shape (H, W)
    levels, pyramid, directions, border
        As for `nsct`.

    Yields
    ------
    ndarray, shape (H, W)
        The directional bands of each level, **fine to coarse**, and then the low band.

    Examples
    --------
    >>> image = np.eye(30)
    >>> *_, low = one_by_one(image, levels=(1, 2))
    >>> bool((low == nsct(image, levels=(1, 2)).low).all())
    True
    """
    levels = check_settings(levels, pyramid, directions, border)
    rows, columns = shape = (image.shape[0], image.shape[1])
    spectrum = _to_frequency(_planes(image), border)
    for depth, level in enumerate(reversed(levels)):
        for band in _split(_take_high(spectrum, pyramid, depth, shape, border), shape, level, directions, border):
            yield band[:rows, :columns]
    yield _to_image(spectrum, shape, border)


def insct(subbands: Subbands) -> Array:
    """Reconstruct the image from its sub-bands.

    From the coarsest level to the finest, with the synthesis responses S of the pyramid and T of the wedges::

        X_i = X_{i+1} S0_i + (sum_d T_d y_{i,d}) S1_i

    Parameters
    ----------
    subbands : Subbands
        From `nsct`, or edited by `Subbands.replace` or `Subbands.combine`.

    Returns
    -------
    ndarray, shape (H, W) or (H, W, channels)
        Exact up to rounding (below 1e-10 for 0..255) when nothing was edited.

    Examples
    --------
    >>> image = np.random.default_rng(0).uniform(0, 255, (31, 50))
    >>> bool(np.abs(insct(nsct(image)) - image).max() < 1e-10)
    True
    """
    s = subbands
    low = _channels_first(s.low, s.low.ndim)
    shape = (low.shape[-2], low.shape[-1])
    spectrum = _to_frequency(low, s.border)
    depths = reversed(range(len(s.levels)))
    for depth, level, bands in zip(depths, s.levels, s.extended, strict=True):
        to_low, to_high = pyramid_responses(s.pyramid, depth, *_frequencies(shape, s.border), synthesis=True)
        high = _merge(_channels_first(bands, s.low.ndim), shape, level, s.directions, s.border)
        spectrum = spectrum * to_low + high * to_high
    return np.ascontiguousarray(_channels_last(_to_image(spectrum, shape, s.border), s.low.ndim))


def _take_high(spectrum: Spectrum, name: str, depth: int, shape: tuple[int, int], border: Border) -> Spectrum:
    """Return the high band of one level of the pyramid, and leave the low band in the place of the spectrum."""
    a, b = _frequencies(shape, border)
    high = np.empty_like(spectrum)
    for rows in strips(spectrum.shape[-2:]):
        to_low, to_high = pyramid_responses(name, depth, a[rows], b)
        np.multiply(spectrum[..., rows, :], to_high, out=high[..., rows, :])
        spectrum[..., rows, :] *= to_low
    return high


def _split(spectrum: Spectrum, shape: tuple[int, int], level: int, directions: str, border: Border) -> Iterator[Array]:
    """Make the directional bands (..., rows, columns) of a high band, given in the pyramid's domain, one by one."""
    if level == 0:
        yield _to_image(spectrum, shape, border)
        return
    torus = torus_shape(shape, level, border)
    if border != "periodic":  # the pyramid's domain is the cosine transform, the wedges need the Fourier one
        spectrum = scipy.fft.rfft2(extend(_to_image(spectrum, shape, border), torus), workers=1)
    for wedge in wedge_responses(torus, level, directions, toolbox=border == "toolbox"):
        yield scipy.fft.irfft2(_weighted(spectrum, wedge), s=torus, workers=1, overwrite_x=True)


def _weighted(spectrum: Spectrum, response: Array) -> Spectrum:
    """Multiply complex numbers by real ones, which takes a multiplication of complex ones apart in vain."""
    product = np.empty_like(spectrum)
    parts, of_product = spectrum.view(np.float64), product.view(np.float64)
    for rows in strips(response.shape):
        np.multiply(parts[..., rows, :], np.repeat(response[rows], 2, axis=1), out=of_product[..., rows, :])
    return product


def _merge(bands: Array, shape: tuple[int, int], level: int, directions: str, border: Border) -> Spectrum:
    """Return the high band of directional bands in the pyramid's domain: the inverse of `_split`."""
    if level == 0:
        return _to_frequency(bands[..., 0, :, :], border)
    torus = (bands.shape[-2], bands.shape[-1])
    wedges = wedge_responses(torus, level, directions, synthesis=True, toolbox=border == "toolbox")
    spectrum: Spectrum = scipy.fft.rfft2(bands[..., 0, :, :], workers=1) * wedges[0]
    for d in range(1, len(wedges)):
        spectrum += scipy.fft.rfft2(bands[..., d, :, :], workers=1) * wedges[d]
    if border == "periodic":
        return spectrum
    return _to_frequency(scipy.fft.irfft2(spectrum, s=torus, workers=1)[..., : shape[0], : shape[1]], border)


def _frequencies(shape: tuple[int, int], border: Border) -> tuple[Array, Array]:
    """Return the angular frequencies of rows, as a column, and of columns, as a row, in the pyramid's domain."""
    turn, columns = (2 * pi, shape[1] // 2 + 1) if border == "periodic" else (pi, shape[1])
    a = np.arange(shape[0], dtype=np.float64) * (turn / shape[0])
    b = np.arange(columns, dtype=np.float64) * (turn / shape[1])
    return a[:, None], b[None, :]


def _to_frequency(x: Array, border: Border) -> Spectrum:
    """Return the transform in which the pyramid, symmetric in each axis, is a product.

    For a mirrored image that is the cosine transform: the Fourier transform of the image and its three mirror images.
    """
    return scipy.fft.rfft2(x, workers=1) if border == "periodic" else scipy.fft.dctn(x, axes=(-2, -1), workers=1)


def _to_image(spectrum: Spectrum, shape: tuple[int, int], border: Border) -> Array:
    if border == "periodic":
        return scipy.fft.irfft2(spectrum, s=shape, workers=1)
    return scipy.fft.idctn(spectrum, axes=(-2, -1), workers=1)


def check_settings(levels: Iterable[int], pyramid: str, directions: str, border: str) -> tuple[int, ...]:
    """Return the levels as a tuple of int, or raise ValueError for what `nsct` cannot do."""
    for kind, name, known in (
        ("pyramid", pyramid, PYRAMIDS),
        ("directions", directions, DIRECTIONS),
        ("border", border, get_args(Border)),
    ):
        if name not in known:
            raise ValueError(f"unknown {kind} {name!r}; known: {', '.join(known)}")
    checked = tuple(index(level) for level in levels)
    if not all(0 <= level <= MAX_LEVEL for level in checked):
        raise ValueError(f"levels are log2 of the number of directions, 0 to {MAX_LEVEL}; got {checked}")
    return checked


def _planes(image: npt.ArrayLike) -> Array:
    """Return an image as float64 planes, (H, W) or (channels, H, W)."""
    array = np.asarray(image)
    if array.dtype.kind not in "buif":
        raise InvalidImage(f"an image has real numbers, got dtype {array.dtype}")
    if array.ndim not in (2, 3) or array.size == 0:
        raise InvalidImage(f"an image has the shape (H, W) or (H, W, channels), got {array.shape}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise InvalidImage("an image has finite values, got NaN or infinity")
    return _channels_first(array, array.ndim)


def _channels_first(x: Array, image_axes: int) -> Array:
    return x if image_axes == 2 else np.moveaxis(x, -1, 0)


def _channels_last(x: Array, image_axes: int) -> Array:
    return x if image_axes == 2 else np.moveaxis(x, 0, -1)
