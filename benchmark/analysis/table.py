"""The table of agreement: metrics against opinion scores, best first by what its reader asks."""

from __future__ import annotations

from dataclasses import replace

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.measure import Estimate
from benchmark.analysis.summary import Correlation
from benchmark.analysis.words import finding, notes
from benchmark.databases import Database
from benchmark.scoring.sources import sources_notes
from benchmark.statistics.levels import Level
from benchmark.tables import ABSENT, Bar, Cell, Head, Table, count, number

#: Not the best, but not significantly worse; tables of fusion methods have the same sign.
DAGGER = "†"
RANK = "no metric of a rank is significantly worse than another; †: not significantly worse than the best"
HEADS = (
    Head("metric", "with its direction", numeric=False, first="ascending"),
    Head("n", "fused images that the metric is judged on", spare=6),
    Head("SRCC", "Spearman's rank correlation over all images"),
    Head("95 %", "interval of SRCC, for other source pairs (bootstrap); green line: noise ceiling", spare=3),
    Head("rank", f"cluster by SRCC: {RANK}", first="ascending", spare=2),
    Head("KRCC", "Kendall's tau-b", spare=8),
    Head("PLCC", "Pearson's correlation of the scores as they are", spare=7),
    Head("RMSE", "on opinion scores scaled to 0..1, without a fitted curve", first="ascending", spare=10),
    Head("fitted", "PLCC after a logistic fitted to the same images; * where the curve falls", spare=9),
    Head("fitted RMSE", "after the same", first="ascending", wide=True),
    Head("AUC different", "Krasula: are images told apart that opinions tell apart?", wide=True),
    Head("AUC better", "Krasula: which of two such images is better?", wide=True),
    Head("algorithms", "SRCC of the algorithms' means", spare=4),
    Head("algorithm rank", f"cluster by SRCC of the algorithms' means: {RANK}", first="ascending", spare=5),
    Head("per pair", "mean SRCC over the fused images of a source pair"),
    Head(
        "pair 95 %", "interval of SRCC per pair, for other source pairs (bootstrap); green line: noise ceiling", spare=2
    ),
    Head("pair rank", f"cluster by SRCC per pair: {RANK}", first="ascending", spare=1),
)
#: The columns of each level, of which the table is sorted by the first.
COLUMNS: dict[Level, tuple[str, ...]] = {
    "global": ("SRCC", "95 %", "rank"),
    "pair": ("per pair", "pair 95 %", "pair rank"),
    "algorithm": ("algorithms", "algorithm rank"),
}


def correlation_table(database: Database, analysis: Analysis) -> Table:
    """Metrics against opinion scores, best first; metrics without a value last, with the reason.

    Each metric's cell leads to ``m0``, ``m1`` and so on, by its place.
    """
    order = analysis.best_first
    rows = []
    for place, item in enumerate(order):
        falls = "*" if item.mapping == "decreasing" else ""
        rows.append(
            (
                Cell(item.entry.printed_label, sort=item.label, target=f"m{place}", note=item.reason),
                count(item.entry.n or None),
                number(item.srcc),
                _interval(analysis, item, "global"),
                _rank(analysis, item, "global"),
                number(item.find("krcc").value),
                number(item.find("plcc").value),
                number(item.find("rmse").value),
                number(item.find("mapped_plcc").value, falls),
                number(item.find("mapped_rmse").value),
                number(item.find("auc_different").value),
                number(item.find("auc_better").value),
                number(item.find("srcc", "algorithm").value),
                _rank(analysis, item, "algorithm"),
                number(item.find("srcc", "pair").value),
                _interval(analysis, item, "pair"),
                _rank(analysis, item, "pair"),
            )
        )
    title = f"{database.title} ({database.name}): agreement with {database.scores} scores"
    said = (*notes(analysis), *sources_notes(database, [item.entry.spec for item in order]))
    signatures = tuple(filter(None, (item.entry.signature for item in order)))
    heads = _heads(analysis.options.by)
    return Table(title, heads, tuple(rows), said, signatures=signatures, finding=finding(database, analysis))


def _heads(by: Level) -> tuple[Head, ...]:
    """Mark the column that the table is sorted by; what belongs to it is not spared."""
    first, *others = COLUMNS[by]
    found = []
    for head in HEADS:
        if head.text == first:
            found.append(replace(head, order="descending", spare=0))
        else:
            found.append(replace(head, spare=0) if head.text in others else head)
    return tuple(found)


def _rank(analysis: Analysis, item: Correlation, level: Level) -> Cell:
    """Print the rank cluster, with a dagger if the metric may be the best though it is not."""
    rank = item.clusters.get(level)
    if rank is None:
        return Cell(ABSENT)
    may_be_best = item.label in analysis.compared[level].behind_best
    return Cell(f"{rank}{DAGGER if may_be_best else ''}", sort=str(rank))


def _interval(analysis: Analysis, item: Correlation, level: Level) -> Cell:
    srcc = item.find("srcc", level)
    if srcc.value is None or srcc.low is None or srcc.high is None:
        return Cell(ABSENT)
    left = _left(analysis, level)
    ceiling = analysis.raters.ceilings.get(level)

    def place(value: float) -> float:
        return round(100 * (value - left) / (1 - left), 2)

    value, low, high, zero = map(place, (srcc.value, srcc.low, srcc.high, 0.0))
    bar = Bar(value, low, high, zero, None if ceiling is None else place(ceiling.ceiling))
    return Cell(f"{srcc.low:.2f} .. {srcc.high:.2f}", sort=repr(srcc.low), bar=bar)


def _left(analysis: Analysis, level: Level) -> float:
    """Where the bars of a level begin."""
    found: list[Estimate] = [item.find("srcc", level) for item in analysis.correlations]
    return min([-0.05, *(end for one in found for end in (one.value, one.low) if end is not None)])
