"""What a meta-analysis found as a DataFrame: a row for each metric and database, and one for all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from benchmark.meta_analysis.effects import Effect
from benchmark.meta_analysis.pooled import Group, Line

COLUMNS = [
    "scores", "metric", "variant", "row", "database", "value", "low", "high", "standard_error", "pairs", "databases",
    "z", "z_standard_error", "tau2", "tau2_moments", "q", "i2", "p", "p_holm", "predicted_low", "predicted_high",
    "reason", "signature",
]  # fmt: skip
COUNTS = ("pairs", "databases")
TEXTS = ("scores", "metric", "variant", "row", "database", "reason", "signature")


def meta_frame(groups: Iterable[Group]) -> pd.DataFrame:
    """One row a metric and database, and below these one for all databases of that origin.

    Returns
    -------
    DataFrame
        ``row`` is ``database`` or ``pooled``. ``value``, ``low`` and ``high`` are mean SRCC within source pairs.
        ``standard_error`` is on the same scale, of a database alone; ``z`` and ``z_standard_error`` are on Fisher's
        scale, on which databases are pooled, as are ``tau2`` (restricted maximum likelihood) and ``tau2_moments``
        (DerSimonian and Laird). ``p`` is that of Welch's test that all databases have one value, ``p_holm`` the same
        adjusted for all metrics.
    """
    frame = pd.DataFrame.from_records(list(_rows(groups)), columns=COLUMNS)
    kinds = {name: "Int64" if name in COUNTS else "float64" for name in COLUMNS if name not in TEXTS}
    return frame.astype(kinds)


def _rows(groups: Iterable[Group]) -> Iterator[Mapping[str, object]]:
    for group in groups:
        for line in group.lines:
            about = {"scores": group.origin, "metric": line.effects[0].metric, "variant": line.effects[0].variant}
            for effect in line.effects:
                yield about | _of_database(effect)
            if len(line.effects) > 1:
                yield about | _of_all(line)


def _of_database(effect: Effect) -> dict[str, object]:
    row: dict[str, object] = {"row": "database", "database": effect.database, "reason": effect.reason}
    row["signature"] = effect.signature
    if effect.found is None:
        return row
    names = ("value", "standard_error", "low", "high", "pairs")
    z, error = effect.z
    return {**row, **{name: getattr(effect.found, name) for name in names}, "z": z, "z_standard_error": error}


def _of_all(line: Line) -> dict[str, object]:
    row: dict[str, object] = {
        "row": "pooled",
        "database": "",
        "databases": len(line.effects),
        "reason": line.reason,
        "signature": line.effects[0].signature,
    }
    if line.pooled is None or line.interval is None:
        return row
    pooled, names = line.pooled, ("tau2", "tau2_moments", "q", "i2", "p")
    row |= {name: getattr(pooled, name) for name in names}
    row |= {"value": line.value, "low": line.interval[0], "high": line.interval[1], "p_holm": line.p_holm}
    row |= {"z": pooled.value, "z_standard_error": pooled.standard_error}
    if line.predicted is not None:
        row |= {"predicted_low": line.predicted[0], "predicted_high": line.predicted[1]}
    return row
