"""`Slicing`: which slices of a volume are the pictures that are scored."""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchmark.errors import BenchmarkError
from fusion_metrics.reading import STRICT, Reading
from fusion_metrics.volumes.address import AXES

_FORM = re.compile(r"(?P<one>-?\d{1,9})|(?P<start>-?\d{1,9})?:(?P<stop>-?\d{1,9})?(?::(?P<step>\d{1,9})?)?", re.ASCII)


@dataclass(frozen=True)
class Slicing:
    """How volumes become pictures.

    Attributes
    ----------
    axis : str
        One of `fusion_metrics.volumes.address.AXES`.
    slices : str
        As Python counts them, from 0, the first inclusive and the last exclusive: ``10:90``, ``10:90:2``, ``-20:``, or
        one number. Empty for all in which no source is constant.
    series : tuple of str
        UIDs of DICOM series, for folders that hold several.
    reading : Reading
        What is black and white, without which it is not known which slices are constant.

    Raises
    ------
    BenchmarkError
        Slices that are written in another way.

    Examples
    --------
    >>> Slicing(slices="10:90:40").chosen(91), Slicing(slices="-1").chosen(91), Slicing(slices="80:").chosen(83)
    ([10, 50], [90], [80, 81, 82])
    """

    axis: str = "axial"
    slices: str = ""
    series: tuple[str, ...] = ()
    reading: Reading = STRICT

    def __post_init__(self) -> None:
        if self.axis not in AXES:
            raise BenchmarkError(f"axis {self.axis!r} is unknown; known: {', '.join(AXES)}")
        found = _FORM.fullmatch(self.slices)
        if self.slices and (found is None or found["step"] == "0"):
            raise BenchmarkError(
                f"slices {self.slices!r} are not understood; write 10:90, 10:90:2, -20:, : or a number"
            )

    @property
    def is_asked(self) -> bool:
        """Whether anything about volumes differs from the default."""
        return (self.axis, self.slices, self.series) != ("axial", "", ())

    def chosen(self, count: int) -> list[int]:
        """List the slices that are named, of so many; all of them if none is.

        Raises
        ------
        BenchmarkError
            None of them exists.
        """
        found = _FORM.fullmatch(self.slices or ":")
        if found is None:  # `__post_init__` has seen to it that this does not happen
            raise BenchmarkError(f"slices {self.slices!r} are not understood")
        if found["one"]:
            place = int(found["one"])
            chosen = [place % count] if -count <= place < count else []
        else:
            start, stop, step = (int(found[name]) if found[name] else None for name in ("start", "stop", "step"))
            chosen = list(range(*slice(start, stop, step).indices(count)))
        if not chosen:
            raise BenchmarkError(f"--slices {self.slices} names none of {count} slices along {self.axis}")
        return chosen
