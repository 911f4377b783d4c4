"""Workers that are copies of this process: they start at once, since all that they import is there already.

Other processes have to start Python and import everything again, which for a short run is a tenth of all time. A
process may only be copied while nothing in it holds a lock that the copy would wait for: on Linux, with one thread, and
without the libraries that keep threads of their own. `start_workers` looks whether that is so, and is called before
anything starts a thread; where it is not so, joblib starts processes that are no copies.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

from joblib import cpu_count, wrap_non_picklable_objects

from benchmark.allocator import keep_freed_memory
from benchmark.messages import LOGGER

Task = TypeVar("Task")
Result = TypeVar("Result")

#: They run loops in threads of OpenMP, which a copy of the process would wait for.
_WITH_THREADS = ("torch", "sklearn")
#: Tasks that are under way or wait, for each process.
_AHEAD = 2
#: How many threads libraries start, which they read when they are loaded.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
#: `prctl`: the signal that a process gets when the one that started it ends. From linux/prctl.h.
_PARENT_ENDED = 1


class Workers:
    """Copies of this process that wait for tasks.

    Parameters
    ----------
    count : int
        How many, at least 1.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.started_by = os.getpid()
        self.busy = False
        others = set(multiprocessing.active_children())
        self._pool = ProcessPoolExecutor(
            count, multiprocessing.get_context("fork"), _settle, (os.getpid(), max(1, cpu_count() // count))
        )
        self._pool.submit(os.getpid)  # with the first task all of them start
        self._processes: list[BaseProcess] = [one for one in multiprocessing.active_children() if one not in others]

    def ready(self) -> bool:
        """Whether they can be given tasks, in this process."""
        return self.alive() and not self.busy

    def alive(self) -> bool:
        """Whether they are all there, and were started by this process."""
        return self.started_by == os.getpid() and all(process.is_alive() for process in self._processes)

    def map(self, function: Callable[[Task], Result], tasks: Iterator[Task]) -> Iterator[Result]:
        """Apply a function to tasks, a few ahead, yielding results in any order; whoever leaves early stops them."""
        under_way: set[Future[Result]] = set()
        finished, self.busy = False, True
        try:
            for task in tasks:
                # What an interactive session or another function has defined, plain pickles cannot send.
                under_way.add(self._pool.submit(function, wrap_non_picklable_objects(task, keep_wrapper=False)))
                if len(under_way) >= _AHEAD * self.count:
                    ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in ended)
            while under_way:
                ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in ended)
            finished = True
        finally:
            self.busy = False
            if not finished:
                self.stop()

    def stop(self) -> None:
        """End them at once, whatever they do."""
        for process in self._processes:
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)


_workers: Workers | None = None


def start_workers(jobs: int) -> None:
    """Start copies of this process as workers, if that is safe now; earlier ones, which know less by now, are ended.

    Nothing happens while earlier ones are at work, for another thread or for whoever calls this between two results.

    Parameters
    ----------
    jobs : int
        How many; -1 for one per core.
    """
    global _workers
    if _workers is not None and _workers.alive():
        if _workers.busy:
            return
        _workers.stop()
    count = cpu_count() if jobs == -1 else jobs
    _workers = Workers(count) if count > 1 and _may_be_copied() else None


def workers_for(jobs: int) -> Workers | None:
    """Return as many workers as are asked for, if they have been started, are alive and have nothing to do."""
    count = cpu_count() if jobs == -1 else jobs
    return _workers if _workers is not None and _workers.count == count and _workers.ready() else None


def _may_be_copied() -> bool:
    alone = threading.active_count() == 1 and threading.current_thread() is threading.main_thread()
    return sys.platform == "linux" and alone and not any(name in sys.modules for name in _WITH_THREADS)


def _settle(parent: int, threads: int) -> None:
    """Make a copy a worker: it says nothing itself, ends with its parent, and leaves the other cores alone."""
    import ctypes

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PARENT_ENDED, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    for handler in tuple(LOGGER.handlers):
        LOGGER.removeHandler(handler)
    keep_freed_memory()
    if not any(name in os.environ for name in THREADS):
        from threadpoolctl import threadpool_limits

        os.environ.update(dict.fromkeys(THREADS, str(threads)))
        threadpool_limits(threads)
