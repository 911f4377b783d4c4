"""Tables of volumes: the mean over the slices of each, and the mean of these over the volumes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from benchmark.databases.model import Database, VolumeSlices
from benchmark.numbers import counted, formatter, written
from benchmark.scoring.colours import luminance_notes
from benchmark.scoring.far import far_notes
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.table import means_frame, means_table, metric_labels
from benchmark.scoring.unscored import undefined_notes, unscored_note, without_unscored
from benchmark.tables import ABSENT, Cell, Table, heads
from fusion_metrics import MetricSpec
from fusion_metrics.signature import common_signatures


def volume_means_frame(rows: Sequence[ScoreRow], specs: Sequence[MetricSpec], slices: VolumeSlices) -> pd.DataFrame:
    """Average the scores of each volume: volumes and algorithms x metrics, NaN where not every slice has a score."""
    by_volume: dict[str, list[ScoreRow]] = {}
    for row in rows:
        by_volume.setdefault(slices.of[row.pair], []).append(row)
    found = {volume: means_frame(held, specs) for volume, held in by_volume.items()}
    return pd.concat(found, names=["volume", "algorithm"])


def mean_of_volumes_frame(volume_means: pd.DataFrame) -> pd.DataFrame:
    """Average over volumes, each of which counts once: algorithms x metrics, NaN where a volume has no mean."""

    def mean(given: pd.Series) -> float:
        return float(sum(given) / len(given))

    found = volume_means.groupby(level="algorithm", sort=False).agg(mean)
    return found.rename_axis(index="algorithm")


def volume_tables(
    database: Database, slices: VolumeSlices, rows: Sequence[ScoreRow], specs: Sequence[MetricSpec]
) -> list[Table]:
    """Make the table of each volume's means, where there are several volumes, and at the end that over all of them."""
    means = volume_means_frame(rows, specs, slices)
    volumes = list(dict.fromkeys(means.index.get_level_values("volume")))
    seen = {
        algorithm: frozenset(row.pair for row in rows if row.algorithm == algorithm)
        for algorithm in dict.fromkeys(row.algorithm for row in rows)
    }
    count = len({pair for pair in frozenset().union(*seen.values()) if pair in database.pairs})
    title = f"{database.title}: {'mean score' if count > 1 else 'score'} of {counted(count, 'slice')} of {volumes[0]}"
    if len(volumes) > 1:
        title = f"{database.title}: mean over {len(volumes)} volumes of their means, {counted(count, 'slice')} in all"
    table = means_table(mean_of_volumes_frame(means), specs, title, marked=len(set(seen.values())) == 1)
    said = (
        *undefined_notes(rows, specs),
        *unscored_note(without_unscored(rows)[1]),
        *far_notes(rows, specs),
        *luminance_notes(rows, specs),
    )
    signatures = tuple(common_signatures(row.signature for row in rows))
    last = replace(table, notes=(*slices.remarks, *table.notes, *said), signatures=signatures)
    return [_each(means, specs, volumes), last] if len(volumes) > 1 else [last]


def _each(means: pd.DataFrame, specs: Sequence[MetricSpec], volumes: Sequence[str]) -> Table:
    """Show the means of each volume; metrics become rows where they outnumber the algorithms."""
    algorithms = list(dict.fromkeys(map(str, means.index.get_level_values("algorithm"))))
    labels = metric_labels(specs)
    forms = [formatter(means.iloc[:, j].tolist()) for j in range(len(specs))]
    texts = {
        (volume, algorithm): [
            ABSENT if math.isnan(mean) else written(mean, form) for mean, form in zip(line, forms, strict=True)
        ]
        for (volume, algorithm), line in zip(means.index, means.to_numpy().tolist(), strict=True)
    }
    absent = [ABSENT] * len(specs)
    title = "Mean over the slices of each volume"
    if len(specs) > len(algorithms):
        rows = [
            tuple(map(Cell, (volume, label, *(texts.get((volume, each), absent)[j] for each in algorithms))))
            for volume in volumes
            for j, label in enumerate(labels)
        ]
        return Table(title, heads("volume", "metric", *algorithms, numbers=algorithms), tuple(rows))
    rows = [
        tuple(map(Cell, (volume, each, *texts.get((volume, each), absent))))
        for volume in volumes
        for each in algorithms
    ]
    return Table(title, heads("volume", "algorithm", *labels, numbers=labels), tuple(rows))
