"""Fit a metric that learns to a whole database or fold by fold, and keep what it learnt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.csv_files import write_frame
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.numbers import counted
from benchmark.runs.request import Computing, Named, open_scored
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Prediction, fit_folds
from benchmark.scoring.material import gather
from benchmark.scoring.store import ScoreStore
from benchmark.statistics.agreement import Agreement, agreement
from fusion_metrics import Metric
from fusion_metrics.cache import cache_folder


@dataclass(frozen=True)
class Trained:
    """What a metric predicted for images that its fold held out.

    Attributes
    ----------
    name : str
        The metric with its protocol, such as ``ms_aan@pair``.
    database : Database
        With the opinion scores.
    predictions : DataFrame
        Columns image, pair, fold, q (the opinion on 0..1) and predicted.
    agreement : Agreement
        Of the predictions with the opinions.
    """

    name: str
    database: Database
    predictions: pd.DataFrame
    agreement: Agreement

    def __str__(self) -> str:
        found = self.agreement
        return (
            f"{self.name} on {self.database.name} ({self.database.scores} scores), {counted(found.n, 'image')}: "
            f"SRCC {found.srcc:.3f}, KRCC {found.krcc:.3f}, PLCC {found.plcc:.3f}, RMSE {found.rmse:.3f}"
        )


def train(
    metric: Metric,
    database: Named,
    out: str | Path,
    *,
    split: str | None = None,
    folds: int = 5,
    seed: int = 0,
    computing: Computing | None = None,
    on_file: Callable[[Path], None] = lambda path: None,
    watch: Watch = SILENT,
) -> Trained | None:
    """Fit a metric to the opinion scores of a database and save it.

    Parameters
    ----------
    metric : Metric
        One that learns.
    database : Database, str or Path
        With opinion scores.
    out : path
        Folder for ``METRIC.safetensors``, or with `split` for one file a fold and ``predictions-SPLIT.csv``.
    split : str, optional
        A protocol, such as ``pair``: fit fold by fold, and predict what each fold holds out.
    folds, seed : int
        Parts that are dealt with `split`, and the seed of everything random.
    computing : Computing, optional
        Processes, and whether what is stored may be used.
    on_file : callable, optional
        Called with each file as soon as it is written.
    watch : Watch, optional
        Who is told how far it is; by default nobody.

    Returns
    -------
    Trained or None
        What was predicted; None without `split`.

    Raises
    ------
    BenchmarkError
        The metric cannot be fitted here, or there is nothing to fit it to.
    """
    if metric.obstacle:
        raise BenchmarkError(f"{metric.spec.id}: {metric.obstacle}")
    folder, where = Path(out), computing or Computing()
    opened = open_scored(database, watch=watch)
    with (
        ScoreStore(cache_folder() / "scores.sqlite", fresh=where.fresh) as store,
        watch.progress(f"preparing {opened.name}", len(opened.fused)) as advance,
    ):
        material = gather(
            opened, metric, store=store, jobs=where.jobs, on_progress=lambda known, stored: advance(known)
        )
    stem = metric.spec.id.replace(":", "-")
    if split is None:
        metric.fit_prepared(material, seed=seed).save(path := folder / f"{stem}.safetensors")
        on_file(path)
        return None
    fold_of = np.full(len(material.q), -1)
    predicted = np.full(len(material.q), np.nan)
    for fold in fit_folds(metric, material, split, folds=folds, seed=seed):
        fold.metric.save(path := folder / f"{stem}-{split}-fold{fold.number}.safetensors")
        on_file(path)
        fold_of[fold.held], predicted[fold.held] = fold.number, fold.predicted
    predictions = pd.DataFrame(
        {"image": material.names, "pair": material.groups, "fold": fold_of, "q": material.q, "predicted": predicted}
    )
    held_out = predictions[predictions["fold"] >= 0].sort_values("fold", kind="stable", ignore_index=True)
    write_frame(folder / f"predictions-{split}.csv", held_out)
    name = Prediction(predicted, split).identity(metric).label
    return Trained(name, opened, held_out, agreement(predicted, material.q, on_scale=True))
