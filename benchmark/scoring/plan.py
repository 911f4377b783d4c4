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
from benchmark.databases.fitting import fit_sizes
from benchmark.scoring.colours import COLOUR
from benchmark.scoring.store import Computed, Key, ScoreStore, key_of
from fusion_metrics import FusionMetricsError, Image, InvalidImage, Metric, Score, UndefinedScore
from fusion_metrics.reading import Reading
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


class _Seen(NamedTuple):
    """Three images of one size as metrics get them, or what is wrong: with the fused image, and with any of them."""

    fused: Image | None
    a: Image | None
    b: Image | None
    wrong_fused: FusionMetricsError | None
    wrong: FusionMetricsError | None


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
    _readings: dict[int, str] = field(default_factory=dict)
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
            a, b = (self._open(path) for path in ((pair.source_a, pair.source_b) if pair else (None, None)))
            cut: dict[tuple[int, int], tuple[Image, Image]] = {}
            groups: dict[tuple[int, int], list[tuple[int, Image, tuple[int, ...]]]] = {}
            for index, member in members:
                seen = self._see(member, a, b)
                if seen.a is not None and seen.b is not None:  # sources cut to one size are prepared once
                    sources = cut.setdefault(seen.a.shape, (seen.a, seen.b))
                    seen = seen._replace(a=sources[0], b=sources[1])
                pending = self._settle(index, seen)
                if seen.fused is None or not pending:
                    continue
                group = groups.setdefault(seen.a.shape if seen.a is not None else (0, 0), [])
                group.append((index, seen.fused, pending))
                if len(group) == GROUP:
                    yield Task(seen.a, seen.b, tuple(group), self.metrics)
                    group.clear()
            for size, group in groups.items():
                if group:
                    first, second = cut.get(size, (None, None))
                    yield Task(first, second, tuple(group), self.metrics)

    def _see(self, member: FusedImage, a: Image | InvalidImage | None, b: Image | InvalidImage | None) -> _Seen:
        """Open a fused image and bring the three images to one size, or say what is wrong with them."""
        fused = InvalidImage(member.problem) if member.problem else self._open(member.path)
        if not isinstance(fused, Image):
            return _Seen(None, None, None, fused, fused)
        if not isinstance(a, Image) or not isinstance(b, Image):
            wrong = next((source for source in (a, b) if isinstance(source, InvalidImage)), None)
            return _Seen(fused, None, None, None, wrong or InvalidImage("the sources are not known"))
        try:
            fitted = fit_sizes(a, b, fused, self.database.fit)
        except InvalidImage as error:
            return _Seen(fused, None, None, None, error)
        return _Seen(fitted.fused, fitted.a, fitted.b, None, None)

    def _settle(self, index: int, seen: _Seen) -> tuple[int, ...]:
        """Record stored scores and errors of one fused image; return the metrics that are still to be computed."""
        self._readings[index] = describe_reading(self.database.reading, a=seen.a, b=seen.b, fused=seen.fused)
        self.decisions[index, False] = decisions_of(seen.fused)
        self.decisions[index, True] = decisions_of(seen.a, seen.b, seen.fused)
        found, failed, pending = [], [], []
        keys: dict[int, Key] = {}
        for j, metric in enumerate(self.metrics):
            error = seen.wrong if metric.needs_sources else seen.wrong_fused
            if error is not None or seen.fused is None:
                failed.append(Cell(index, j, Computed(_without_value(metric, "error", error))))
            else:
                keys[j] = self._keys[index, j] = key_of(metric, seen.fused, seen.a, seen.b)
        stored = self.store.get(seen.fused, set(keys.values())) if seen.fused is not None and not self.fresh else {}
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
        return tuple(pending)

    def _open(self, path: Path | None) -> Image | InvalidImage | None:
        if path is None:
            return None
        try:
            return Image.open(path, self.database.reading)
        except InvalidImage as error:
            return error

    def _cell(self, index: int, j: int, computed: Computed) -> Cell:
        """Name what was computed, perhaps for another variant of which this metric is an alias."""
        return Cell(index, j, computed._replace(score=computed.score.named(self.metrics[j])))

    def _know(self, cells: Sequence[Cell], *, stored: int = 0) -> None:
        for cell in cells:
            self.cells[cell.image, cell.metric] = cell.computed._replace(reading=self._readings[cell.image])
        self.on_progress(len(cells), stored)


def decisions_of(*images: Image | None) -> tuple[str, ...]:
    """Collect what was decided when the files of some images were read; of those that could not be read, nothing."""
    return tuple(dict.fromkeys(each for image in images if image is not None for each in image.decisions))


def describe_reading(reading: Reading, **images: Image | None) -> str:
    """Say how pictures were read: the reading itself, then what was decided about each.

    Examples
    --------
    >>> import numpy as np
    >>> part = Image(np.zeros((4, 4), dtype=np.uint8)).derived(np.zeros((2, 4)), "cropped to 2x4")
    >>> describe_reading(Reading(alpha="over-black"), fused=part)
    'alpha=over-black; fused: cropped to 2x4'
    """
    roles: dict[tuple[str, ...], list[str]] = {}
    for role, image in images.items():
        if image is not None and (told := (*image.decisions, *((COLOUR,) if image.is_colour else ()))):
            roles.setdefault(told, []).append(role)
    decided = [f"{', '.join(alike)}: {', '.join(decisions)}" for decisions, alike in roles.items()]
    return "; ".join([str(reading), *decided])


def _without_value(metric: Metric, status: Status, error: FusionMetricsError | None) -> Score:
    return Score(metric.spec.name, metric.spec.variant, None, status, str(error), 0.0)
