"""The pictures that a fused one is compared with, as each metric takes them: all sources, two, or a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from benchmark.databases import Database, FusedImage
from benchmark.errors import BenchmarkError
from benchmark.scoring.rows import ScoreRow
from fusion_metrics import FusionMetricsError, Image, InvalidImage, Metric, MetricSpec, UndefinedScore
from fusion_metrics.scoring import sources_taken

#: How a signature says that more than two sources were fused: ``sources=9``, ``sources=2 of 9``.
_SIGNED = re.compile(r"\|sources=((?:\d+ of )?\d+)(?=\||$)")


class Sources(NamedTuple):
    """The pictures that were fused, and the ground truth.

    Attributes
    ----------
    two : tuple of Image
        Those that the database names a and b.
    all : tuple of Image
        As many as it lists; the same two where it lists no more.
    reference : tuple of Image
        The ground truth alone; empty where there is none.
    """

    two: tuple[Image, ...] = ()
    all: tuple[Image, ...] = ()
    reference: tuple[Image, ...] = ()

    def of(self, metric: Metric) -> tuple[Image, ...]:
        """Return the pictures with which a metric compares."""
        return {"all": self.all, "two": self.two, "none": (), "reference": self.reference}[metric.spec.sources]


def has_references(database: Database) -> bool:
    """Whether any pair of a database has a ground truth."""
    return any(pair.reference is not None for pair in database.pairs.values())


def no_reference(database: Database, image: FusedImage) -> FusionMetricsError:
    """Say why a fused image is not compared with a ground truth; where others are, that is no mistake."""
    if has_references(database):
        return UndefinedScore(f"pair {image.pair!r} has no reference")
    where = "--reference" if _named_files(database) else "a column reference in pairs.csv, or --reference"
    return InvalidImage(f"{_without_reference(database)}: name one by {where}")


def _without_reference(database: Database) -> str:
    return "there is no reference" if _named_files(database) else f"{database.name} has no reference"


def _named_files(database: Database) -> bool:
    """Whether it was made of files that a command names, so that its name says nothing."""
    return database.name.removesuffix("-part") in ("files", "volumes")


def without_unreferenced(
    database: Database, metrics: Sequence[Metric], named: Collection[str], warn: Callable[[str], None]
) -> list[Metric]:
    """Leave out metrics that compare with a ground truth where there is none, unless they were asked for by name.

    Parameters
    ----------
    database : Database
    metrics : sequence of Metric
    named : collection of str
        Identifiers of those that were asked for by name: they stay, without a value.
    warn : callable
        Told once what is left out.

    Raises
    ------
    BenchmarkError
        No metric is left.
    """
    if has_references(database):
        return list(metrics)
    left_out = [one for one in metrics if one.spec.needs_reference and one.spec.id not in named]
    if left_out:
        names = ", ".join(one.spec.id for one in left_out)
        if len(left_out) == len(metrics):
            raise BenchmarkError(f"{_without_reference(database)}, with which to compare by {names}; see --reference")
        warn(f"left out: {names}: {_without_reference(database)}")
    return [one for one in metrics if one not in left_out]


def taken_of(database: Database, image: FusedImage, metric: Metric) -> str:
    """Say how many sources of a fused image a metric looks at where there are more than two: ``9``, ``2 of 9``."""
    pair = None if image.problem else database.pairs.get(image.pair)
    if pair is None:
        return ""
    return sources_taken(metric.spec, len(pair.sources), only_two=database.only_two)


def sources_notes(database: Database, specs: Iterable[MetricSpec]) -> list[str]:
    """Say below a table which metrics look at two of more sources; nothing where no pair has more than two."""
    counts = {len(pair.sources) for pair in database.pairs.values()}
    if max(counts, default=0) <= 2:
        return []
    taking = list(dict.fromkeys((spec.id, spec.sources) for spec in specs if spec.needs_sources))
    two = [name for name, taken in taking if taken == "two" or database.only_two]
    return _sentences(counts, len(taking), two)


def signed_sources_notes(rows: Iterable[ScoreRow], specs: Sequence[MetricSpec]) -> list[str]:
    """Say the same of scores, by what their signatures tell; see `sources_notes`."""
    taken: dict[str, set[str]] = {}
    for row in rows:
        if found := _SIGNED.search(row.signature):
            taken.setdefault(row.identity.id, set()).add(found[1])
    counts = {int(each.rpartition(" ")[2]) for numbers in taken.values() for each in numbers}
    names = [spec.id for spec in specs if spec.id in taken]
    two = [name for name in names if any(each.startswith("2 of") for each in taken[name])]
    return _sentences(counts, len(names), two) if names else []


def _sentences(counts: Collection[int], taking: int, two: Sequence[str]) -> list[str]:
    """Say how many sources were fused, and which of the metrics that take any look at two."""
    number = f"{min(counts)} to {max(counts)}" if len(counts) > 1 else str(max(counts))
    if not two:
        return [f"{number} sources were fused, and all are looked at"] if taking else []
    which = "all metrics" if len(two) == taking else ", ".join(two)
    return [f"{number} sources were fused; of them, a and b alone are looked at by {which}"]
