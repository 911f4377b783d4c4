"""Find what printed each column, computing only what can still be it.

Candidates are tried in rounds: the metrics that a column's heading may mean, the same of pictures made grey or cropped
in other ways, then all other metrics, and those that take long at the end. In each round a candidate must first agree
with one printed number, then with a second, before it is computed for all images; and before the mean of many images is
computed, its value for one of them must be of that mean's size. A column that is found takes no part in the rounds that
follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from benchmark.errors import BenchmarkError
from benchmark.identify.candidates import AS_IS, CROPPED, GREYS, Candidate, Preparation, candidates
from benchmark.identify.chance import expected_by_chance
from benchmark.identify.match import EXACT, FAR, Match, compare, may_fit
from benchmark.identify.printed import Printed
from benchmark.identify.spellings import is_dear, resembling
from benchmark.identify.values import Values
from fusion_metrics import Metric

Verdict: TypeAlias = Literal["exact", "to the printed digits", "nearest", "nothing fits"]
Choose: TypeAlias = "Callable[[_Column], list[Candidate]]"

#: Factor by which the value of one image may differ from the mean of all.
SIZE = 5.0
#: Candidates that are looked at again where none fits, to name the nearest.
NEAREST = 6
#: Share of a column's numbers that must agree for the others to pass as slips of the table.
SLIPS = 0.5


@dataclass(frozen=True)
class Found:
    """What was found for a column.

    Attributes
    ----------
    column : str
    n : int
        Printed numbers.
    verdict : str
        `exact`: all numbers agree to `EXACT`. `to the printed digits`: all agree to these. `nearest`: the candidate of
        least median relative error, where that is at most `FAR`; else `nothing fits`.
    matches : tuple of Match
        All that fit, or those that come nearest.
    tried : int
        Candidates that were computed for at least one printed number.
    by_chance : float
        How many of those would fit by chance, about.
    """

    column: str
    n: int
    verdict: Verdict
    matches: tuple[Match, ...]
    tried: int
    by_chance: float


def search(
    printed: Sequence[Printed], metrics: Sequence[Metric], values: Values, *, exhaustive: bool = False
) -> list[Found]:
    """Find the candidates that reproduce each column.

    Parameters
    ----------
    printed : sequence of Printed
    metrics : sequence of Metric
        What may be meant; metrics that learn are left out.
    values : Values
        Where their numbers come from.
    exhaustive : bool
        Try everything for every column, also for those that are found already.

    Returns
    -------
    list of Found
        In the order of the columns.

    Raises
    ------
    BenchmarkError
        No metric to compare with, or no image that can be used.
    """
    chosen = [metric for metric in metrics if not (metric.learns or metric.spec.needs_reference)]
    if not chosen:
        raise BenchmarkError("no metric to compare with")
    by_name: dict[str, list[Printed]] = {}
    for number in values.usable(printed):
        by_name.setdefault(number.column, []).append(number)
    is_colour = any(
        image.is_colour for numbers in by_name.values() for image in values.triple(numbers[0].images[0]) or ()
    )
    columns = [_Column(name, numbers, chosen) for name, numbers in by_name.items()]
    for choose in _rounds(is_colour, exhaustive):
        wanted = {column: choose(column) for column in columns if exhaustive or not column.is_found}
        _try_out(wanted, values, exhaustive=exhaustive)
    lost = [column for column in columns if not column.is_found]
    _look_again(lost, values)
    return [column.found() for column in columns]


@dataclass(eq=False)
class _Column:
    """A printed column, and what is known of the candidates for it."""

    name: str
    printed: list[Printed]
    metrics: list[Metric]
    first_values: dict[Candidate, float] = field(default_factory=dict)
    matches: dict[Candidate, Match] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cheapest = sorted(self.printed, key=lambda number: (len(number.images), not math.isfinite(number.value)))
        # The second one is far from the first, and so probably of another picture.
        alike = [number for number in cheapest[1:] if len(number.images) == len(cheapest[0].images)] or cheapest[1:]
        self.probes = [cheapest[0], *alike[len(alike) // 2 : len(alike) // 2 + 1]]
        meant = resembling(self.name, [metric.spec for metric in self.metrics])
        self.named = [metric for metric in self.metrics if metric.spec.name in meant]

    @property
    def is_found(self) -> bool:
        """Whether some candidate fits, but for slips of the table."""
        return any(
            match.fits or (match.median <= EXACT and match.fitting > SLIPS * match.n) for match in self.matches.values()
        )

    def others(self, *, dear: bool) -> list[Metric]:
        """Return the metrics that the heading does not mean."""
        return [metric for metric in self.metrics if metric not in self.named and is_dear(metric.spec.name) == dear]

    def is_possible(self, candidate: Candidate) -> bool:
        """Whether all numbers lie within the bounds of a metric."""
        low, high = candidate.metric.spec.bounds
        return all(
            not math.isfinite(number.value) or low - number.unit <= number.value <= high + number.unit
            for number in self.printed
        )

    def found(self) -> Found:
        """Say what was found."""
        ranked = sorted(
            self.matches.values(), key=lambda match: (not match.fits, match.median, match.relative, match.candidate.id)
        )
        chance = expected_by_chance(self.printed, self.probes, list(self.first_values.values()))
        if exact := tuple(match for match in ranked if match.is_exact):
            return Found(self.name, len(self.printed), "exact", exact, len(self.first_values), chance)
        if fitting := tuple(match for match in ranked if match.fits):
            digits: Verdict = "to the printed digits"
            return Found(self.name, len(self.printed), digits, fitting, len(self.first_values), chance)
        if ranked and ranked[0].median > FAR:  # then what the heading means says more than what lies near by accident
            ranked.sort(key=lambda match: match.candidate.metric not in self.named)
        alike = tuple(match for match in ranked if match.coincides(ranked[0]))
        verdict: Verdict = "nearest" if ranked and ranked[0].median <= FAR else "nothing fits"
        return Found(self.name, len(self.printed), verdict, alike, len(self.first_values), chance)


def _rounds(is_colour: bool, exhaustive: bool) -> Iterator[Choose]:
    """Say which candidates are tried one after the other."""
    prepared = [*(GREYS if is_colour else ()), *CROPPED]
    yield lambda column: candidates(column.named)
    yield lambda column: candidates(column.named, prepared)
    yield lambda column: candidates(column.others(dear=False))
    # Where the heading says nothing, any metric may have seen other pictures.
    yield lambda column: [] if column.named else candidates(column.others(dear=False), prepared)
    yield lambda column: [] if column.named and not exhaustive else candidates(column.others(dear=True))
    if exhaustive:
        both = [Preparation(one.grey, other.crop) for one in prepared if one.grey for other in CROPPED]
        yield lambda column: candidates(column.metrics, [*prepared, *both])


def _try_out(wanted: dict[_Column, list[Candidate]], values: Values, *, exhaustive: bool) -> None:
    """Try candidates on one printed number, those that agree on a second one, and what is left on all."""
    left = {
        column: [one for one in chosen if one not in column.first_values and column.is_possible(one)]
        for column, chosen in wanted.items()
    }
    if not exhaustive:
        _leave_out_other_sizes(left, values)
    for step in range(2):
        values.need(
            (one, image)
            for column, chosen in left.items()
            for probe in column.probes[step : step + 1]
            for one in chosen
            for image in probe.images
        )
        for column, chosen in left.items():
            for probe in column.probes[step : step + 1]:
                of_probe = {one: float(values.of(one, [probe])[0]) for one in chosen}
                if step == 0:
                    column.first_values |= of_probe
                left[column] = [one for one, value in of_probe.items() if may_fit(value, probe)]
    _complete(left, values)


def _leave_out_other_sizes(wanted: dict[_Column, list[Candidate]], values: Values) -> None:
    """Leave out candidates whose value for one image is far from the mean of many that is printed."""
    of_means = {column: chosen for column, chosen in wanted.items() if len(column.probes[0].images) > 1}
    values.need((one, column.probes[0].images[0]) for column, chosen in of_means.items() for one in chosen)
    for column, chosen in of_means.items():
        first = column.probes[0]._replace(images=column.probes[0].images[:1])
        column.first_values |= {one: float(values.of(one, [first])[0]) for one in chosen}
        wanted[column] = [one for one in chosen if _is_of_size(column.first_values[one], first.value)]


def _is_of_size(value: float, mean: float) -> bool:
    """Whether an image's value may belong to a mean; of values near zero and without a value nothing is known."""
    if math.isnan(value) or math.isnan(mean) or value == 0.0 or mean == 0.0:
        return True
    return value * mean > 0.0 and 1.0 / SIZE <= value / mean <= SIZE


def _look_again(columns: Iterable[_Column], values: Values) -> None:
    """Complete what comes near on one of two numbers, or else the nearest, for columns in which nothing fits."""
    nearest: dict[_Column, list[Candidate]] = {}
    for column in columns:
        own = [one for one in column.first_values if not one.metric.spec.alias_of] or list(column.first_values)
        ranked = sorted(own, key=lambda one: _distance(column.first_values[one], column.probes[0]))
        named = [one for one in ranked if one.metric in column.named]
        named.sort(key=lambda one: one.preparation != AS_IS)
        quick = [one for one in ranked if not is_dear(one.metric.spec.name)]
        nearest[column] = list(dict.fromkeys([*named[:NEAREST], *(quick or ranked)[: 1 if named else NEAREST]]))
    values.need(
        (one, image)
        for column, chosen in nearest.items()
        for probe in column.probes
        for one in chosen
        for image in probe.images
    )
    for column, chosen in nearest.items():
        distances = {one: min(map(_distance, values.of(one, column.probes).tolist(), column.probes)) for one in chosen}
        ranked = sorted(chosen, key=lambda one: distances[one])
        near = [one for one in ranked if distances[one] <= FAR]
        meant = [one for one in ranked if one.metric in column.named and one.preparation == AS_IS]
        nearest[column] = list(dict.fromkeys([*near[:NEAREST], *meant[:1]])) or ranked[:1]
    _complete(nearest, values)


def _complete(wanted: dict[_Column, list[Candidate]], values: Values) -> None:
    """Compute candidates for all images of their columns, and compare them."""
    values.need(
        (one, image)
        for column, chosen in wanted.items()
        for one in chosen
        for number in column.printed
        for image in number.images
    )
    for column, chosen in wanted.items():
        for one in chosen:
            column.matches[one] = compare(one, values.of(one, column.printed), column.printed)


def _distance(value: float, printed: Printed) -> float:
    """Relative error of one value, infinite where one side has none."""
    if math.isnan(value) or math.isnan(printed.value):
        return 0.0 if math.isnan(value) and math.isnan(printed.value) else math.inf
    return abs(value - printed.value) / max(abs(printed.value), printed.unit)
