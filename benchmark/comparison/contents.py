"""Which figures a comparison has, and what each of them shows; nothing is drawn here."""

from __future__ import annotations

import numpy as np

from benchmark.comparison.asked import Asked
from benchmark.comparison.differences import differences
from benchmark.comparison.table import Grid, matrix
from benchmark.comparison.tested import MetricTest, Tested
from benchmark.comparison.values import Values
from benchmark.databases import Database
from benchmark.escaping import file_name
from benchmark.figures.critical_difference import CriticalDifference
from benchmark.figures.curves import SortedCurves
from benchmark.figures.dendrogram import Dendrogram
from benchmark.figures.drawing import Drawing
from benchmark.figures.duel import Duel
from benchmark.figures.heat import Heat, Radar
from benchmark.figures.spread import Spread
from benchmark.numbers import counted, probability
from fusion_metrics import MetricSpec


def drawings_of(tested: Tested, grid: Grid, asked: Asked, database: Database | None) -> dict[str, Drawing]:
    """Say which figures one data set has, by name.

    Parameters
    ----------
    tested : Tested
    grid : Grid
        Its printed cells.
    asked : Asked
    database : Database or None
        Where its images are.
    """
    values = tested.values
    about = f"{grid.called_data}, {counted(len(values.images), 'image')}"
    found: dict[str, Drawing] = {}
    found["heat"] = _heat(about, tested, grid)
    if (radar := _radar(about, tested)) is not None:
        found["radar"] = radar
    if (tree := _tree(about, tested)) is not None:
        found["redundancy"] = tree
    names = {} if database is None else names_of(database, values, asked)
    if database is not None and (gallery := differences(database, names, grid.called_data)) is not None:
        found["differences"] = gallery
    for k, test in enumerate(tested.metrics):
        if len(test.methods):
            found |= _by_metric(about, tested, test, k)
    return found


def names_of(database: Database, values: Values, asked: Asked) -> dict[str, str]:
    """Return the printed names of the methods in the order of the table, by the names in the database."""
    printed = asked.printed(tuple(dict.fromkeys(fused.algorithm for fused in database.fused)))
    names = {name: called for name, called in printed.items() if called in values.methods}
    return {name: names[name] for name in sorted(names, key=lambda name: values.methods.index(names[name]))}


def _heat(about: str, tested: Tested, grid: Grid) -> Heat:
    means = matrix(tested.metrics, len(grid.methods))
    texts = tuple(tuple(line[k].text for line in grid.cells) for k in range(len(grid.columns)))
    return Heat(about, grid.methods, tuple(column.heading for column in grid.columns), means, texts)


def _radar(about: str, tested: Tested) -> Radar | None:
    if len(tested.used) < 3:
        return None
    values = tested.values
    means = matrix([tested.metrics[k] for k in tested.used], len(values.methods))
    return Radar(about, values.methods, tuple(values.columns[k].heading for k in tested.used), means, values.own)


def _tree(about: str, tested: Tested) -> Dendrogram | None:
    alike = tested.redundancy
    if alike is None:
        return None
    values = tested.values
    what = f"ranks of {len(values.methods)} methods within {counted(len(values.images), 'image')}"
    return Dendrogram(about, what, tested.labels, alike.tree, alike.group, alike.threshold, alike.effective)


def _by_metric(about: str, tested: Tested, test: MetricTest, k: int) -> dict[str, Drawing]:
    values, spec = tested.values, test.column.spec
    name, way = file_name(test.column.label), direction(spec)
    methods = tuple(values.methods[m] for m in test.methods)
    own = values.own if values.own in methods else ""
    scores = values.scores[k][:, test.methods]
    if not np.isfinite(scores).all():
        return {}
    found: dict[str, Drawing] = {
        f"curves/{name}": SortedCurves(about, test.column.label, way, methods, scores, own),
        f"spread/{name}": Spread(about, test.column.label, way, methods, scores, own),
    }
    if test.friedman is not None:
        ranks = test.friedman
        found[f"critical-difference/{name}"] = CriticalDifference(
            about,
            test.column.label,
            methods,
            ranks.ranks,
            ranks.critical_difference,
            ranks.alpha,
            ranks.blocks,
            ranks.f_p,
            own,
        )
    pair = duellists(tested, test)
    if pair is not None and test.pairwise is not None:
        first, second = pair
        low, high = sorted(pair)
        [h] = np.flatnonzero((test.pairwise.first == low) & (test.pairwise.second == high))
        verdict = f"means differ by {abs(test.pairwise.difference[h]):.3g}, {probability(test.pairwise.adjusted[h])}"
        found[f"duel/{name}"] = Duel(
            about,
            test.column.label,
            way,
            methods[first],
            methods[second],
            values.images,
            scores[:, [first, second]],
            test.values[:, first] - test.values[:, second],
            f"{verdict} (adjusted for {counted(len(test.pairwise.p), 'pair')} of methods)",
        )
    return found


def duellists(tested: Tested, test: MetricTest) -> tuple[int, int] | None:
    """Choose two methods to be held against each other: the own one, or the best, and the best of the others."""
    means = test.values.mean(axis=0)
    if len(means) < 2:
        return None
    methods = [tested.values.methods[m] for m in test.methods]
    order = [int(m) for m in np.argsort(-means, kind="stable")]
    first = methods.index(tested.values.own) if tested.values.own in methods else order[0]
    return first, next(m for m in order if m != first)


def direction(spec: MetricSpec) -> str:
    """Say in words which values are better; fonts of figures have no arrow."""
    if spec.arrow.startswith("→"):
        return f"nearer to {spec.arrow[1:]} is better"
    return "more is better" if spec.higher_is_better else "less is better"
