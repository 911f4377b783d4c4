"""What the rows and columns of a printed table are, told from what they hold or from what the user says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from benchmark.errors import BenchmarkError
from benchmark.identify.digits import BLANK, is_number
from benchmark.identify.named import ALL, Named
from benchmark.identify.sheets import Row
from benchmark.identify.spellings import is_spelling, plain

ROLES = ("image", "method", "metric", "value")
#: Headings that say what a column is, in small letters.
HEADINGS = {
    "image": {"image", "images", "file", "filename", "name", "picture", "pair", "scene", "fused", "path", "id"},
    "method": {"method", "methods", "algorithm", "algorithms", "model", "models", "network", "approach"},
    "metric": {"metric", "metrics", "measure", "index", "indicator", "criterion"},
    "value": {"value", "values", "score", "result", "number"},
}
#: Share of a column's cells that must look like something for the column to be it.
MOST = 0.8

Name: TypeAlias = Literal["long", "wide", "means", "transposed"]


@dataclass(frozen=True)
class Layout:
    """Where what stands, by number of the column.

    Attributes
    ----------
    name : str
        `long`: a row a number. `wide`: a row an image, a column a metric. `means`: a row a method, a column a metric.
        `transposed`: a row a metric, a column a method or an image.
    values : tuple of int
        The columns that hold the numbers.
    image, algorithm, metric : int or None
        The columns that hold those labels.
    across : mapping
        In a transposed table the image and the method of each column, None for what it does not say.
    """

    name: Name
    values: tuple[int, ...]
    image: int | None = None
    algorithm: int | None = None
    metric: int | None = None
    across: Mapping[int, tuple[str | None, str | None]] = field(default_factory=dict)

    @property
    def used(self) -> tuple[int, ...]:
        """The columns of labels, and the first one of numbers."""
        labels = (index for index in (self.image, self.algorithm, self.metric) if index is not None)
        return (*labels, self.values[0])


def split_header(rows: Sequence[Row], named: Named) -> tuple[Row, list[Row]]:
    """Take the header off a table; of two rows of headings, one fills the gaps of the other."""
    numbers = [
        number
        for number, row in enumerate(rows)
        if number and any(is_number(cell) and not named.is_image(cell) for cell in row.cells[1:] or row.cells)
    ]
    first = min(numbers[0], 3) if numbers else 1
    heads = [row.cells for row in rows[:first] if sum(map(bool, row.cells)) > 1] or [rows[0].cells]
    width = max(map(len, heads))
    filled = [tuple(cells) + ("",) * (width - len(cells)) for cells in heads]
    names = tuple(next((cells[index] for cells in reversed(filled) if cells[index]), "") for index in range(width))
    # A header of one line above lines that hold no number at all is still that header.
    return (Row(rows[0].place, names), list(rows[first:])) if first > 1 else (rows[0], list(rows[1:]))


def find_layout(header: Row, body: Sequence[Row], named: Named, columns: str = "") -> Layout:
    """Find out what the columns are.

    Raises
    ------
    BenchmarkError
        A column that is not there, or a table of which nothing says what it holds.
    """
    given = _given(header, columns)
    guess = _Guess(header.cells, body, named, given)
    metric = guess.find("metric", is_spelling)
    if metric is not None and "value" not in given:
        across = guess.across(metric)
        if across:
            return Layout("transposed", tuple(across), metric=metric, across=across)
    algorithm = guess.find("method", named.is_method)
    image = guess.find("image", lambda label: named.is_image(label) or plain(label) in ALL)
    numbers = guess.numbers()
    if metric is None and (image is not None or algorithm is not None):
        metric = guess.labels(numbers)
    if metric is not None or "value" in given:
        value = given.get("value", guess.value(numbers))
        missing = [role for role, index in (("metric", metric), ("value", value)) if index is None]
        if missing:
            raise BenchmarkError(_unclear(header, missing))
        if value is not None:
            return Layout("long", (value,), image, algorithm, metric)
    if image is None and algorithm is None:
        raise BenchmarkError(_unclear(header, ["image"]))
    if not numbers:
        raise BenchmarkError(f"{header.place}: no column holds numbers; found {','.join(header.cells)}")
    return Layout("means" if image is None else "wide", numbers, image, algorithm)


def _given(header: Row, columns: str) -> dict[str, int]:
    """Read what the user says about the columns."""
    given: dict[str, int] = {}
    for part in (part for part in columns.split(",") if part.strip()):
        role, sign, name = (text.strip() for text in part.partition("="))
        role = "method" if role == "algorithm" else role
        if not sign or role not in ROLES:
            raise BenchmarkError(f"--columns {part.strip()!r}: say image=, method=, metric= or value= and a column")
        if name not in header.cells:
            raise BenchmarkError(f"{header.place}: no column is called {name!r}; found {','.join(header.cells)}")
        given[role] = header.cells.index(name)
    return given


def _unclear(header: Row, missing: Sequence[str]) -> str:
    found = ",".join(header.cells)
    options = ",".join(f"{role}=..." for role in missing)
    return f"{header.place}: cannot tell the column of {' and '.join(missing)}; found {found}; say --columns {options}"


class _Guess:
    """Looks for columns by heading and content; a column that was found is not looked at again."""

    def __init__(self, header: Sequence[str], body: Sequence[Row], named: Named, given: Mapping[str, int]) -> None:
        self.header, self.named, self.given = header, named, given
        self.columns = [
            [row.cells[index] for row in body if index < len(row.cells) and row.cells[index]]
            for index in range(len(header))
        ]
        self.taken = set(given.values())

    def find(self, role: str, belongs: Callable[[str], bool]) -> int | None:
        """Return the column of a role: as given, else by its content, else by its heading."""
        if role in self.given:
            return self.given[role]
        free = [index for index in range(len(self.header)) if index not in self.taken and self.columns[index]]
        by_content = [
            index
            for index in free
            if self._share(index, belongs) >= MOST and not (is_spelling(self.header[index]) and self._is_numeric(index))
        ]
        by_heading = [
            index
            for index in free
            if self.header[index].strip().casefold() in HEADINGS[role] and self._may_be(role, index)
        ]
        found = next(iter([index for index in by_content if index in by_heading] or by_content or by_heading), None)
        if found is not None:
            self.taken.add(found)
        return found

    def _may_be(self, role: str, index: int) -> bool:
        """Whether a heading is to be believed: `name` may head methods, and numbers are no labels of metrics."""
        if role == "image" and self.header[index].strip().casefold() == "name":
            return not self._share(index, self.named.is_method) >= MOST
        return role == "image" or not self._is_numeric(index)

    def across(self, metric: int) -> dict[int, tuple[str | None, str | None]]:
        """Say which image or method each column is, if most of them are one."""
        others = [index for index in range(len(self.header)) if index != metric and self._is_numeric(index)]
        found: dict[int, tuple[str | None, str | None]] = {}
        for index in others:
            head = self.header[index]
            if self.named.is_method(head):
                found[index] = (None, head)
            elif self.named.is_image(head):
                found[index] = (head, None)
        if not found or 2 * len(found) < len(others):
            return {}
        return {index: found.get(index, (None, self.header[index])) for index in others}

    def numbers(self) -> tuple[int, ...]:
        """Return the columns of numbers that are left."""
        free = [index for index in range(len(self.header)) if index not in self.taken and self.header[index]]
        return tuple(index for index in free if self._is_numeric(index))

    def labels(self, numbers: Sequence[int]) -> int | None:
        """Return the one column of texts beside one column of numbers: it names metrics in words of its own."""
        texts = [index for index in range(len(self.header)) if index not in (*self.taken, *numbers)]
        texts = [index for index in texts if self.columns[index] and not self._is_numeric(index)]
        return texts[0] if len(texts) == len(numbers) == 1 else None

    def value(self, numbers: Sequence[int]) -> int | None:
        """Return the one column of values of a long table."""
        headed = [
            index
            for index in range(len(self.header))
            if index not in self.taken and self.header[index].strip().casefold() in HEADINGS["value"]
        ]
        if headed:
            return headed[0]
        return numbers[0] if len(numbers) == 1 else None

    def _share(self, index: int, belongs: Callable[[str], bool]) -> float:
        cells = self.columns[index]
        return sum(map(belongs, cells)) / len(cells)

    def _is_numeric(self, index: int) -> bool:
        cells = [cell for cell in self.columns[index] if cell not in BLANK]
        return bool(cells) and sum(map(is_number, cells)) >= 0.5 * len(cells)
