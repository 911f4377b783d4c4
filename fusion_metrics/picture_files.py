"""Image files read as grey or RGB pixels, or refused by one line that says why and which option decides it.

A path may also name a slice of a volume; see `fusion_metrics.volumes.address`.
"""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from fusion_metrics.deep_files import hidden_depth, read_sixteen_bits, white_is_zero
from fusion_metrics.errors import InvalidImage
from fusion_metrics.levels import find_ends
from fusion_metrics.opening import why_not_readable
from fusion_metrics.picture import Picture
from fusion_metrics.printable import printable
from fusion_metrics.rare_tiff import RareTiff, is_misread, is_tiff
from fusion_metrics.reading import STRICT, Reading
from fusion_metrics.volumes.address import parse_address

#: What is read. Left out on purpose: formats that run a program (EPS), draw (SVG, WMF) or are no picture (PDF).
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "PPM", "WEBP", "JPEG2000")

#: Modes of Pillow whose pixels are numbers as they are, and whether the last channel is alpha.
_PLAIN = {"L": False, "RGB": False, "LA": True, "RGBA": True, "1": False, "F": False}
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

Pixels = npt.NDArray[Any]


def read_picture(path: str | os.PathLike[str], reading: Reading = STRICT) -> Picture:
    """Read a file with one grey or RGB picture; what is ambiguous in it is decided by the reading, and recorded.

    Raises
    ------
    InvalidImage
        Not a regular file, not one of `FORMATS`, damaged, more pixels than Pillow's limit, or something that the
        reading does not decide.
    """
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    if (address := parse_address(path)) is not None:
        from fusion_metrics.volumes.opening import read_slice  # which few need

        return read_slice(address, reading)
    name = printable(os.fspath(path))
    if cause := why_not_readable(path):
        raise InvalidImage(f"{name}: {cause.replace('not a file', 'not an image')}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about tags that have no part in the pixels
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with _open(path, reading.page) as file:
                return _File(path, name, file, reading).picture()
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


def _open(path: str | os.PathLike[str], page: int) -> Any:
    """Open a file with Pillow, or with another reader a TIFF that Pillow does not know, or knows wrongly."""
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        file = Pillow.open(path, formats=FORMATS)
        if 0 < page <= getattr(file, "n_frames", 1):
            file.seek(page - 1)
        if not is_misread(file):
            return file
        file.close()
        return RareTiff(path)
    except UnidentifiedImageError:
        if is_tiff(path):
            return RareTiff(path)
        raise


class _File:
    """One open file: each method settles one question, and notes the answer."""

    def __init__(self, path: str | os.PathLike[str], name: str, file: Any, reading: Reading) -> None:
        self.path, self.name, self.file, self.reading = path, name, file, reading
        self.decisions: list[str] = []

    def refuse(self, what: str, *options: str) -> NoReturn:
        """Say what is wrong, and at the end which option would decide it."""
        how = f": decide it by {' or '.join(f'--reading {option}' for option in options)}" if options else ""
        raise InvalidImage(f"{self.name}: {what}{how}")

    def picture(self) -> Picture:
        """Answer all questions in turn."""
        self._choose_page()
        pixels, alpha, depth = self._pixels()
        ends = None
        if depth:
            pixels, ends = self._levels(pixels, depth)
        if alpha is not None:
            pixels = self._without_alpha(pixels, alpha, ends)
        return Picture(self._upright(pixels), tuple(self.decisions), ends)

    def _choose_page(self) -> None:
        count, page = getattr(self.file, "n_frames", 1), self.reading.page
        kind = "pages" if self.file.format == "TIFF" else "frames"
        if page > count:
            self.refuse(f"has {count} {kind if count > 1 else 'picture'} and no page {page}", "page=1")
        if count > 1:
            if page == 0:
                self.refuse(f"holds {count} {kind}, and which is meant is not said", "page=1")
            self.file.seek(page - 1)
            self.decisions.append(f"page {page} of {count}")

    def _pixels(self) -> tuple[Pixels, npt.NDArray[np.float64] | None, str]:
        """Return grey or RGB pixels, opacity in 0..1 where there is any, and the depth in words unless it is 8 bits."""
        mode = self.file.mode
        if mode in ("P", "PA"):
            return self._of_palette()
        depth = ""
        if mode == "1":
            depth = "1-bit"
        elif mode == "F":
            depth = "float"
        elif mode.startswith("I"):
            depth = "16-bit" if mode != "I" else "16-bit or deeper"
        elif mode not in _PLAIN:
            names = {"CMYK": "CMYK colours", "LAB": "LAB colours"}
            self.refuse(f"has {names.get(mode, f'pixels of mode {mode}')}, which no metric is defined on: save as RGB")
        if hidden := hidden_depth(self.path, self.file):
            if not hidden.readable:
                self.refuse(f"has 16-bit pixels in a form that is read as 8 bits only: {hidden.instead}")
            depth, pixels = "16-bit", read_sixteen_bits(self.path, self.file, FORMATS)
        else:
            pixels = np.array(self.file)
        if pixels.size == 0:
            self.refuse("has no pixels")
        if pixels.dtype == np.bool_:
            pixels = pixels.astype(np.uint8)
        alpha = None
        if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
            opaque = 255.0 if pixels.dtype == np.uint8 else 65535.0
            alpha = pixels[..., -1] / opaque
            pixels = pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]
        elif (key := self.file.info.get("transparency")) is not None:
            if isinstance(key, bytes):
                self.refuse("has transparent pixels in a form that is not understood: save it without them")
            seen = pixels != np.asarray(key, dtype=np.int64)
            alpha = (seen.any(axis=2) if pixels.ndim == 3 else seen).astype(np.float64)
        return pixels, alpha, depth

    def _of_palette(self) -> tuple[Pixels, npt.NDArray[np.float64] | None, str]:
        if self.reading.palette == "refuse":
            self.refuse("has a palette instead of pixels", "palette=grey-only", "palette=expand")
        transparent = self.file.mode == "PA" or "transparency" in self.file.info
        colours = np.array(self.file.convert("RGBA" if transparent else "RGB"))
        alpha = colours[..., 3] / 255.0 if transparent else None
        grey = bool((colours[..., :3] == colours[..., :1]).all())
        if not grey and self.reading.palette != "expand":
            self.refuse("has a palette of colours instead of pixels", "palette=expand")
        self.decisions.append("palette of greys expanded" if grey else "palette expanded to RGB")
        return (colours[..., 0] if grey else colours[..., :3]), alpha, ""

    def _levels(self, pixels: Pixels, depth: str) -> tuple[Pixels, tuple[float, float]]:
        """Find black and white of pixels that are not 8-bit, and cut off what lies beyond where that is meant."""
        black, white = ends = find_ends(pixels, depth, self.reading, self.refuse)
        if self.reading.cuts:
            pixels = np.clip(pixels.astype(np.float64), black, white)
        decision = f"{depth} pixels, {black:g} is black and {white:g} white"
        if depth != "1-bit" and white_is_zero(self.file):
            pixels = (black + white) - pixels.astype(np.float64)
            decision += ", inverted since the file says that zero is white"
        self.decisions.append(decision)
        return pixels, ends

    def _without_alpha(
        self, pixels: Pixels, alpha: npt.NDArray[np.float64], ends: tuple[float, float] | None
    ) -> Pixels:
        how = self.reading.alpha
        if how == "refuse":
            self.refuse("has an alpha channel", "alpha=opaque-only", "alpha=over-black")
        if (alpha == 1.0).all():
            self.decisions.append("alpha channel left out, it is opaque everywhere")
            return pixels
        share = float(np.mean(alpha < 1.0))
        what = f"an alpha channel that is not opaque, at {share:.1%} of the pixels"
        if how == "opaque-only":
            self.refuse(f"has {what}", "alpha=over-black", "alpha=over-white")
        black, white = ends or (0.0, 255.0)
        ground = black if how == "over-black" else white
        opacity = alpha[..., None] if pixels.ndim == 3 else alpha
        laid = pixels * opacity + ground * (1.0 - opacity)
        self.decisions.append(f"laid over {how.removeprefix('over-')}, transparent at {share:.1%} of the pixels")
        return np.floor(laid + 0.5).astype(np.uint8) if ends is None else laid

    def _upright(self, pixels: Pixels) -> Pixels:
        orientation = self.file.getexif().get(_ORIENTATION, 1)
        if orientation not in _TURNS:
            return pixels
        if self.reading.orientation == "ignore":
            self.decisions.append(f"EXIF orientation {orientation} ignored")
            return pixels
        self.decisions.append(f"EXIF orientation {orientation} applied")
        return np.ascontiguousarray(_TURNS[orientation](pixels))


def _describe_content(path: str | os.PathLike[str]) -> str:
    """Say what a file is that is none of the formats."""
    with open(path, "rb") as file:  # noqa: PTH123 - any path that the system takes
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "is not an image that can be read: it is empty"
    if os.fsdecode(path).lower().endswith((".nii", ".nii.gz", ".dcm")):
        return "is a volume, not an image: name a slice of it, as in NAME#axis=axial&slice=0"
    known = next((kind for mark, kind in _OTHERS if start.startswith(mark.lower())), "")
    return f"is not an image that can be read{f': it holds {known}' if known else ''}; {', '.join(FORMATS)} are"
