"""The table of agreement: metrics against opinion scores, and what has to be said below it."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.summary import Correlation
from benchmark.databases import Database
from benchmark.scoring.splits import BEST
from benchmark.tables import ABSENT, Cell, Table


def correlation_table(database: Database, analysis: Analysis) -> Table:
    """Metrics against opinion scores, best SRCC first; metrics without a value last, with the reason."""
    names = {entry.label: f"{entry.label_printed} {entry.spec.arrow}" for entry in analysis.entries}
    order = sorted(analysis.correlations, key=lambda item: (item.srcc is None, -(item.srcc or 0.0)))
    rows = []
    for item in order:
        cells = (
            names[item.label],
            str(item.n or ABSENT),
            _fixed(item.srcc),
            _range(item.srcc_low, item.srcc_high),
            _whole(item.cluster),
            _fixed(item.krcc),
            _fixed(item.plcc),
            _fixed(item.rmse),
            _fixed(item.mapped_plcc) + ("*" if item.mapping == "decreasing" else ""),
            _fixed(item.pair_srcc),
            _fixed(item.algorithm_srcc),
            _whole(item.algorithm_cluster),
        )
        rows.append(tuple(map(Cell, cells)))
    header = ("metric", "n", "SRCC", "95 %", "rank", "KRCC", "PLCC", "RMSE", "fitted", "per pair", "algorithms", "rank")
    title = f"{database.title} ({database.name}): agreement with {database.scores} scores"
    return Table(title, header, tuple(rows), tuple(_correlation_notes(analysis, order)))


def _correlation_notes(analysis: Analysis, order: Sequence[Correlation]) -> list[str]:
    opinions = analysis.opinions
    notes = [
        f"{len(opinions.q)} images, {len(set(opinions.pairs))} source pairs, {len(set(opinions.algorithms))} "
        "algorithms; positive: the metric agrees with the scores, whichever way it points",
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
    if any("@" in item.variant for item in order):
        notes.append("@image, @pair: fitted on other images, or on images of other source pairs, than it is tested on")
    if any(BEST in item.variant.partition("@")[2] for item in order):
        notes.append("@image-best: as @image, but the epoch is kept that does best on what is then tested")
    if any("@external" in item.variant for item in order):
        notes.append("@external: fitted on another database")
    notes += dict.fromkeys(entry.notes for entry in analysis.entries if entry.notes)
    said: dict[str, list[str]] = {}
    for item in order:
        for note in {item.note, item.reason} - {""}:
            said.setdefault(note, []).append(item.label)
    return notes + [note if len(who) == len(order) else f"{', '.join(who)}: {note}" for note, who in said.items()]


def _fixed(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.3f}"


def _whole(value: int | None) -> str:
    return ABSENT if value is None else str(value)


def _range(low: float | None, high: float | None) -> str:
    return ABSENT if low is None or high is None else f"{low:.2f} .. {high:.2f}"
