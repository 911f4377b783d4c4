"""`fuse`: from two 8-bit pictures, grey or colour, to the fused one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.errors import BenchmarkError
from benchmark.fusion.registry import get_algorithm
from fusion_metrics.errors import nearest
from fusion_metrics.image import Array

Pixels = npt.NDArray[np.uint8]

#: Below this side the pyramids and windows of several algorithms have nothing to work on.
MIN_SIDE = 16

#: ITU-R BT.601 in its analogue form: Y = 0.299 R + 0.587 G + 0.114 B, U = 0.492 (B - Y), V = 0.877 (R - Y).
_LUMA = np.array([0.299, 0.587, 0.114])
_YUV = np.stack([_LUMA, 0.492 * (np.array([0.0, 0.0, 1.0]) - _LUMA), 0.877 * (np.array([1.0, 0.0, 0.0]) - _LUMA)])
_RGB = np.linalg.inv(_YUV)


def fuse(a: Pixels, b: Pixels, algorithm: str = "laplacian", **parameters: Any) -> Pixels:
    """Fuse two registered images.

    Only luminance is fused. If one image is in colour, as PET and SPECT are shown, its chrominance (U and V of BT.601)
    is kept and the fused Y put back under it. If both are, every pixel takes the chrominance of the image where
    ``U^2 + V^2`` is larger.

    Parameters
    ----------
    a, b : ndarray of uint8, shape (H, W) or (H, W, 3)
        The sources, 16 x 16 or larger. Some algorithms treat them differently (see `gtf`): the functional image comes
        second.
    algorithm : str
        A name of `list_algorithms`.
    **parameters
        Keyword parameters of the algorithm, instead of its defaults.

    Returns
    -------
    ndarray of uint8, shape (H, W) or (H, W, 3)
        Grey if both sources are; the same pixels every time.

    Raises
    ------
    BenchmarkError
        A ValueError: sources of different size, of another type than uint8 or too small, an unknown algorithm or
        parameter.

    Examples
    --------
    >>> grey, colour = np.zeros((32, 32), np.uint8), np.zeros((32, 32, 3), np.uint8)
    >>> colour[..., 0] = 200
    >>> fuse(grey, colour, "average")[0, 0]
    array([170,   0,   0], dtype=uint8)
    """
    chosen = get_algorithm(algorithm)
    for name in parameters:
        if name not in chosen.parameters:
            raise BenchmarkError(f"{algorithm} has no parameter {name!r}{nearest(name, chosen.parameters)}")
    for letter, image in (("a", a), ("b", b)):
        _check(letter, image)
    if a.shape[:2] != b.shape[:2]:
        raise BenchmarkError(
            f"source a is {_size(a)}, source b is {_size(b)}: fusion needs registered images of one size"
        )

    (y_a, chrominance_a), (y_b, chrominance_b) = _split(a), _split(b)
    fused = chosen.function(y_a, y_b, **parameters)
    chrominance = _stronger(chrominance_a, chrominance_b)
    if chrominance is not None:
        fused = np.concatenate([fused[..., None], chrominance], axis=-1) @ _RGB.T
    # Half of all averages end in exactly one half: without the inner rounding the last bit would decide.
    return np.rint(np.round(255 * np.clip(fused, 0, 1), 6)).astype(np.uint8)


def _split(image: Pixels) -> tuple[Array, Array | None]:
    """Luminance in 0..1, and U and V of a colour image."""
    scaled = image / 255.0
    if image.ndim == 2:
        return scaled, None
    yuv = scaled @ _YUV.T
    return yuv[..., 0], yuv[..., 1:]


def _stronger(a: Array | None, b: Array | None) -> Array | None:
    if a is None or b is None:
        return b if a is None else a
    return np.where((a**2).sum(-1, keepdims=True) >= (b**2).sum(-1, keepdims=True), a, b)


def _check(letter: str, image: Pixels) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        kind = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
        raise BenchmarkError(f"source {letter} is {kind}, not an array of uint8")
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise BenchmarkError(f"source {letter} has shape {image.shape}, not (H, W) or (H, W, 3)")
    if min(image.shape[:2]) < MIN_SIDE:
        raise BenchmarkError(f"source {letter} is {_size(image)}: fusion needs {MIN_SIDE} x {MIN_SIDE} or more")


def _size(image: Pixels) -> str:
    return f"{image.shape[0]} x {image.shape[1]}"
