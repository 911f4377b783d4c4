"""Where the voxels of a volume are: shape, spacing, orientation and position, and whether two volumes agree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from fusion_metrics.volumes.address import NAMED_AXES
from fusion_metrics.volumes.requirements import needed

#: Millimetres by which no corner of two volumes may lie apart, and the same as a part of the smallest voxel.
TOLERANCE, PART = 0.01, 0.01

Affine = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Geometry:
    """The grid of a volume.

    Attributes
    ----------
    shape : (int, int, int)
    spacing : (float, float, float)
        In millimetres.
    affine : ndarray, shape (4, 4), or None
        From indices of voxels to millimetres, to the right, to the front and upwards, as NIfTI has it; None where the
        file does not say.
    """

    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    affine: Affine | None

    @property
    def orientation(self) -> npt.NDArray[np.float64] | None:
        """For each stored axis: which of right, front and up it is closest to, and 1 or -1; None if unknown."""
        if self.affine is None:
            return None
        found: npt.NDArray[np.float64] = needed("nibabel", "orientation").orientations.io_orientation(self.affine)
        return None if np.isnan(found).any() else found

    @property
    def _says_nothing(self) -> bool:
        return self.affine is None and set(self.spacing) == {1.0}

    def along(self, axis: str) -> Geometry:
        """Return the grid with its axes in the order in which slices along `axis` are counted.

        For ``axial``, ``coronal`` and ``sagittal`` they run to the right, to the front and upwards, if the orientation
        is known; for others they are as stored.
        """
        turn = self.orientation if axis in NAMED_AXES else None
        if turn is None or self.affine is None:
            return self
        order = np.argsort(turn[:, 0])
        return Geometry(
            tuple(self.shape[n] for n in order),
            tuple(self.spacing[n] for n in order),
            self.affine @ needed("nibabel", "orientation").orientations.inv_ornt_aff(turn, self.shape),
        )

    def difference(self, other: Geometry) -> str:
        """Say in what two grids differ; empty if they agree.

        They agree if they have one shape and no corner of one lies further than `TOLERANCE` from that of the other,
        or, where voxels are small, than `PART` of the smallest. Where one does not say where it is, spacings are held
        against each other alone, and shapes if its spacing is 1 mm throughout, which is what stands where none is set.
        """
        if self.shape != other.shape:
            return f"shape {_times(self.shape)} and {_times(other.shape)}"
        tolerance = min(TOLERANCE, PART * min(*self.spacing, *other.spacing))
        ends = [max(count - 1, 1) for count in self.shape]
        grown = [abs(a - b) * end for a, b, end in zip(self.spacing, other.spacing, ends, strict=True)]
        if max(grown) > tolerance and not (self._says_nothing or other._says_nothing):
            return f"spacing {_times(self.spacing)} mm and {_times(other.spacing)} mm"
        if self.affine is None or other.affine is None:
            return ""
        corners = np.array([(*corner, 1) for corner in product(*((0, end) for end in ends))], dtype=np.float64)
        moved = (corners @ (other.affine - self.affine).T)[:, :3]
        if np.linalg.norm(moved, axis=1).max() <= tolerance:
            return ""
        if np.ptp(moved, axis=0).max() <= tolerance:
            first, second = self.affine[:3, 3], other.affine[:3, 3]
            return f"position of the first voxel {_place(first)} and {_place(second)} mm"
        return f"orientation: affine {_matrix(self.affine)} and {_matrix(other.affine)}"


def _times(numbers: tuple[float, ...]) -> str:
    return "x".join(f"{number:.6g}" for number in numbers)


def _place(numbers: npt.NDArray[np.float64]) -> str:
    return f"({', '.join(f'{number:.6g}' for number in numbers + 0.0)})"


def _matrix(affine: Affine) -> str:
    return f"[{'; '.join(' '.join(f'{number:.4g}' for number in row + 0.0) for row in affine[:3])}]"
