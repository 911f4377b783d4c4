"""The machinery under `fusion_metrics.pcnn`: the pulses of one band, summed over neighbours and counted.

A network runs hundreds of iterations over every coefficient, so that each pass over memory counts here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fusion_metrics.image import Array

FiringTimes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Offset = tuple[int, int]

_LARGEST_BYTE = 255


class Neurons:
    """The pulses Y of one band, their weighted sum over the neighbours and their number.

    Bands are held as one vector in which every row is followed by a margin of silent neurons, so that a neighbour is a
    constant shift, all arithmetic runs over contiguous memory, and outside the band nothing ever fires. Pulses of equal
    weight are added up as bytes before anything is multiplied.

    Parameters
    ----------
    shape : (int, int)
        Of the band.
    weights : list of (float, list of (int, int))
        W as pairs of a weight and the offsets, down and to the right, of its neighbours; an offset may be repeated.
    """

    def __init__(self, shape: tuple[int, ...], weights: list[tuple[float, list[Offset]]]) -> None:
        height, width = shape
        self._shape = (height, width)
        self._margin = margin = max((abs(right) for _, offsets in weights for _, right in offsets), default=0)
        stride = width + margin
        size, reach = height * stride, margin * (stride + 1)
        pulses = np.zeros(size + 2 * reach, dtype=np.bool_)
        self._Y: Flags = pulses[reach : reach + size]
        self._fired = self._Y.view(np.uint8)
        self._pulses = pulses.view(np.uint8)
        self._weights = [
            (weight, [slice(start := reach + down * stride + right, start + size) for down, right in offsets])
            for weight, offsets in weights
        ]
        self._neighbours = np.empty(size, dtype=np.uint8)
        self._sum, self._term = np.zeros(size), np.zeros(size)
        self._recent = np.zeros(size, dtype=np.uint8)
        self._since = 0
        self._times = np.zeros(size, dtype=np.int64)

    def flatten(self, band: Array) -> Array:
        """Lay a band out as a vector with silent margins."""
        return np.pad(band, ((0, 0), (0, self._margin))).ravel()

    def silence(self) -> Flags:
        """Quieten and forget everything, and return the pulses Y: write the new ones there."""
        self._pulses[...] = self._recent[...] = self._times[...] = self._since = 0
        return self._Y

    def pulses(self, height: float) -> Array:
        """Return height * Y, in a buffer that the next call here or of `linking` overwrites."""
        self._term[...] = self._Y
        self._term *= height
        return self._term

    def linking(self) -> Array:
        """Return W * Y, in a buffer that the next call overwrites."""
        for index, (weight, shifts) in enumerate(self._weights):
            term = self._term if index else self._sum
            np.add(self._pulses[shifts[0]], self._pulses[shifts[1]], out=self._neighbours)
            for shift in shifts[2:]:
                self._neighbours += self._pulses[shift]
            term[...] = self._neighbours
            if weight != 1:
                term *= weight
            if index:
                self._sum += term
        return self._sum

    def count(self) -> None:
        """Add the pulses to the firing times: as bytes, which are moved on before they overflow."""
        self._recent += self._fired
        self._since += 1
        if self._since == _LARGEST_BYTE:
            self._settle()

    def times(self) -> FiringTimes:
        """Return the firing times since `silence`, as a band."""
        self._settle()
        height, width = self._shape
        return self._times.reshape(height, -1)[:, :width]

    def _settle(self) -> None:
        self._times += self._recent
        self._recent[...] = self._since = 0


def ring(near: int, far: int) -> list[Offset]:
    """List the offsets of the neighbours `near` and `far` away along the two axes, in either order and sign."""
    return sorted({(i * m, j * n) for m, n in ((near, far), (far, near)) for i in (-1, 1) for j in (-1, 1)})


def inverse_distance(size: int) -> list[tuple[float, list[Offset]]]:
    """Weigh the neighbours in a square window by 1 / distance to the centre.

    Raises
    ------
    ValueError
        If `size` is even or below 1.
    """
    if size < 1 or size % 2 == 0:
        raise ValueError(f"size of the linking window is {size}, not a positive odd number")
    reach = size // 2
    return [(1 / float(np.hypot(m, n)), ring(m, n)) for n in range(1, reach + 1) for m in range(n + 1)]
