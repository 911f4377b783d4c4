"""Small copies of pictures for a page: each is embedded once, however often it is shown."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow

from fusion_metrics.picture_files import read_picture

#: Longest side in pixels, and quality of the JPEG.
SIZE, QUALITY = 192, 82


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
    """

    prefix: str
    budget: int
    pictures: dict[Path, Picture] = field(default_factory=dict)

    def add(self, *paths: Path) -> tuple[Picture, ...]:
        """Return small copies of all these files, or none if the budget does not hold them or one cannot be read."""
        if self.budget <= 0:
            return ()
        new: dict[Path, Picture] = {}
        for path in paths:
            if path not in self.pictures and path not in new:
                try:
                    new[path] = _small(path, f"{self.prefix}-p{len(self.pictures) + len(new)}")
                except (OSError, ValueError):
                    return ()
        cost = sum(len(picture.uri) for picture in new.values())
        if cost > self.budget:
            self.budget = 0
            return ()
        self.budget -= cost
        self.pictures |= new
        return tuple(self.pictures[path] for path in paths)


def _small(path: Path, name: str) -> Picture:
    copy = Pillow.fromarray(read_picture(path).pixels)
    copy.thumbnail((SIZE, SIZE), Pillow.Resampling.LANCZOS)
    file = BytesIO()
    copy.save(file, "JPEG", quality=QUALITY, optimize=True)
    uri = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
    return Picture(name, uri, *copy.size)
