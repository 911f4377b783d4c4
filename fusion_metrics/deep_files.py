"""Files with more than 8 bits a channel that Pillow hands out as 8-bit colours, and how all their bits are had.

Pillow has no 16-bit colours: of such PNG and TIFF files it keeps the upper byte of every value and says nothing.
Reading the file a second time as if its bytes were in the other order gives the lower byte, and both are the pixels.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

_PHOTOMETRIC = 262
#: Start of a JPEG 2000 codestream, and how far behind it the depth of the first channel is.
_CODESTREAM, _DEPTH_AT = b"\xff\x4f\xff\x51", 42


class Hidden(NamedTuple):
    """Bits that Pillow drops: whether they can be had, and what to do where they cannot."""

    readable: bool
    instead: str = "save as a 16-bit PNG or TIFF of grey or RGB"


def hidden_depth(path: str | os.PathLike[str], file: Any) -> Hidden | None:
    """Say whether an open file has 16 bits a channel although its mode is one of 8 bits; None if it has not."""
    if file.mode not in ("L", "LA", "RGB", "RGBA"):
        return None
    if file.format == "JPEG2000":
        return Hidden(readable=False) if _depth_of_jpeg2000(path) > 8 else None
    for tile in file.tile:
        raw = _raw_mode(tile)
        if ";16" in raw:
            return Hidden(readable=raw.partition(";")[0] in ("RGB", "RGBA", "RGBX"))
        if file.format == "PPM" and file.mode == "RGB" and isinstance(tile[3], tuple) and tile[3][-1] > 255:
            return Hidden(readable=False)
    return None


def read_sixteen_bits(path: str | os.PathLike[str], file: Any, formats: tuple[str, ...]) -> npt.NDArray[np.uint16]:
    """Read the colours of a file of which `hidden_depth` says that they are readable, shape (H, W, 3) or (H, W, 4)."""
    order = _raw_mode(file.tile[0])[-1]
    first, second = (_byte(path, file.tell(), letter, formats) for letter in "BL")
    big = order == "B" or (order == "N" and sys.byteorder == "big")
    high, low = (first, second) if big else (second, first)
    whole: npt.NDArray[np.uint16] = (high.astype(np.uint16) << np.uint16(8)) | low
    return whole


def white_is_zero(file: Any) -> bool:
    """Whether a TIFF says that its smallest value is white; Pillow heeds that for 8 bits only."""
    return file.format == "TIFF" and file.tag_v2.get(_PHOTOMETRIC) == 0


def _raw_mode(tile: Any) -> str:
    arguments = tile[3]
    return str(arguments if isinstance(arguments, str) else arguments[0])


def _byte(path: str | os.PathLike[str], page: int, letter: str, formats: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Read the first (B) or the second (L) byte of every value."""
    from PIL import Image as Pillow

    with Pillow.open(path, formats=formats) as opened:
        file: Any = opened
        file.seek(page)
        file.tile = [_in_order(tile, letter) for tile in file.tile]
        return np.array(file)


def _in_order(tile: Any, letter: str) -> Any:
    """Change the byte order that a tile is read in; tiles are tuples, in newer versions of Pillow named ones."""
    codec, extents, offset, arguments = tile
    raw = _raw_mode(tile)[:-1] + letter
    changed = (codec, extents, offset, raw if isinstance(arguments, str) else (raw, *arguments[1:]))
    return tile._make(changed) if hasattr(tile, "_make") else changed


def _depth_of_jpeg2000(path: str | os.PathLike[str]) -> int:
    with open(path, "rb") as file:  # noqa: PTH123 - any path that the system takes
        start = file.read(4096)
    place = start.find(_CODESTREAM)
    if place < 0 or place + _DEPTH_AT >= len(start):
        return 8
    return (start[place + _DEPTH_AT] & 0x7F) + 1
