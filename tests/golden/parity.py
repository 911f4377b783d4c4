"""Hold every script variant against the numbers its script printed: ``python tests/golden/parity.py``.

``scripts.csv`` beside this file carries the numbers; the images they belong to lie in ``../shared/golden/images``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fusion_metrics import Image, UndefinedScore, create

TABLE = Path(__file__).with_name("scripts.csv")
TOLERANCE = 1e-6
#: Printed numbers below this are the rounding errors of a zero.
ROUNDING = 1e-10
#: Numbers that cannot be met to the tolerance: how far we are, at most, and why.
EXCEPTIONS = {
    ("qcb:liu2012", "flat96__avg"): (
        1e-3,
        "in its black areas the script divides rounding errors of its Fourier transform by each other",
    ),
    ("qcb:vifb", "flat96__avg"): (1e-3, "as qcb:liu2012"),
    ("qcb:mefb", "flat96__avg"): (1e-3, "as qcb:liu2012"),
    **dict.fromkeys(
        (("cvejic:mefb", "camera256__avg"), ("cvejic:mefb", "camera256__lap")),
        (
            2e-3,
            "where a source is flat but not black, rounding decides in the script whether its covariance is just below "
            "zero, and so whether the window counts for what it is or as 0 or 1; 238 of 62500 windows",
        ),
    ),
}


@dataclass(frozen=True)
class Golden:
    """One printed number.

    Attributes
    ----------
    triple, identifier : str
        The images, and the metric's variant that reproduces the script.
    printed : str
        The number with all its digits, or what the script did instead: ``NaN``, ``NaN+NaNi`` or ``error``.
    """

    triple: str
    source_a: str
    source_b: str
    fused: str
    identifier: str
    printed: str

    def departure(self, images: Path) -> float:
        """Relative difference of our value from the printed one; 0 where the script has none and we say so."""
        fused, a, b = (load(images / name) for name in (self.fused, self.source_a, self.source_b))
        try:
            value = create(self.identifier)(fused, a, b)
        except UndefinedScore:
            return math.inf if self.has_value else 0.0
        if not self.has_value:
            return math.inf
        printed = float(self.printed)
        return abs(value - printed) / max(abs(printed), ROUNDING)

    @property
    def tolerance(self) -> float:
        """How far we may be from the printed number."""
        return EXCEPTIONS.get((self.identifier, self.triple), (TOLERANCE, ""))[0]

    @property
    def has_value(self) -> bool:
        """Whether the script printed a number."""
        return self.printed not in ("NaN", "NaN+NaNi", "error")


@lru_cache(maxsize=6)
def load(path: Path) -> Image:
    """Read an image once for the many metrics of a triple."""
    return Image.open(path)


def golden_values() -> Iterator[Golden]:
    """Read the committed table."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        yield from (Golden(**row) for row in csv.DictReader(file))


def main() -> None:
    """Print how many values agree, and each that does not."""
    images = Path(__file__).parents[3] / "shared" / "golden"
    rows = [(golden, golden.departure(images)) for golden in golden_values()]
    valued = [(golden, departure) for golden, departure in rows if golden.has_value]
    for limit in (1e-6, 1e-9, 1e-12):
        print(f"within {limit:g}: {sum(departure <= limit for _, departure in valued)} of {len(valued)} numbers")
    silent = [departure for golden, departure in rows if not golden.has_value]
    print(f"script gives NaN or fails: {len(silent)}, reported as undefined: {sum(d == 0 for d in silent)}")
    for golden, departure in rows:
        if departure > TOLERANCE:
            print(f"{golden.identifier:24} {golden.triple:20} printed {golden.printed:>20} departs by {departure:.2e}")
            print(f"    {EXCEPTIONS.get((golden.identifier, golden.triple), (0, 'not explained'))[1]}")


if __name__ == "__main__":
    main()
