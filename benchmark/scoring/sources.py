"""The pictures that were fused, as each metric takes them: all that there are, or two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from benchmark.databases import Database, FusedImage
from fusion_metrics import Image, Metric, MetricSpec
from fusion_metrics.scoring import sources_taken


class Sources(NamedTuple):
    """The pictures that were fused.

    Attributes
    ----------
    two : tuple of Image
        Those that the database names a and b.
    all : tuple of Image
        As many as it lists; the same two where it lists no more.
    """

    two: tuple[Image, ...] = ()
    all: tuple[Image, ...] = ()

    def of(self, metric: Metric) -> tuple[Image, ...]:
        """Return the sources that a metric takes."""
        return {"all": self.all, "two": self.two, "none": ()}[metric.spec.sources]


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
    number = f"{min(counts)} to {max(counts)}" if len(counts) > 1 else str(max(counts))
    taking = list(dict.fromkeys((spec.id, spec.sources) for spec in specs if spec.needs_sources))
    two = [name for name, taken in taking if taken == "two" or database.only_two]
    if not two:
        return [f"{number} sources were fused, and all are looked at"] if taking else []
    which = "all metrics" if len(two) == len(taking) else ", ".join(two)
    return [f"{number} sources were fused; of them, a and b alone are looked at by {which}"]
