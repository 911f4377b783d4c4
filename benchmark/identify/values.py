"""Scores of candidates, computed when they are asked for and stored like all others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmark.databases import Database, FusedImage
from benchmark.databases.fitting import fit_to_sources
from benchmark.errors import BenchmarkError
from benchmark.identify.candidates import Candidate, Preparation
from benchmark.identify.printed import Printed
from benchmark.parallel import run_tasks
from benchmark.scoring.sources import Sources
from benchmark.scoring.store import Key, ScoreStore, key_of
from benchmark.scoring.tasks import Task, run_task
from fusion_metrics import Image, InvalidImage, Metric
from fusion_metrics.image import Array

#: Metrics that travel together: those of one prepared image share what they compute of it.
GROUP = 40
#: Pictures that stay open: those of one pair, also of an exposure sequence, are asked for again and again.
KEPT = 24


class Values:
    """The numbers of candidates for fused images.

    Parameters
    ----------
    database : Database
    store : ScoreStore
    jobs : int
        Processes.
    fresh : bool
        Compute again what is stored.
    on_progress : callable, optional
        Called with the numbers of scores that have just become known and that are still to come.

    Attributes
    ----------
    problems : list of str
        Images that cannot be scored, and metrics that failed.
    computed, stored : int
        Scores that were computed, and found.
    """

    def __init__(
        self,
        database: Database,
        store: ScoreStore,
        *,
        jobs: int = 1,
        fresh: bool = False,
        on_progress: Callable[[int, int], None] = lambda known, total: None,
    ) -> None:
        self._members: Mapping[str, FusedImage] = {image.image: image for image in database.fused}
        self._database, self._store, self._jobs, self._fresh = database, store, jobs, fresh
        self._on_progress = on_progress
        self._known: dict[tuple[Candidate, str], float] = {}
        self._open: dict[Path, Image] = {}
        self._wrong: dict[str, str] = {}
        self._waiting: dict[Key, list[tuple[Candidate, str]]] = {}
        self.problems: list[str] = []
        self.computed = self.stored = 0

    def of(self, candidate: Candidate, printed: Sequence[Printed]) -> Array:
        """Return a candidate's numbers for printed ones: a score, or a mean of scores; NaN where it has none."""
        return np.array([self._mean(candidate, number.images) for number in printed])

    def _mean(self, candidate: Candidate, images: tuple[str, ...]) -> float:
        values = [self._known.get((candidate, image), math.nan) for image in images]
        return math.fsum(values) / len(values)

    def pictures(self, image: str) -> tuple[Image, Sources] | None:
        """Return a fused image with its sources, None if one of them cannot be used; the problem is kept."""
        if image in self._wrong:
            return None
        member = self._members[image]
        pair = self._database.pairs.get(member.pair)
        try:
            if member.problem or pair is None:
                raise InvalidImage(member.problem or f"{image}: the sources are not known")
            two = (pair.source_a, pair.source_b)
            paths = two if self._database.only_two else pair.sources
            fitted = fit_to_sources([self._read(path) for path in paths], self._read(member.path), self._database.fit)
        except InvalidImage as error:
            self._wrong[image] = str(error)
            self.problems.append(str(error))
            return None
        first, second = (fitted.sources[paths.index(path)] for path in two)
        return fitted.fused, Sources((first, second), fitted.sources)

    def usable(self, printed: Sequence[Printed]) -> list[Printed]:
        """Leave out the printed numbers whose images cannot be used.

        Raises
        ------
        BenchmarkError
            None is left.
        """
        left = [number for number in printed if all(self.pictures(image) is not None for image in number.images)]
        if not left:
            raise BenchmarkError(self.problems[0])
        return left

    def need(self, wanted: Iterable[tuple[Candidate, str]]) -> None:
        """Compute what is not known yet of these candidates and images."""
        missing: dict[tuple[str, Preparation], dict[Candidate, None]] = {}
        for candidate, image in wanted:
            if (candidate, image) not in self._known:
                missing.setdefault((image, candidate.preparation), {})[candidate] = None
        total = sum(map(len, missing.values()))
        if not total:
            return
        self._on_progress(0, total)
        works: list[Sequence[Key]] = []
        for cells in run_tasks(run_task, self._tasks(missing, works), jobs=self._jobs if total > 1 else 1):
            for cell in cells:
                key, score = works[cell.image][cell.metric], cell.computed.score
                alike = self._waiting.pop(key)
                for candidate, image in alike:
                    self._know(candidate, image, score.value)
                if score.status == "error":
                    self.problems.append(score.reason)
                self._store.put([(key, cell.computed)])
                self.computed += 1
                self._on_progress(len(alike), 0)

    def _tasks(
        self,
        missing: Mapping[tuple[str, Preparation], Iterable[Candidate]],
        works: list[Sequence[Key]],
    ) -> Iterator[Task]:
        """Settle what is stored, and yield what is to be computed; `works` takes up the keys of each task."""
        for (image, preparation), wanted in missing.items():
            pictures = self.pictures(image)
            if pictures is None:
                continue
            fused = preparation.apply(pictures[0])
            prepared = {id(one): preparation.apply(one) for one in pictures[1].all}
            sources = Sources(*(tuple(prepared[id(one)] for one in part) for part in pictures[1]))
            keys = {each: key_of(each.metric, fused, *sources.of(each.metric)) for each in wanted}
            stored = {} if self._fresh else self._store.get(fused, set(keys.values()))
            for candidate, key in keys.items():
                if key in stored:
                    self._know(candidate, image, stored[key].score.value)
            found = sum(key in stored for key in keys.values())
            self.stored += found
            self._on_progress(found, 0)
            pending: dict[Key, Metric] = {}
            for candidate, key in keys.items():
                if key in stored:
                    continue
                if key not in self._waiting:  # else the same picture, prepared in another way, is on its way
                    pending[key] = candidate.metric
                self._waiting.setdefault(key, []).append((candidate, image))
            for start in range(0, len(pending), GROUP):
                works.append(list(pending)[start : start + GROUP])
                metrics = tuple(pending[key] for key in works[-1])
                yield Task(sources, ((len(works) - 1, fused, tuple(range(len(metrics)))),), metrics)

    def _know(self, candidate: Candidate, image: str, value: float | None) -> None:
        self._known[candidate, image] = math.nan if value is None else value

    def _read(self, path: Path) -> Image:
        """Read an image; the last few are kept, with what was computed of them."""
        if path not in self._open:
            if len(self._open) >= KEPT:
                del self._open[next(iter(self._open))]
            self._open[path] = Image.open(path, self._database.reading)
        return self._open[path]
