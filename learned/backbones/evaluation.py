"""A frozen ResNet on one processor core: the maps of its stages in half the time that torch takes, and less.

3x3 convolutions at stride 1 are done by Winograd's algorithm, others but those 3x3 at stride 2 are products of
matrices, and what comes behind a convolution, its bias, the shortcut and the rectifier, is done while its result lies
in the cache. Where torch may use more than `CORES`, it shares convolutions among them, and computes them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor, nn

from fusion_metrics.compiled import compiled
from learned.backbones.products import PANEL, Single, multiply, panels, rows
from learned.backbones.resnet import BasicBlock, ResNet
from learned.backbones.winograd import Winograd

#: Pixels of which the result of a convolution stays in the cache.
PIXELS = 512
#: As many as torch's own convolutions need to be as quick.
CORES = 2

Block = Callable[[Single], Single]


class Evaluation:
    """A folded ResNet, see `learned.backbones.folding`, to be looked through with.

    Parameters
    ----------
    network : ResNet
        As `learned.backbones.frozen.frozen_network` returns it.

    Notes
    -----
    Results depart from torch's own by the rounding of single precision, 1e-6 of a map's largest number.
    """

    def __init__(self, network: ResNet) -> None:
        self._network = network
        self._bias = cast(Tensor, network.conv1.bias).detach().numpy()
        self._stages = [[_block(block) for block in network.get_submodule(name).children()] for name in network.stages]

    def maps(self, pixels: Single) -> list[Single]:
        """Return the maps of a picture after every stage.

        Parameters
        ----------
        pixels : ndarray of float32, shape (H, W) or (H, W, 3)
            Grey pixels stand for three equal channels.

        Returns
        -------
        list of ndarray of float32, shape (H', W', C)
        """
        with torch.inference_mode():
            if torch.get_num_threads() > CORES:
                return [_array(map_) for map_ in self._network.maps(_tensor(pixels))[1:]]
            y = _pooled(self._stem(pixels))
            found = []
            for stage in self._stages:
                for block in stage:
                    y = block(y)
                found.append(y)
        return found

    def _stem(self, pixels: Single) -> Single:
        """Make the first convolution, 7x7 at stride 2; `_pooled` rectifies it."""
        if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
            pixels = pixels[..., 0]  # the same picture as a grey one, to the last bit
        if pixels.ndim == 3:
            return _array(self._network.conv1(_tensor(pixels)))
        kernel = self._network.conv1.weight.detach().sum(dim=1).flatten(1).T.numpy()
        around = sliding_window_view(np.pad(pixels, 3), (7, 7))[::2, ::2]
        y = np.empty((*around.shape[:2], len(self._bias)), np.float32)
        matrix, more = panels(kernel), y[0]
        for line, windows in zip(y, around, strict=True):
            multiply(np.ascontiguousarray(windows).reshape(len(line), -1), matrix, line)
            _finish(line, self._bias, more, False, True)
        return y


def _block(block: nn.Module) -> Block:
    shortcut = None if block.downsample is None else _Convolution(cast(nn.Conv2d, block.downsample), rectified=False)
    names = ("conv1", "conv2") if isinstance(block, BasicBlock) else ("conv1", "conv2", "conv3")
    *first, last = (_Convolution(cast(nn.Conv2d, block.get_submodule(name))) for name in names)

    def transformed(x: Single) -> Single:
        y = x
        for convolution in first:
            y = convolution(y)
        return last(y, x if shortcut is None else shortcut(x))

    return transformed


class _Convolution:
    """A convolution of a folded network, with what comes behind it."""

    def __init__(self, convolution: nn.Conv2d, *, rectified: bool = True) -> None:
        self._convolution, self._rectified = convolution, rectified
        self._stride = convolution.stride[0]
        kernel = convolution.weight.detach().numpy()
        self._bias = cast(Tensor, convolution.bias).detach().numpy()
        self._shape = kernel.shape
        pointwise = kernel.shape[2:] == (1, 1) and len(kernel) % PANEL == 0
        self._matrix = panels(kernel[:, :, 0, 0].T) if pointwise else None
        self._winograd = Winograd(kernel, self._bias)

    def __call__(self, x: Single, added: Single | None = None) -> Single:
        if self._matrix is not None:
            return self._pointwise(np.ascontiguousarray(x[:: self._stride, :: self._stride]), self._matrix, added)
        if self._stride == 1 and Winograd.suits(x.shape, self._shape):
            return self._winograd(x, added)
        y = _array(self._convolution(torch.from_numpy(x).permute(2, 0, 1)[None]))
        if added is not None:
            y += added
        return np.maximum(y, 0, out=y) if self._rectified else y

    def _pointwise(self, x: Single, matrix: Single, added: Single | None) -> Single:
        y = np.empty((*x.shape[:2], self._shape[0]), np.float32)
        rows_x, rows_y = x.reshape(-1, x.shape[2]), y.reshape(-1, y.shape[2])
        more = rows_y if added is None else added.reshape(rows_y.shape)
        size = rows(matrix)
        step = max(1, PIXELS // size) * size
        for start in range(0, len(rows_x), step):
            part = slice(start, start + step)
            multiply(rows_x[part], matrix, rows_y[part])
            _finish(rows_y[part], self._bias, more[part], added is not None, self._rectified)
        return y


def _tensor(pixels: Single) -> Tensor:
    """Return a picture as a batch of one with three channels."""
    x = torch.from_numpy(pixels if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1))
    return x.permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)


def _array(x: Tensor) -> Single:
    """Return the map of a batch of one with its channels last."""
    return np.ascontiguousarray(x[0].permute(1, 2, 0).numpy())


@compiled(error_model="numpy", nogil=True)
def _finish(y: Single, bias: Single, added: Single, adds: bool, rectified: bool) -> None:
    """Add to each row of y, in place, the bias and what else is added, and rectify it."""
    for row in range(len(y)):
        to, more = y[row], added[row]
        if adds:
            for k in range(len(bias)):
                to[k] = max(to[k] + bias[k] + more[k], np.float32(0))
        elif rectified:
            for k in range(len(bias)):
                to[k] = max(to[k] + bias[k], np.float32(0))
        else:
            for k in range(len(bias)):
                to[k] += bias[k]


@compiled(error_model="numpy", nogil=True)
def _pooled(x: Single) -> Single:
    """Rectify and take the largest of each 3x3 pixels at stride 2, shape (H / 2, W / 2, C)."""
    height, width, channels = x.shape
    y = np.zeros(((height + 1) // 2, (width + 1) // 2, channels), np.float32)
    for row in range(len(y)):
        for column in range(y.shape[1]):
            to = y[row, column]
            for i in range(max(2 * row - 1, 0), min(2 * row + 2, height)):
                for j in range(max(2 * column - 1, 0), min(2 * column + 2, width)):
                    of = x[i, j]
                    for k in range(channels):
                        to[k] = max(to[k], of[k])
    return y
