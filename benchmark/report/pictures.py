"""Small copies of pictures for a page: each is embedded once, however often it is shown."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from fusion_metrics import Image
from fusion_metrics.image import Array
from fusion_metrics.reading import STRICT, Reading

#: Longest side in pixels, and quality of the JPEG.
SIZE, QUALITY = 192, 82
#: The same of pictures that are looked at closely, and the bytes up to which those are kept without loss.
LARGE, LARGE_QUALITY, LOSSLESS = 720, 90, 150_000


@dataclass(frozen=True)
class Picture:
    """A small copy.

    Attributes
    ----------
    id : str
        Of the element that holds it.
    uri : str
        The whole content, ``data:image/jpeg;base64,...``.
    width, height : int
    """

    id: str
    uri: str
    width: int
    height: int


@dataclass
class Album:
    """Pictures of one database, up to so many bytes.

    Attributes
    ----------
    prefix : str
        Of the ids.
    budget : int
        Bytes that are left; 0 for an album without pictures.
    pictures : dict of Path to Picture
    reading : Reading
        How the database is read.
    """

    prefix: str
    budget: int
    pictures: dict[Path, Picture] = field(default_factory=dict)
    reading: Reading = STRICT

    def add(self, *paths: Path) -> tuple[Picture, ...]:
        """Return small copies of all these files, or none if the budget does not hold them or one cannot be read."""
        if self.budget <= 0:
            return ()
        new: dict[Path, Picture] = {}
        for path in paths:
            if path not in self.pictures and path not in new:
                try:
                    new[path] = _small(path, self.reading, f"{self.prefix}-p{len(self.pictures) + len(new)}")
                except (OSError, ValueError):
                    return ()
        cost = sum(len(picture.uri) for picture in new.values())
        if cost > self.budget:
            self.budget = 0
            return ()
        self.budget -= cost
        self.pictures |= new
        return tuple(self.pictures[path] for path in paths)


def _small(path: Path, reading: Reading, name: str) -> Picture:
    copy = _reduced(Image.open(path, reading).pixels, SIZE)
    return Picture(name, _uri("jpeg", _as_jpeg(copy, QUALITY)), *copy.size)


def large(pixels: Array, name: str) -> Picture:
    """Copy a picture that is looked at closely: as it is, where that is small enough, and otherwise reduced.

    Parameters
    ----------
    pixels : ndarray, shape (H, W) or (H, W, 3)
        0..255.
    name : str
        Id of the element that holds it.
    """
    copy = _reduced(pixels, LARGE)
    file = BytesIO()
    copy.save(file, "PNG", optimize=True)
    if len(file.getvalue()) <= LOSSLESS:
        return Picture(name, _uri("png", file.getvalue()), *copy.size)
    return Picture(name, _uri("jpeg", _as_jpeg(copy, LARGE_QUALITY)), *copy.size)


def _reduced(pixels: Array, side: int) -> Pillow.Image:
    copy = Pillow.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    copy.thumbnail((side, side), Pillow.Resampling.LANCZOS)
    return copy


def _as_jpeg(picture: Pillow.Image, quality: int) -> bytes:
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
