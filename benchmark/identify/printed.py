"""Printed numbers with the images that each is about, from whatever layout their table has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmark.databases import FusedImage
from benchmark.errors import BenchmarkError
from benchmark.identify.digits import BLANK, has_decimal_commas, read_number
from benchmark.identify.layout import Layout, find_layout, split_header
from benchmark.identify.named import Named
from benchmark.identify.sheets import Row, read_sheet


class Printed(NamedTuple):
    """One printed number.

    Attributes
    ----------
    column : str
        What the table calls the metric.
    images : tuple of str
        The fused image that it is about, as the database names it; several for a mean over them.
    value : float
        NaN where the table has no finite number, which a variant without a value there agrees with.
    unit : float
        One unit of the last printed digit.
    """

    column: str
    images: tuple[str, ...]
    value: float
    unit: float


@dataclass(frozen=True)
class Reading:
    """What was read of a table, and what could not be."""

    printed: tuple[Printed, ...]
    problems: tuple[str, ...]
    layout: str


def read_printed(path: Path, fused: Sequence[FusedImage], columns: str = "") -> Reading:
    """Read printed values, and say of each cell that cannot be used why.

    Parameters
    ----------
    path : Path
        A table in any form that `read_sheet` knows. Long: a line for each image and metric. Wide: a row an image and a
        column a metric, or the other way round. Means: a row a method and a column a metric, or the other way round.
    fused : sequence of FusedImage
    columns : str
        What the columns are, where that cannot be told from what they hold: ``image=file,metric=name,value=score``.

    Raises
    ------
    BenchmarkError
        No table, columns that are not there, or no cell that can be used.
    """
    rows = read_sheet(path)
    named = Named(fused)
    header, body = split_header(rows, named)
    if not body:
        raise BenchmarkError(f"{path}: has no line below the header")
    layout = find_layout(header, body, named, columns)
    reader = _Reader(header, layout, named, has_decimal_commas(cell for row in body for cell in row.cells))
    for row in body:
        reader.read(row)
    if not reader.found:
        raise BenchmarkError(reader.problems[0] if reader.problems else f"{path}: has no number")
    return Reading(tuple(reader.found.values()), tuple(reader.problems), layout.name)


class _Reader:
    """Collects numbers row by row."""

    def __init__(self, header: Row, layout: Layout, named: Named, decimal_comma: bool) -> None:
        self.header, self.layout, self.named, self.decimal_comma = header.cells, layout, named, decimal_comma
        self.found: dict[tuple[str, tuple[str, ...]], Printed] = {}
        self.problems: list[str] = []
        self._last: dict[int, str] = {}

    def read(self, row: Row) -> None:
        """Take the numbers of a row; a row or a cell that cannot be used is a problem and costs no other."""
        if row.cells == self.header:  # repeated where a table goes on
            return
        if len(row.cells) < len(self.header) and len(row.cells) <= max(self.layout.used):
            self.problems.append(f"{row.place}: fewer cells than columns")
            return
        try:
            images = () if self.layout.across else self._images(row)
            numbers = self._numbers(row)
        except BenchmarkError as error:
            self.problems.append(f"{row.place}: {error}")
            return
        for metric, index in numbers:
            if row.cells[index] in BLANK and self.layout.name != "long":
                continue
            try:
                self._add(metric, images, row.cells[index], index)
            except BenchmarkError as error:
                column = "" if self.layout.name == "long" else f", column {self.header[index]}"
                self.problems.append(f"{row.place}{column}: {error}")

    def _numbers(self, row: Row) -> list[tuple[str, int]]:
        """Pair the name of each metric of the row with the column of its value."""
        layout = self.layout
        if layout.metric is None:
            return [(self.header[index], index) for index in layout.values if index < len(row.cells)]
        name = self._label(row, layout.metric)
        if not name:
            raise BenchmarkError("no metric named")
        return [(name, index) for index in layout.values if index < len(row.cells)]

    def _images(self, row: Row) -> tuple[str, ...]:
        layout = self.layout
        image, algorithm = (
            None if index is None else self._label(row, index) for index in (layout.image, layout.algorithm)
        )
        return self.named.images(image, algorithm)

    def _label(self, row: Row, index: int) -> str:
        """Read a label; one that spans several rows stands in the first of them."""
        label = row.cells[index] or (self._last.get(index, "") if self.layout.name != "long" else "")
        self._last[index] = label
        return label

    def _add(self, metric: str, images: tuple[str, ...], cell: str, index: int) -> None:
        if self.layout.across:  # each column is an image or a method of its own
            images = self.named.images(*self.layout.across[index])
        try:
            number = read_number(cell, decimal_comma=self.decimal_comma, percent="%" in self.header[index])
        except BenchmarkError as error:
            raise BenchmarkError(f"value {error}") from None
        if (metric, images) in self.found:
            raise BenchmarkError(f"{metric} of {self.named.describe(images)} is printed twice")
        self.found[metric, images] = Printed(metric, images, number.value, number.unit)
