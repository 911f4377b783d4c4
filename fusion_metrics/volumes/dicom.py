"""DICOM files and series as volumes: rescaled, with the window of the header, and inverted where zero is white."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fusion_metrics.errors import InvalidImage
from fusion_metrics.levels import RESCALED
from fusion_metrics.printable import printable
from fusion_metrics.volumes.frames import Frame, frames_of, stacked, value_of
from fusion_metrics.volumes.geometry import Geometry
from fusion_metrics.volumes.requirements import needed
from fusion_metrics.volumes.volume import MOST_VOXELS, Stated, Volume, Voxels, cause_of, refuse

_MARK, _MARK_AT = b"DICM", 128
#: Endings of files that must be DICOM in the folder of a series; others without the mark are passed over.
_ENDINGS = ("", ".dcm", ".dicom", ".ima")
_GREY, _COLOURS = ("MONOCHROME1", "MONOCHROME2"), ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_DAMAGES = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, MemoryError),
    *(NotImplementedError, RuntimeError, AssertionError, struct.error, zlib.error),
)
_SERIES_SHOWN = 4
_DECODERS = "a decoder that pydicom finds: pip install python-gdcm, or pylibjpeg with its plug-ins"


def has_mark(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins as DICOM files do."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - any path that the system takes
            return file.read(_MARK_AT + len(_MARK))[_MARK_AT:] == _MARK
    except OSError:
        return False


def is_multiframe(path: Path) -> bool:
    """Whether a DICOM file holds several pictures."""
    with _opening(str(path)):
        return int(_header(path, ["NumberOfFrames"]).get("NumberOfFrames") or 1) > 1


def dicom_geometry(path: str, series: str = "") -> Geometry:
    """Read where the voxels of a file or of the series in a folder are, without the voxels themselves.

    Raises
    ------
    InvalidImage
        Not DICOM, damaged, several series of which none is chosen, or pictures that are no volume.
    """
    with _opening(path):
        return stacked(printable(path), _frames(path, series))[1]


def read_dicom(path: str, series: str = "") -> Volume:
    """Read a file, or the series in a folder.

    Raises
    ------
    InvalidImage
        What `dicom_geometry` raises, or pixels that are no grey levels and no RGB.
    """
    name = printable(path)
    with _opening(path):
        frames, geometry = stacked(name, _frames(path, series))
        if np.prod(geometry.shape, dtype=np.float64) > MOST_VOXELS:
            claimed = "x".join(map(str, geometry.shape))
            refuse(name, f"claims {claimed} voxels, more than {MOST_VOXELS / 1e6:.0f} million")
        return _read(name, frames, geometry)


def series_in(folder: str) -> dict[str, str]:
    """List the series in a folder: their UIDs, and of each in words what it is."""
    with _opening(folder):
        found: dict[str, list[Any]] = {}
        for _, header in _headers(folder):
            found.setdefault(str(header.get("SeriesInstanceUID", "")), []).append(header)
    return {
        uid: ", ".join(filter(None, [str(each[0].get("SeriesDescription", "")), f"{len(each)} images"]))
        for uid, each in found.items()
    }


@contextmanager
def _opening(path: str) -> Iterator[None]:
    needed("pydicom", path)
    from pydicom.errors import InvalidDicomError

    name = printable(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about elements that have no part in the pixels
            yield
    except InvalidImage:
        raise
    except InvalidDicomError:
        raise InvalidImage(f"{name}: is not a DICOM file") from None
    except _damages() as error:
        raise InvalidImage(f"{name}: cannot be read, damaged or truncated ({cause_of(error)})") from error


def _damages() -> tuple[type[Exception], ...]:
    """List what a damaged file makes pydicom raise."""
    from pydicom.errors import BytesLengthException

    return (*_DAMAGES, BytesLengthException)


def _header(path: Path, names: list[str] | None = None) -> Any:
    import pydicom

    return pydicom.dcmread(path, stop_before_pixels=True, specific_tags=names)


def _headers(folder: str) -> Iterator[tuple[Path, Any]]:
    """Yield the files of a folder that hold pictures, with their headers."""
    for path in sorted(Path(folder).iterdir()):
        if path.name.startswith(".") or path.name.upper().startswith("DICOMDIR") or not path.is_file():
            continue
        if not has_mark(path):
            if path.suffix.lower() in _ENDINGS:
                refuse(printable(str(path)), "is not a DICOM file, in the folder of a series")
            continue
        try:
            header = _header(path)
        except _damages() as error:
            refuse(printable(str(path)), f"cannot be read, damaged or truncated ({cause_of(error)})")
        if "Rows" in header:
            yield path, header


def _frames(path: str, series: str) -> list[Frame]:
    """List the pictures of a file, or of the one series that is meant in a folder."""
    name = printable(path)
    if not Path(path).is_dir():
        header = _header(Path(path))
        if "Rows" not in header or "Columns" not in header:
            refuse(name, f"is a DICOM file without a picture ({header.file_meta.get('MediaStorageSOPClassUID')})")
        return frames_of(Path(path), header)
    files = list(_headers(path))
    uids = list(dict.fromkeys(str(header.get("SeriesInstanceUID", "")) for _, header in files))
    if series and series not in uids:
        refuse(name, f"holds no series {series}, only {', '.join(uids[:_SERIES_SHOWN])}")
    if not series and len(uids) > 1:
        described = series_in(path)
        shown = "; ".join(f"{uid} ({described.get(uid)})" for uid in uids[:_SERIES_SHOWN])
        more = f" and {len(uids) - _SERIES_SHOWN} more" if len(uids) > _SERIES_SHOWN else ""
        refuse(name, f"holds {len(uids)} series, {shown}{more}, and which is meant is not said", f"--series {uids[0]}")
    chosen = [
        (file, header)
        for file, header in files
        if str(header.get("SeriesInstanceUID", "")) in ([series] if series else uids)
    ]
    if not chosen:
        refuse(name, "holds no DICOM picture")
    return [frame for file, header in chosen for frame in frames_of(file, header)]


def _read(name: str, frames: list[Frame], geometry: Geometry) -> Volume:
    first = frames[0].header
    kind = str(first.get("PhotometricInterpretation", ""))
    if "MOSAIC" in (first.get("ImageType") or ()):
        refuse(name, "is a mosaic, many slices in one picture: convert it to NIfTI")
    for frame in frames:
        if (other := str(frame.header.get("PhotometricInterpretation", ""))) != kind:
            refuse(name, f"{frames[0].label} and {frame.label} differ in their colours, {kind} and {other}")
    if kind not in (*_GREY, *_COLOURS):
        named = {"PALETTE COLOR": "a palette of colours"}.get(kind, f"pixels of kind {kind!r}")
        refuse(name, f"has {named}, of which no volume is made: save it as MONOCHROME2 or RGB")
    stored = _stored(name, frames)
    scaled = [_rescaled(pixels, frame) for pixels, frame in zip(stored, frames, strict=True)]
    voxels = _stack(scaled)
    if any(frame_scaled is not raw for frame_scaled, raw in zip(scaled, stored, strict=True)):
        depth = RESCALED
    elif voxels.dtype.kind == "f":
        depth = "float"
    else:
        depth = "" if voxels.dtype == np.uint8 else "16-bit" if voxels.dtype.itemsize <= 2 else "32-bit"
    stated = _stated(name, frames, scaled) if kind in _GREY else None
    if not depth and stated is not None and stated.voxels is None and stated.ends == (0.0, 255.0):
        stated = None
    differ = stated is None and any(map(_window, frames))
    noun = "voxels with windows that differ between slices" if differ else "voxels"
    return Volume(name, voxels, geometry, depth, stated, white_is_zero=kind == "MONOCHROME1", noun=noun)


def _stored(name: str, frames: list[Frame]) -> list[Voxels]:
    """Read the pixels of frames as they are stored, colours as RGB."""
    pixel_array = needed("pydicom.pixels", name).pixel_array
    whole: dict[Path, Voxels] = {}
    found = []
    for frame in frames:
        if frame.path not in whole:
            try:
                whole = {frame.path: pixel_array(frame.path)}
            except _damages() as error:
                syntax = frame.header.file_meta.TransferSyntaxUID
                if "missing dependencies" in str(error):
                    refuse(name, f"its pixels are compressed as {syntax.name}, which needs {_DECODERS}")
                refuse(name, f"the pixels of {frame.label} cannot be read ({cause_of(error)})")
        pixels = whole[frame.path]
        several = pixels.ndim - (int(frame.header.get("SamplesPerPixel", 1)) > 1) == 3
        found.append(pixels[frame.number] if several else pixels)
    return found


def _rescaled(pixels: Voxels, frame: Frame) -> Voxels:
    """Apply slope and intercept, or the lookup table in their place; the same object if there is nothing to apply."""
    if frame.header.get("ModalityLUTSequence"):
        apply_modality_lut = needed("pydicom.pixels", frame.label).apply_modality_lut
        return np.asarray(apply_modality_lut(pixels, frame.header))
    value = partial(value_of, frame.header, frame.number)
    slope, intercept = value("RescaleSlope"), value("RescaleIntercept")
    if slope is None or intercept is None or (float(slope), float(intercept)) == (1.0, 0.0):
        return pixels
    return np.asarray(pixels.astype(np.float64) * float(slope) + float(intercept))


def _stack(pictures: list[Voxels]) -> Voxels:
    """Put pictures, rows by columns, into a volume of columns, rows and slices."""
    voxels: Voxels = np.stack(pictures)
    return voxels.transpose(2, 1, 0, *range(3, voxels.ndim))


def _stated(name: str, frames: list[Frame], scaled: list[Voxels]) -> Stated | None:
    """Take the first window of the headers, or their lookup table; None if they have none, or not all the same.

    Slices with windows of their own have no common scale: then the headers say nothing about the volume.
    """
    windows = [_window(frame) for frame in frames]
    if windows[0] is None or any(window != windows[0] for window in windows):
        return None
    centre, width, function, choices = windows[0]
    words = f"window {centre:g}/{width:g} of the header" + (f", the first of {choices}" if choices > 1 else "")
    if function in ("LUT", "SIGMOID"):
        return _transformed(name, frames, scaled, "lookup table of the header" if function == "LUT" else words)
    if function not in ("LINEAR", "LINEAR_EXACT"):
        refuse(name, f"has a window of the unknown function {printable(function)}", "--reading window=CENTRE/WIDTH")
    if width <= (1.0 if function == "LINEAR" else 0.0):
        refuse(name, f"has a window {centre:g}/{width:g} without width", "--reading window=CENTRE/WIDTH")
    if function == "LINEAR":  # DICOM PS3.3 C.11.2.1.2.1: half a level less, and one level narrower
        centre, width = centre - 0.5, width - 1.0
    return Stated(words, (centre - width / 2.0, centre + width / 2.0))


def _window(frame: Frame) -> tuple[float, float, str, int] | None:
    value = partial(value_of, frame.header, frame.number)
    centres, widths = (_numbers(value(name)) for name in ("WindowCenter", "WindowWidth"))
    if frame.header.get("VOILUTSequence") and not centres:
        return 0.0, 0.0, "LUT", 1
    if not centres or not widths:
        return None
    return centres[0], widths[0], str(value("VOILUTFunction") or "LINEAR"), len(centres)


def _numbers(value: Any) -> list[float]:
    if value is None:
        return []
    return [float(each) for each in (value if np.iterable(value) and not isinstance(value, str) else [value])]


def _transformed(name: str, frames: list[Frame], scaled: list[Voxels], words: str) -> Stated:
    """Apply what is more than a range, a sigmoid or a lookup table."""
    apply_voi_lut = needed("pydicom.pixels", name).apply_voi_lut
    if any(frame.header.get("SharedFunctionalGroupsSequence") for frame in frames):
        refuse(name, f"{words} is no straight line in a file of functional groups", "--reading window=CENTRE/WIDTH")
    shown = [np.asarray(apply_voi_lut(pixels, frame.header)) for pixels, frame in zip(scaled, frames, strict=True)]
    header = frames[0].header
    if "lookup" in words:
        bits = int(header.VOILUTSequence[0].LUTDescriptor[2])
        return Stated(words, (0.0, float(2**bits - 1)), _stack(shown))
    signed = int(header.get("PixelRepresentation", 0)) == 1
    depth = int(header.BitsStored)
    lowest, highest = (-(2 ** (depth - 1)), 2 ** (depth - 1) - 1) if signed else (0, 2**depth - 1)
    slope, intercept = float(header.get("RescaleSlope", 1) or 1), float(header.get("RescaleIntercept", 0) or 0)
    return Stated(f"{words}, sigmoid", (lowest * slope + intercept, highest * slope + intercept), _stack(shown))
