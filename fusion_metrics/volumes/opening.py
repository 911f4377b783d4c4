"""Opening volumes, of which the last few are kept: ninety slices are read from one decoded file."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Literal

from fusion_metrics.errors import InvalidImage
from fusion_metrics.opening import why_not_readable
from fusion_metrics.picture import Picture
from fusion_metrics.printable import printable
from fusion_metrics.reading import STRICT, Reading
from fusion_metrics.volumes.address import Address
from fusion_metrics.volumes.dicom import dicom_geometry, has_mark, is_multiframe, read_dicom
from fusion_metrics.volumes.geometry import Geometry
from fusion_metrics.volumes.nifti import is_nifti, nifti_geometry, read_nifti
from fusion_metrics.volumes.volume import Volume, refuse

#: Bytes of voxels that are kept in a process.
KEPT = 2 * 1024**3

#: Endings of files that no series consists of, so that folders of pictures are not read through.
_PICTURES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".pnm", ".webp", ".jp2", ".j2k"}
)

Kind = Literal["nifti", "dicom", ""]
_Key = tuple[str, str, int, tuple[object, ...]]
_kept: OrderedDict[_Key, Volume | InvalidImage] = OrderedDict()


def kind_of(path: Path) -> Kind:
    """Say what kind of volume a path is: by its name, or by how a file, or the first in a folder, begins.

    A folder is one if it holds a DICOM series, which are files of one picture each.
    """
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if not each.name.startswith(".") and each.is_file())
        files = [
            each for each in files if each.suffix.lower() not in _PICTURES and not each.name.startswith("DICOMDIR")
        ]
        first = next(filter(has_mark, files), None)
        return "dicom" if first is not None and not is_multiframe(first) else ""
    if is_nifti(path.name):
        return "nifti"
    return "dicom" if not why_not_readable(path) and has_mark(path) else ""


def volume_stem(path: Path) -> str:
    """Return the name of a volume without its suffix, ``.nii.gz`` being one; that of a folder whole.

    >>> volume_stem(Path("p.01.nii.gz")), volume_stem(Path("p1.dcm")), volume_stem(Path("p1.png"))
    ('p.01', 'p1', 'p1')
    """
    if is_nifti(path.name):
        return path.name[: path.name.lower().rindex(".nii")]
    return path.name if path.is_dir() else path.stem


def open_geometry(path: Path, reading: Reading = STRICT, series: str = "") -> Geometry:
    """Read where the voxels of a volume are, without reading them.

    Raises
    ------
    InvalidImage
        No such volume, one that cannot be read, or several of which none is chosen.
    """
    text = str(path)
    if _kind(path) == "nifti":
        return nifti_geometry(text, reading)
    return dicom_geometry(text, series)


def open_volume(path: Path, reading: Reading = STRICT, series: str = "") -> Volume:
    """Read a volume, or return what was read of it before if it has not changed since.

    Raises
    ------
    InvalidImage
        As `open_geometry`.
    """
    key = (str(path), series, reading.page, _stamp(path))
    if key in _kept:
        _kept.move_to_end(key)
        found = _kept[key]
        if isinstance(found, InvalidImage):
            raise InvalidImage(str(found))
        return found
    try:
        text = str(path)
        volume = read_nifti(text, reading) if _kind(path) == "nifti" else read_dicom(text, series)
    except InvalidImage as error:
        _kept[key] = InvalidImage(str(error))
        raise
    _kept[key] = volume
    while len(_kept) > 1 and sum(map(_bytes, _kept.values())) > KEPT:
        _kept.popitem(last=False)
    return volume


def read_slice(address: Address, reading: Reading = STRICT) -> Picture:
    """Read one slice of a volume.

    Raises
    ------
    InvalidImage
        As `open_geometry`, no such slice, or something that the reading does not decide.
    """
    volume = open_volume(Path(address.volume), reading, address.series)
    return volume.slice(address.axis, address.index, reading)


def _kind(path: Path) -> Kind:
    """Say what kind of volume a path is, or why it is none."""
    name = printable(str(path))
    if not path.is_dir() and (cause := why_not_readable(path)):
        refuse(name, cause)
    kind = kind_of(path)
    what = "a folder without a DICOM series" if path.is_dir() else "neither NIfTI nor DICOM"
    return kind or refuse(name, f"is no volume: it is {what}")


def _stamp(path: Path) -> tuple[object, ...]:
    """Describe the state of a file, or of all files in a folder."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        states = [(each.name, each.stat()) for each in files]
    except OSError:
        return ()
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def _bytes(volume: Volume | InvalidImage) -> int:
    return 0 if isinstance(volume, InvalidImage) else volume.voxels.nbytes
