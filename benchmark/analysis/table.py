"""The table of agreement: metrics against opinion scores, and what has to be said below it."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.measure import Estimate
from benchmark.analysis.summary import Correlation
from benchmark.databases import Database
from benchmark.numbers import counted
from benchmark.scoring.sources import sources_notes
from benchmark.scoring.splits import EXTERNAL
from benchmark.tables import ABSENT, Bar, Cell, Head, Table, count, number

HEADS = (
    Head("metric", "with its direction", numeric=False, first="ascending"),
    Head("n", "fused images that the metric is judged on"),
    Head("SRCC", "Spearman's rank correlation over all images", order="descending"),
    Head("95 %", "interval of SRCC, for other source pairs (bootstrap); green line: noise ceiling"),
    Head("rank", "cluster by SRCC: no member is significantly worse than another", first="ascending"),
    Head("KRCC", "Kendall's tau-b"),
    Head("PLCC", "Pearson's correlation of the scores as they are"),
    Head("RMSE", "on opinion scores scaled to 0..1, without a fitted curve", first="ascending"),
    Head("fitted", "PLCC after a logistic fitted to the same images; * where the curve falls"),
    Head("fitted RMSE", "after the same", first="ascending", wide=True),
    Head("per pair", "mean SRCC over the fused images of a source pair"),
    Head("algorithms", "SRCC of the algorithms' means"),
    Head("rank", "cluster by SRCC of the algorithms' means", first="ascending"),
    Head("AUC different", "Krasula: are images told apart that opinions tell apart?", wide=True),
    Head("AUC better", "Krasula: which of two such images is better?", wide=True),
)


def correlation_table(database: Database, analysis: Analysis) -> Table:
    """Metrics against opinion scores, best SRCC first; metrics without a value last, with the reason.

    Each metric's cell leads to ``m0``, ``m1`` and so on, by its place.
    """
    order = analysis.best_first
    ends = [value for item in order for value in (item.srcc, item.find("srcc").low) if value is not None]
    left = min([-0.05, *ends])
    ceiling = analysis.raters.ceilings.get("global")
    rows = []
    for place, item in enumerate(order):
        falls = "*" if item.mapping == "decreasing" else ""
        rows.append(
            (
                Cell(item.entry.printed_label, sort=item.label, target=f"m{place}", note=item.reason),
                count(item.entry.n or None),
                number(item.srcc),
                _interval(item.find("srcc"), left, None if ceiling is None else ceiling.ceiling),
                count(item.clusters.get("global")),
                number(item.find("krcc").value),
                number(item.find("plcc").value),
                number(item.find("rmse").value),
                number(item.find("mapped_plcc").value, falls),
                number(item.find("mapped_rmse").value),
                number(item.find("srcc", "pair").value),
                number(item.find("srcc", "algorithm").value),
                count(item.clusters.get("algorithm")),
                number(item.find("auc_different").value),
                number(item.find("auc_better").value),
            )
        )
    title = f"{database.title} ({database.name}): agreement with {database.scores} scores"
    notes = [*_correlation_notes(analysis, order), *sources_notes(database, [item.entry.spec for item in order])]
    signatures = tuple(filter(None, (item.entry.signature for item in order)))
    return Table(title, HEADS, tuple(rows), tuple(notes), signatures)


def _interval(srcc: Estimate, left: float, ceiling: float | None) -> Cell:
    if srcc.value is None or srcc.low is None or srcc.high is None:
        return Cell(ABSENT)

    def place(value: float) -> float:
        return round(100 * (value - left) / (1 - left), 2)

    value, low, high, zero = map(place, (srcc.value, srcc.low, srcc.high, 0.0))
    bar = Bar(value, low, high, zero, None if ceiling is None else place(ceiling))
    return Cell(f"{srcc.low:.2f} .. {srcc.high:.2f}", sort=repr(srcc.low), bar=bar)


def _correlation_notes(analysis: Analysis, order: Sequence[Correlation]) -> list[str]:
    opinions = analysis.opinions
    notes = [
        f"{counted(len(opinions.q), 'image')}, {counted(len(set(opinions.pairs)), 'source pair')}, "
        f"{counted(len(set(opinions.algorithms)), 'algorithm')}; positive: the metric agrees with the scores, "
        f"whichever way it points",
        "95 %: interval of SRCC for other source pairs (bootstrap); rank: cluster by SRCC, of which no member is "
        "significantly worse than another (permutation test, Holm); fitted: PLCC after a logistic with "
        f"{analysis.options.parameters} parameters, fitted to the same images",
        "per pair: mean SRCC over the fused images of a source pair; algorithms: SRCC of the algorithms' means, with "
        "rank clusters from exchanging algorithms",
    ]
    if any(item.mapping == "decreasing" for item in order):
        notes.append("*: the fitted curve falls, so this PLCC hides that the metric disagrees")
    for level, name in (("global", "SRCC"), ("algorithm", "SRCC of algorithms")):
        ceiling = analysis.raters.ceilings.get(level)  # type: ignore[call-overload]
        if ceiling is not None:
            notes.append(
                f"noise ceiling, {name}: {ceiling.ceiling:.3f}, what a metric that knew the true opinion would reach "
                f"({ceiling.raters} raters; random halves of them correlate at {ceiling.half:.3f})"
            )
    if not analysis.raters.ceilings:
        notes.append(f"no noise ceiling: {analysis.raters.reason}")
    if analysis.raters.screening is not None:
        rejected = int(analysis.raters.screening.rejected.sum())
        notes.append(f"screening (ITU-R BT.500): {rejected} of {analysis.raters.raters} raters erratic; all are kept")
    comparisons = [compared.comparison for compared in analysis.compared.values()]
    notes += [found.warning for found in comparisons if found is not None and found.warning]
    fitted = [item.entry.identity for item in order if item.entry.identity.protocol]
    if fitted:
        notes.append("@image, @pair: fitted on other images, or on images of other source pairs, than it is tested on")
    if any(identity.chooses_on_test for identity in fitted):
        notes.append("@image-best: as @image, but the epoch is kept that does best on what is then tested")
    if any(identity.protocol == EXTERNAL for identity in fitted):
        notes.append("@external: fitted on another database")
    notes += dict.fromkeys(entry.notes for item in analysis.correlations if (entry := item.entry).notes)
    said: dict[str, list[str]] = {}
    for item in order:
        for note in {item.note, item.reason} - {""}:
            said.setdefault(note, []).append(item.label)
    return notes + [note if len(who) == len(order) else f"{', '.join(who)}: {note}" for note, who in said.items()]
