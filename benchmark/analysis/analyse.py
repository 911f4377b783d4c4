"""What the scores of a database say about its metrics: agreement, differences, and how good the opinions are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

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
from benchmark.statistics.dependent import Ends
from benchmark.statistics.levels import Level
from benchmark.statistics.screening import Screening, screen_raters
from fusion_metrics import MetricSpec

#: Levels at which metrics are compared; what is found at `global` and `pair` holds for new source pairs.
COMPARED: tuple[Level, ...] = ("global", "algorithm", "pair")
#: Raised whenever the tests between metrics change, so that stored ones are made again.
VERSION_OF_TESTS = 2
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

    @property
    def clusters(self) -> dict[str, int]:
        """The rank cluster of each metric."""
        ranks = self.comparison.cluster.tolist() if self.comparison is not None else []
        return dict(zip(self.labels, ranks, strict=bool(ranks)))

    @property
    def near_best(self) -> dict[str, bool]:
        """Whether each metric is not significantly worse than the best."""
        near = self.comparison.near_best.tolist() if self.comparison is not None else []
        return dict(zip(self.labels, near, strict=bool(near)))

    @property
    def behind_best(self) -> tuple[str, ...]:
        """The metrics that are not the best, but not significantly worse; empty where no difference can be found."""
        found = self.comparison
        if found is None or found.warning:
            return ()
        best = found.values.max()
        return tuple(
            label
            for label, value, near in zip(self.labels, found.values, found.near_best, strict=True)
            if near and value < best
        )

    @property
    def significant(self) -> tuple[int, int]:
        """How many differences between two metrics are significant, and how many there are."""
        if self.comparison is None:
            return 0, 0
        upper = np.triu_indices(len(self.labels), 1)
        return int((self.comparison.adjusted[upper] <= self.comparison.alpha).sum()), len(upper[0])


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
    correlations : tuple of Correlation
        One an entry, with its rank clusters.
    compared : mapping of str to Compared
        By level.
    raters : Raters
    options : Options
    """

    opinions: Opinions
    correlations: tuple[Correlation, ...]
    compared: dict[Level, Compared]
    raters: Raters
    options: Options

    @property
    def best_first(self) -> list[Correlation]:
        """Order the metrics by SRCC at the level that is asked for, as in tables and figures; those without it last."""

        def place(item: Correlation) -> tuple[bool, float, bool, float]:
            asked = item.find("srcc", self.options.by).value
            return asked is None, -(asked or 0.0), item.srcc is None, -(item.srcc or 0.0)

        return sorted(self.correlations, key=place)


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
    lines = list(map(Correlation, entries, measured))
    compared = {level: _compare(lines, opinions, level, options, store, jobs) for level in COMPARED}
    clusters = {level: found.clusters for level, found in compared.items()}
    near = {level: found.near_best for level, found in compared.items()}
    ranked = tuple(
        replace(
            line,
            clusters={level: of[line.label] for level, of in clusters.items() if line.label in of},
            near_best={level: of[line.label] for level, of in near.items() if line.label in of},
        )
        for line in lines
    )
    return Analysis(opinions, ranked, compared, judge_raters(opinions, options), options)


def judge_raters(opinions: Opinions, options: Options) -> Raters:
    """Find the noise ceiling, and who votes far off."""
    votes = opinions.whole_votes
    raters = votes.shape[1]
    ceilings: dict[Level, Ceiling] = {}
    reason = "" if raters > 1 else opinions.whole
    for level in COMPARED if raters > 1 else ():
        try:
            ceilings[level] = noise_ceiling(votes, opinions.judged, level=level, seed=options.seed)
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


def _compare(
    lines: Sequence[Correlation],
    opinions: Opinions,
    level: Level,
    options: Options,
    store: ScoreStore | None,
    jobs: int,
) -> Compared:
    """Test all entries that cover every image; of repeated splits the first counts."""
    whole = [
        line.entry for line in lines if line.entry.n == len(opinions.q) and line.find("srcc", level).value is not None
    ]
    labels = tuple(entry.label for entry in whole)
    if len(whole) < 2:
        return Compared(labels, None, "a comparison needs two metrics")
    x = np.stack([entry.repeats[0].x for entry in whole])
    permutations = _enough(options.permutations, len(whole))
    head = f"compare {VERSION} {VERSION_OF_TESTS} {level} {options.numbers} {permutations}"
    key = hashlib.sha256(head.encode() + x.tobytes() + opinions.q.tobytes())
    key.update("\0".join((*opinions.pairs, *opinions.algorithms)).encode())
    stored = store.get_analysis(key.hexdigest()) if store else None
    if stored is not None:
        return Compared(labels, _comparison(stored))
    try:
        found = compare(
            x,
            opinions.judged,
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
    return json.dumps({name: np.asarray(value).tolist() for name, value in vars(found).items() if value is not None})


def _comparison(text: str) -> Comparison:
    found = json.loads(text)
    arrays = {name: np.array(found[name], dtype=np.float64) for name in ("values", "p", "holm", "adjusted", "p_best")}
    ends = found.get("intervals")
    return Comparison(
        **{
            **found,
            **arrays,
            "cluster": np.array(found["cluster"], dtype=np.intp),
            "intervals": None if ends is None else Ends(*np.array(ends, dtype=np.float64)),
        }
    )
