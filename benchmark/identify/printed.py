"""Numbers as a table prints them: which image they belong to, and how many digits they have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePath
from typing import NamedTuple

from benchmark.csv_files import read_csv
from benchmark.databases import Database, FusedImage
from benchmark.errors import BenchmarkError
from fusion_metrics.errors import nearest

PRINTED_COLUMNS = ("image", "metric", "value")


class Printed(NamedTuple):
    """One printed number.

    Attributes
    ----------
    column : str
        What the table calls the metric.
    image : str
        The fused image, as the database names it.
    value : float
        NaN where the table has no finite number, which a variant without a value there agrees with.
    half_unit : float
        Half a unit of the last printed digit.
    """

    column: str
    image: str
    value: float
    half_unit: float


def read_printed(path: Path, fused: Sequence[FusedImage]) -> tuple[list[Printed], list[str]]:
    """Read printed values, and say of each line that cannot be used why.

    Parameters
    ----------
    path : Path
        CSV file with the columns image, metric, value. An image is named as in the database, or by the last parts of
        its path, with or without suffix. ``NaN`` and ``Inf`` stand for a script that gave no number.
    fused : sequence of FusedImage

    Raises
    ------
    BenchmarkError
        No such file, a missing column, or no line that can be used.
    """
    known = _names(fused)
    found: dict[tuple[str, str], Printed] = {}
    problems = []
    for line, row in read_csv(path, PRINTED_COLUMNS):
        try:
            number = _parse(row, known)
            if (number.column, number.image) in found:
                raise BenchmarkError(f"{number.column} of {row['image']} is printed twice")
        except BenchmarkError as error:
            problems.append(f"{line}: {error}")
        else:
            found[number.column, number.image] = number
    if not found:
        raise BenchmarkError(problems[0] if problems else f"{path}: has no line below the header")
    return list(found.values()), problems


def _parse(row: Mapping[str, str], known: Mapping[str, Sequence[str]]) -> Printed:
    images = known.get(row["image"], ())
    if not images:
        raise BenchmarkError(f"no fused image is called {row['image']!r}{nearest(row['image'], known)}")
    if len(images) > 1:
        raise BenchmarkError(f"image {row['image']!r} may be {' or '.join(images[:3])}")
    if not row["metric"]:
        raise BenchmarkError("no metric named")
    try:
        value = Decimal(row["value"])
    except InvalidOperation:
        raise BenchmarkError(f"value {row['value']!r} is not a number") from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):  # NaN or infinity
        return Printed(row["metric"], images[0], math.nan, 0.0)
    return Printed(row["metric"], images[0], float(value), 0.5 * 10.0**exponent)


def part_of(database: Database, printed: Iterable[Printed]) -> tuple[FusedImage, ...]:
    """Return the fused images that have a printed value: only those need be scored."""
    named = {value.image for value in printed}
    return tuple(image for image in database.fused if image.image in named)


def _names(fused: Sequence[FusedImage]) -> dict[str, tuple[str, ...]]:
    """Map every way to name an image to the images it may mean; the database's own name means that image alone."""
    known: dict[str, tuple[str, ...]] = {}
    for image in fused:
        path = PurePath(image.image)
        for start in range(len(path.parts)):
            last = PurePath(*path.parts[start:])
            for name in {last.as_posix(), last.with_suffix("").as_posix()}:
                known[name] = (*known.get(name, ()), image.image)
    return known | {image.image: (image.image,) for image in fused}
