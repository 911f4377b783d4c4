"""What a comparison is asked for, and the names by which methods are printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from benchmark.errors import BenchmarkError
from fusion_metrics.errors import nearest

Statistic = Literal["mean", "mean-sd", "median"]
STATISTICS: tuple[Statistic, ...] = get_args(Statistic)
Grouping = Literal["pair", "dataset"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)


@dataclass(frozen=True)
class Asked:
    """How methods are compared and printed.

    Attributes
    ----------
    statistic : {"mean", "mean-sd", "median"}
        What a cell holds.
    third : bool
        Mark the third best too.
    common : bool
        Compare on the images for which every method has every value, and leave out the others.
    names : mapping of str to str
        How methods are printed, by the names that their images have.
    ours : str
        A method to be marked, by either of its names; empty for none.
    groups : {"pair", "dataset"}
        What is independent of each other: source pairs, or, where a claim is to hold on other data sets, data sets.
    alpha : float
        Level of all tests.
    permutations, seed : int
        Of the permutation tests and of intervals.
    decimals : int or None
        Digits behind the point, in every column; None: four digits of the greatest number in a column.
    """

    statistic: Statistic = "mean"
    third: bool = False
    common: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    ours: str = ""
    groups: Grouping = "pair"
    alpha: float = 0.05
    permutations: int = 9999
    seed: int = 0
    decimals: int | None = None

    def __post_init__(self) -> None:
        for value, known, what in ((self.statistic, STATISTICS, "statistic"), (self.groups, GROUPINGS, "grouping")):
            if value not in known:
                raise BenchmarkError(f"no {what} {value!r}{_near(value, known)}")
        if not 0 < self.alpha < 1:
            raise BenchmarkError(f"alpha is {self.alpha:g}, which is no probability between 0 and 1")
        if self.permutations < 1:
            raise BenchmarkError(f"{self.permutations} permutations are too few")

    def printed(self, methods: Sequence[str]) -> dict[str, str]:
        """Return the printed name of each method, by its own.

        Raises
        ------
        BenchmarkError
            Fewer than two methods, a name or an own method that is none of them, or two that would be printed alike.
        """
        if len(methods) == 1:
            raise BenchmarkError(f"only one method, {methods[0]}: a comparison needs two")
        for name in self.names:
            if name not in methods:
                raise BenchmarkError(f"--names: no method {name!r} to rename{_near(name, methods)}")
        found = {name: self.names.get(name, name) for name in methods}
        seen: dict[str, str] = {}
        for name, printed in found.items():
            if printed in seen:
                raise BenchmarkError(f"methods {seen[printed]!r} and {name!r} would both be printed as {printed!r}")
            seen[printed] = name
        self.own(found)
        return found

    def own(self, printed: Mapping[str, str]) -> str:
        """Return the printed name of the own method; empty where none was named."""
        if not self.ours:
            return ""
        if self.ours in printed:
            return printed[self.ours]
        if self.ours in printed.values():
            return self.ours
        raise BenchmarkError(f"--ours: no method {self.ours!r} that could be ours{_near(self.ours, printed)}")


def _near(name: str, known: Iterable[str]) -> str:
    """Name what is nearest, or else all there are; never both lists."""
    near = nearest(name, known)
    return near if near.startswith("; did") else f"; there are {', '.join(known)}"


def parse_names(text: str) -> dict[str, str]:
    """Read ``OLD=NEW,OLD=NEW``.

    Raises
    ------
    BenchmarkError
        A part without an equals sign, or an empty or repeated name.

    >>> parse_names("CDDFuse=Ours, FNet = F-Net")
    {'CDDFuse': 'Ours', 'FNet': 'F-Net'}
    """
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        old, equals, new = (piece.strip() for piece in part.partition("="))
        if not (old and equals and new):
            raise BenchmarkError(f"{part!r} does not rename a method; write OLD=NEW, and commas between")
        if old in found:
            raise BenchmarkError(f"method {old!r} is renamed twice")
        found[old] = new
    return found
