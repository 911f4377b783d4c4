"""Which figures a meta-analysis has: one of all metrics, and a forest plot of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from benchmark.escaping import file_name
from benchmark.figures.drawing import Drawing
from benchmark.figures.over_databases import AllOverDatabases, OverDatabases, Together
from benchmark.meta_analysis.effects import Effect
from benchmark.meta_analysis.pooled import Group, Line
from fusion_metrics.image import Array


def meta_figures(groups: Iterable[Group]) -> dict[str, Drawing]:
    """Say which figures there are, by name, such as ``human/all`` and ``human/qabf``; nothing is drawn yet."""
    found: dict[str, Drawing] = {}
    for group in groups:
        about = f"{len(group.databases)} databases, {group.origin} scores"
        lines = [line for line in group.lines if any(effect.found is not None for effect in line.effects)]
        if len(group.databases) < 2 or not lines:
            continue
        found[f"{group.origin}/all"] = _all(about, group, lines)
        for line in lines:
            found[f"{group.origin}/{file_name(line.label)}"] = _one(about, line)
    return found


def _one(about: str, line: Line) -> OverDatabases:
    values, low, high = _ends(line.effects)
    return OverDatabases(
        about,
        label=line.label,
        databases=tuple(effect.database for effect in line.effects),
        pairs=tuple(0 if effect.found is None else effect.found.pairs for effect in line.effects),
        values=values,
        low=low,
        high=high,
        together=_together(line),
    )


def _together(line: Line) -> Together | None:
    if line.pooled is None or line.value is None or line.interval is None:
        return None
    p = "p < 0.0001" if line.pooled.p < 0.0001 else f"p = {line.pooled.p:.4f}"
    predicted = (
        "no prediction interval from two databases"
        if line.predicted is None
        else f"a further database: {line.predicted[0]:.2f} .. {line.predicted[1]:.2f}"
    )
    words = f"I² {100 * line.pooled.i2:.0f} %; databases differ: {p} (Welch); {predicted}"
    return Together(line.value, *line.interval, line.predicted or (), words)


def _all(about: str, group: Group, lines: Sequence[Line]) -> AllOverDatabases:
    ends = np.array([_ends(line.effects) for line in lines])
    return AllOverDatabases(
        about,
        labels=tuple(line.label for line in lines),
        databases=tuple(one.name for one in group.databases),
        values=ends[:, 0].T,
        low=ends[:, 1].T,
        high=ends[:, 2].T,
        pooled=np.array([line.value for line in lines], dtype=np.float64),
        differ=tuple(line.p_holm is not None and line.p_holm < group.alpha for line in lines),
    )


def _ends(effects: Sequence[Effect]) -> tuple[Array, Array, Array]:
    """Give values and ends of intervals; NaN where there is none."""
    rows = [
        (np.nan,) * 3 if effect.found is None else (effect.found.value, effect.found.low, effect.found.high)
        for effect in effects
    ]
    values, low, high = np.array(rows, dtype=np.float64).T
    return values, low, high
