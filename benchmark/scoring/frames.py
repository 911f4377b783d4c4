"""Scores as DataFrames: one tidy row a fused image, metric and variant; and from such rows back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter

import pandas as pd

from benchmark.errors import BenchmarkError
from benchmark.scoring.identity import Identity
from benchmark.scoring.rows import ScoreRow

SCORE_COLUMNS = tuple(field.name for field in fields(ScoreRow))
#: The columns of ``predictions.csv``.
PREDICTION_COLUMNS = ["database", "image", "pair", "metric", "variant", "value", "signature"]


def scores_frame(rows: Iterable[ScoreRow]) -> pd.DataFrame:
    """Arrange rows as a DataFrame with the columns of ``scores.csv``; a missing value is NaN."""
    columns = attrgetter(*SCORE_COLUMNS)  # `dataclasses.astuple` copies every value, which takes seconds
    found = pd.DataFrame.from_records(list(map(columns, rows)), columns=list(SCORE_COLUMNS))
    return found.astype({"value": "float64", "seconds": "float64"})


def predictions_frame(scores: pd.DataFrame) -> pd.DataFrame:
    """Select what metrics that learn predicted for images that they were not fitted to."""
    learnt = [text for text in scores["variant"].unique() if Identity.parse("", text).protocol]
    held_out = scores["variant"].isin(learnt) & scores["value"].notna()
    return scores.loc[held_out, PREDICTION_COLUMNS].reset_index(drop=True)


def rows_of(scores: pd.DataFrame) -> list[ScoreRow]:
    """Turn a frame, such as ``scores.csv`` read by pandas, into rows.

    Parameters
    ----------
    scores : DataFrame
        With the columns of ``scores.csv``; ``status``, ``reason``, ``seconds`` and ``signature`` may be missing.

    Raises
    ------
    BenchmarkError
        A column is missing, or a value is no number.
    """
    needed = SCORE_COLUMNS[:7]
    if missing := [column for column in needed if column not in scores.columns]:
        raise BenchmarkError(f"the scores have no column {', '.join(missing)}; they need {', '.join(needed)}")
    try:
        values = pd.to_numeric(scores["value"])
    except (TypeError, ValueError) as error:
        raise BenchmarkError(f"the column value of the scores is no number: {error}") from None
    if scores.duplicated(twice := ["database", "image", "metric", "variant"]).any():
        first = scores.loc[scores.duplicated(twice), twice].iloc[0]
        raise BenchmarkError(f"the scores have two rows of {', '.join(map(str, first))}")
    present = values.notna()
    whole = pd.DataFrame(
        {
            **{name: scores[name].astype(str) for name in needed[:6]},
            "value": values.astype(object).where(present, None),
            "status": scores["status"] if "status" in scores else present.map({True: "ok", False: "undefined"}),
            "reason": scores["reason"].fillna("") if "reason" in scores else "",
            "seconds": scores.get("seconds", 0.0),
            "signature": scores["signature"].fillna("") if "signature" in scores else "",
        }
    )
    return [ScoreRow(*row) for row in whole.itertuples(index=False, name=None)]
