"""What the table of agreement says in words: what was found, and what has to be known to read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmark.analysis.analyse import COMPARED, Analysis
from benchmark.analysis.summary import Correlation
from benchmark.databases import Database
from benchmark.numbers import counted
from benchmark.scoring.splits import EXTERNAL
from benchmark.statistics.levels import Level

#: What is correlated at each level, and where that is.
WHAT: dict[Level, str] = {"global": "SRCC", "algorithm": "SRCC of algorithms", "pair": "SRCC per pair"}
WHERE: dict[Level, str] = {
    "global": "over all images",
    "algorithm": "in how they order the algorithms",
    "pair": "within source pairs",
}
#: So many metrics are named one by one.
NAMED = 3


def finding(database: Database, analysis: Analysis) -> str:
    """Say in one sentence which metric agrees best, and which others may be as good."""
    level = analysis.options.by
    order = [item for item in analysis.best_first if item.find("srcc", level).value is not None]
    scores = f"the {database.scores} scores"
    if not order:
        return f"{database.name}: no metric can be held against {scores} {WHERE[level]}."
    best = order[0]
    value = best.find("srcc", level).value or 0.0
    if len(order) == 1:
        return f"{database.name}: {best.label} agrees with {scores} {WHERE[level]} at {WHAT[level]} {value:.3f}."
    how = "agrees best with" if value > 0 else "disagrees least with"
    head = f"{database.name}: of {len(order)} metrics, {best.label} {how} {scores} {WHERE[level]}"
    return f"{head} ({WHAT[level]} {value:.3f}); {_others(analysis, level, best)}."


def _others(analysis: Analysis, level: Level, best: Correlation) -> str:
    compared = analysis.compared[level]
    if compared.comparison is None:
        return f"the others were not tested against it: {compared.reason}"
    if compared.comparison.warning:
        return compared.comparison.warning
    if best.label not in compared.labels:
        return "it was not tested against the others, as it is judged on fewer images"
    others = compared.behind_best
    if not others:
        return "all others are significantly worse"
    if len(others) == len(compared.labels) - 1:
        return "none of the others is significantly worse"
    if len(others) > NAMED:
        return f"{len(others)} others are not significantly worse (†)"
    return f"not significantly worse {'is' if len(others) == 1 else 'are'} {' and '.join(others)} (†)"


def notes(analysis: Analysis) -> list[str]:
    """Say what has to be known to read the table."""
    order, opinions = analysis.best_first, analysis.opinions
    found = [
        f"{counted(len(opinions.q), 'image')}, {counted(len(set(opinions.pairs)), 'source pair')}, "
        f"{counted(len(set(opinions.algorithms)), 'algorithm')}; "
        "positive: the metric agrees with the scores, whichever way it points",
        "95 %: interval of SRCC for other source pairs (bootstrap); rank: no metric of a rank is significantly worse "
        "than another of it; †: not significantly worse than the best (permutation tests, adjusted for all "
        f"comparisons); fitted: PLCC after a logistic with {analysis.options.parameters} parameters, fitted to the "
        "same images",
        "per pair: mean SRCC over the fused images of a source pair, with its interval and rank; algorithms: SRCC of "
        "the algorithms' means, with the rank for other algorithms",
    ]
    if any(item.mapping == "decreasing" for item in order):
        found.append("*: the fitted curve falls, so this PLCC hides that the metric disagrees")
    found += _of_raters(analysis)
    found += _of_tests(analysis)
    found += _of_protocols(order)
    found += dict.fromkeys(entry.notes for item in analysis.correlations if (entry := item.entry).notes)
    said: dict[str, list[str]] = {}
    for item in order:
        for note in {item.note, item.reason} - {""}:
            said.setdefault(note, []).append(item.label)
    return found + [note if len(who) == len(order) else f"{', '.join(who)}: {note}" for note, who in said.items()]


def _of_raters(analysis: Analysis) -> Iterator[str]:
    raters = analysis.raters
    for level in COMPARED:
        ceiling = raters.ceilings.get(level)
        if ceiling is not None:
            yield (
                f"noise ceiling, {WHAT[level]}: {ceiling.ceiling:.3f}, what a metric that knew the true opinion would "
                f"reach ({ceiling.raters} raters; random halves of them correlate at {ceiling.half:.3f})"
            )
    if not raters.ceilings:
        yield f"no noise ceiling: {raters.reason}"
    if raters.screening is not None:
        rejected = int(raters.screening.rejected.sum())
        yield f"screening (ITU-R BT.500): {rejected} of {raters.raters} raters erratic; all are kept"


def _of_tests(analysis: Analysis) -> Iterator[str]:
    """Say how many differences were found, or why none can be."""
    tested = {level: found for level in COMPARED if (found := analysis.compared[level]).comparison is not None}
    counts = []
    for level, compared in tested.items():
        if compared.comparison is not None and not compared.comparison.warning:
            counts.append("{} of {} {}".format(*compared.significant, WHERE[level]))
    if counts:
        yield f"significant differences between two metrics: {', '.join(counts)}"
    warned: dict[str, list[str]] = {}
    for level, compared in tested.items():
        if compared.comparison is not None and compared.comparison.warning:
            warned.setdefault(compared.comparison.warning, []).append(WHERE[level])
    yield from (f"{warning} ({', '.join(where)})" for warning, where in warned.items())


def _of_protocols(order: Sequence[Correlation]) -> Iterator[str]:
    fitted = [item.entry.identity for item in order if item.entry.identity.protocol]
    if fitted:
        yield "@image, @pair: fitted on other images, or on images of other source pairs, than it is tested on"
    if any(identity.chooses_on_test for identity in fitted):
        yield "@image-best: as @image, but the epoch is kept that does best on what is then tested"
    if any(identity.protocol == EXTERNAL for identity in fitted):
        yield "@external: fitted on another database"
