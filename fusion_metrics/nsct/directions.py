"""The directional filter bank of the NSCT as one real frequency response per wedge.

A tree of two-channel banks cuts the frequency plane into 2^L wedges: first the two fans, then their halves, then each
half again along its bisector. Every node uses the same bank; only the argument of its diamond mapping changes. All
arguments are integer combinations of the two frequencies, so a response is 2 pi periodic in each of them and even
under (a, b) -> (-a, -b): on any grid, Nyquist rows and columns of even sizes included, it belongs to a real
zero-phase filter with periodic borders.

**Which way the wedges shear.** Beyond four directions a node refines a pair of wedges around the slope a/b = -s/D,
D = 2^(L-3). In the first half of the tree (|a| < |b|) the coordinates ``u = 2 (D a + s b), v = 2 b`` have the slope
u/v = D (a/b) + s, which stretches that pair, and no other, over the whole fan |u| < |v|: every level is the third one,
seen through a zoom of the slope. The second half is the same with a and b exchanged.

The published toolbox takes its matrices in the order (column, row) and gets ``u = 2 a, v = 2 (D b - s a)``. For
D = 1, s = 0, that is up to eight directions, the two are the same. From sixteen on the toolbox zooms the slope b/a of
the other half of the plane, so its filters don't bisect the wedges of the tree: a band keeps 39 to 56 % of the energy
of its response in the wedge where it is strongest (here: 60 to 75 %), and neighbours come out swapped in pairs,
against the order that the toolbox itself documents. Both arrangements reconstruct perfectly, as any mapping does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from math import pi

import numpy as np

from fusion_metrics.image import Array
from fusion_metrics.nsct.filters import DIRECTIONS, Mapping
from fusion_metrics.strips import strips

CACHE_BYTES = 256 * 2**20


def wedge_angles(level: int) -> Array:
    """Return the direction in which each band of a level oscillates.

    The wedges are equal steps of slope, as in the paper: of a/b from +1 to -1 in the first half, of b/a from +1 to
    -1 in the second.

    Parameters
    ----------
    level : int
        log2 of the number of directions, at least 1.

    Returns
    -------
    ndarray, shape (2**level,)
        Centre of each wedge in degrees, from the column axis (to the right) towards the row axis (down), falling from
        45 to -45 and then rising from 45 to 135. Edges run at right angles to it. The order of ``border="toolbox"``
        differs from 16 directions on (see `nsct`).

    Examples
    --------
    >>> wedge_angles(2).round(1).tolist()
    [26.6, -26.6, 63.4, 116.6]
    """
    if level < 1:
        raise ValueError(f"a level without directions has no angle, got level {level}")
    half = 2 ** (level - 1)
    angles = np.degrees(np.arctan(1 - (2 * np.arange(half) + 1) / half))
    return np.concatenate([angles, 90 - angles])


def wedge_responses(
    shape: tuple[int, int], level: int, name: str, *, synthesis: bool = False, toolbox: bool = False
) -> Array:
    """Return the frequency responses of the directional bands on the half plane of a real FFT.

    Parameters
    ----------
    shape : (int, int)
        Size of the periodic image, rows and columns.
    level : int
        log2 of the number of directions, at least 1.
    name : str
        Key of `DIRECTIONS`.
    synthesis : bool
        The responses of the inverse; with those of the analysis their products sum to one everywhere.
    toolbox : bool
        The toolbox's arrangement of 16 directions and more.

    Returns
    -------
    ndarray, shape (2**level, rows, columns // 2 + 1)
        Real, read-only, remembered for the sizes used last.
    """
    return _CACHE.get((shape, level, name, synthesis, toolbox))


def _compute(shape: tuple[int, int], level: int, name: str, synthesis: bool, toolbox: bool) -> Array:
    rows, columns = 2 * pi * np.fft.fftfreq(shape[0]), 2 * pi * np.fft.rfftfreq(shape[1])
    wedges = np.empty((2**level, len(rows), len(columns)))
    for strip in strips((len(rows), len(columns))):
        a, b = np.meshgrid(rows[strip], columns, indexing="ij")
        wedges[:, strip] = _wedges(a, b, level, name, synthesis, toolbox)
    wedges.setflags(write=False)
    return wedges


def _wedges(a: Array, b: Array, level: int, name: str, synthesis: bool, toolbox: bool) -> Array:
    """Return the responses of all wedges at some frequencies."""
    bank, diamond = DIRECTIONS[name]
    wedges = np.ones((1, *a.shape))
    for stage in range(1, level + 1):
        split = np.empty((2 * len(wedges), *wedges.shape[1:]))
        for k, c in enumerate(_mappings(stage, a, b, diamond, toolbox)):
            low, high = bank.synthesis(c) if synthesis else bank.analysis(c)
            # The two nodes of the second stage share one mapping, so k counts mappings and the slice their parents.
            parents = wedges if stage == 2 else wedges[k : k + 1]
            children = split if stage == 2 else split[2 * k : 2 * k + 2]
            np.multiply(parents, low, out=children[0::2])
            np.multiply(parents, high, out=children[1::2])
        wedges = split
    return wedges


def _mappings(stage: int, a: Array, b: Array, diamond: Mapping, toolbox: bool) -> list[Array]:
    """Return the mapping c of every node of a stage, in the order of the tree."""
    if stage == 1:
        return [diamond(a, b + pi)]  # the fan: |a| < |b| is low
    if stage == 2:
        return [diamond(a - b, a + b + pi)]  # the same fan on the quincunx lattice: the quadrants
    D = 2 ** (stage - 3)
    mappings = []
    for rows, columns in ((a, b), (b, a)):  # the two halves of the tree mirror each other in the diagonal
        for s in range(1 - D, D, 2):
            u, v = (2 * rows, 2 * (D * columns - s * rows)) if toolbox else (2 * (D * rows + s * columns), 2 * columns)
            mappings += [diamond(u + pi, v - u), diamond(u, v + u + pi)]
    return mappings


class _Cache:
    """Responses by their arguments, least recently used out first, bounded in bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[tuple[tuple[int, int], int, str, bool, bool], Array] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[tuple[int, int], int, str, bool, bool]) -> Array:
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]
        responses = _compute(*key)
        with self._lock:
            self._entries[key] = responses
            while len(self._entries) > 1 and sum(entry.nbytes for entry in self._entries.values()) > self._limit:
                self._entries.popitem(last=False)
        return responses

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


_CACHE = _Cache(CACHE_BYTES)
