"""From score rows to tables of images and methods, one a metric, and what is missing in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmark.comparison.asked import Asked
from benchmark.errors import BenchmarkError
from benchmark.scoring.colours import luminance_notes
from benchmark.scoring.far import far_notes
from benchmark.scoring.foreign import spec_of
from benchmark.scoring.identity import qualified
from benchmark.scoring.rows import TRAINING, ScoreRow
from benchmark.scoring.sources import signed_sources_notes
from benchmark.scoring.unscored import without_unscored
from fusion_metrics import Metric, MetricSpec
from fusion_metrics.image import Array
from fusion_metrics.signature import common_signatures

#: Images that a sentence names before it only counts.
NAMED = 3
#: Name of several data sets together.
ALL = "all data sets"


@dataclass(frozen=True)
class Column:
    """A metric, and how a table calls it.

    Attributes
    ----------
    label : str
        Such as ``qabf`` or ``psnr:vifb``.
    spec : MetricSpec
    script : str
        What a script calls it, where all metrics of that script and no others are compared; empty otherwise.
    """

    label: str
    spec: MetricSpec
    script: str = ""

    @property
    def heading(self) -> str:
        """What stands above the column, with the direction."""
        return f"{self.script or qualified(self.label, Metric(self.spec).qualifier)} {self.spec.arrow}"


@dataclass(frozen=True)
class Values:
    """All scores of one data set, or of several together.

    Attributes
    ----------
    name, title : str
        Of the data set.
    columns : tuple of Column, length K
    images : tuple of str, length N
        What every method fused: a source pair, numbered where a method has several images of one.
    groups : tuple of str, length N
        Images with the same label are not independent of each other.
    methods : tuple of str, length M
        As they are printed.
    own : str
        Printed name of the own method; empty for none.
    scores : ndarray, shape (K, N, M)
        In the units of the metrics; NaN where there is none.
    single : bool
        Whether no method has several images of a source pair.
    left_out : tuple of str
        Images that not every method has, where only the common ones were kept.
    algorithms : tuple of str, length M
        The names that the methods' images have.
    signatures : tuple of tuple of str, length K
        What was computed, a line a metric; several lines where the scores of one metric are signed differently.
    colours : tuple of str
        Sentences about colour pictures that were scored on their luminance, and sources that were not looked at.
    unscored : tuple of str
        Source pairs of which no image of any method could be scored; they are not among the images.
    reading : str
        How pictures were read, as `--reading` takes it; empty where that is not known or not one.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    images: tuple[str, ...]
    groups: tuple[str, ...]
    methods: tuple[str, ...]
    own: str
    scores: Array
    single: bool = True
    left_out: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()
    signatures: tuple[tuple[str, ...], ...] = ()
    colours: tuple[str, ...] = ()
    unscored: tuple[str, ...] = ()
    reading: str = ""

    @property
    def differently_signed(self) -> tuple[str, ...]:
        """The metrics of which not all scores were computed in one way."""
        signed = zip(self.columns, self.signatures, strict=False)
        return tuple(column.label for column, lines in signed if len(lines) > 1)

    @property
    def oriented(self) -> Array:
        """Scores turned so that more is better: for a metric with an ideal, minus the distance from it."""
        found = np.empty_like(self.scores)
        for k, column in enumerate(self.columns):
            found[k] = np.vectorize(column.spec.orient, otypes=[np.float64])(self.scores[k])
        return found

    @property
    def whole(self) -> npt.NDArray[np.bool_]:
        """Which methods have a value of a metric for every image, shape (K, M)."""
        return np.asarray(~np.isnan(self.scores).any(axis=1))

    def lacking(self, k: int, m: int) -> tuple[str, ...]:
        """Name the images for which a method has no value of a metric."""
        return tuple(self.images[n] for n in np.flatnonzero(np.isnan(self.scores[k, :, m])))


def gather(
    rows: Sequence[ScoreRow], asked: Asked, titles: Mapping[str, str], columns: Sequence[Column] = ()
) -> list[Values]:
    """Arrange rows by data set, and all of them together at the end, if at least two methods are in all of several.

    Parameters
    ----------
    rows : sequence of ScoreRow
    asked : Asked
    titles : mapping of str to str
        Of the data sets, by name; without one, the name stands for it.
    columns : sequence of Column, optional
        Which metrics, in which order; those of the rows by default.

    Raises
    ------
    BenchmarkError
        No scores, fewer than two methods, names that fit none, or no image that all methods have in common.
    """
    rows = [row for row in rows if row.status != TRAINING]
    if not rows:
        raise BenchmarkError("there are no scores to compare")
    chosen = tuple(columns) or columns_of(rows)
    methods = tuple(dict.fromkeys(row.algorithm for row in rows))
    printed = asked.printed(methods)
    own = asked.own(printed)
    # The own method is the last line, as papers have it.
    order = sorted(methods, key=lambda name: printed[name] == own)
    names = tuple(printed[name] for name in order)
    datasets = dict.fromkeys(row.database for row in rows)
    parts = []
    for dataset in datasets:
        mine, unscored = without_unscored([row for row in rows if row.database == dataset])
        images, groups, scores = _cube(mine, chosen, order)
        single = len(set(groups)) == len(groups)
        title = titles.get(dataset, dataset)
        part = Values(dataset, title, chosen, images, groups, names, own, scores, single, algorithms=tuple(order))
        specs = [column.spec for column in chosen]
        said = (*far_notes(mine, specs), *luminance_notes(mine, specs), *signed_sources_notes(mine, specs))
        readings = {row.reading.partition(";")[0] for row in mine}
        reading = readings.pop() if len(readings) == 1 else ""
        signed = _signatures(mine, chosen)
        parts.append(replace(part, signatures=signed, colours=said, unscored=unscored, reading=reading))
    there = [{row.algorithm for row in rows if row.database == dataset} for dataset in datasets]
    # Where no two methods have seen all data sets, there is nothing to compare over them.
    joint = [_together(parts, asked)] if len(parts) > 1 and len(set.intersection(*there)) > 1 else []
    shown = [_of_methods(part, [name in mine for name in order]) for part, mine in zip(parts, there, strict=True)]
    return [_common(part) if asked.common else part for part in (*shown, *joint)]


def columns_of(rows: Sequence[ScoreRow]) -> tuple[Column, ...]:
    """List the metrics of rows in their order."""
    found = dict.fromkeys(row.identity for row in rows)
    return tuple(Column(identity.label, spec_of(identity)) for identity in found)


def chosen_columns(rows: Sequence[ScoreRow], specs: Sequence[MetricSpec]) -> tuple[Column, ...]:
    """Select the metrics of stored rows that are asked for, in that order; those that learn, under every protocol.

    Raises
    ------
    BenchmarkError
        The rows lack one.
    """
    stored = columns_of(rows)
    found: list[Column] = []
    for spec in specs:
        mine = [column for column in stored if column.spec.id == spec.id]
        if not mine:
            known = ", ".join(column.label for column in stored)
            raise BenchmarkError(f"the scores have no metric {spec.id}; they have {known}")
        found += mine
    return tuple(found)


def _signatures(rows: Sequence[ScoreRow], columns: Sequence[Column]) -> tuple[tuple[str, ...], ...]:
    """Sign every metric by what its scores have in common."""
    found: dict[str, dict[str, None]] = {column.label: {} for column in columns}
    for row in rows:
        if row.signature and (label := row.identity.label) in found:
            found[label][row.signature] = None
    return tuple(tuple(common_signatures(lines)) for lines in found.values())


def _cube(
    rows: Sequence[ScoreRow], columns: Sequence[Column], methods: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], Array]:
    """Put the values of one data set in their places; the n-th image of a method and pair meets those of others."""
    places: dict[tuple[str, str], tuple[str, int]] = {}
    numbers: dict[tuple[str, str], int] = {}
    for row in rows:
        if (row.algorithm, row.image) not in places:
            key = (row.pair, row.algorithm)
            numbers[key] = numbers.get(key, 0) + 1
            places[row.algorithm, row.image] = (row.pair, numbers[key])
    several = {pair for (pair, _), count in numbers.items() if count > 1}
    index = {place: n for n, place in enumerate(dict.fromkeys(places.values()))}
    k_of = {column.label: k for k, column in enumerate(columns)}
    m_of = {method: m for m, method in enumerate(methods)}
    scores = np.full((len(columns), len(index), len(methods)), np.nan)
    for row in rows:
        label = row.identity.label
        k = k_of.get(label)
        if k is None or row.value is None:
            continue
        spot = k, index[places[row.algorithm, row.image]], m_of[row.algorithm]
        if not np.isnan(scores[spot]) and scores[spot] != row.value:
            raise BenchmarkError(f"{row.image}: has two values of {label}")
        scores[spot] = row.value
    images = tuple(f"{pair} #{number}" if pair in several else pair for pair, number in index)
    return images, tuple(pair for pair, _ in index), scores


def _of_methods(values: Values, kept: Sequence[bool]) -> Values:
    """Leave out methods that fused nothing of this data set."""
    where = np.flatnonzero(kept)
    methods = tuple(values.methods[m] for m in where)
    own = values.own if values.own in methods else ""
    algorithms = tuple(values.algorithms[m] for m in where)
    return replace(values, methods=methods, own=own, scores=values.scores[:, :, where], algorithms=algorithms)


def _together(parts: Sequence[Values], asked: Asked) -> Values:
    """Join data sets: their images one after the other."""
    by_pair = asked.groups == "pair"
    return replace(
        parts[0],
        name=ALL,
        title=f"{len(parts)} data sets together",
        images=tuple(f"{part.name}/{image}" for part in parts for image in part.images),
        groups=tuple(f"{part.name}/{group}" if by_pair else part.name for part in parts for group in part.groups),
        scores=np.concatenate([part.scores for part in parts], axis=1),
        single=all(part.single for part in parts),
        reading=parts[0].reading if len({part.reading for part in parts}) == 1 else "",
        unscored=tuple(f"{part.name}/{pair}" for part in parts for pair in part.unscored),
        signatures=tuple(
            tuple(common_signatures(line for lines in of_metric for line in lines))
            for of_metric in zip(*(part.signatures for part in parts), strict=True)
        ),
        colours=tuple(dict.fromkeys(note for part in parts for note in part.colours)),
    )


def _common(values: Values) -> Values:
    """Keep the images for which every method has every value that is not missing throughout."""
    there: npt.NDArray[np.bool_] = ~np.isnan(values.scores)
    # A metric that has no value of some method at all says nothing about any image.
    usable = np.asarray(there.any(axis=1)).all(axis=1)
    kept = np.asarray(there[usable].all(axis=(0, 2)))
    if not usable.any() or not kept.any():
        raise BenchmarkError(f"{values.name}: no image has a value of every method, so there is nothing in common")
    where = np.flatnonzero(kept)
    return replace(
        values,
        images=tuple(values.images[n] for n in where),
        groups=tuple(values.groups[n] for n in where),
        scores=values.scores[:, kept],
        left_out=tuple(values.images[n] for n in np.flatnonzero(~kept)),
    )
