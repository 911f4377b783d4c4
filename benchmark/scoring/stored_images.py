"""Fused images of which every score is stored, found without opening a file: what makes a second run quick."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmark.databases import Database, SourcePair
from benchmark.scoring.store import Computed, ScoreStore, digests_of_sources, key_of_metric, sound
from benchmark.scoring.store_file import Row
from benchmark.scoring.unopened import Known, KnownFiles
from fusion_metrics import Metric
from fusion_metrics.spec import Sources as Taken


class KnownSources(NamedTuple):
    """As `benchmark.scoring.sources.Sources`, of pictures that were not opened."""

    two: tuple[Known, ...]
    all: tuple[Known, ...]
    reference: tuple[Known, ...] = ()


class Found(NamedTuple):
    """The scores of one fused image, metric by metric, and the pictures that they are of."""

    fused: Known
    sources: KnownSources
    computed: list[Computed]


class _Asked(NamedTuple):
    """A metric, and what of it is part of a key."""

    name: str
    variant: str
    takes: Taken
    grey: str
    rest: tuple[str, str, int, str]


def find_stored(
    database: Database,
    metrics: Sequence[Metric],
    store: ScoreStore,
    files: KnownFiles,
    wanted: Callable[[SourcePair], tuple[Path, ...]],
    indices: Iterable[int],
) -> dict[int, Found]:
    """Look up fused images whose files are known, and of which every score is stored.

    Parameters
    ----------
    database : Database
    metrics : sequence of Metric
    store : ScoreStore
    files : KnownFiles
    wanted : callable
        Which sources of a pair a metric takes that takes all.
    indices : iterable of int
        Places of the fused images in the database.
    """
    paths: dict[int, tuple[Path, SourcePair, tuple[Path, ...]]] = {}
    for index in indices:
        member = database.fused[index]
        if not member.problem and (pair := database.pairs.get(member.pair)) is not None:
            paths[index] = member.path, pair, wanted(pair)
    known = files.find(
        {path: None for fused, pair, more in paths.values() for path in (fused, pair.source_a, pair.source_b, *more)}
    )
    pictures: dict[int, tuple[Known, KnownSources]] = {}
    for index, (path, pair, more) in paths.items():
        fused = known.get(path)
        two, every = ([known.get(each) for each in which] for which in ((pair.source_a, pair.source_b), more))
        # Other sizes are fitted to each other or refused, which takes the pictures themselves.
        if fused is not None and all(each is not None and each.shape == fused.shape for each in (*two, *every)):
            sources = KnownSources(*(tuple(each for each in which if each is not None) for which in (two, every)))
            pictures[index] = fused, sources
    asked = [
        _Asked(metric.spec.name, metric.spec.variant, metric.spec.sources, metric.own_grey, key_of_metric(metric))
        for metric in metrics
    ]
    digests = {each for fused, _ in pictures.values() for each in fused.digests.values()}
    stored = store.get_rows(digests, {each.rest[0] for each in asked}) if digests else {}
    found = {}
    for index, (fused, sources) in pictures.items():
        if (computed := _scores(fused, sources, asked, stored)) is not None:
            found[index] = Found(fused, sources, computed)
    return found


def _scores(
    fused: Known,
    sources: KnownSources,
    asked: Sequence[_Asked],
    stored: Mapping[Row, Row],
) -> list[Computed] | None:
    """Collect the scores of one fused image; None if one is missing."""
    heads: dict[tuple[Taken, str], tuple[str, str, str] | None] = {}
    found = []
    for name, variant, takes, grey, rest in asked:
        seen = takes, grey
        if seen not in heads:
            heads[seen] = _head(fused, sources, takes, grey)
        head = heads[seen]
        row = stored.get((*head, *rest)) if head is not None else None
        if row is None or (computed := sound(name, variant, row)) is None:
            return None
        found.append(computed)
    return found


def _head(fused: Known, sources: KnownSources, takes: Taken, grey: str) -> tuple[str, str, str] | None:
    """Build the part of a key that depends on the pictures; None where a grey picture is not known."""
    pictures = {"all": sources.all, "two": sources.two, "none": (), "reference": sources.reference}[takes]
    digests = [each.digest(grey) for each in (fused, *pictures)]
    known = [digest for digest in digests if digest is not None]
    if len(known) < len(digests):
        return None
    return known[0], *digests_of_sources(known[1:])
