"""The address of one slice, written behind the name of its volume: ``pet.nii.gz#axis=axial&slice=42``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

#: Axes by name, each with the axis of a volume that runs to the right, to the front and upwards, and its letter.
NAMED_AXES = {"sagittal": (0, "x"), "coronal": (1, "y"), "axial": (2, "z")}
#: Axes as the file stores them, and their letters.
STORED_AXES = {"0": (0, "i"), "1": (1, "j"), "2": (2, "k")}
AXES = {**STORED_AXES, **NAMED_AXES}

_FORM = re.compile(
    rf"(?P<volume>.+)#axis=(?P<axis>{'|'.join(AXES)})&slice=(?P<index>[0-9]{{1,6}})(?:&series=(?P<series>[0-9.]{{1,64}}))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Address:
    """Which slice of which volume.

    Attributes
    ----------
    volume : str
        Path of a file, or of a folder with a DICOM series.
    axis : str
        One of `AXES`. ``axial``, ``coronal`` and ``sagittal`` are the axis of the volume that is closest to the
        direction of that name, and slices are counted from below, from behind and from the left; ``0``, ``1`` and
        ``2`` are the axes as they are stored.
    index : int
        Counted from 0.
    series : str
        UID of the DICOM series, where a folder has several.

    Examples
    --------
    >>> str(Address("pet.nii.gz", "axial", 42)), parse_address("pet.nii.gz#axis=2&slice=7").index
    ('pet.nii.gz#axis=axial&slice=42', 7)
    >>> parse_address("pet.nii.gz") is None
    True
    """

    volume: str
    axis: str
    index: int
    series: str = ""

    def __str__(self) -> str:
        series = f"&series={self.series}" if self.series else ""
        return f"{self.volume}#axis={self.axis}&slice={self.index}{series}"

    @property
    def path(self) -> Path:
        """The address as a path, which takes part wherever the path of a picture does."""
        return Path(str(self))


def parse_address(path: str | os.PathLike[str]) -> Address | None:
    """Understand the address of a slice; None if a path is none, or is the name of a file that exists."""
    text = os.fspath(path)
    if not isinstance(text, str) or "#axis=" not in text or not (found := _FORM.fullmatch(text)):
        return None
    if os.path.lexists(text):
        return None
    return Address(found["volume"], found["axis"], int(found["index"]), found["series"] or "")


def volume_of(path: Path) -> Path:
    """Return the volume that a path names a slice of; any other path as it is."""
    address = parse_address(path)
    return path if address is None else Path(address.volume)
