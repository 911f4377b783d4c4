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
#: Scripts that compute with 32 bits, and those of their columns that keep less.
SINGLE_PRECISION = dict.fromkeys(("cddfuse", "tang-python", "ivif-zoo"), 2e-5)
COARSE = {"vif:ivif-zoo": 2e-4}
#: The scripts in the order of the table; the name of a variant begins with that of its script.
SCRIPTS = (
    "liu2012",
    "vifb",
    "mefb",
    "tang",
    "thfylsty",
    "haghighat",
    "cddfuse",
    "tang-2022",
    "tang-python",
    "li2018",
    "ivif-zoo",
)
#: Printed numbers below this are the rounding errors of a zero.
ROUNDING = 1e-10
#: Numbers that cannot be met to the tolerance: how far we are, at most, and why.
EXCEPTIONS: dict[tuple[str, str], tuple[float, str]] = {
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
    **{
        (identifier, f"edge64__{triple}"): (2e-2, "it finds edges, which Octave's `edge` thins otherwise than MATLAB's")
        for identifier in ("fmi:tang-2022", "fmi:li2018")
        for triple in ("avg", "equalA", "const")
    },
    **dict.fromkeys(
        ((f"fmi:{script}-wavelet", "edge64__const") for script in ("haghighat", "tang-2022", "li2018")),
        (math.inf, "the fused image is flat: its details are the rounding errors of the transform"),
    ),
    ("cc:tang-2022", "edge64__const"): (
        math.inf,
        "the fused image is flat: the script divides rounding errors by each other, and we say that there is no value",
    ),
    ("qcb:ivif-zoo", "flat96__avg"): (
        9e-2,
        "in its black areas the script divides rounding errors of its Fourier transform by each other",
    ),
    **{
        (f"ssim:{script}", triple): (
            tolerance,
            "smooth parts compare rounding errors, and in pictures of up to 20480 pixels the order in which the script "
            "adds depends on the processor",
        )
        for script in ("tang-python", "ivif-zoo")
        for triple, tolerance in (
            ("camera127x131__avg", 1e-4),
            ("camera127x131__lap", 1e-4),
            ("edge64__const", 0.5),
        )
    },
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
        return EXCEPTIONS.get((self.identifier, self.triple), (self.usual_tolerance, ""))[0]

    @property
    def usual_tolerance(self) -> float:
        """How far we may be from the script's numbers where no exception is known."""
        return COARSE.get(self.identifier, SINGLE_PRECISION.get(self.script, TOLERANCE))

    @property
    def script(self) -> str:
        """The script that printed it, one of `SCRIPTS`."""
        variant = self.identifier.partition(":")[2]
        # The number of the right order of arguments, which Tang's own call does not print.
        if variant == "kumar2013":
            return "tang"
        return max((name for name in SCRIPTS if variant.startswith(name)), key=len)

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
    """Print how many values agree, script by script, and each that does not with its cause."""
    images = Path(__file__).parents[3] / "shared" / "golden"
    rows = [(golden, golden.departure(images)) for golden in golden_values()]
    print(f"{'script':12} {'compared':>8} {'tolerance':>9} {'within':>6} {'1e-9':>6} {'no value':>8} {'we agree':>8}")
    for script in SCRIPTS:
        own = [(golden, departure) for golden, departure in rows if golden.script == script]
        valued = [(golden, departure) for golden, departure in own if golden.has_value]
        silent = [departure for golden, departure in own if not golden.has_value]
        within = sum(departure <= golden.usual_tolerance for golden, departure in valued)
        close = sum(departure <= 1e-9 for _, departure in valued)
        tolerance = SINGLE_PRECISION.get(script, TOLERANCE)
        said = sum(departure == 0.0 for departure in silent)
        print(f"{script:12} {len(valued):8} {tolerance:9g} {within:6} {close:6} {len(silent):8} {said:8}")
    for golden, departure in rows:
        if departure > golden.usual_tolerance:
            print(f"{golden.identifier:24} {golden.triple:20} printed {golden.printed:>20} departs by {departure:.2e}")
            print(f"    {EXCEPTIONS.get((golden.identifier, golden.triple), (0, 'not explained'))[1]}")


if __name__ == "__main__":
    main()
