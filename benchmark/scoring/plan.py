"""What a run still has to compute: images are read, stored scores and errors settled, the rest packed into tasks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from benchmark.databases import Database, FusedImage, SourcePair
from benchmark.databases.fitting import Fitted, fit_to_sources
from benchmark.scoring.readings import Picture, decisions_of, describe_reading
from benchmark.scoring.sources import Sources, no_reference
from benchmark.scoring.store import Computed, Key, ScoreStore, key_of
from benchmark.scoring.stored_images import KnownSources, find_stored
from benchmark.scoring.tasks import Cell, Task, without_value
from benchmark.scoring.unopened import KnownFiles, state_of
from fusion_metrics import FusionMetricsError, Image, InvalidImage, Metric, UndefinedScore
from fusion_metrics.given import source_names
from fusion_metrics.scoring import Status
from fusion_metrics.spec import Sources as Taken

#: Fused images of one pair that travel together: the sources are prepared once for them, and a killed run loses at
#: most one such group per worker.
GROUP = 10

#: Fused images that are looked up in the store at once.
AHEAD = 400

#: Seconds that a metric may take over an image before the log says so.
SLOW = 5.0
_LOG = logging.getLogger("fmbench.scoring")

#: Called with the number of scores that have just become known, and how many of those were stored already.
OnProgress = Callable[[int, int], None]


class _Seen(NamedTuple):
    """A fused image and its sources of one size, or what is wrong for metrics that take them in each of four ways."""

    fused: Image | None
    sources: Sources
    wrong: Mapping[Taken, FusionMetricsError]


class _Opened(NamedTuple):
    """The sources of a pair, the two that it names and all that are wanted, and its reference if that is wanted."""

    two: tuple[Image | InvalidImage, ...] = ()
    all: tuple[Image | InvalidImage, ...] = ()
    reference: tuple[Image | InvalidImage, ...] = ()


@dataclass
class Plan:
    """Tasks of a run, and what is known already.

    Attributes
    ----------
    cells : dict
        What is known, by (fused image, metric); complete once every task's cells were added.
    decisions : dict
        By (fused image, how its sources are taken): what was decided when the files became pixels.
    files : mapping of Image to Path
        Which file each picture of a task is; not of those that were cut or resized to fit.
    """

    database: Database
    metrics: tuple[Metric, ...]
    store: ScoreStore
    on_progress: OnProgress
    fresh: bool
    cells: dict[tuple[int, int], Computed] = field(default_factory=dict)
    decisions: dict[tuple[int, Taken], tuple[str, ...]] = field(default_factory=dict)
    files: WeakKeyDictionary[Image, Path] = field(default_factory=WeakKeyDictionary)
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
        order = sorted(range(len(self.database.fused)), key=lambda index: self.database.fused[index].pair)
        for start in range(0, len(order), AHEAD):
            pending = self._settle_unopened(order[start : start + AHEAD])
            for pair, members in groupby(pending, key=lambda index: self.database.fused[index].pair):
                yield from self._tasks_of(self.database.pairs.get(pair), members)
            self._files.flush()

    def _tasks_of(self, pair: SourcePair | None, members: Iterable[int]) -> Iterator[Task]:
        """Open fused images of one pair and their sources, settle what needs no work, and yield what does."""
        opened = self._open_sources(pair) if pair else _Opened()
        cut: dict[tuple[int, int], Sources] = {}
        groups: dict[tuple[int, int], list[tuple[int, Image, tuple[int, ...]]]] = {}
        for index in members:
            seen = self._see(self.database.fused[index], opened)
            size = next((one.shape for one in (*seen.sources.two, *seen.sources.reference)), (0, 0))
            # Sources cut to one size are prepared once.
            seen = seen._replace(sources=cut.setdefault(size, seen.sources))
            pending = self._settle(index, seen)
            if seen.fused is None or not pending:
                continue
            group = groups.setdefault(size, [])
            group.append((index, seen.fused, pending))
            if len(group) == GROUP:
                yield Task(seen.sources, tuple(group), self.metrics)
                group.clear()
        for size, group in groups.items():
            if group:
                yield Task(cut[size], tuple(group), self.metrics)

    def _settle_unopened(self, indices: Sequence[int]) -> list[int]:
        """Record fused images of which every score is stored, as far as their files are known; return the others."""
        if self.fresh or any(metric.spec.needs_reference for metric in self.metrics):
            return list(indices)
        stored = find_stored(self.database, self.metrics, self.store, self._files, self._wanted, indices)
        for index, found in stored.items():
            self._told(index, found.sources, found.fused)
            reading = self._readings[index]
            for j, computed in enumerate(found.computed):
                self.cells[index, j] = Computed(computed.score, computed.prepared, reading)
        if stored:
            count = len(stored) * len(self.metrics)
            self.on_progress(count, count)
        return [index for index in indices if index not in stored]

    def _wanted(self, pair: SourcePair) -> tuple[Path, ...]:
        """Name the sources that metrics take which take all."""
        if self.database.only_two:
            return pair.source_a, pair.source_b
        return pair.sources if any(metric.spec.sources == "all" for metric in self.metrics) else ()

    def _open_sources(self, pair: SourcePair) -> _Opened:
        """Open the two sources that a pair names, and the others if a metric takes them."""
        wanted = self._wanted(pair)
        found = {path: self._open(path) for path in dict.fromkeys((pair.source_a, pair.source_b, *wanted))}
        two, everything = ((found[path] for path in paths) for paths in ((pair.source_a, pair.source_b), wanted))
        compared = pair.reference is not None and any(metric.spec.needs_reference for metric in self.metrics)
        reference = (self._open(pair.reference),) if compared and pair.reference is not None else ()
        return _Opened(tuple(two), tuple(everything), reference)

    def _see(self, member: FusedImage, opened: _Opened) -> _Seen:
        """Open a fused image and bring it and its sources to one size, or say what is wrong with them."""
        fused = InvalidImage(member.problem) if member.problem else self._open(member.path)
        if not isinstance(fused, Image):
            return _Seen(None, Sources(), {"all": fused, "two": fused, "none": fused, "reference": fused})
        two = everything = self._fitted(opened.two, fused)
        if opened.all != opened.two:
            everything = self._fitted(opened.all, fused)
        if isinstance(two, Fitted) and isinstance(everything, Fitted) and opened.all:
            # The very same pictures, which remember for both.
            two = two._replace(sources=tuple(everything.sources[opened.all.index(each)] for each in opened.two))
        wrong: dict[Taken, FusionMetricsError] = {}
        if isinstance(two, InvalidImage):
            wrong["two"] = two
        if isinstance(everything, InvalidImage):
            wrong["all"] = everything
        seen = two.fused if isinstance(two, Fitted) else fused
        reference = self._fitted_reference(member, opened, seen, fused)
        if not isinstance(reference, Fitted):
            wrong["reference"] = reference
        given = (found.sources if isinstance(found, Fitted) else () for found in (two, everything, reference))
        return _Seen(seen, Sources(*given), wrong)

    def _fitted_reference(
        self, member: FusedImage, opened: _Opened, seen: Image, fused: Image
    ) -> Fitted | FusionMetricsError:
        """Bring the reference to the size that the fused image has beside its sources, or say what is wrong with it."""
        if not opened.reference:
            return no_reference(self.database, member)
        found = self._fitted(opened.reference, fused)
        if isinstance(found, Fitted) and found.fused.shape != seen.shape:
            return InvalidImage(f"sizes differ: {found.sources[0].name} is not as large as the sources")
        return found

    def _fitted(self, sources: Sequence[Image | InvalidImage], fused: Image) -> Fitted | InvalidImage:
        if not sources:
            return InvalidImage("the sources are not known")
        if wrong := [source for source in sources if isinstance(source, InvalidImage)]:
            return wrong[0]
        try:
            return fit_to_sources([source for source in sources if isinstance(source, Image)], fused, self.database.fit)
        except InvalidImage as error:
            return error

    def _settle(self, index: int, seen: _Seen) -> tuple[int, ...]:
        """Record stored scores and errors of one fused image; return the metrics that are still to be computed."""
        self._told(index, seen.sources, seen.fused)
        found, failed, pending = [], [], []
        keys: dict[int, Key] = {}
        for j, metric in enumerate(self.metrics):
            error = seen.wrong.get(metric.spec.sources)
            if error is not None or seen.fused is None:
                status: Status = "undefined" if isinstance(error, UndefinedScore) else "error"
                failed.append(Cell(index, j, Computed(without_value(metric, status, error))))
            else:
                keys[j] = self._keys[index, j] = key_of(metric, seen.fused, *seen.sources.of(metric))
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

    def _told(self, index: int, sources: Sources | KnownSources, fused: Picture | None) -> None:
        """Remember how the pictures of one score were read."""
        looked_at: Sequence[Picture] = sources.all or sources.two
        roles: dict[str, Picture] = dict(zip(source_names(len(looked_at)), looked_at, strict=True))
        roles |= dict(zip(("reference",), sources.reference, strict=False))
        self._readings[index] = describe_reading(self.database.reading, **roles, fused=fused)
        self.decisions[index, "none"] = decisions_of(fused)
        self.decisions[index, "two"] = decisions_of(*sources.two, fused)
        self.decisions[index, "all"] = decisions_of(*sources.all, fused)
        self.decisions[index, "reference"] = decisions_of(*sources.reference, fused)

    @cached_property
    def _files(self) -> KnownFiles:
        rules = {metric.own_grey for metric in self.metrics} - {""}
        return KnownFiles(self.store, self.database.reading, rules)

    def _open(self, path: Path) -> Image | InvalidImage:
        state = state_of(path)
        try:
            image = Image.open(path, self.database.reading)
        except InvalidImage as error:
            return error
        self._files.note(path, state, image)
        self.files[image] = path
        return image

    def _cell(self, index: int, j: int, computed: Computed) -> Cell:
        """Name what was computed, perhaps for another variant of which this metric is an alias."""
        return Cell(index, j, computed._replace(score=computed.score.named(self.metrics[j])))

    def _know(self, cells: Sequence[Cell], *, stored: int = 0) -> None:
        for cell in cells:
            self.cells[cell.image, cell.metric] = cell.computed._replace(reading=self._readings[cell.image])
        self.on_progress(len(cells), stored)
