"""Both networks in single precision, decided in double precision wherever single precision cannot tell.

Whether a neuron fires is one comparison, U > Theta, and of 200 iterations all but a few leave no doubt about it. So the
network runs in single precision, with a bound on what rounding can have done. Where U and Theta are nearer than that,
the neuron's own history is gone through once more in double precision, with the operations of
`fusion_metrics.neurons` in their order. The firing times are the same to the last one; half the numbers move.

Names are those of Qu's network. The adaptive one remembers its U where Qu's has L, and its threshold, E, begins at 1.

**The bound.** No term is negative, so relative errors of sums are at most those of their terms. An iteration adds three
roundings, of the constant, of the product and of the sum, to L (or the adaptive U) and to Theta, and U adds fewer than
ten: after N iterations both are within ``(3 N + 10) 2^-24`` of what double precision finds.

**The order.** Memory would be the limit if every iteration went over the whole band. Instead the band is cut into
blocks that reach at least as far as a neuron's neighbours, and each block is several iterations ahead of the next: what
was just read is used again while it is near.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fusion_metrics.compiled import compiled
from fusion_metrics.image import Array

_Bytes = npt.NDArray[np.uint8]
_Single = npt.NDArray[np.float32]
_Index = npt.NDArray[np.int64]
_Constants = tuple[np.float32, np.float32, np.float32, np.float32, np.float32]

#: Neurons that are computed side by side: their F, F_beta, L and Theta follow each other in memory.
SIDE = 512
#: Bytes of the blocks that are at work at a time; they have to fit into a core's own memory.
AT_WORK = 2**19
#: More iterations would make the bound useless.
MOST_ITERATIONS = 1000
#: Feeding between which single precision neither overflows nor underflows; linking strength and V_Theta up to `MOST`.
LEAST, MOST = 1e-20, 1e6

# Indices are unsigned: a signed one may count from the end, and the question whether it does prevents vector code.
_U = np.uintp
_SIDE, _2_SIDES, _3_SIDES = np.uintp(SIDE), np.uintp(2 * SIDE), np.uintp(3 * SIDE)
_NOTHING = np.float32(0.0)
_LITTLE = np.float32(1e-25)  # keeps L away from numbers so small that processors take long over them
_LESS = np.float32(1e-32)  # the same for E, which U, if it is not 0, has passed by then: it is `LEAST` or more
_55, _33, _0F, _1, _2, _4 = (np.uint8(byte) for byte in (0x55, 0x33, 0x0F, 1, 2, 4))


class Room:
    """Memory that networks of the same size use one after the other, because the system takes long to hand it out."""

    def __init__(self) -> None:
        self._arrays: dict[str, npt.NDArray[Any]] = {}

    def zeros(self, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return an array of zeros, the one that had this name before if there was one of this shape."""
        array = self._arrays.get(name)
        if array is not None and array.shape == shape:
            array.fill(0)
        else:  # NumPy asks the system for large pages, which compiled code does not
            array = self._arrays[name] = np.zeros(shape, dtype=dtype)
        return array


def is_safe(decay_l: float, decay_theta: float, v_theta: float, iterations: int) -> bool:
    """Say whether the bound holds for a network of these constants; what feeds it is looked at by `fire_screened`."""
    return 0 <= decay_l <= 1 and 0 <= decay_theta <= 1 and 0 <= v_theta <= MOST and iterations <= MOST_ITERATIONS


def fire_screened(
    F: Array,
    F_beta: Array,
    weights: tuple[float, float],
    starts: _Index,
    reach: int,
    constants: tuple[float, float, float],
    iterations: int,
    adaptive: bool,
    room: Room | None = None,
) -> tuple[bool, npt.NDArray[np.int64]]:
    """Count how often each neuron fires, for a window of two weights with four neighbours each.

    Parameters
    ----------
    F, F_beta : ndarray, shape (H, W)
        Feeding, and feeding times linking strength.
    weights : (float, float)
    starts : ndarray, shape (8,)
        Where the neighbours begin in a vector in which rows are ``W + 1`` apart, behind `reach` silent neurons.
    reach : int
    constants : (float, float, float)
        ``exp(-alpha_l)``, ``exp(-alpha_theta)`` and V_Theta.
    iterations : int
    adaptive : bool
        Which network: `fusion_metrics.pcnn.adaptive_pcnn`, whose constants are in the same places, or Qu's.
    room : Room, optional
        That of another network, which has run.

    Returns
    -------
    possible : bool
        False if single precision does not hold what feeds the network.
    times : ndarray of int64, shape (H, W)
    """
    H, W = F.shape
    size = (H * (W + 1) + SIDE - 1) // SIDE * SIDE
    length = size + 2 * reach
    room = room or Room()
    state = room.zeros("state", (4 * size,), np.float32)
    if not _fill(state, F, F_beta, 1.0 if adaptive else 0.0):
        return False, np.empty((0, 0), dtype=np.int64)
    history = room.zeros("history", ((iterations + 7) // 8, length), np.uint8)
    _fire((F, F_beta), state, history, weights, starts, reach, constants, iterations, adaptive)
    times = np.empty((H, W), dtype=np.int64)
    _count_times(history, reach, room.zeros("total", (length,), np.uint16), times)
    return True, times


@compiled
def _fire(
    feeding: tuple[Array, Array],
    state: _Single,
    history: _Bytes,
    weights: tuple[float, float],
    starts: _Index,
    reach: int,
    constants: tuple[float, float, float],
    iterations: int,
    adaptive: bool,
) -> None:
    """Run the network and write all of its pulses into `history`, eight iterations a byte."""
    F, F_beta = feeding
    decays, v_theta = constants[:2], constants[2]
    size, length = len(state) // 4, history.shape[1]
    pulses = np.zeros(2 * length, dtype=np.uint8)
    block = (reach + SIDE - 1) // SIDE * SIDE
    counted = np.zeros(2 * block, dtype=np.uint8)
    blocks = (size + block - 1) // block
    ahead = max(4, AT_WORK // (16 * block))
    rounded = (
        np.float32(weights[0]),
        np.float32(weights[1]),
        np.float32(decays[0]),
        np.float32(decays[1]),
        np.float32(v_theta),
    )
    for begun in range(0, iterations, ahead):
        depth = min(ahead, iterations - begun)
        for step in range(blocks + depth - 1):
            for k in range(max(0, step - blocks + 1), min(depth, step + 1)):
                n, first = begun + k, (step - k) * block
                many = min(block, size - first)
                before = (n & 1) * length + first
                here = (1 - (n & 1)) * length + reach + first
                for group in range(2):
                    _count(counted, group * block, pulses, before, starts[4 * group : 4 * group + 4], many)
                bound = np.float32(2.05 * (3 * n + 13) * 2.0**-24)
                for c in range(0, many, SIDE):
                    places = (_U(4 * (first + c)), _U(c), _U(block + c), _U(here + c))
                    if adaptive:
                        _screen_adaptive(state, counted, pulses, places, rounded, bound)
                    else:
                        _screen(state, counted, pulses, places, rounded, bound)
                if _any_unsure(pulses, _U(here), _U(many)):
                    for q in range(first, first + many):
                        if pulses[here - first + q] > 1:
                            when = (q, n, adaptive)
                            Y, Theta = _replay(F, F_beta, when, history, starts, reach, weights, decays, v_theta)
                            pulses[here - first + q] = Y
                            state[_place(q) + 3 * SIDE] = decays[1] * Theta + v_theta * Y
                _remember(history[n >> 3], _U(reach + first), pulses, _U(here), _U(many), np.uint8(1 << (n & 7)))


@compiled
def _place(q: int) -> int:
    """Say where the state of neuron `q` begins."""
    return q // SIDE * 4 * SIDE + q % SIDE


@compiled
def _fill(state: _Single, F: Array, F_beta: Array, threshold: float) -> bool:
    """Lay out what feeds the neurons, and the first threshold; False if single precision does not hold it."""
    H, W = F.shape
    safe = True
    for i in range(H):
        for j in range(W):
            at = _place(i * (W + 1) + j)
            f, f_beta = F[i, j], F_beta[i, j]
            safe &= (f == 0 or LEAST <= f <= MOST) and 0 <= f_beta <= MOST * f
            state[at] = f
            state[at + SIDE] = f_beta
            state[at + 3 * SIDE] = threshold
    return safe


@compiled
def _count(counted: _Bytes, to: int, pulses: _Bytes, before: int, starts: _Index, many: int) -> None:
    """Add up the pulses of four neighbours."""
    at, a, b = _U(to), _U(before + starts[0]), _U(before + starts[1])
    c, d = _U(before + starts[2]), _U(before + starts[3])
    for p in range(_U(many)):
        counted[at + p] = (pulses[a + p] + pulses[b + p]) + (pulses[c + p] + pulses[d + p])


@compiled(fastmath={"contract"})  # a product that isn't rounded is within the bound as well
def _screen(
    state: _Single,
    counted: _Bytes,
    pulses: _Bytes,
    places: tuple[np.uintp, np.uintp, np.uintp, np.uintp],
    constants: _Constants,
    bound: np.float32,
) -> None:
    """Take neurons one iteration further; a pulse is 1, and 2 is added where it is unsure whether there is one."""
    at, near, far, here = places
    w_near, w_far, decay_l, decay_theta, v_theta = constants
    for p in range(_SIDE):
        linked = w_far * np.float32(counted[far + p]) + (w_near * np.float32(counted[near + p]) + _LITTLE)
        L = decay_l * state[at + _2_SIDES + p] + linked
        Theta = state[at + _3_SIDES + p]
        U = state[at + p] + state[at + _SIDE + p] * L
        fires = Theta < U
        state[at + _2_SIDES + p] = L
        state[at + _3_SIDES + p] = decay_theta * Theta + (v_theta if fires else _NOTHING)
        pulses[here + p] = np.uint8(fires) + _2 * np.uint8(abs(U - Theta) < bound * Theta)


@compiled(fastmath={"contract"})
def _screen_adaptive(
    state: _Single,
    counted: _Bytes,
    pulses: _Bytes,
    places: tuple[np.uintp, np.uintp, np.uintp, np.uintp],
    constants: _Constants,
    bound: np.float32,
) -> None:
    """Do the same for the adaptive network."""
    at, near, far, here = places
    w_near, w_far, decay_f, decay_e, v_e = constants
    for p in range(_SIDE):
        linked = w_far * np.float32(counted[far + p]) + w_near * np.float32(counted[near + p])
        U = decay_f * state[at + _2_SIDES + p] + (state[at + _SIDE + p] * linked + state[at + p])
        E = state[at + _3_SIDES + p]
        fires = E < U
        state[at + _2_SIDES + p] = U
        state[at + _3_SIDES + p] = decay_e * E + (v_e if fires else _LESS)
        pulses[here + p] = np.uint8(fires) + _2 * np.uint8(abs(U - E) < bound * E)


@compiled
def _any_unsure(pulses: _Bytes, here: np.uintp, many: np.uintp) -> bool:
    """Say whether single precision could not tell for any of these neurons."""
    found = np.uint8(0)
    for p in range(many):
        found |= pulses[here + p]
    return bool(found > 1)


@compiled
def _remember(history: _Bytes, to: np.uintp, pulses: _Bytes, here: np.uintp, many: np.uintp, bit: np.uint8) -> None:
    """Set the bit of an iteration for the neurons that have fired in it."""
    for p in range(many):
        history[to + p] |= np.uint8(bit * pulses[here + p])


@compiled
def _replay(
    F: Array,
    F_beta: Array,
    when: tuple[int, int, bool],
    history: _Bytes,
    starts: _Index,
    reach: int,
    weights: tuple[float, float],
    decays: tuple[float, float],
    v_theta: float,
) -> tuple[bool, float]:
    """Find out in double precision whether neuron q fires in iteration n, and its threshold then.

    ``when = (q, n, adaptive)``; of the adaptive network, L is U.
    """
    q, n, adaptive = when
    i, j = q // (F.shape[1] + 1), q % (F.shape[1] + 1)
    L, Theta = 0.0, 1.0 if adaptive else 0.0
    for m in range(n + 1):
        linked, own = 0.0, 0
        if m > 0:
            pulses, bit = history[(m - 1) >> 3], (m - 1) & 7
            own = (pulses[reach + q] >> bit) & 1
            for group in range(2):
                count = 0
                for k in range(4 * group, 4 * group + 4):
                    count += (pulses[starts[k] + q] >> bit) & 1
                linked += weights[group] * count
        L = decays[0] * L + F_beta[i, j] * linked + F[i, j] if adaptive else decays[0] * L + linked
        if m > 0 or not adaptive:
            Theta = decays[1] * Theta + v_theta * own
    return (L if adaptive else F[i, j] + F_beta[i, j] * L) > Theta, Theta


@compiled
def _count_times(history: _Bytes, reach: int, total: npt.NDArray[np.uint16], times: npt.NDArray[np.int64]) -> None:
    """Count the pulses of each neuron; `total`, all zero, is room to add them up."""
    for row in history:
        _add_bits(total, row)
    H, W = times.shape
    for i in range(H):
        begin = reach + i * (W + 1)
        for j in range(W):
            times[i, j] = total[begin + j]


@compiled
def _add_bits(total: npt.NDArray[np.uint16], row: _Bytes) -> None:
    """Add the number of ones in each byte: of pairs, then of fours, then of eight bits."""
    for p in range(len(row)):
        byte = row[p]
        byte = np.uint8(byte - ((byte >> _1) & _55))
        byte = np.uint8((byte & _33) + ((byte >> _2) & _33))
        total[p] += np.uint8((byte + (byte >> _4)) & _0F)
