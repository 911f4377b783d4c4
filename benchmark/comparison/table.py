"""Methods by metrics: what each cell says and how it is marked, and the table for terminal, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.comparison.asked import Asked
from benchmark.comparison.tested import MetricTest, Tested
from benchmark.comparison.values import NAMED, Column, Values
from benchmark.comparison.words import sentences
from benchmark.numbers import counted, formatter, listed, written
from benchmark.scoring.unscored import unscored_note
from benchmark.tables import ABSENT, Cell, Mark, Table, heads, ways_in
from fusion_metrics import Metric
from fusion_metrics.image import Array

#: A method that may be the best, though it is not.
DAGGER = "†"
THIRD = "³"
PLUS_MINUS = "±"
#: Metrics that fit beside each other on a terminal.
ABREAST = 8


@dataclass(frozen=True)
class Printed:
    """One method by one metric.

    Attributes
    ----------
    text : str
        The mean or the median; ``n/a`` where an image has no value.
    spread : str
        The standard deviation; empty where it is not asked for.
    place : int
        1 for the best, 2, 3; 0 for all others.
    near : bool
        Not the best, but not significantly worse.
    """

    text: str
    spread: str = ""
    place: int = 0
    near: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of one data set before it takes the form of any file.

    Attributes
    ----------
    name, title : str
        Of the data set; the title says what the numbers are.
    columns : tuple of Column, length K
    methods : tuple of str, length M
    own : str
        The own method, which is then the last one; empty for none.
    cells : tuple of tuple of Printed, M lines of K
    notes : tuple of str
        What the marks mean, and what is missing.
    findings : tuple of str
        What the tests found, in sentences.
    signatures : tuple of str
        A line a metric that says what was computed.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    methods: tuple[str, ...]
    own: str
    cells: tuple[tuple[Printed, ...], ...]
    notes: tuple[str, ...]
    findings: tuple[str, ...]
    signatures: tuple[str, ...] = ()

    def has(self, place: int) -> bool:
        """Whether any cell has this place."""
        return any(cell.place == place for line in self.cells for cell in line)

    @property
    def called_data(self) -> str:
        """Name the data set in a figure, where there is no room for a title."""
        return {"files": "fused images", "files-part": "fused images"}.get(self.name, self.name)

    @property
    def daggers(self) -> bool:
        """Whether any method may be the best, though it is not."""
        return any(cell.near for line in self.cells for cell in line)

    def called(self, method: str) -> str:
        """Name a method, and say which is the own one."""
        return f"{method} (ours)" if method == self.own and "ours" not in method.casefold() else method


def grid_of(tested: Tested, asked: Asked) -> Grid:
    """Make the cells of one data set."""
    values = tested.values
    columns = [_cells(tested, asked, k) for k in range(len(values.columns))]
    cells = tuple(tuple(column[m] for column in columns) for m in range(len(values.methods)))
    images = len(values.images)
    what = {"mean": "mean", "mean-sd": "mean ± standard deviation", "median": "median"}[asked.statistic]
    of = f"{what} of " if images > 1 else ""
    title = f"{values.title}: {of}{counted(images, 'pair' if values.single else 'image')}"
    grid = Grid(values.name, title, values.columns, values.methods, values.own, cells, (), sentences(tested, asked))
    signed = tuple(line for lines in values.signatures for line in lines)
    return replace(grid, notes=tuple(_notes(grid, tested, asked)), signatures=signed)


def table_of(grid: Grid, *, upright: bool = False) -> Table:
    """Arrange a grid to be printed: methods as lines, or metrics, if there are too many of them for a terminal.

    Parameters
    ----------
    grid : Grid
    upright : bool
        Methods are lines in any case.
    """
    names = tuple(grid.called(method) for method in grid.methods)
    headings = tuple(column.heading for column in grid.columns)
    cells = tuple(tuple(map(_cell, line)) for line in grid.cells)
    notes = grid.notes + grid.findings
    if upright or len(headings) <= max(ABREAST, len(names)):
        body = tuple((Cell(name), *line) for name, line in zip(names, cells, strict=True))
        return Table(grid.title, heads("method", *headings), body, notes, grid.signatures)
    body = tuple((Cell(name), *line) for name, line in zip(headings, zip(*cells, strict=True), strict=True))
    return Table(grid.title, heads("metric", *names), body, notes, grid.signatures)


def _cell(printed: Printed) -> Cell:
    marks: dict[int, Mark] = {1: "best", 2: "second"}
    spread = f" {PLUS_MINUS} {printed.spread}" if printed.spread else ""
    text = printed.text + spread + (DAGGER if printed.near else "") + (THIRD if printed.place == 3 else "")
    return Cell(text, marks.get(printed.place, ""))


def _cells(tested: Tested, asked: Asked, k: int) -> list[Printed]:
    """Print one metric for all methods."""
    values, test = tested.values, tested.metrics[k]
    scores, whole = values.scores[k], values.whole[k]
    average = np.median if asked.statistic == "median" else np.mean
    numbers = [float(average(scores[:, m])) if whole[m] else np.nan for m in range(len(whole))]
    form = formatter(numbers, asked.decimals)
    spread = ["" for _ in numbers]
    if asked.statistic == "mean-sd" and len(scores) > 1:
        finite = np.isfinite(scores).all(axis=0)
        spread = [written(float(scores[:, m].std(ddof=1)), form) if finite[m] else "" for m in range(len(whole))]
    places = _places(values, asked, k)
    near = set() if test.near is None or not any(places) else {int(m) for m in test.methods[test.near.near_best]}
    return [
        Printed(written(number, form), spread[m], places[m], m in near and places[m] != 1)
        if whole[m]
        else Printed(ABSENT)
        for m, number in enumerate(numbers)
    ]


def _places(values: Values, asked: Asked, k: int) -> list[int]:
    """Rank the methods that have all values; equal ones share a place, and if all are equal, none has one."""
    oriented, whole = values.oriented[k], values.whole[k]
    average = np.median if asked.statistic == "median" else np.mean
    levels = [float(average(oriented[:, m])) if whole[m] else np.nan for m in range(len(whole))]
    different = sorted({level for level in levels if not np.isnan(level)}, reverse=True)
    if len(different) < 2:
        return [0] * len(levels)
    marked = {level: place for place, level in enumerate(different[: 3 if asked.third else 2], start=1)}
    return [marked.get(level, 0) for level in levels]


def _notes(grid: Grid, tested: Tested, asked: Asked) -> list[str]:
    values = tested.values
    found = []
    marks = [f"{sign} {what}" for place, sign, what in _MARKS if grid.has(place)]
    found.append("; ".join(filter(None, [", ".join(marks), ways_in(column.spec for column in grid.columns)])))
    if grid.daggers:
        found.append(
            f"{DAGGER} not significantly worse than the best at {asked.alpha:g} (permutation tests of the means, "
            f"adjusted for {counted(len(values.methods), 'method')})"
        )
    if asked.statistic == "median" and grid.daggers:
        found.append("medians are printed, and means are tested, because permutations of signs test means")
    targets = [column for column in grid.columns if column.spec.arrow.startswith("→")]
    if targets:
        what = listed([column.label for column in targets])
        found.append(f"{what}: methods are ranked by how far their images are from the ideal, not their mean")
    found += _missing(values, grid, asked)
    found += unscored_note(values.unscored)
    found += values.colours
    found += [f"{label}: the scores are signed differently" for label in values.differently_signed]
    found += dict.fromkeys(
        said for column in grid.columns if not column.spec.learns and (said := Metric(column.spec).notes)
    )
    return found


_MARKS = ((1, "¹", "best"), (2, "²", "second best"), (3, THIRD, "third best"))


def _missing(values: Values, grid: Grid, asked: Asked) -> list[str]:
    """Say which methods lack which images, and what was left out because of it."""
    found = []
    if asked.common:
        left = f"left out: {listed(values.left_out, NAMED)}" if values.left_out else "none had to be left out"
        found.append(f"compared on the {counted(len(values.images), 'image')} that all methods have; {left}")
    lacking: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for k, column in enumerate(values.columns):
        for m, method in enumerate(values.methods):
            if not values.whole[k, m]:
                lacking.setdefault(values.lacking(k, m), {}).setdefault(grid.called(method), []).append(column.label)
    for images, methods in lacking.items():
        everything = len(images) == len(values.images)
        which = "any image" if everything else f"{counted(len(images), 'image')} ({listed(images, NAMED)})"
        for method, labels in methods.items():
            what = "" if len(labels) == len(values.columns) else f" of {listed(labels, NAMED)}"
            found.append(f"{ABSENT}: {method} has no value{what} for {which}")
    if lacking and not asked.common:
        found.append("--common compares on the images that all methods have")
    return found


def matrix(tests: Sequence[MetricTest], methods: int) -> Array:
    """Arrange means, more is better, as metrics by methods; NaN where a method lacks an image."""
    found = np.full((len(tests), methods), np.nan)
    for k, test in enumerate(tests):
        found[k, test.methods] = test.values.mean(axis=0)
    return found
