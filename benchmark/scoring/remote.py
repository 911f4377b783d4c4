"""Tasks for workers that are other machines: what they must have, and pictures that they read themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from benchmark.errors import BenchmarkError
from benchmark.scoring.sources import Sources
from benchmark.scoring.tasks import Cell, Task, run_task
from fusion_metrics import FusionMetricsError, Image, Metric
from fusion_metrics.reading import Reading

#: Metrics, with their parameters, that this process has found it can compute.
_CHECKED: set[tuple[str, str]] = set()


class PictureFile(NamedTuple):
    """A picture that is read where it is needed.

    Attributes
    ----------
    path : str
        Absolute, so that it means the same everywhere.
    name : str
        What messages call the picture.
    digest : str
        Of the pixels that this machine read.
    """

    path: str
    name: str
    digest: str


#: A picture as it is sent: its file, or its pixels where they are in no file, as after ``--fit crop``.
Sent: TypeAlias = PictureFile | Image


@dataclass(frozen=True)
class RemoteTask:
    """A task as it is sent.

    Attributes
    ----------
    two, all, reference : tuple of PictureFile or Image
        The pictures of `Sources`.
    work
        As in `Task`.
    metrics : tuple of Metric
    parameters : tuple of str
        Those of the metrics as this machine has them: they name the weights of networks.
    reading : Reading
        By which files become pixels.
    """

    two: tuple[Sent, ...]
    all: tuple[Sent, ...]
    reference: tuple[Sent, ...]
    work: tuple[tuple[int, Sent, tuple[int, ...]], ...]
    metrics: tuple[Metric, ...]
    parameters: tuple[str, ...]
    reading: Reading


def to_send(task: Task, reading: Reading, files: Mapping[Image, Path] | None = None) -> RemoteTask:
    """Prepare a task for other machines.

    Parameters
    ----------
    task : Task
    reading : Reading
    files : mapping of Image to Path, optional
        Pictures that workers read themselves; without it, all are sent as pixels.
    """

    def sent(image: Image) -> Sent:
        path = None if files is None else files.get(image)
        if path is None:
            return image
        return PictureFile(os.path.abspath(path), image.name, image.digest)  # noqa: PTH100 - no link is followed

    two, everything, reference = (tuple(sent(image) for image in images) for images in task.sources)
    work = tuple((index, sent(fused), wanted) for index, fused, wanted in task.work)
    parameters = tuple(metric.parameters for metric in task.metrics)
    return RemoteTask(two, everything, reference, work, task.metrics, parameters, reading)


def run_remote_task(task: RemoteTask) -> list[Cell]:
    """Compute the cells of a task on another machine.

    Raises
    ------
    BenchmarkError
        This machine lacks what a metric needs, or has other weights or pictures than the one that sent the task.
    """
    for j in sorted({j for *_, wanted in task.work for j in wanted}):
        _check(task.metrics[j], task.parameters[j])
    opened: dict[PictureFile, Image] = {}

    def image(sent: Sent) -> Image:
        if isinstance(sent, Image):
            return sent
        if sent not in opened:  # the very same picture, which remembers, wherever it is named again
            opened[sent] = _read(sent, task.reading)
        return opened[sent]

    sources = Sources(*(tuple(map(image, images)) for images in (task.two, task.all, task.reference)))
    work = tuple((index, image(fused), wanted) for index, fused, wanted in task.work)
    return run_task(Task(sources, work, task.metrics))


def _check(metric: Metric, parameters: str) -> None:
    """Complain of a metric that this machine cannot compute, or not as the one that sent it."""
    name = metric.spec.id
    if (name, parameters) in _CHECKED:
        return
    if metric.spec.missing:
        raise BenchmarkError(
            f"lacks {' and '.join(metric.spec.missing)}, which {name} needs: install it there, or leave the metric out "
            f"with --metrics '...,!{name}'"
        )
    # What is remembered of the parameters has come with the metric; a new one looks for the weights of this machine.
    own = Metric(metric.spec, metric.params).parameters
    if own != parameters:
        raise BenchmarkError(
            f"has other weights for {name} than this machine ({own}, not {parameters}): FMBENCH_WEIGHTS must lead to "
            "the same everywhere"
        )
    _CHECKED.add((name, parameters))


def _read(sent: PictureFile, reading: Reading) -> Image:
    try:
        image = Image.open(sent.path, reading)
    except FusionMetricsError as error:
        raise BenchmarkError(
            f"{error}: with --shared-storage every worker must see the files of this machine; without it pictures are "
            "sent"
        ) from None
    if image.digest != sent.digest:
        raise BenchmarkError(
            f"{sent.path}: is another picture there than on this machine: with --shared-storage every worker must see "
            "the same files; without it pictures are sent"
        )
    image.name = sent.name
    return image
