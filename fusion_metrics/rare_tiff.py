"""TIFF files that Pillow does not know: float64, float and 16-bit colours in planes, 32-bit colours.

They are what `numpy` arrays become when they are saved as they are. An open file answers to the few names of Pillow's
image files that `fusion_metrics.picture_files` asks for, so that a reading decides about it as about any other.
"""

from __future__ import annotations

import logging
import os
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from fusion_metrics.errors import InvalidImage
from fusion_metrics.printable import printable

_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ORIENTATION, _PHOTOMETRIC, _BITS, _PLANES, _SAMPLE_FORMAT = 274, 262, 258, 284, 339
#: Colour spaces that are no grey and no RGB.
_GREY_OR_RGB = (0, 1, 2)


def is_tiff(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins as a TIFF does."""
    with open(path, "rb") as file:  # noqa: PTH123 - any path that the system takes
        return file.read(4) in _MARKS


def is_misread(file: Any) -> bool:
    """Whether Pillow opens a TIFF but reads other values than it has: planes of 16 bits, and large 32-bit numbers."""
    if file.format != "TIFF":
        return False
    bits = max(file.tag_v2.get(_BITS, (1,)))
    in_planes = file.tag_v2.get(_PLANES, 1) == 2
    unsigned = max(file.tag_v2.get(_SAMPLE_FORMAT, (1,))) == 1
    return (bits > 8 and in_planes) or (bits == 32 and unsigned)


class RareTiff:
    """One open file; `seek` chooses the page.

    Raises
    ------
    InvalidImage
        A TIFF of a kind that is no picture of grey or RGB.
    OSError
        A damaged file.
    """

    format, tile = "TIFF", ()

    def __init__(self, path: str | os.PathLike[str]) -> None:
        import tifffile

        # A handler that does nothing: what is wrong with a file is said by an error, once.
        logging.getLogger("tifffile").addHandler(logging.NullHandler())
        self.info: dict[str, Any] = {}
        self._name = printable(os.fspath(path))
        self._handle = open(path, "rb")  # noqa: PTH123, SIM115 - any path; closed by `__exit__`
        try:
            self._file = tifffile.TiffFile(self._handle)
            self._page: Any = self._file.pages[0]
        except Exception as error:
            self._handle.close()
            if isinstance(error, tifffile.TiffFileError):
                raise OSError(str(error)) from None
            raise

    @property
    def n_frames(self) -> int:
        """Number of pages."""
        return len(self._file.pages)

    @property
    def mode(self) -> str:
        """Mode that Pillow would have for such pixels."""
        kind = np.dtype(self._page.dtype)
        if kind == np.uint8:
            return "L" if self._page.samplesperpixel == 1 else "RGB"
        return "F" if kind.kind == "f" else "I"

    @property
    def tag_v2(self) -> dict[int, Any]:
        """Tags that say how the pixels are meant."""
        return {_PHOTOMETRIC: int(self._page.photometric), _ORIENTATION: self._tag(_ORIENTATION, 1)}

    def getexif(self) -> dict[int, Any]:
        """Orientation, as Pillow returns it."""
        return self.tag_v2

    def seek(self, page: int) -> None:
        """Go to a page, counted from 0."""
        self._page = self._file.pages[page]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        from PIL import Image as Pillow

        page = self._page
        height, width, samples = page.imagelength, page.imagewidth, page.samplesperpixel
        if samples not in (1, 3) or int(page.photometric) not in _GREY_OR_RGB or page.imagedepth > 1:
            raise InvalidImage(
                f"{self._name}: is a TIFF of {samples} channels that are not grey or RGB: save it as one"
            )
        if np.dtype(page.dtype).kind not in "iuf":
            raise InvalidImage(f"{self._name}: has pixels of type {page.dtype}, which are no grey levels")
        if height * width > (Pillow.MAX_IMAGE_PIXELS or np.inf):
            raise Pillow.DecompressionBombError(f"{height * width} pixels")
        pixels: npt.NDArray[Any] = page.asarray()
        if samples == 3 and pixels.shape[0] == 3 and pixels.shape[1:] == (height, width):
            pixels = np.moveaxis(pixels, 0, -1)
        return pixels.reshape((height, width) if samples == 1 else (height, width, 3))

    def __enter__(self) -> RareTiff:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._handle.close()

    def _tag(self, code: int, default: int) -> int:
        tag = self._page.tags.get(code)
        return default if tag is None else int(tag.value)
