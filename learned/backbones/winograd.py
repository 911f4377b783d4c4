"""3x3 convolutions by Winograd's algorithm, with a quarter of the multiplications, for networks in evaluation.

A map is cut into tiles of 4x4 pixels. What a 3x3 kernel makes of a tile follows from the 6x6 pixels around it: these
and the kernel are transformed, B^T d B and G g G^T, multiplied element by element and summed over the channels, which
are 36 products of matrices, and the sum s is transformed back, A^T s A. That takes 36 multiplications where the
definition takes 144. Rounding to single precision leaves an error of about 1e-6 of a map's root mean square.

Tiles are worked on in blocks that stay in the processor's cache, and what follows a convolution in a residual network,
its bias, the shortcut and the rectifier, is done as a tile is written. Maps have their channels last.

References
----------
A. Lavin, S. Gray, Fast algorithms for convolutional neural networks, CVPR 2016.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from fusion_metrics.compiled import compiled
from learned.backbones.products import PANEL, Single, columns, multiply, panels, rows

#: Rows and columns of the tiles of the result, of what such a tile depends on, and numbers in the latter.
TILE, REACH = 4, 6
POSITIONS = REACH**2
#: Channels that are transformed at once; those of a map are a multiple of it.
RUN = PANEL
#: Input channels of which the kernels are transformed at once.
CHANNELS = 16
#: Numbers of a transformed block of tiles, of which the caches have room for two, and the fewest tiles of such a block.
BLOCK, FEWEST = 160_000, 32
#: Tiles of a block where so few would fit that reading the kernels anew for each block would take longer.
MANY = 240
#: From this many tiles of a map on reading the transformed kernels, four times as large as the kernels, is worth it.
LEAST_TILES = 4
#: G of F(4x4, 3x3) by Lavin and Gray: evaluation of the kernel's polynomial at 0, 1, -1, 2, -2 and infinity.
KERNEL = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24.0

_TWO, _FOUR, _FIVE, _EIGHT = (np.float32(number) for number in (2, 4, 5, 8))
_OPTIONS = {"error_model": "numpy", "nogil": True, "fastmath": {"contract"}}


class Winograd:
    """A 3x3 convolution at stride 1 that keeps the size of a map, followed by a rectifier.

    Parameters
    ----------
    kernel : ndarray of float32, shape (K, C, 3, 3)
        As torch has it; C and K are multiples of `RUN`.
    bias : ndarray of float32, shape (K,)

    Examples
    --------
    >>> kernel = np.zeros((64, 64, 3, 3), np.float32)
    >>> kernel[5, 7, 1, 1] = 2
    >>> x = np.random.default_rng(0).random((13, 30, 64), dtype=np.float32)
    >>> y = Winograd(kernel, np.ones(64, np.float32))(x)
    >>> bool(np.allclose(y[..., 5], 2 * x[..., 7] + 1)), bool((y[..., 6] == 1).all())
    (True, True)
    """

    def __init__(self, kernel: Single, bias: Single) -> None:
        self._kernel, self._bias = kernel, bias

    @cached_property
    def _transformed(self) -> Single:
        """The kernels as 36 matrices (C, K), in panels."""
        outputs, inputs = self._kernel.shape[:2]
        each, both = columns(inputs, outputs), np.kron(KERNEL, KERNEL)
        found = np.empty((POSITIONS, outputs // each, inputs, each), np.float32)
        for start in range(0, inputs, CHANNELS):  # a few, which stay in the cache
            part = slice(start, start + CHANNELS)
            kernel = self._kernel[:, part].transpose(2, 3, 1, 0).reshape(9, -1).astype(np.float64)
            found[:, :, part] = panels((both @ kernel).reshape(POSITIONS, -1, outputs), each)
        return found

    @staticmethod
    def suits(shape: tuple[int, ...], kernel: tuple[int, ...]) -> bool:
        """Whether it is quicker than the definition, for maps of a shape and kernels of another."""
        height, width, _ = shape
        return -(-height // TILE) * -(-width // TILE) >= LEAST_TILES and not any(c % RUN for c in kernel[:2])

    def __call__(self, x: Single, added: Single | None = None) -> Single:
        """Convolve and rectify.

        Parameters
        ----------
        x : ndarray of float32, shape (H, W, C)
        added : ndarray of float32, shape (H, W, K), optional
            Added before the rectifier.

        Returns
        -------
        ndarray of float32, shape (H, W, K)
        """
        x = np.ascontiguousarray(x)
        height, width, inputs = x.shape
        outputs = len(self._bias)
        y = np.empty((height, width, outputs), np.float32)
        tiles = -(-height // TILE) * -(-width // TILE)
        most = BLOCK // (POSITIONS * max(inputs, outputs))
        blocks = -(-tiles // (most if most >= FEWEST else MANY))
        # Blocks of one size, and of equal products: tiles that do not exist cost less than one more small product.
        block = -(-tiles // blocks)
        products = -(-block // rows(self._transformed))
        block = -(-block // products) * products
        d = np.zeros((POSITIONS, block, inputs), np.float32)
        s = np.empty((POSITIONS, block, outputs), np.float32)
        for first in range(0, tiles, block):
            count = min(block, tiles - first)
            _transform(x, d, first, count, RUN)
            multiply(d, self._transformed, s)
            _transform_back(s, self._bias, x if added is None else added, added is not None, y, first, count, RUN)
        return y


@compiled(**_OPTIONS)
def _transform(x: Single, d: Single, first: int, count: int, run: int) -> None:
    """Write B^T d B of some tiles to d, shape (36, tiles, C). `run` is RUN, which must not be known when compiling."""
    height, width, channels = x.shape
    across = -(-width // TILE)
    one, other = np.empty(POSITIONS * RUN, np.float32), np.empty(POSITIONS * RUN, np.float32)
    for n in range(count):
        row, column = divmod(first + n, across)
        top, left = TILE * row - 1, TILE * column - 1
        for c in range(0, channels, run):
            for i in range(REACH):
                for j in range(REACH):
                    within = one[(i * REACH + j) * RUN : (i * REACH + j) * RUN + run]
                    if 0 <= top + i < height and 0 <= left + j < width:
                        pixel = x[top + i, left + j, c : c + run]
                        for k in range(run):
                            within[k] = pixel[k]
                    else:
                        for k in range(run):
                            within[k] = 0.0
            _evaluate(one, 0, other, REACH * RUN)
            for i in range(REACH):
                _evaluate(other, i * REACH * RUN, one, RUN)
            for p in range(POSITIONS):
                to, within = d[p, n, c : c + run], one[p * RUN : p * RUN + run]
                for k in range(run):
                    to[k] = within[k]


@compiled(**_OPTIONS)
def _evaluate(x: Single, start: int, y: Single, step: int) -> None:
    """B^T of six runs of numbers, one every `step`."""
    for k in range(start, start + step):
        x0, x1, x2 = x[k], x[k + step], x[k + 2 * step]
        x3, x4, x5 = x[k + 3 * step], x[k + 4 * step], x[k + 5 * step]
        even, odd = x4 - _FOUR * x2, x3 - _FOUR * x1
        even_2, odd_2 = x4 - x2, _TWO * (x3 - x1)
        y[k] = _FOUR * x0 - _FIVE * x2 + x4
        y[k + step] = even + odd
        y[k + 2 * step] = even - odd
        y[k + 3 * step] = even_2 + odd_2
        y[k + 4 * step] = even_2 - odd_2
        y[k + 5 * step] = _FOUR * x1 - _FIVE * x3 + x5


@compiled(**_OPTIONS)
def _transform_back(
    s: Single, bias: Single, added: Single, adds: bool, y: Single, first: int, count: int, run: int
) -> None:
    """Write A^T s A of some tiles, with bias and what is added, rectified, to where they lie in y."""
    height, width, channels = y.shape
    across = -(-width // TILE)
    one = np.empty(POSITIONS * RUN, np.float32)
    other, tile = np.empty(TILE * REACH * RUN, np.float32), np.empty(TILE * TILE * RUN, np.float32)
    for n in range(count):
        row, column = divmod(first + n, across)
        top, left = TILE * row, TILE * column
        for c in range(0, channels, run):
            for p in range(POSITIONS):
                within, of = one[p * RUN : p * RUN + run], s[p, n, c : c + run]
                for k in range(run):
                    within[k] = of[k]
            _interpolate(one, 0, other, 0, REACH * RUN)
            for i in range(TILE):
                _interpolate(other, i * REACH * RUN, tile, i * TILE * RUN, RUN)
            level = bias[c : c + run]
            for i in range(min(TILE, height - top)):
                for j in range(min(TILE, width - left)):
                    within = tile[(i * TILE + j) * RUN : (i * TILE + j) * RUN + run]
                    to = y[top + i, left + j, c : c + run]
                    if adds:
                        more = added[top + i, left + j, c : c + run]
                        for k in range(run):
                            to[k] = max(within[k] + level[k] + more[k], np.float32(0))
                    else:
                        for k in range(run):
                            to[k] = max(within[k] + level[k], np.float32(0))


@compiled(**_OPTIONS)
def _interpolate(x: Single, start: int, y: Single, to: int, step: int) -> None:
    """A^T of six runs of numbers, one every `step`: four such runs."""
    for k in range(step):
        x0, x1, x2 = x[start + k], x[start + step + k], x[start + 2 * step + k]
        x3, x4, x5 = x[start + 3 * step + k], x[start + 4 * step + k], x[start + 5 * step + k]
        even, odd, even_2, odd_2 = x1 + x2, x1 - x2, x3 + x4, x3 - x4
        y[to + k] = x0 + even + even_2
        y[to + step + k] = odd + _TWO * odd_2
        y[to + 2 * step + k] = even + _FOUR * even_2
        y[to + 3 * step + k] = odd + _EIGHT * odd_2 + x5
