"""Agreement on many random test subsets, as papers print it: mean and spread of every metric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.entries import Entry
from benchmark.analysis.measure import on_scale, scale_of
from benchmark.csv_files import cell, write_csv
from benchmark.databases import Database
from benchmark.statistics.repeats import repeated_subsets
from fusion_metrics.image import Array


@dataclass(frozen=True)
class SubsetAgreement:
    """One statistic of one metric over random subsets; the fields are columns of ``subsets.csv``.

    Attributes
    ----------
    drawn : {"image", "pair"}
        Whether single images or whole source pairs are drawn.
    mean, std : float or None
        Over the subsets; None if one of them has no value.
    subsets : int
    note : str
        Why there is none.
    signature : str
        What was computed, on one line; see `fusion_metrics.signature`.
    """

    database: str
    scores: str
    metric: str
    variant: str
    drawn: str
    statistic: str
    mean: float | None
    std: float | None
    subsets: int
    note: str
    signature: str = ""


def over_subsets(database: Database, analysis: Analysis, subsets: int, seed: int = 0) -> Iterator[SubsetAgreement]:
    """Draw a fifth of the images, or of the source pairs, many times, the same for every metric."""
    for entry in (item.entry for item in analysis.correlations):
        for drawn in ("image", "pair"):
            for statistic, values, note in _statistics(entry, analysis, drawn, subsets, seed):
                whole = not note
                yield SubsetAgreement(
                    database.name,
                    database.scores,
                    entry.identity.metric,
                    str(entry.identity),
                    drawn,
                    statistic,
                    float(np.mean(values)) if whole else None,
                    float(np.std(values, ddof=1)) if whole and len(values) > 1 else None,
                    subsets,
                    note,
                    entry.signature,
                )


def write_subsets(path: Path, agreements: Iterator[SubsetAgreement]) -> None:
    """Write as CSV."""
    lines = ([cell(value) for value in astuple(agreement)] for agreement in agreements)
    write_csv(path, [field.name for field in fields(SubsetAgreement)], lines)


def _statistics(
    entry: Entry, analysis: Analysis, drawn: str, subsets: int, seed: int
) -> Iterator[tuple[str, Array, str]]:
    names = ("plcc", "srcc", "krcc", "rmse")
    nothing = np.empty(0)
    if not entry.repeats:
        yield from ((name, nothing, entry.reason) for name in names)
        return
    opinions, x = analysis.opinions.part(entry.repeats[0].used), entry.repeats[0].x
    pairs = opinions.pairs if drawn == "pair" else None
    # A metric with a scale of its own keeps it for the RMSE; correlations are the same.
    scaled = entry.spec.predicts_opinions or scale_of(entry.spec) is not None
    if scaled:
        x = on_scale(entry.spec, entry.repeats[0], opinions, analysis.options)
    try:
        found = repeated_subsets(x, opinions.q, pairs=pairs, repeats=subsets, on_scale=scaled, seed=seed)
    except ValueError as error:
        yield from ((name, nothing, str(error)) for name in names)
        return
    for name in names:
        values = getattr(found, name)
        undefined = int(np.isnan(values).sum())
        yield name, values, f"{undefined} of {subsets} subsets have no value" if undefined else ""
