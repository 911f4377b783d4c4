"""`Volume`: voxels with their grid, what the file says about black and white, and slices as pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from fusion_metrics.errors import InvalidImage
from fusion_metrics.levels import find_ends
from fusion_metrics.picture import Picture
from fusion_metrics.printable import printable
from fusion_metrics.reading import Reading
from fusion_metrics.volumes.address import AXES, NAMED_AXES
from fusion_metrics.volumes.geometry import Geometry

#: Voxels that a volume may have: a small file can claim more than any memory holds.
MOST_VOXELS = 1_000_000_000
#: Characters of what a library says that are repeated.
_CAUSE = 160

Voxels = npt.NDArray[Any]
Ends = tuple[float, float]


class Stated(NamedTuple):
    """What a header says about black and white.

    Attributes
    ----------
    words : str
    ends : (float, float)
        Black and white; what lies beyond is cut off.
    voxels : ndarray or None
        What the voxels become where that is more than a range.
    """

    words: str
    ends: Ends
    voxels: Voxels | None = None


class Shown(NamedTuple):
    """Voxels as a reading shows them: black and white (None for 8-bit ones), and whether the rest is cut off."""

    voxels: Voxels
    ends: Ends | None
    cuts: bool
    decisions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels of a file or of a series.

    Attributes
    ----------
    name : str
        What messages call it.
    voxels : ndarray, shape (I, J, K) or (I, J, K, 3)
        With what the header says about their scale applied.
    geometry : Geometry
    depth : str
        What the voxels are, in words; empty if they are 8-bit levels.
    stated : Stated or None
    white_is_zero : bool
    decisions : tuple of str
        What was decided on the way here.
    noun : str
        What a refusal calls the voxels.
    """

    name: str
    voxels: Voxels
    geometry: Geometry
    depth: str
    stated: Stated | None = None
    white_is_zero: bool = False
    decisions: tuple[str, ...] = ()
    noun: str = "voxels"
    _shown: dict[str, Shown | InvalidImage] = field(default_factory=dict)

    def refuse(self, what: str, *options: str) -> NoReturn:
        """Say what is wrong, and which reading would decide it."""
        refuse(self.name, what, *(f"--reading {option}" for option in options))

    def count(self, axis: str) -> int:
        """Return the number of slices along an axis.

        Raises
        ------
        InvalidImage
            The axis has a name, and the file does not say how it is oriented.
        """
        if axis in NAMED_AXES and self.geometry.orientation is None:
            refuse_orientation(self.name, axis)
        return self.geometry.along(axis).shape[AXES[axis][0]]

    def shown(self, reading: Reading) -> Shown:
        """Find black and white of the whole volume, so that its slices have one scale.

        Raises
        ------
        InvalidImage
            Voxels that are not finite, or whose range neither the file nor the reading states.
        """
        if reading.levels not in self._shown:
            try:
                self._shown[reading.levels] = self._find_levels(reading)
            except InvalidImage as error:
                self._shown[reading.levels] = error
        found = self._shown[reading.levels]
        if isinstance(found, InvalidImage):
            raise InvalidImage(str(found))
        return found

    def _find_levels(self, reading: Reading) -> Shown:
        told = list(self.decisions)
        voxels, ends, cuts = self.voxels, None, False
        if self.stated is not None and reading.levels == "8bit":
            if not np.isfinite(voxels).all():
                self.refuse(f"has {self.depth} voxels, some of them NaN or infinite")
            ends, cuts = self.stated.ends, True
            voxels = self.voxels if self.stated.voxels is None else self.stated.voxels
            told.append(self.stated.words)
        elif self.depth:
            ends, cuts = find_ends(voxels, self.depth, reading, self.refuse, self.noun), reading.cuts
            told.append(f"{self.depth} voxels, {ends[0]:g} is black and {ends[1]:g} white in the whole volume")
        if self.white_is_zero:
            told.append("inverted since the file says that zero is white")
        return Shown(voxels, ends, cuts, tuple(told))

    def has_content(self, axis: str, reading: Reading) -> npt.NDArray[np.bool_]:
        """Say of each slice along an axis whether it has more than one level."""
        voxels, ends, cuts, _ = self.shown(reading)
        seen = self._turned(voxels, axis)
        place = AXES[axis][0]
        others = tuple(n for n in range(3) if n != place)
        low, high = seen.min(axis=others), seen.max(axis=others)
        if cuts and ends is not None:
            low, high = np.clip(low, *ends), np.clip(high, *ends)
        differ: npt.NDArray[np.bool_] = np.asarray(low < high)
        return np.asarray(differ.any(axis=1)) if differ.ndim == 2 else differ

    def slice(self, axis: str, index: int, reading: Reading) -> Picture:
        """Read one slice.

        Along ``axial``, ``coronal`` and ``sagittal`` it lies as radiologists see it: the front or the head above, the
        right hand or the front on the left. Along ``0``, ``1`` and ``2`` the first of the two other axes runs to the
        right and the second downwards.

        Raises
        ------
        InvalidImage
            No such slice, or what `shown` and `count` raise.
        """
        count = self.count(axis)
        if index >= count:
            refuse(self.name, f"has {count} slices along {axis} and no slice {index}")
        voxels, ends, cuts, decisions = self.shown(reading)
        plane = self._turned(voxels, axis).take(index, axis=AXES[axis][0])
        if axis in NAMED_AXES:
            plane = plane[::-1, ::-1]
        pixels: Voxels = np.ascontiguousarray(plane.swapaxes(0, 1))
        if ends is None:
            return Picture(np.uint8(255) - pixels if self.white_is_zero else pixels, decisions)
        if cuts or self.white_is_zero:
            pixels = pixels.astype(np.float64)
        if cuts:
            pixels = np.clip(pixels, *ends)
        return Picture(sum(ends) - pixels if self.white_is_zero else pixels, decisions, ends)

    def _turned(self, voxels: Voxels, axis: str) -> Voxels:
        """Bring the axes into the order of `Geometry.along`; nothing is copied."""
        turn = self.geometry.orientation if axis in NAMED_AXES else None
        if turn is None:
            return voxels
        flips = tuple(slice(None, None, int(sign)) for sign in turn[:, 1])
        order = [int(n) for n in np.argsort(turn[:, 0])]
        return voxels[flips].transpose(*order, *range(3, voxels.ndim))


def refuse(name: str, what: str, *options: str) -> NoReturn:
    """Say what is wrong with a file, and which options would decide it."""
    how = f": decide it by {' or '.join(options)}" if options else ""
    raise InvalidImage(f"{name}: {what}{how}")


def cause_of(error: Exception) -> str:
    """Return what an error of a library says, in one short line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return printable(" ".join(lines[0].split())[:_CAUSE])


def refuse_orientation(name: str, axis: str) -> NoReturn:
    """Say that a file does not say which of its axes a name means."""
    refuse(
        name, f"does not say how it is oriented, so which axis is {axis} is unknown", *(f"--axis {n}" for n in "012")
    )
