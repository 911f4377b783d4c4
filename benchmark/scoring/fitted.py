"""Scores of metrics that were fitted before, and are not fitted again: what `fusion_metrics.load` read from a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark.databases import Database
from benchmark.databases.fitting import fit_sizes
from benchmark.scoring.rows import ScoreRow
from fusion_metrics import FusionMetricsError, Image, Metric
from fusion_metrics.scoring import evaluate


def fitted_rows(database: Database, metrics: Sequence[Metric]) -> Iterator[ScoreRow]:
    """Score every fused image with metrics as they are; nothing is stored."""
    if not metrics:
        return
    for fused in database.fused:
        about = (database.name, fused.pair, fused.algorithm, fused.image)
        try:
            if fused.problem:
                raise FusionMetricsError(fused.problem)
            pair = database.pairs[fused.pair]
            a, b, seen = (Image.open(path, database.reading) for path in (pair.source_a, pair.source_b, fused.path))
            fitted = fit_sizes(a, b, seen, database.fit)
        except FusionMetricsError as error:
            for metric in metrics:
                yield ScoreRow(*about, metric.spec.name, metric.spec.variant, None, "error", str(error), 0.0)
            continue
        for metric in metrics:
            score = evaluate(metric, fitted.fused, *((fitted.a, fitted.b) if metric.needs_sources else ()))
            yield ScoreRow(
                *about,
                metric=score.metric,
                variant=score.variant,
                value=score.value,
                status=score.status,
                reason=score.reason,
                seconds=score.seconds,
                signature=metric.signature,
            )
