"""Scores that other programs computed: rows beside those of metrics, always under the name of their file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol
from urllib.parse import quote

from benchmark.errors import BenchmarkError
from benchmark.scoring.identity import FOREIGN, Identity
from benchmark.scoring.rows import ScoreRow
from fusion_metrics import FusionMetricsError, MetricSpec, create
from fusion_metrics.printable import printable
from fusion_metrics.signature import FOREIGN_HEAD

#: In place of what a metric measures, and in words.
FAMILY = {"foreign": "what other programs computed, read from a file"}


class Pictured(Protocol):
    """What is known of a fused image, by a database and by a row of scores."""

    @property
    def image(self) -> str:
        """The path as the database writes it."""

    @property
    def pair(self) -> str:
        """The source pair."""

    @property
    def algorithm(self) -> str:
        """The fusion algorithm."""


class Column(NamedTuple):
    """One column of scores.

    Attributes
    ----------
    header : str
        As the file has it.
    name : str
        Without the direction.
    higher : bool
        Whether more is better.
    """

    header: str
    name: str
    higher: bool


class Line(NamedTuple):
    """One line of the file: where it stands, of which image it is, and its numbers, None where a cell is empty."""

    place: str
    database: str
    image: str
    pair: str
    algorithm: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class ForeignScores:
    """Scores from a CSV file that another program wrote.

    Attributes
    ----------
    shown : str
        What the file is called in tables.
    digest : str
        The first digits of the file's SHA-256.
    columns : tuple of Column
        The columns of scores.
    lines : tuple of Line
        One an image.
    """

    shown: str
    digest: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def specs(self) -> tuple[MetricSpec, ...]:
        """Its columns as tables and statistics know metrics; nothing can be computed by them."""
        return tuple(foreign_spec(self._identity(column)) for column in self.columns)

    def rows_of(
        self, database: str, images: Sequence[Pictured], warn: Callable[[str], None] = lambda sentence: None
    ) -> list[ScoreRow]:
        """Turn the file into rows of scores of the fused images of one database.

        Parameters
        ----------
        database : str
            Its name; lines that name another one in their column ``database`` take no part.
        images : sequence
            Its fused images, or one row of scores of each.
        warn : callable, optional
            Told once how many images of the file are not among them.

        Returns
        -------
        list of ScoreRow
            One an image and column; where the file has no number, the row says so. Empty if all lines name other
            databases.

        Raises
        ------
        BenchmarkError
            No image of the file is among these, or a line fits several.
        """
        mine = [line for line in self.lines if line.database in ("", database)]
        if not mine:
            return []
        by_image = {os.path.normpath(each.image): k for k, each in enumerate(images)}
        by_end = _by_end(list(by_image))
        by_pair: dict[tuple[str, str], list[int]] = {}
        for k, each in enumerate(images):
            by_pair.setdefault((each.pair, each.algorithm), []).append(k)
        found: dict[int, Line] = {}
        unknown: list[Line] = []
        for line in mine:
            if line.image:
                same = os.path.normpath(line.image)
                fitting = [by_image[path] for path in ([same] if same in by_image else by_end.get(_parts(same), ()))]
                if len(fitting) > 1:
                    raise BenchmarkError(
                        f"{line.place}: {line.image!r} is the end of {len(fitting)} images of {database}, such as "
                        f"{images[fitting[0]].image!r}; write more of the path"
                    )
            else:
                fitting = by_pair.get((line.pair, line.algorithm), [])
            if len(fitting) > 1:
                raise BenchmarkError(
                    f"{line.place}: {database} has {len(fitting)} images of pair {line.pair!r} and algorithm "
                    f"{line.algorithm!r}; a column image says which is meant"
                )
            if fitting:
                if (other := found.setdefault(fitting[0], line)) is not line:
                    raise BenchmarkError(f"{line.place}: is the same image of {database} as {other.place}")
            else:
                unknown.append(line)
        if not found:
            first = next(iter(images), None)
            known = "has none" if first is None else f"has {_called(first, by_image=bool(mine[0].image))}, ..."
            raise BenchmarkError(
                f"{self.shown}: none of its {len(mine)} images, such as {_called(mine[0])}, is in {database}, which "
                f"{known}; a column database would say of which database a line is"
            )
        if unknown:
            warn(
                f"{self.shown}: {len(unknown)} of its {len(mine)} images are not in {database}, such as "
                f"{_called(unknown[0])}"
            )
        return [
            row
            for j, column in enumerate(self.columns)
            for row in self._column(database, images, found, j, self._identity(column))
        ]

    def _column(
        self, database: str, images: Sequence[Pictured], found: Mapping[int, Line], j: int, identity: Identity
    ) -> Iterator[ScoreRow]:
        signature = "|".join(
            [
                f"{FOREIGN_HEAD}{quote(self.columns[j].name, safe=' ()+-./_')}",
                "higher" if self.columns[j].higher else "lower",
                f"file={quote(self.shown, safe=' ()+-./_')}",
                f"sha256={self.digest}",
            ]
        )
        for k, image in enumerate(images):
            line = found.get(k)
            value = None if line is None else line.values[j]
            if line is None:
                reason = f"{self.shown} has no line of this image"
            else:
                reason = "" if value is not None else f"{line.place}: {printable(self.columns[j].header)} is empty"
            yield ScoreRow(
                database=database,
                pair=image.pair,
                algorithm=image.algorithm,
                image=image.image,
                metric=identity.metric,
                variant=identity.variant,
                value=value,
                status="undefined" if value is None else "ok",
                reason=reason,
                seconds=0.0,
                signature=signature,
            )

    def _identity(self, column: Column) -> Identity:
        variant = next(variant for variant, higher in FOREIGN.items() if higher == column.higher)
        return Identity(f"{column.name} ({self.shown})", variant)


class _ForeignSpec(MetricSpec):
    """What is known of a foreign score; it is called by its name alone, which has the file in it."""

    @property
    def id(self) -> str:
        return self.name


class Foreign(NamedTuple):
    """What other programs say about one database: rows, and what their columns are."""

    rows: tuple[ScoreRow, ...] = ()
    specs: tuple[MetricSpec, ...] = ()

    def part(self, name: str, images: Sequence[Pictured]) -> Foreign:
        """Return what is said about some of the images, under the name that this part of the database has."""
        kept = {image.image for image in images}
        return Foreign(tuple(replace(row, database=name) for row in self.rows if row.image in kept), self.specs)


NOTHING = Foreign()


def foreign_to(
    files: Iterable[ForeignScores],
    database: str,
    images: Sequence[Pictured],
    warn: Callable[[str], None] = lambda sentence: None,
) -> Foreign:
    """Collect what several files say about the fused images of one database; see `ForeignScores.rows_of`."""
    found = NOTHING
    for file in files:
        if rows := file.rows_of(database, images, warn):
            found = Foreign((*found.rows, *rows), (*found.specs, *file.specs))
    return found


def foreign_spec(identity: Identity) -> MetricSpec:
    """Describe foreign scores as a metric is described."""
    return _ForeignSpec(
        name=identity.metric,
        variant=identity.variant,
        title=identity.metric,
        family=next(iter(FAMILY)),
        summary="Computed by another program.",
        variant_summary="Computed by another program, and read from a file.",
        higher_is_better=FOREIGN[identity.variant],
        bounds=(-float("inf"), float("inf")),
        cites="",
        params={},
        sources="none",
        function=_not_computed,
        notes=_note,
    )


def spec_of(identity: Identity) -> MetricSpec:
    """Look up what the scores of an identity are: a metric, or foreign."""
    return foreign_spec(identity) if identity.variant in FOREIGN else create(identity.id).spec


def _parts(path: str) -> tuple[str, ...]:
    """Take a path apart, in whichever system's way it is written."""
    return tuple(path.replace("\\", "/").split("/"))


def _by_end(paths: Sequence[str]) -> dict[tuple[str, ...], list[str]]:
    """Find paths by every end that they have: ``SRCNN/01.png`` and ``01.png`` of ``../results/SRCNN/01.png``."""
    found: dict[tuple[str, ...], list[str]] = {}
    for path in paths:
        parts = _parts(path)
        for k in range(len(parts)):
            found.setdefault(parts[k:], []).append(path)
    return found


def _called(one: Pictured, *, by_image: bool = True) -> str:
    return repr(one.image) if one.image and by_image else f"pair {one.pair!r} of algorithm {one.algorithm!r}"


def _not_computed(fused: object) -> float:
    raise FusionMetricsError("another program computed this score")


def _note() -> str:
    return "a name with a file behind it, such as mAP (detection.csv), is a score that another program computed"
