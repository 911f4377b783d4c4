"""Where work is done: in this process, on this machine's cores, or on the workers of a dask cluster."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from joblib import Parallel, delayed, parallel_config

from benchmark.allocator import freed_memory_kept, keep_freed_memory
from benchmark.errors import BenchmarkError
from benchmark.messages import LOGGER, Overheard, repeat

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
        No scheduler answers, or dask is not installed.
    """
    if scheduler is None and jobs == 1:
        with freed_memory_kept():
            yield from map(function, tasks)
        return
    with _cluster(scheduler) if scheduler else nullcontext(), warnings.catch_warnings():
        # Workers that have grown or waited long are replaced; no task is lost.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        parallel = Parallel(
            n_jobs=-1 if scheduler else jobs, batch_size=1, pre_dispatch="2*n_jobs", return_as="generator_unordered"
        )
        overheard = delayed(Overheard(_Worker(function), LOGGER.getEffectiveLevel()))
        for result, heard in parallel(overheard(task) for task in tasks):
            repeat(heard)
            yield result


@dataclass(frozen=True)
class _Worker(Generic[Task, Result]):
    """A function in a process that does nothing else."""

    function: Callable[[Task], Result]

    def __call__(self, task: Task) -> Result:
        keep_freed_memory()
        return self.function(task)


def _cluster(scheduler: str) -> AbstractContextManager[None]:
    try:
        from distributed import Client
    except ImportError:
        raise BenchmarkError("--scheduler needs dask: pip install 'fmbench[distributed]'") from None
    try:
        client = Client(scheduler, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise BenchmarkError(f"{scheduler}: no dask scheduler answers ({error})") from None
    return _Dask(client)


class _Dask(AbstractContextManager[None]):
    """Send joblib's work to a cluster, and close the connection at the end."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._config = parallel_config(backend="dask")

    def __enter__(self) -> None:
        self._config.__enter__()

    def __exit__(self, *raised: Any) -> None:
        self._config.__exit__(*raised)
        self._client.close()
