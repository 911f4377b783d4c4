"""NIfTI files as volumes."""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fusion_metrics.errors import InvalidImage
from fusion_metrics.levels import RESCALED
from fusion_metrics.printable import printable
from fusion_metrics.reading import STRICT, Reading
from fusion_metrics.volumes.geometry import Geometry
from fusion_metrics.volumes.requirements import needed
from fusion_metrics.volumes.volume import MOST_VOXELS, Stated, Volume, Voxels, cause_of, refuse

SUFFIXES = (".nii", ".nii.gz")
#: Millimetres of the units that a header may name.
_UNITS = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}
_DAMAGES = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    MemoryError,
    struct.error,
    zlib.error,
)


def is_nifti(name: str) -> bool:
    """Whether a file is called as NIfTI files are."""
    return name.lower().endswith(SUFFIXES)


def nifti_geometry(path: str, reading: Reading = STRICT) -> Geometry:
    """Read where the voxels of a file are, without the voxels themselves.

    Raises
    ------
    InvalidImage
        Not a NIfTI file, damaged, or of several volumes of which `reading` does not choose one.
    """
    with _opened(path) as file:
        return _File(path, file, reading).geometry()


def read_nifti(path: str, reading: Reading = STRICT) -> Volume:
    """Read a file; `Reading.page` chooses one volume of several.

    Raises
    ------
    InvalidImage
        What `nifti_geometry` raises, or voxels that are no grey levels and no colours.
    """
    with _opened(path) as file:
        return _File(path, file, reading).volume()


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    nibabel = needed("nibabel", path)
    name = printable(path)
    try:
        with _silenced(nibabel.imageglobals.logger):  # what is wrong is said by an error, once
            file = nibabel.load(path)
            if not isinstance(file, nibabel.Nifti1Image):
                refuse(name, f"is not a NIfTI file, it holds {type(file).__name__}")
            yield file
    except InvalidImage:
        raise
    except (*_DAMAGES, nibabel.filebasedimages.ImageFileError, nibabel.spatialimages.HeaderDataError) as error:
        cause = cause_of(error).replace(name, "the file")
        raise InvalidImage(f"{name}: cannot be read, damaged or truncated ({cause})") from error


@contextmanager
def _silenced(logger: logging.Logger) -> Iterator[None]:
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


class _File:
    """One open file: each method settles one question."""

    def __init__(self, path: str, file: Any, reading: Reading) -> None:
        self.name, self.file, self.page = printable(path), file, reading.page
        shape = tuple(map(int, file.shape))
        while len(shape) > 3 and shape[-1] == 1:
            shape = shape[:-1]
        if len(shape) > 4:
            refuse(self.name, f"has {len(shape)} dimensions, {_times(shape)}, of which a volume has three")
        self.shape = (*shape, 1, 1)[:3]
        self.volumes = shape[3] if len(shape) == 4 else 1
        if min(*self.shape, self.volumes) < 1:
            refuse(self.name, f"has no voxels, shape {_times(shape)}")
        if self.page > self.volumes:
            one = "volume" if self.volumes == 1 else "volumes"
            refuse(self.name, f"holds {self.volumes} {one} and no page {self.page}", "--reading page=1")
        if self.volumes > 1 and self.page == 0:
            which = f"holds {self.volumes} volumes in its fourth dimension, and which is meant is not said"
            refuse(self.name, which, "--reading page=1")

    def geometry(self) -> Geometry:
        """Return the grid; its orientation is what the sform says, or else the qform."""
        header = self.file.header
        unit = _UNITS.get(header.get_xyzt_units()[0], 1.0)
        spacing = [float(size) * unit for size in (*header.get_zooms(), 1.0, 1.0)[:3]]
        if not (np.isfinite(spacing).all() and min(spacing) > 0):
            refuse(self.name, f"has a spacing of {_times(spacing)}, which is no size of voxels")
        affine = None
        if int(header["sform_code"]) > 0 or int(header["qform_code"]) > 0:
            affine = np.array(self.file.affine, dtype=np.float64)
            affine[:3] *= unit
            if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
                refuse(self.name, "has an affine that places voxels nowhere")
        return Geometry(self.shape, tuple(spacing), affine)

    def volume(self) -> Volume:
        """Read the voxels of the one volume."""
        geometry = self.geometry()
        if np.prod(self.shape, dtype=np.float64) > MOST_VOXELS:
            refuse(self.name, f"claims {_times(self.shape)} voxels, more than {MOST_VOXELS / 1e6:.0f} million")
        kind = self.file.header.get_data_dtype()
        if kind.fields and tuple(kind.fields) != ("R", "G", "B"):
            refuse(self.name, "has colours with an alpha channel: save them as RGB24")
        if not kind.fields and kind.kind not in "iuf":
            refuse(self.name, f"has voxels of type {kind}, which are no grey levels")
        voxels = self._voxels()
        scale, shift = (float(self.file.dataobj.slope), float(self.file.dataobj.inter)) if not kind.fields else (1, 0)
        if (scale, shift) != (1.0, 0.0):
            depth = RESCALED
        elif kind.kind == "f":
            depth = "float"
        else:
            depth = "" if voxels.dtype == np.uint8 else "signed 8-bit" if kind.itemsize == 1 else _bits(kind.itemsize)
        told = (f"page {self.page} of {self.volumes}",) if self.volumes > 1 else ()
        return Volume(self.name, voxels, geometry, depth, self._stated(depth), decisions=told)

    def _voxels(self) -> Voxels:
        proxy = self.file.dataobj
        whole = proxy[..., self.page - 1] if len(proxy.shape) == 4 and self.volumes > 1 else proxy
        voxels: Voxels = np.asarray(whole)
        if voxels.dtype.fields:
            voxels = np.stack([voxels[name] for name in ("R", "G", "B")], axis=-1)
            return voxels.reshape((*self.shape, 3))
        if voxels.dtype.kind == "f" and voxels.dtype.itemsize > 8:
            voxels = voxels.astype(np.float64)
        return voxels.reshape(self.shape)

    def _stated(self, depth: str) -> Stated | None:
        """Take the window that the header says the volume is to be displayed with, if there is one."""
        low, high = float(self.file.header["cal_min"]), float(self.file.header["cal_max"])
        if not (np.isfinite([low, high]).all() and low < high) or (not depth and (low, high) == (0.0, 255.0)):
            return None
        return Stated(f"window {low:g}..{high:g} of the header (cal_min, cal_max)", (low, high))


def _bits(size: int) -> str:
    return "16-bit" if size == 2 else f"{8 * size}-bit"


def _times(numbers: Any) -> str:
    return "x".join(f"{number:g}" for number in numbers)
