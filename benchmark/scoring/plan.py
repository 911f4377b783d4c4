"""What a run still has to compute: images are read, stored scores and errors settled, the rest packed into tasks."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from benchmark.databases import Database, FusedImage
from benchmark.scoring.store import Computed, Key, ScoreStore, key_of
from fusion_metrics import FusionMetricsError, Image, InvalidImage, Metric, Score, UndefinedScore
from fusion_metrics.metric import check_sizes
from fusion_metrics.scoring import Status, evaluate

#: Fused images of one pair that travel together: the sources are prepared once for them, and a killed run loses at
#: most one such group per worker.
GROUP = 10

#: Seconds that a metric may take over an image before the log says so.
SLOW = 5.0
_LOG = logging.getLogger("fmbench.scoring")

#: Called with the number of scores that have just become known, and how many of those were stored already.
OnProgress = Callable[[int, int], None]


class Cell(NamedTuple):
    """What was computed for one fused image and one metric, by their places in the database and in the request."""

    image: int
    metric: int
    computed: Computed


@dataclass(frozen=True)
class Task:
    """Some fused images of one pair, with the metrics still to be computed for each."""

    a: Image | None
    b: Image | None
    work: tuple[tuple[int, Image, tuple[int, ...]], ...]
    metrics: tuple[Metric, ...]


def run_task(task: Task) -> list[Cell]:
    """Compute the cells of one task; features of the sources are computed once for all of them."""
    return [
        Cell(index, j, _compute(task.metrics[j], fused, task.a, task.b))
        for index, fused, wanted in task.work
        for j in wanted
    ]


def _compute(metric: Metric, fused: Image, a: Image | None, b: Image | None) -> Computed:
    """Score with a metric; of one that learns, prepare the images and leave the score to the folds."""
    score = evaluate(metric, fused, a, b)
    if not metric.learns:
        return Computed(score)
    start = time.perf_counter()
    try:
        prepared = metric.prepare(fused, a, b)
    except UndefinedScore as error:
        return Computed(_without_value(metric, "undefined", error))
    except FusionMetricsError as error:
        return Computed(_without_value(metric, "error", error))
    seconds = time.perf_counter() - start
    return Computed(Score(score.metric, score.variant, None, score.status, score.reason, seconds), prepared)


@dataclass
class Plan:
    """Tasks of a run, and what is known already.

    Attributes
    ----------
    cells : dict
        What is known, by (fused image, metric); complete once every task's cells were added.
    decisions : dict
        By (fused image, whether its sources count): what was decided when the files became pixels.
    """

    database: Database
    metrics: tuple[Metric, ...]
    store: ScoreStore
    on_progress: OnProgress
    fresh: bool
    cells: dict[tuple[int, int], Computed] = field(default_factory=dict)
    decisions: dict[tuple[int, bool], tuple[str, ...]] = field(default_factory=dict)
    _keys: dict[tuple[int, int], Key] = field(default_factory=dict)
    _aliases: dict[tuple[int, int], list[int]] = field(default_factory=dict)

    def add(self, cells: Sequence[Cell]) -> None:
        """Store and remember what a task computed, under every name that was asked for."""
        for cell in cells:
            if cell.computed.score.seconds > SLOW:
                name, score = self.database.fused[cell.image].image, cell.computed.score
                _LOG.info("slow: %s:%s of %s took %.1f s", score.metric, score.variant, name, score.seconds)
        self.store.put((self._keys[cell.image, cell.metric], cell.computed) for cell in cells)
        self._know(cells)
        self._know(
            [self._cell(i, j, computed) for i, first, computed in cells for j in self._aliases.get((i, first), ())]
        )

    def columns(self) -> list[list[Computed]]:
        """Return what is known of each metric, image by image."""
        return [[self.cells[i, j] for i in range(len(self.database.fused))] for j in range(len(self.metrics))]

    def tasks(self) -> Iterator[Task]:
        """Read the images pair by pair, settle what needs no work, and yield what does."""
        order = sorted(enumerate(self.database.fused), key=lambda item: item[1].pair)
        for pair_name, members in groupby(order, key=lambda item: item[1].pair):
            pair = self.database.pairs.get(pair_name)
            a, b = (_open(path) for path in ((pair.source_a, pair.source_b) if pair else (None, None)))
            group: list[tuple[int, Image, tuple[int, ...]]] = []
            for index, member in members:
                fused, pending = self._settle(index, member, a, b)
                if isinstance(fused, Image) and pending:
                    group.append((index, fused, pending))
                if len(group) == GROUP:
                    yield Task(_valid(a), _valid(b), tuple(group), self.metrics)
                    group = []
            if group:
                yield Task(_valid(a), _valid(b), tuple(group), self.metrics)

    def _settle(
        self, index: int, member: FusedImage, a: Image | InvalidImage | None, b: Image | InvalidImage | None
    ) -> tuple[Image | InvalidImage | None, tuple[int, ...]]:
        """Record stored scores and errors of one fused image; return it with the metrics still to be computed."""
        fused = InvalidImage(member.problem) if member.problem else _open(member.path)
        problem = None if isinstance(fused, Image) else fused
        self.decisions[index, False] = decisions_of(fused)
        self.decisions[index, True] = decisions_of(a, b, fused)
        of_sources = problem or _problem_of_sources(fused, a, b)
        found, failed, pending = [], [], []
        keys: dict[int, Key] = {}
        for j, metric in enumerate(self.metrics):
            error = of_sources if metric.needs_sources else problem
            if error is not None or not isinstance(fused, Image):
                failed.append(Cell(index, j, Computed(_without_value(metric, "error", error))))
            else:
                keys[j] = self._keys[index, j] = key_of(metric, fused, _valid(a), _valid(b))
        stored = self.store.get(fused, set(keys.values())) if isinstance(fused, Image) and not self.fresh else {}
        computed_by: dict[Key, int] = {}
        for j, key in keys.items():
            if key in stored:
                found.append(self._cell(index, j, stored[key]))
            elif key in computed_by:
                self._aliases.setdefault((index, computed_by[key]), []).append(j)
            else:
                computed_by[key] = j
                pending.append(j)
        self._know(failed)
        self._know(found, stored=len(found))
        return fused, tuple(pending)

    def _cell(self, index: int, j: int, computed: Computed) -> Cell:
        """Name what was computed, perhaps for another variant of which this metric is an alias."""
        return Cell(index, j, computed._replace(score=computed.score.named(self.metrics[j])))

    def _know(self, cells: Sequence[Cell], *, stored: int = 0) -> None:
        self.cells.update({(cell.image, cell.metric): cell.computed for cell in cells})
        self.on_progress(len(cells), stored)


def decisions_of(*images: Image | InvalidImage | None) -> tuple[str, ...]:
    """Collect what was decided when the files of some images were read; of those that could not be read, nothing."""
    return tuple(dict.fromkeys(each for image in images if isinstance(image, Image) for each in image.decisions))


def _problem_of_sources(
    fused: Image | InvalidImage | None, a: Image | InvalidImage | None, b: Image | InvalidImage | None
) -> FusionMetricsError | None:
    for source in (a, b):
        if not isinstance(source, Image):
            return source or InvalidImage("the sources are not known")
        try:
            check_sizes([image for image in (fused, source) if isinstance(image, Image)])
        except InvalidImage as error:
            return error
    return None


def _valid(image: Image | InvalidImage | None) -> Image | None:
    return image if isinstance(image, Image) else None


def _open(path: Path | None) -> Image | InvalidImage | None:
    if path is None:
        return None
    try:
        return Image.open(path)
    except InvalidImage as error:
        return error


def _without_value(metric: Metric, status: Status, error: FusionMetricsError | None) -> Score:
    return Score(metric.spec.name, metric.spec.variant, None, status, str(error), 0.0)
