"""DICOM: pictures of a file or a series, with what their headers say about each, put in the order of their places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fusion_metrics.printable import printable
from fusion_metrics.volumes.geometry import Geometry
from fusion_metrics.volumes.volume import refuse

#: Part of the distance of slices by which single distances may differ, and of unit vectors.
_UNEVEN, _TURNED = 0.01, 1e-4
#: From DICOM's axes, to the left and to the back, to those of NIfTI.
_TO_RAS = np.diag([-1.0, -1.0, 1.0])

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture, before its pixels are read.

    Attributes
    ----------
    path : Path
    number : int
        Of the picture in its file, from 0.
    size : (int, int)
        Rows and columns.
    header : Dataset
        Of the file.
    position : ndarray or None
        Of the first pixel, in millimetres to the left, to the back and upwards.
    directions : ndarray, shape (2, 3), or None
        Along a row, and along a column.
    spacing : (float, float)
        From row to row and from column to column.
    thickness : float
        From slice to slice, where only the header can say.
    """

    path: Path
    number: int
    size: tuple[int, int]
    header: Any
    position: Vector | None
    directions: Vector | None
    spacing: tuple[float, float]
    thickness: float

    @property
    def label(self) -> str:
        """How messages call it."""
        name = printable(self.path.name)
        return f"{name} (frame {self.number + 1})" if _frames(self.header) > 1 else name


def frames_of(path: Path, header: Any) -> list[Frame]:
    """List the pictures of a file."""
    count = _frames(header)
    size = int(header.Rows), int(header.Columns)
    found = []
    for number in range(count):
        plane = partial(value_of, header, number)
        spacing = plane("PixelSpacing") or header.get("ImagerPixelSpacing") or header.get("NominalScannedPixelSpacing")
        position, turn = plane("ImagePositionPatient"), plane("ImageOrientationPatient")
        thickness = plane("SpacingBetweenSlices") or plane("SliceThickness") or 1.0
        found.append(
            Frame(
                path=path,
                number=number,
                size=size,
                header=header,
                position=None if position is None else np.array(position, dtype=np.float64),
                directions=None if turn is None else np.array(turn, dtype=np.float64).reshape(2, 3),
                spacing=(1.0, 1.0) if spacing is None else (float(spacing[0]), float(spacing[1])),
                thickness=abs(float(thickness)) or 1.0,
            )
        )
    # A file of several pictures that has one place for all of them says nothing about each.
    if count > 1 and not header.get("PerFrameFunctionalGroupsSequence"):
        found = [replace(frame, position=None, directions=None) for frame in found]
    return found


def value_of(header: Any, number: int, name: str) -> Any:
    """Look up a value of one frame: its own, that of all frames, or that of the file; None if there is none."""
    own = header.get("PerFrameFunctionalGroupsSequence")
    shared = header.get("SharedFunctionalGroupsSequence")
    groups = [own[number]] if own and number < len(own) else []
    groups += [shared[0]] if shared else []
    for group in groups:
        for element in group:
            if element.VR == "SQ" and element.value and (value := element.value[0].get(name)) not in (None, ""):
                return value
    value = header.get(name)
    return None if value in (None, "") else value


def stacked(name: str, frames: list[Frame]) -> tuple[list[Frame], Geometry]:
    """Order frames by their places, from which the grid follows.

    Raises
    ------
    InvalidImage
        Frames of different size, spacing or orientation, two at one place, or places that are not evenly spaced.
    """
    first = frames[0]
    for frame in frames:
        for what, same in (
            ("size", frame.size == first.size),
            ("pixel spacing", np.allclose(frame.spacing, first.spacing, rtol=_TURNED, atol=0)),
            ("orientation", _alike(frame.directions, first.directions)),
        ):
            if not same:
                refuse(name, f"{first.label} and {frame.label} differ in {what}, so they are no volume")
    rows, columns = first.size
    if first.directions is None or any(frame.position is None for frame in frames):
        if len({frame.path for frame in frames}) > 1:
            refuse(name, "its images do not say where they are (ImagePositionPatient), so their order is unknown")
        sizes = (first.spacing[1], first.spacing[0], first.thickness)
        return frames, Geometry((columns, rows, len(frames)), sizes, None)
    along_row, along_column = first.directions
    normal = np.cross(along_row, along_column)
    ordered = sorted(frames, key=lambda frame: (_height(frame, normal), frame.path.name, frame.number))
    step = normal * first.thickness
    if len(ordered) > 1:
        _check_places(name, ordered, normal)
        ends = [frame.position for frame in (ordered[0], ordered[-1]) if frame.position is not None]
        step = (ends[1] - ends[0]) / (len(ordered) - 1)
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([along_row * first.spacing[1], along_column * first.spacing[0], step])
    affine[:3, 3] = ordered[0].position
    affine[:3] = _TO_RAS @ affine[:3]
    spacing = (first.spacing[1], first.spacing[0], float(np.linalg.norm(step)))
    if not (np.isfinite(affine).all() and min(spacing) > 0 and abs(np.linalg.det(affine)) > 1e-12):
        refuse(name, "has positions that place voxels nowhere")
    return ordered, Geometry((columns, rows, len(ordered)), spacing, affine)


def _check_places(name: str, ordered: list[Frame], normal: Vector) -> None:
    """See that slices are evenly spaced: none is missing, none is there twice."""
    heights = np.array([_height(frame, normal) for frame in ordered])
    distances = np.diff(heights)
    usual = float(np.median(distances))
    for n, distance in enumerate(distances):
        before, after = ordered[n], ordered[n + 1]
        if distance < 1e-3:
            refuse(name, f"{before.label} and {after.label} are at one place, {heights[n]:.6g} mm along their normal")
        if abs(distance - usual) > _UNEVEN * usual:
            where = f"between {before.label} ({heights[n]:.6g} mm) and {after.label} ({heights[n + 1]:.6g} mm)"
            refuse(name, f"slices are missing or uneven: {where} are {distance:.6g} mm, elsewhere {usual:.6g} mm")
    places = np.array([frame.position for frame in ordered])
    line = places[0] + np.linspace(0.0, 1.0, len(places))[:, None] * (places[-1] - places[0])
    if (astray := np.linalg.norm(places - line, axis=1)).max() > max(_UNEVEN * usual, 1e-3):
        refuse(name, f"{ordered[int(astray.argmax())].label} is shifted sideways by {astray.max():.3g} mm")


def _height(frame: Frame, normal: Vector) -> float:
    return 0.0 if frame.position is None else float(frame.position @ normal)


def _alike(one: Vector | None, other: Vector | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool(np.abs(one - other).max() <= _TURNED)


def _frames(header: Any) -> int:
    return max(int(header.get("NumberOfFrames") or 1), 1)
