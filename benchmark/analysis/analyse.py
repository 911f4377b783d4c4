"""What the scores of a database say about its metrics: agreement, differences, and how good the opinions are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np

from benchmark.analysis.entries import Entry, entries_of
from benchmark.analysis.measure import VERSION, Measured, Options, digest, from_json, measure, to_json
from benchmark.analysis.opinions import Opinions
from benchmark.analysis.summary import Correlation
from benchmark.databases import Database
from benchmark.parallel import run_tasks
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.store import ScoreStore
from benchmark.statistics.ceiling import Ceiling, noise_ceiling
from benchmark.statistics.comparison import Comparison, compare
from benchmark.statistics.levels import Level
from benchmark.statistics.screening import Screening, screen_raters
from fusion_metrics import MetricSpec

#: Levels at which metrics are compared with each other; at `global`, the result holds for new source pairs.
COMPARED: tuple[Level, ...] = ("global", "algorithm")
#: Exchanges for every comparison that p values are adjusted for, and the most that are made.
PER_COMPARISON, MOST_PERMUTATIONS = 40, 50_000


@dataclass(frozen=True)
class Compared:
    """Every metric against every other, by SRCC.

    Attributes
    ----------
    labels : tuple of str
        The metrics, in the order of the arrays in `comparison`.
    comparison : Comparison or None
    reason : str
        Why there is none.
    """

    labels: tuple[str, ...]
    comparison: Comparison | None
    reason: str = ""


@dataclass(frozen=True)
class Raters:
    """How good the opinion scores are.

    Attributes
    ----------
    ceilings : mapping of str to Ceiling
        Noise ceiling of SRCC by level; without the levels at which there is none.
    screening : Screening or None
    raters : int
        Raters who scored every image; only they count here.
    reason : str
        Why there is no ceiling.
    """

    ceilings: dict[Level, Ceiling]
    screening: Screening | None
    raters: int
    reason: str = ""


@dataclass(frozen=True)
class Analysis:
    """All that is found on one database.

    Attributes
    ----------
    opinions : Opinions
    entries : tuple of Entry
    measured : tuple of Measured or None
        Of each entry; None where it has no scores.
    correlations : tuple of Correlation
        Of each entry, with its rank clusters.
    compared : mapping of str to Compared
        By level.
    raters : Raters
    options : Options
    """

    opinions: Opinions
    entries: tuple[Entry, ...]
    measured: tuple[Measured | None, ...]
    correlations: tuple[Correlation, ...]
    compared: dict[Level, Compared]
    raters: Raters
    options: Options


def analyse(
    database: Database,
    rows: Iterable[ScoreRow],
    specs: Sequence[MetricSpec],
    *,
    options: Options | None = None,
    store: ScoreStore | None = None,
    jobs: int = 1,
    on_entry: Callable[[], None] = lambda: None,
) -> Analysis:
    """Hold every metric against the opinion scores of a database, and against every other metric.

    Parameters
    ----------
    database : Database
        With human or simulated scores.
    rows : iterable of ScoreRow
        Scores of this database.
    specs : sequence of MetricSpec
        The metrics, for their direction.
    options : Options, optional
    store : ScoreStore, optional
        Numbers found there are used; new ones are put there.
    jobs : int
        Processes.
    on_entry : callable, optional
        Called after each metric.
    """
    options = options or Options()
    opinions = Opinions.of(database)
    entries = entries_of(opinions, rows, specs)
    measured = _measure_all(entries, opinions, options, store, jobs, on_entry)
    correlations = [_correlation(database, *both) for both in zip(entries, measured, strict=True)]
    compared = {level: _compare(entries, correlations, opinions, level, options, store, jobs) for level in COMPARED}
    ranked = [_with_clusters(item, compared) for item in correlations]
    return Analysis(
        opinions, tuple(entries), tuple(measured), tuple(ranked), compared, judge_raters(opinions, options), options
    )


def judge_raters(opinions: Opinions, options: Options) -> Raters:
    """Find the noise ceiling, and who votes far off."""
    votes = opinions.whole_votes
    raters = votes.shape[1]
    ceilings: dict[Level, Ceiling] = {}
    reason = "" if raters > 1 else f"{raters} raters scored every image"
    for level in COMPARED if raters > 1 else ():
        try:
            ceilings[level] = noise_ceiling(votes, opinions.pairs, opinions.algorithms, level=level, seed=options.seed)
        except ValueError as error:
            reason = str(error)
    return Raters(ceilings, screen_raters(votes) if raters > 2 else None, raters, reason)


def _measure_all(
    entries: Sequence[Entry],
    opinions: Opinions,
    options: Options,
    store: ScoreStore | None,
    jobs: int,
    on_entry: Callable[[], None],
) -> list[Measured | None]:
    found: list[Measured | None] = [None] * len(entries)
    tasks = []
    for i, entry in enumerate(entries):
        if not entry.repeats:
            on_entry()
            continue
        key = digest(entry, opinions, options)
        stored = store.get_analysis(key) if store else None
        if stored is None:
            tasks.append(_Task(i, key, entry, opinions, options))
        else:
            found[i] = from_json(stored)
            on_entry()
    for task, measured in run_tasks(_run_task, iter(tasks), jobs=jobs if len(tasks) > 1 else 1):
        found[task.index] = measured
        if store:
            store.put_analysis(task.key, to_json(measured))
        on_entry()
    return found


@dataclass(frozen=True)
class _Task:
    index: int
    key: str
    entry: Entry
    opinions: Opinions
    options: Options


def _run_task(task: _Task) -> tuple[_Task, Measured]:
    return task, measure(task.entry, task.opinions, task.options)


def _correlation(database: Database, entry: Entry, measured: Measured | None) -> Correlation:
    head = (database.name, database.scores, entry.spec.name, entry.variant)
    if measured is None:
        name, scores, metric, variant = head
        found = Correlation(name, metric, variant, entry.n, None, None, None, None, scores, entry.reason)
    else:
        found = Correlation.of(*head, entry.n, measured)
    return replace(found, signature=entry.signature)


def _compare(
    entries: Sequence[Entry],
    correlations: Sequence[Correlation],
    opinions: Opinions,
    level: Level,
    options: Options,
    store: ScoreStore | None,
    jobs: int,
) -> Compared:
    """Test all entries that cover every image; of repeated splits the first counts."""
    value = {"global": "srcc", "algorithm": "algorithm_srcc"}[level]
    whole = [
        entry
        for entry, item in zip(entries, correlations, strict=True)
        if entry.n == len(opinions.q) and getattr(item, value) is not None
    ]
    labels = tuple(entry.label for entry in whole)
    if len(whole) < 2:
        return Compared(labels, None, "a comparison needs two metrics")
    x = np.stack([entry.repeats[0].x for entry in whole])
    permutations = _enough(options.permutations, len(whole))
    head = f"compare {VERSION} {level} {astuple(options)} {permutations}"
    key = hashlib.sha256(head.encode() + x.tobytes() + opinions.q.tobytes())
    key.update("\0".join((*opinions.pairs, *opinions.algorithms)).encode())
    stored = store.get_analysis(key.hexdigest()) if store else None
    if stored is not None:
        return Compared(labels, _comparison(stored))
    try:
        found = compare(
            x,
            opinions.q,
            opinions.pairs,
            opinions.algorithms,
            level=level,
            permutations=permutations,
            alpha=options.alpha,
            seed=options.seed,
            jobs=jobs,
        )
    except ValueError as error:
        return Compared(labels, None, str(error))
    if store:
        store.put_analysis(key.hexdigest(), _comparison_json(found))
    return Compared(labels, found)


def _enough(permutations: int, metrics: int) -> int:
    """Raise the number of exchanges so that the adjustment for all comparisons leaves a p value that can be small."""
    comparisons = metrics * (metrics - 1) // 2
    return max(permutations, min(PER_COMPARISON * comparisons, MOST_PERMUTATIONS))


def _comparison_json(found: Comparison) -> str:
    return json.dumps({name: np.asarray(value).tolist() for name, value in vars(found).items()})


def _comparison(text: str) -> Comparison:
    found = json.loads(text)
    arrays = {name: np.array(found[name], dtype=np.float64) for name in ("values", "p", "holm")}
    return Comparison(**{**found, **arrays, "cluster": np.array(found["cluster"], dtype=np.intp)})


def _with_clusters(item: Correlation, compared: dict[Level, Compared]) -> Correlation:
    found: dict[str, int | None] = {}
    for level, name in (("global", "cluster"), ("algorithm", "algorithm_cluster")):
        here = compared.get(level)  # type: ignore[call-overload]
        if here is not None and here.comparison is not None and item.label in here.labels:
            found[name] = int(here.comparison.cluster[here.labels.index(item.label)])
    return replace(item, cluster=found.get("cluster"), algorithm_cluster=found.get("algorithm_cluster"))


def best_first(correlations: Sequence[Correlation]) -> list[int]:
    """Order metrics by SRCC, those without one last."""
    return sorted(range(len(correlations)), key=lambda i: (correlations[i].srcc is None, -(correlations[i].srcc or 0)))
