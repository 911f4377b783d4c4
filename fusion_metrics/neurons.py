"""The loops of `fusion_metrics.pcnn`, compiled: what happens to each neuron of a band, iteration by iteration.

Bands are held as one vector in which every row is followed by a margin of silent neurons, so that a neighbour is a
constant shift and outside the band nothing ever fires. Pulses of equally weighted neighbours are added up as bytes
before anything is multiplied. Compiled, an iteration takes a third of the time that it takes in NumPy, where every
operation is a pass over memory of its own; the arithmetic is the same to the last bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fusion_metrics.compiled import compiled
from fusion_metrics.image import Array
from fusion_metrics.screened_neurons import Room, fire_screened, is_safe

FiringTimes = npt.NDArray[np.int64]
Offset = tuple[int, int]
_Bytes = npt.NDArray[np.uint8]
_Index = npt.NDArray[np.int64]


class Window(NamedTuple):
    """A linking window W: pairs of a weight and the offsets, down and to the right, of the neighbours that have it."""

    groups: tuple[tuple[float, tuple[Offset, ...]], ...]

    @property
    def margin(self) -> int:
        """Silent neurons that a row needs behind it."""
        return max((abs(right) for _, offsets in self.groups for _, right in offsets), default=0)

    def links(self, stride: int) -> _Links:
        """Lay it out for rows that begin `stride` apart, in a vector with room for neighbours at both ends."""
        shifts = [down * stride + right for _, offsets in self.groups for down, right in offsets]
        reach = max(map(abs, shifts), default=0)
        return _Links(
            np.array([weight for weight, _ in self.groups]),
            np.cumsum([len(offsets) for _, offsets in self.groups], dtype=np.int64),
            np.array(shifts, dtype=np.int64) + reach,
            reach,
        )


class _Links(NamedTuple):
    """A window in terms of one vector: neighbours of weight g begin at ``starts[ends[g - 1] : ends[g]]``."""

    weights: Array
    ends: _Index
    starts: _Index
    reach: int


def inverse_distance(size: int) -> Window:
    """Weigh the neighbours in a square window by 1 / distance to the centre.

    Raises
    ------
    ValueError
        If `size` is even or below 1.
    """
    if size < 1 or size % 2 == 0:
        raise ValueError(f"size of the linking window is {size}, not a positive odd number")
    rings = [(m, n) for n in range(1, size // 2 + 1) for m in range(n + 1)]
    return Window(tuple((1 / float(np.hypot(m, n)), ring(m, n)) for m, n in rings))


def ring(near: int, far: int) -> tuple[Offset, ...]:
    """List the offsets of the neighbours `near` and `far` away along the two axes, in either order and sign."""
    return tuple(sorted({(i * m, j * n) for m, n in ((near, far), (far, near)) for i in (-1, 1) for j in (-1, 1)}))


def fire_simplified(
    F: Array,
    F_beta: Array,
    window: Window,
    decay_l: float,
    decay_theta: float,
    v_theta: float,
    iterations: int,
    room: Room | None = None,
) -> FiringTimes:
    """Count how often each neuron of Qu's network fires; see `fusion_metrics.pcnn.simplified_pcnn`.

    Parameters
    ----------
    F, F_beta : ndarray, shape (H, W)
        Feeding, and feeding times linking strength.
    window : Window
    decay_l, decay_theta, v_theta : float
        ``exp(-alpha_l)``, ``exp(-alpha_theta)`` and V_Theta.
    iterations : int
    room : Room, optional
        That of another network, which has run.

    Returns
    -------
    ndarray of int64, shape (H, W)
    """
    constants = decay_l, decay_theta, v_theta
    found = _screened(F, F_beta, window, constants, iterations, adaptive=False, room=room)
    if found is not None:
        return found
    links = window.links(F.shape[1] + window.margin)
    times = _simplified(_flat(F, window), _flat(F_beta, window), links, decay_l, decay_theta, v_theta, iterations)
    return _as_band(times, F.shape)


def fire_adaptive(
    F: Array, F_lam: Array, window: Window, decay_f: float, decay_e: float, v_e: float, iterations: int
) -> FiringTimes:
    """Count how often each neuron of the parameter-adaptive network fires; see `fusion_metrics.pcnn.adaptive_pcnn`.

    Parameters
    ----------
    F, F_lam : ndarray, shape (H, W)
        Feeding, and feeding times lam.
    window : Window
    decay_f, decay_e, v_e : float
        ``exp(-alpha_f)``, ``exp(-alpha_e)`` and V_E.
    iterations : int

    Returns
    -------
    ndarray of int64, shape (H, W)
    """
    found = _screened(F, F_lam, window, (decay_f, decay_e, v_e), iterations, adaptive=True)
    if found is not None:
        return found
    links = window.links(F.shape[1] + window.margin)
    times = _adaptive(_flat(F, window), _flat(F_lam, window), links, decay_f, decay_e, v_e, iterations)
    return _as_band(times, F.shape)


def _screened(
    F: Array,
    F_linked: Array,
    window: Window,
    constants: tuple[float, float, float],
    iterations: int,
    *,
    adaptive: bool,
    room: Room | None = None,
) -> FiringTimes | None:
    """Count in single precision, to the same result; None for networks of which that cannot be said."""
    two_rings = window.margin == 1 and [len(offsets) for _, offsets in window.groups] == [4, 4]
    if not two_rings or not is_safe(*constants, iterations):
        return None
    links = window.links(F.shape[1] + window.margin)
    near, far = links.weights.tolist()
    aligned = -links.reach % 64  # more silence in front, so that neurons begin where the processor reads at once
    starts, reach = links.starts + aligned, links.reach + aligned
    possible, found = fire_screened(F, F_linked, (near, far), starts, reach, constants, iterations, adaptive, room)
    return found if possible else None


def _flat(band: Array, window: Window) -> Array:
    return np.pad(band, ((0, 0), (0, window.margin))).ravel()


def _as_band(times: npt.NDArray[np.uint32], shape: tuple[int, ...]) -> FiringTimes:
    return times.reshape(shape[0], -1)[:, : shape[1]].astype(np.int64)


@compiled
def local_spatial_frequency(band: Array, result: Array) -> None:
    """Write the spatial frequency of a band into `result`; see `fusion_metrics.pcnn.spatial_frequency`.

    Parameters
    ----------
    band, result : ndarray of float64, shape (H, W)
    """
    height, width = band.shape
    third = 1.0 / 3.0
    squares = np.zeros((3, width))  # of the last three rows
    mean = np.empty(width + 2)
    for i in range(height + 1):
        if i < height:
            here, above, square = band[i], band[max(i - 1, 0)], squares[i % 3]
            square[0] = 0.0
            for j in range(1, width):
                square[j] = (here[j] - here[j - 1]) ** 2
            for j in range(width):
                square[j] = (here[j] - above[j]) ** 2 + square[j]
        if i == 0:
            continue
        # A running sum would leave rounding errors behind an edge, where there is no difference at all.
        above, here, below = squares[max(i - 2, 0) % 3], squares[(i - 1) % 3], squares[min(i, height - 1) % 3]
        for j in range(width):
            mean[j + 1] = here[j] * third + (above[j] + below[j]) * third
        mean[0], mean[width + 1] = mean[1], mean[width]
        row = result[i - 1]
        for j in range(width):
            row[j] = np.sqrt(mean[j + 1] * third + (mean[j] + mean[j + 2]) * third)


@compiled
def _simplified(
    F: Array,
    F_beta: Array,
    links: _Links,
    decay_l: float,
    decay_theta: float,
    v_theta: float,
    iterations: int,
) -> npt.NDArray[np.uint32]:
    size = len(F)
    pulses = np.zeros(size + 2 * links.reach, dtype=np.uint8)
    Y = pulses[links.reach : links.reach + size]
    L, Theta, linked = np.zeros(size), np.zeros(size), np.zeros(size)
    counted, times = np.empty(size, dtype=np.uint8), np.zeros(size, dtype=np.uint32)
    for _ in range(iterations):
        _link(pulses, links, linked, counted)
        for p in range(size):
            L[p] = decay_l * L[p] + linked[p]
            Theta[p] = decay_theta * Theta[p] + v_theta * Y[p]
            Y[p] = F[p] + F_beta[p] * L[p] > Theta[p]
        for p in range(size):
            times[p] += Y[p]
    return times


@compiled
def _adaptive(
    F: Array,
    F_lam: Array,
    links: _Links,
    decay_f: float,
    decay_e: float,
    v_e: float,
    iterations: int,
) -> npt.NDArray[np.uint32]:
    size = len(F)
    pulses = np.zeros(size + 2 * links.reach, dtype=np.uint8)
    Y = pulses[links.reach : links.reach + size]
    U, E, linked = np.zeros(size), np.ones(size), np.zeros(size)
    counted, times = np.empty(size, dtype=np.uint8), np.zeros(size, dtype=np.uint32)
    for _ in range(iterations):
        _link(pulses, links, linked, counted)
        for p in range(size):
            U[p] = decay_f * U[p] + F_lam[p] * linked[p] + F[p]
            Y[p] = U[p] > E[p]
            E[p] = decay_e * E[p] + v_e * Y[p]
        for p in range(size):
            times[p] += Y[p]
    return times


@compiled
def _link(pulses: _Bytes, links: _Links, linked: Array, counted: _Bytes) -> None:
    """Write W * Y into `linked`; `counted` is room to add pulses up."""
    first = 0
    for group in range(len(links.weights)):
        weight = links.weights[group]
        for p in range(len(counted)):
            counted[p] = 0
        for k in range(first, links.ends[group]):
            neighbours = pulses[links.starts[k] : links.starts[k] + len(counted)]
            for p in range(len(counted)):
                counted[p] += neighbours[p]
        if group == 0:
            for p in range(len(counted)):
                linked[p] = 0.0
        for p in range(len(counted)):
            linked[p] += weight * counted[p]
        first = links.ends[group]
