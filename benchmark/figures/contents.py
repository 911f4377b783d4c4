"""Which figures a database has, and what each of them shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import scipy

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.entries import Entry
from benchmark.analysis.measure import Measured, Options
from benchmark.analysis.opinions import Opinions
from benchmark.analysis.summary import Correlation
from benchmark.databases import Database
from benchmark.escaping import file_name
from benchmark.figures.drawing import Drawing
from benchmark.figures.forest import Forest, Panel
from benchmark.figures.ranking import Ranking
from benchmark.figures.scatter import Fitted, Scatter
from benchmark.figures.significance import Significance
from benchmark.figures.style import PALETTE
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import Level, algorithm_means, over_pairs
from fusion_metrics import MetricSpec
from fusion_metrics.image import Array

#: Places at which a curve is drawn.
PLACES = 80
TITLES: dict[Level, str] = {
    "global": "over all images",
    "pair": "within source pairs, mean",
    "algorithm": "means of algorithms",
}


def figures_of(database: Database, analysis: Analysis) -> dict[str, Drawing]:
    """Say which figures a database has, by name; nothing is drawn yet."""
    about = f"{database.name}, {database.scores} scores"
    found: dict[str, Drawing | None] = {"forest": _forest(about, analysis)}
    found["significance"] = _significance(about, analysis, "global")
    found["significance-algorithms"] = _significance(about, analysis, "algorithm")
    found["ranking"] = _ranking(about, database, analysis)
    for item in analysis.best_first:
        found[f"scatter/{file_name(item.label)}"] = _scatter(about, database, analysis, item)
    return {name: drawing for name, drawing in found.items() if drawing is not None}


def _forest(about: str, analysis: Analysis) -> Forest | None:
    items = analysis.best_first
    if all(item.srcc is None for item in items):
        return None
    panels = []
    for level, title in TITLES.items():
        found = [item.find("srcc", level) for item in items]
        ends = [[(one.value, one.low, one.high)[k] for one in found] for k in range(3)]
        ceiling = analysis.raters.ceilings.get(level)
        # None becomes NaN.
        values, low, high = (np.array(given, dtype=np.float64) for given in ends)
        panels.append(Panel(title, values, low, high, None if ceiling is None else ceiling.ceiling))
    return Forest(
        about,
        labels=tuple(item.label for item in items),
        learnt=tuple(item.entry.spec.learns for item in items),
        reasons=tuple(item.reason for item in items),
        panels=tuple(panels),
    )


def _significance(about: str, analysis: Analysis, level: Level) -> Significance | None:
    compared = analysis.compared.get(level)
    if compared is None or compared.comparison is None:
        return None
    found = compared.comparison
    what = {
        "global": "over all images, for new source pairs",
        "algorithm": "of algorithms' means, for new algorithms",
    }[level]
    order = np.argsort(-found.values, kind="stable")
    labels = tuple(compared.labels[i] for i in order)
    adjusted = found.adjusted[np.ix_(order, order)]
    alpha = analysis.options.alpha
    return Significance(about, what, labels, found.values[order], adjusted, found.cluster[order], alpha, found.warning)


def _ranking(about: str, database: Database, analysis: Analysis) -> Ranking | None:
    opinions = analysis.opinions
    try:
        grid, names = algorithm_means(opinions.q[None], opinions.judged)
    except ValueError:  # too few algorithms with an image for every pair
        return None
    means = _means(opinions.q, opinions.judged)
    opinion = dict(zip(map(str, names), grid[0].mean(axis=0).tolist(), strict=True))
    algorithms = sorted(means, key=lambda name: -means[name])
    q = np.array([opinion[name] for name in algorithms])
    labels, ranks = [], []
    for item in analysis.best_first:
        ranked = _ranks(item.entry, opinions, algorithms)
        if ranked is not None:
            labels.append(item.label)
            ranks.append(ranked)
    if not labels:
        return None
    left_out = len(opinions.judged.algorithms) - len(algorithms)
    mean = database.score_min + (database.score_max - database.score_min) * q
    return Ranking(
        about,
        tuple(algorithms),
        mean,
        scipy.stats.rankdata([-means[name] for name in algorithms]),
        tuple(labels),
        np.array(ranks),
        left_out,
    )


def _ranks(entry: Entry, opinions: Opinions, algorithms: Sequence[str]) -> Array | None:
    if not entry.repeats:
        return None
    scores = entry.repeats[0]
    try:
        means = _means(scores.x, opinions.part(scores.used).judged)
    except ValueError:
        return None
    known = [name for name in algorithms if name in means]
    ranks = dict(zip(known, scipy.stats.rankdata([-means[name] for name in known]), strict=True))
    return np.array([ranks.get(name, math.nan) for name in algorithms])


def _means(values: Array, judged: Judged) -> Mapping[str, float]:
    """Average over source pairs, up to a scale, for the algorithms that have an image of every pair."""
    grid, names = algorithm_means(values[None], judged)
    return dict(zip(map(str, names), over_pairs(grid, np.ones((1, grid.shape[1])))[0, 0].tolist(), strict=True))


def _scatter(about: str, database: Database, analysis: Analysis, item: Correlation) -> Scatter | None:
    entry = item.entry
    if item.measured is None:
        return None
    scores = entry.repeats[0]
    opinions = analysis.opinions.part(scores.used)
    return Scatter(
        about,
        label=entry.label,
        direction=_better(entry.spec),
        agreement=_agreement(item, item.measured, len(entry.repeats)),
        own=scores.own,
        opinion=database.score_min + (database.score_max - database.score_min) * opinions.q,
        ends=(database.score_min, database.score_max),
        opinions=f"{database.scores} scores (mean opinion)",
        groups=_groups(database, opinions.pairs),
        fitted=_fitted(entry, item.measured, opinions, analysis.options),
    )


def _fitted(entry: Entry, measured: Measured, opinions: Opinions, options: Options) -> Fitted | None:
    if not measured.curve.parameters:
        return None
    scores = entry.repeats[0]
    grid = np.linspace(scores.own.min(), scores.own.max(), PLACES)
    return Fitted(
        parameters=measured.curve.parameters,
        x=scores.x,
        q=opinions.q,
        pairs=opinions.pairs,
        grid=grid,
        grid_x=np.array([entry.spec.orient(value) for value in grid]),
        replicates=options.replicates,
        confidence=options.confidence,
        seed=options.seed,
    )


def _agreement(item: Correlation, measured: Measured, repeats: int) -> str:
    if item.srcc is None:
        return item.reason
    low, high = item.find("srcc").low, item.find("srcc").high
    ends = "" if low is None else f" ({low:.2f} to {high:.2f})"
    text = f"SRCC {item.srcc:.3f}{ends}, n = {item.entry.n}"
    if repeats > 1:
        text += f"; mean of {repeats} splits, the first is drawn"
    return text if measured.curve.parameters else f"{text}; no curve: {measured.curve.reason}"


def _groups(database: Database, pairs: Sequence[str]) -> tuple[str, ...]:
    """Colour by source pair, by modality where pairs are many, or not at all."""
    modalities = tuple(database.pairs[pair].modality if pair in database.pairs else "" for pair in pairs)
    for groups in (tuple(pairs), modalities):
        if 1 < len(set(groups)) <= len(PALETTE):
            return groups
    return ("",) * len(pairs)


def _better(spec: MetricSpec) -> str:
    if spec.arrow.startswith("→"):
        return f"nearer to {spec.ideal:g} is better"
    return "higher is better" if spec.higher_is_better else "lower is better"
