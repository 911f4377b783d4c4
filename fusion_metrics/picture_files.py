"""Image files read as 8-bit grey or RGB pixels, or refused by one line that says why."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fusion_metrics.errors import InvalidImage
from fusion_metrics.opening import why_not_readable
from fusion_metrics.printable import printable

#: What is read. Left out on purpose: formats that run a program (EPS), draw (SVG, WMF) or are no picture (PDF).
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "PPM", "WEBP", "JPEG2000")

_MODES = {
    "P": "a palette instead of pixels: save it as grey or RGB",
    "PA": "a palette instead of pixels: save it as grey or RGB",
    "RGBA": "an alpha channel: remove it first, it has no meaning for a metric",
    "LA": "an alpha channel: remove it first, it has no meaning for a metric",
    "1": "1-bit pixels: save it as 8-bit grey",
    "CMYK": "CMYK colours: save it as RGB",
}
#: How the content of a file begins that is often called by the name of an image.
_OTHERS = (
    (b"%!PS", "PostScript"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"<?xml", "XML or SVG"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"version https://git-lfs", "a Git LFS pointer"),
)
#: What a damaged file makes Pillow raise.
_DAMAGES = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(AssertionError, EOFError, MemoryError, RuntimeError, struct.error, zlib.error),
)
_ORIENTATION = 0x0112


class Picture(NamedTuple):
    """Pixels of a file, and what was decided on the way to them."""

    pixels: npt.NDArray[np.uint8]
    decisions: tuple[str, ...]


def read_picture(path: str | os.PathLike[str]) -> Picture:
    """Read a file with one 8-bit grey or RGB picture; an EXIF orientation is applied, and recorded.

    Raises
    ------
    InvalidImage
        Not a regular file, not one of `FORMATS`, damaged, more than one picture, more pixels than Pillow's limit, or
        pixels that are not 8-bit grey or RGB.
    """
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    name = printable(os.fspath(path))
    if cause := why_not_readable(path):
        raise InvalidImage(f"{name}: {cause.replace('not a file', 'not an image')}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about tags that have no part in the pixels
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(path, formats=FORMATS) as file:
                return _read(file, name)
    except InvalidImage:
        raise
    except UnidentifiedImageError:
        raise InvalidImage(f"{name}: {_describe_content(path)}") from None
    except (Pillow.DecompressionBombWarning, Pillow.DecompressionBombError):
        limit = f"{(Pillow.MAX_IMAGE_PIXELS or 0) / 1e6:.0f} million"
        raise InvalidImage(f"{name}: is a decompression bomb, it claims more than {limit} pixels") from None
    except _DAMAGES as error:
        cause = " ".join(printable(str(error) or type(error).__name__).split())
        raise InvalidImage(f"{name}: cannot be read, damaged or truncated ({cause})") from error


def _read(file: Any, name: str) -> Picture:
    frames = getattr(file, "n_frames", 1)
    if frames > 1:
        kind = "pages" if file.format == "TIFF" else "frames"
        raise InvalidImage(f"{name}: holds {frames} {kind}: save the one that is meant as a file of its own")
    if file.mode not in ("L", "RGB"):
        raise InvalidImage(f"{name}: has {_describe_mode(file.mode)}")
    if "transparency" in file.info:
        raise InvalidImage(f"{name}: has {_MODES['RGBA']}")
    pixels = np.array(file)
    if pixels.dtype != np.uint8 or pixels.size == 0:
        raise InvalidImage(f"{name}: has pixels of type {pixels.dtype}: only 8-bit grey or RGB is scored")
    orientation = file.getexif().get(_ORIENTATION, 1)
    if orientation not in _TURNS:
        return Picture(pixels, ())
    return Picture(np.ascontiguousarray(_TURNS[orientation](pixels)), (f"EXIF orientation {orientation} applied",))


#: What brings a picture that was stored in this orientation upright.
_TURNS: dict[int, Any] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels),
}


def _describe_mode(mode: str) -> str:
    if mode.startswith("I") or mode == "F":
        depth = "16-bit or deeper" if mode != "F" else "float"
        return f"{depth} pixels (mode {mode}): only 8-bit grey or RGB is scored"
    return _MODES.get(mode, f"pixels of mode {mode}: only 8-bit grey or RGB is scored")


def _describe_content(path: str | os.PathLike[str]) -> str:
    """Say what a file is that is none of the formats."""
    with open(path, "rb") as file:  # noqa: PTH123 - any path that the system takes
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "is not an image that can be read: it is empty"
    known = next((kind for mark, kind in _OTHERS if start.startswith(mark.lower())), "")
    return f"is not an image that can be read{f': it holds {known}' if known else ''}; {', '.join(FORMATS)} are"
