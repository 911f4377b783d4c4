"""The numbers of a signed table, computed again from its signatures; `benchmark.runs.rerun` finds the images."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmark.comparison.asked import Asked
from benchmark.comparison.values import Column, Values, gather
from benchmark.databases import Database, FusedImage
from benchmark.errors import BenchmarkError
from benchmark.numbers import listed
from benchmark.runs.request import Computing
from benchmark.runs.score import score_watched
from benchmark.runs.watch import Watch
from benchmark.scoring.fitted import fitted_rows
from benchmark.scoring.identity import Identity
from benchmark.scoring.rows import TRAINING, ScoreRow
from benchmark.signed.again import Again, Number
from fusion_metrics import FusionMetricsError, Metric, UnknownMetric
from fusion_metrics.reading import STRICT, Reading
from fusion_metrics.signature import common_signatures, parse_signature
from fusion_metrics.trained.places import PLUS, taken_apart

#: What a table of means has of every method and metric.
STATISTICS = ("mean", "sd", "median")
Row = Mapping[str, Any]


@dataclass
class Recomputing:
    """Computes what one table states.

    Attributes
    ----------
    rows : sequence of mapping
        The lines of the table, by the names of its columns.
    tolerance : float
        The relative difference up to which two numbers agree.
    computing : Computing
    watch : Watch
    models : tuple of Metric
        Fitted metrics that are at hand.
    problems : list of str
        What was found to be wrong with the input.
    """

    rows: Sequence[Row]
    tolerance: float
    computing: Computing
    watch: Watch
    models: tuple[Metric, ...] = ()
    problems: list[str] = field(default_factory=list)

    def scores(self, opened: Mapping[str, Database]) -> list[Again]:
        """Compute scores again, image by image."""
        rows = [row for row in self.rows if row.get("status") != TRAINING]
        labelled = [(Identity.parse(str(row["metric"]), str(row["variant"])).label, row) for row in rows]
        metrics, reasons = self._metrics(labelled)
        numbers: dict[str, list[Number]] = {}
        for name, database in opened.items():
            mine = [(label, row) for label, row in labelled if row["database"] == name]
            images = _matched([row for _, row in mine], database)
            wanted = {image.image for image in images.values()}
            part = self._as_computed(database, mine, metrics)
            part = replace(part, fused=tuple(one for one in part.fused if one.image in wanted))
            there = {label for label, _ in mine}
            found = self._compute(part, [metric for label, metric in metrics.items() if label in there])
            values = {(row.image, row.identity.label): row.value for row in found}
            for label, row in mine:
                if label in metrics:
                    image = str(row["image"])
                    now = values.get((images[image].image, label)) if image in images else None
                    place = f"{name}: {image}" if len(opened) > 1 else image
                    numbers.setdefault(label, []).append(Number(place, number(row["value"]), now))
        return self._found((label for label, _ in labelled), numbers, reasons)

    def means(self, opened: Mapping[str, Database]) -> list[Again]:
        """Compute means, standard deviations and medians again, method by method."""
        labelled = [(str(row["metric"]), row) for row in self.rows]
        metrics, reasons = self._metrics(labelled)
        found: list[ScoreRow] = []
        for name, database in opened.items():
            methods = {_algorithm(row) for row in self.rows if row["dataset"] == name}
            fused = tuple(one for one in database.fused if one.algorithm in methods)
            if not fused:
                raise BenchmarkError(f"{database.name}: has no image of {', '.join(sorted(methods))}")
            part = self._as_computed(database, [one for one in labelled if one[1]["dataset"] == name], metrics)
            found += self._compute(replace(part, name=name, fused=fused), list(metrics.values()))
        columns = [Column(label, metric.spec) for label, metric in metrics.items()]
        parts = _of_images(self.rows, found, columns) if columns else {}
        known = {name: _statistics(part) for name, part in parts.items()}
        numbers: dict[str, list[Number]] = {}
        for label, row in labelled:
            if label not in metrics:
                continue
            dataset, method = str(row["dataset"]), str(row["method"])
            now = known.get(dataset, {}).get((_algorithm(row), label), {})
            where = f"{dataset}: {method}" if len(opened) > 1 else method
            for statistic in STATISTICS:
                # A spread that is hardly there is a rounding error of the mean.
                scale = abs(now.get("mean") or 0.0) if statistic == "sd" else 0.0
                stated = number(row[statistic])
                numbers.setdefault(label, []).append(
                    Number(f"{statistic} of {where}", stated, now.get(statistic), scale)
                )
        return self._found((label for label, _ in labelled), numbers, reasons)

    def _metrics(self, labelled: Sequence[tuple[str, Row]]) -> tuple[dict[str, Metric], dict[str, str]]:
        """Make the metric of each label from its signatures, or say why that cannot be."""
        signed: dict[str, dict[str, None]] = {}
        for label, row in labelled:
            lines = row["signature"].splitlines() if isinstance(row["signature"], str) else []
            signed.setdefault(label, {}).update(dict.fromkeys(filter(None, lines)))
        metrics: dict[str, Metric] = {}
        reasons: dict[str, str] = {}
        for label, texts in signed.items():
            try:
                metrics[label] = self._metric(common_signatures(texts))
            except FusionMetricsError as error:
                reasons[label] = str(error)
        return metrics, reasons

    def _metric(self, signatures: Sequence[str]) -> Metric:
        if not signatures:
            raise FusionMetricsError("has no signature")
        if len(signatures) > 1:
            raise FusionMetricsError(f"its numbers are signed differently: {signatures[0]} and {signatures[1]}")
        signature = parse_signature(signatures[0])
        state = signature.fitted.get("state")
        model = next((one for one in self.models if parse_signature(one.signature).fitted.get("state") == state), None)
        if PLUS in signature.metric and state:
            if model is not None:
                return model.called(signature.metric)
            try:
                return Metric(signature.spec())
            except UnknownMetric:
                signature = replace(signature, metric=taken_apart(signature.metric)[0])
        metric = Metric(signature.spec())
        if not metric.learns:
            return metric
        if state:
            if model is not None:
                return model
            raise FusionMetricsError(f"needs the file of what was learnt, of digest {state}: give it by --model")
        on = signature.fitted.get("on", "another database")
        raise FusionMetricsError(f"was fitted to opinion scores of {on}; fmbench run fits it again")

    def _as_computed(
        self, database: Database, labelled: Sequence[tuple[str, Row]], metrics: Mapping[str, Metric]
    ) -> Database:
        """Read pictures, and look at as many sources, as for the table, or say that there are not as many."""
        database = _as_read(database, [row for _, row in labelled])
        stated: dict[str, set[str]] = {}
        for label, row in labelled:
            if label in metrics and metrics[label].spec.sources == "all":
                lines = row["signature"].splitlines() if isinstance(row["signature"], str) else []
                for line in filter(None, lines):
                    stated.setdefault(label, set()).update(parse_signature(line).sources or ("2",))
        taken = set().union(*stated.values())
        if taken and all(each.startswith("2 of ") for each in taken):
            database = replace(database, only_two=True)
        here = {2 if database.only_two else len(pair.sources) for pair in database.pairs.values()}
        known = {int(each.partition(" ")[0]) for each in taken}
        if known and here and not here & known:
            self.problems.append(
                f"{database.name}: the table was made with {listed(sorted(map(str, known)))} sources of an image, and "
                f"here {listed(sorted(map(str, here)))} are looked at: name all of them by --source or in sources.csv, "
                "or two by --two-sources"
            )
        return database

    def _compute(self, database: Database, metrics: Sequence[Metric]) -> list[ScoreRow]:
        formulas = [metric for metric in metrics if not metric.learns]
        rows: list[ScoreRow] = []
        if formulas and database.fused:
            rows += score_watched(database, formulas, computing=self.computing, watch=self.watch).rows
        rows += fitted_rows(database, [metric for metric in metrics if metric.learns])
        self.problems += [row.reason for row in rows if row.status == "error"]
        return rows

    def _found(
        self, labels: Iterable[str], numbers: Mapping[str, Sequence[Number]], reasons: Mapping[str, str]
    ) -> list[Again]:
        return [
            Again(label, tuple(numbers.get(label, ())), self.tolerance, reasons.get(label, ""))
            for label in dict.fromkeys(labels)
        ]


def number(value: object) -> float | None:
    """Read a number of a table, as CSV, JSON or Excel has it; None where there is none.

    >>> number("0.5"), number("-Infinity"), number(""), number(float("nan"))
    (0.5, -inf, None, None)
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise BenchmarkError(f"the table has {str(value)[:40]!r} where a number should be") from None
    return None if math.isnan(found) else found


def _algorithm(row: Row) -> str:
    """Return what the images of a method are called."""
    return str(row.get("algorithm") or row["method"])


def _matched(rows: Sequence[Row], database: Database) -> dict[str, FusedImage]:
    """Find the images of a table in a database: by name, or else by pair and algorithm, of which there is but one."""
    by_name = {image.image: image for image in database.fused}
    by_role: dict[tuple[str, str], list[FusedImage]] = {}
    for image in database.fused:
        by_role.setdefault((image.pair, image.algorithm), []).append(image)
    found = {}
    for row in rows:
        fitting = by_role.get((str(row["pair"]), str(row["algorithm"])), [])
        if (name := str(row["image"])) in by_name:
            found[name] = by_name[name]
        elif len(fitting) == 1:
            found[name] = fitting[0]
    if not found:
        raise BenchmarkError(f"{database.name}: has none of the images of the table, such as {rows[0]['image']}")
    return found


def _as_read(database: Database, rows: Iterable[Row]) -> Database:
    """Read pictures as they were read for the table, unless something else was asked for."""
    stated = stated_reading(rows)
    return replace(database, reading=stated) if stated is not None and database.reading == STRICT else database


def stated_reading(rows: Iterable[Row]) -> Reading | None:
    """Return how pictures were read for a table, None where it does not say so or they were read in several ways."""
    texts = {row["reading"].partition(";")[0] for row in rows if isinstance(row.get("reading"), str)} - {""}
    return Reading.parse(texts.pop()) if len(texts) == 1 else None


def _of_images(table: Sequence[Row], rows: Sequence[ScoreRow], columns: Sequence[Column]) -> dict[str, Values]:
    """Arrange scores as the comparison did: on all images, or on those that all methods have."""
    stated: dict[str, float] = {}
    for row in table:
        count = (number(row.get("images")) or 0) + (number(row.get("missing")) or 0)
        stated[str(row["dataset"])] = max(count, stated.get(str(row["dataset"]), 0))

    def arranged(*, common: bool) -> dict[str, Values]:
        return {part.name: part for part in gather(rows, Asked(common=common), {}, columns)}

    found = arranged(common=False)
    if all(len(part.images) == stated.get(name) for name, part in found.items()):
        return found
    try:
        common = arranged(common=True)
    except BenchmarkError:
        return found
    return common if all(len(part.images) == stated.get(name) for name, part in common.items()) else found


def _statistics(values: Values) -> dict[tuple[str, str], dict[str, float | None]]:
    """Compute the statistics of each method and metric, as `benchmark.comparison.frames.cells_frame` does."""
    found: dict[tuple[str, str], dict[str, float | None]] = {}
    for column, scores in zip(values.columns, values.scores, strict=True):
        for m, algorithm in enumerate(values.algorithms):
            own = scores[:, m]
            if np.isnan(own).any():
                continue
            spread = float(own.std(ddof=1)) if len(own) > 1 and np.isfinite(own).all() else None
            found[algorithm, column.label] = {"mean": float(own.mean()), "sd": spread, "median": float(np.median(own))}
    return found
