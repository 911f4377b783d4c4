"""Where work is done: in this process, on this machine's cores, or on the workers of a dask cluster."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Generic, TypeVar

from joblib import Parallel, delayed

from benchmark.allocator import freed_memory_kept, keep_freed_memory
from benchmark.cluster import run_on_cluster
from benchmark.errors import BenchmarkError
from benchmark.forked import workers_for
from benchmark.messages import LOGGER, Message, Overheard, repeat

Task = TypeVar("Task")
Result = TypeVar("Result")


def run_tasks(
    function: Callable[[Task], Result], tasks: Iterator[Task], *, jobs: int = 1, scheduler: str | None = None
) -> Iterator[Result]:
    """Apply a function to tasks, yielding results as they come, in any order.

    Tasks are taken from the iterator only a few ahead, so that a large database never lies in memory as a whole.

    Parameters
    ----------
    function : callable
        Of the top level of a module, so that it can be sent to other processes.
    tasks : iterator
    jobs : int
        Processes on this machine; -1 for one per core.
    scheduler : str, optional
        Address of a dask scheduler, such as ``tcp://host:8786``, whose workers are used instead.

    Raises
    ------
    BenchmarkError
        No scheduler answers, dask is not installed, no worker is left (see `run_on_cluster`), or a process was killed.
    """
    if scheduler is not None:
        yield from run_on_cluster(function, tasks, scheduler)
        return
    if jobs == 1:
        with freed_memory_kept():
            yield from map(function, tasks)
        return
    try:
        for result, heard in _elsewhere(Overheard(_Worker(function), LOGGER.getEffectiveLevel()), tasks, jobs):
            repeat(heard)
            yield result
    except BrokenProcessPool as broken:
        raise BenchmarkError(
            "a worker process was ended from outside, by the system if memory was short: the same command goes on from"
            " what is stored; a smaller --jobs takes less memory"
        ) from broken


def _elsewhere(
    function: Callable[[Task], tuple[Result, list[Message]]], tasks: Iterator[Task], jobs: int
) -> Iterator[tuple[Result, list[Message]]]:
    """Apply a function in other processes of this machine."""
    if (workers := workers_for(jobs)) is not None:
        yield from workers.map(function, tasks)
        return
    with warnings.catch_warnings():
        # Workers that have grown or waited long are replaced; no task is lost.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        parallel = Parallel(n_jobs=jobs, batch_size=1, pre_dispatch="2*n_jobs", return_as="generator_unordered")
        yield from parallel(delayed(function)(task) for task in tasks)


@dataclass(frozen=True)
class _Worker(Generic[Task, Result]):
    """A function in a process that does nothing else."""

    function: Callable[[Task], Result]

    def __call__(self, task: Task) -> Result:
        keep_freed_memory()
        return self.function(task)
