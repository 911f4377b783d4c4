"""Tasks on the workers of a dask cluster: they are sent, watched and fetched, and a lost worker costs nothing but time.

A task travels as bytes, so that the scheduler hands on what it need not understand, and a worker that cannot understand
it says so in one line.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

import fusion_metrics
from benchmark.allocator import keep_freed_memory
from benchmark.errors import BenchmarkError
from benchmark.messages import LOGGER, Message, Overheard, one_line, repeat

Task = TypeVar("Task")
Result = TypeVar("Result")

#: Seconds within which a scheduler answers.
ANSWER = 5
#: Seconds that are waited for a worker where there is none; dask's own setting, if there is one, counts instead.
PATIENCE = 30.0
_SETTING = "distributed.scheduler.no-workers-timeout"
#: Seconds after which the workers are counted again.
_LOOK = 1.0
#: Tasks that are sent for each worker: the next is there when one is done.
_AHEAD = 2
_STORED = "what was scored is stored, the same command goes on from there"
#: Messages and warnings are caught for the whole process, so a worker of several threads takes one task at a time.
_ONE_AT_A_TIME = threading.Lock()


class Cluster(NamedTuple):
    """Where tasks are sent.

    Attributes
    ----------
    scheduler : str
        Address of a dask scheduler, such as ``tcp://host:8786``.
    shared_storage : bool
        Whether workers see the files of this machine under the same paths, and read pictures themselves.
    """

    scheduler: str
    shared_storage: bool = False


def run_on_cluster(function: Callable[[Task], Result], tasks: Iterator[Task], scheduler: str) -> Iterator[Result]:
    """Apply a function to tasks on the workers of a cluster, yielding results as they come, in any order.

    Parameters
    ----------
    function : callable
        Of the top level of a module that workers have too.
    tasks : iterator
        Taken only a few ahead, so that neither this machine nor the scheduler holds all of them.
    scheduler : str
        Address of the scheduler.

    Raises
    ------
    BenchmarkError
        No scheduler answers, dask is not installed, no worker is left, or a worker cannot do what it is sent.
    """
    overheard = Overheard(function, LOGGER.getEffectiveLevel())
    with _connected(scheduler) as client:
        workers = _Workers(client, scheduler)
        done: SimpleQueue[Any] = SimpleQueue()
        pending: set[Any] = set()
        left = True
        while True:
            while left and len(pending) < _AHEAD * workers.count():
                if left := (task := next(tasks, None)) is not None:
                    sent = pickle.dumps((overheard, task), protocol=pickle.HIGHEST_PROTOCOL)
                    future = client.submit(
                        receive, fusion_metrics.__version__, sent, key=f"fmbench-{uuid4().hex}", pure=False
                    )
                    pending.add(future)
                    future.add_done_callback(done.put)
            if not left and not pending:
                return
            try:
                future = done.get(timeout=_LOOK)
            except Empty:
                workers.look()
                continue
            try:
                result, heard = _result(future, scheduler)
            except TimeoutError:  # its worker has gone with the result, which is computed again
                future.add_done_callback(done.put)
                continue
            pending.discard(future)
            repeat(heard)
            yield result


def receive(version: str, sent: bytes) -> tuple[Any, list[Message]]:
    """Do, on a worker, what was sent; return its result, and what was said."""
    from distributed import get_worker

    address = get_worker().address
    if version != fusion_metrics.__version__:
        raise BenchmarkError(
            f"worker {address} has fmbench {fusion_metrics.__version__} and this machine {version}: install the same"
        )
    with _ONE_AT_A_TIME:
        # As dask starts workers, every array of a picture's size is given back page by page: two thirds of their time.
        keep_freed_memory(whoever_decided=True)
        try:
            overheard, task = pickle.loads(sent)  # noqa: S301 - from the client, of whom dask takes any code
        except (ImportError, AttributeError) as error:
            raise BenchmarkError(
                f"worker {address} cannot load what it is to compute ({one_line(error)}): install it there too"
            ) from None
        try:
            answer: tuple[Any, list[Message]] = overheard(task)
        except BenchmarkError as error:
            raise BenchmarkError(f"worker {address}: {error}") from None
        return answer


class _Workers:
    """How many workers there are, looked up now and then."""

    def __init__(self, client: Any, scheduler: str) -> None:
        import dask
        from dask.utils import parse_timedelta

        self._client, self._scheduler = client, scheduler
        self._patience = float(parse_timedelta(dask.config.get(_SETTING, None) or PATIENCE))
        self._count = 0
        self._looked, self._seen = 0.0, time.monotonic()
        self._waiting = self._warned = False

    def count(self) -> int:
        """Return how many there are, as of a moment ago; at least one, so that a task waits for the first."""
        if time.monotonic() - self._looked > _LOOK:
            self.look()
        return max(self._count, 1)

    def look(self) -> None:
        """Count them; complain where there was none for long."""
        try:
            threads = dict(self._client.nthreads())
        except (OSError, TimeoutError, RuntimeError) as error:
            raise BenchmarkError(f"--scheduler {self._scheduler}: has gone ({one_line(error)}); {_STORED}") from None
        now = time.monotonic()
        self._count, self._looked = len(threads), now
        if threads:
            self._seen, self._waiting = now, False
        elif now - self._seen > self._patience:
            raise BenchmarkError(
                f"--scheduler {self._scheduler}: has had no worker for {self._patience:g} s; {_STORED} "
                "once there are workers"
            )
        elif not self._waiting:
            LOGGER.info("%s has no worker: waiting for one", self._scheduler)
            self._waiting = True
        if max(threads.values(), default=1) > 1 and not self._warned:
            LOGGER.warning("a worker of several threads computes one task at a time: start workers with --nthreads 1")
            self._warned = True


def _result(future: Any, scheduler: str) -> tuple[Any, list[Message]]:
    """Fetch a result, or say in one line why there is none."""
    from distributed.scheduler import KilledWorker

    if future.status == "cancelled":
        raise BenchmarkError(f"--scheduler {scheduler}: has gone; {_STORED}")
    try:
        answer: tuple[Any, list[Message]] = future.result(timeout=PATIENCE)
        return answer
    except (BenchmarkError, TimeoutError):
        raise
    except KilledWorker as error:
        raise BenchmarkError(
            f"--scheduler {scheduler}: one task ended {error.allowed_failures + 1} workers one after another, perhaps "
            f"for want of memory; {_STORED}, with --jobs 1 on this machine"
        ) from None
    except Exception as error:
        kind = type(error).__name__
        if isinstance(error, ImportError) or "deserializ" in str(error):
            hint = f": scheduler and workers need fmbench {fusion_metrics.__version__} as this machine has it"
        else:
            hint = f"; {_STORED}"
        raise BenchmarkError(f"--scheduler {scheduler}: {kind}: {one_line(error)}{hint}") from error


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    """Connect with a scheduler; at the end take back what is not done."""
    try:
        from distributed import Client
    except ImportError:
        raise BenchmarkError("--scheduler needs dask: pip install 'fmbench[distributed]'") from None
    with _quiet():
        try:
            # Asked in a thread, since a notebook has a loop of its own; a client that gets no answer leaves traces.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, _ask(scheduler)).result()
            client = Client(scheduler, timeout=ANSWER, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, TimeoutError, ValueError, RuntimeError, MemoryError) as error:
            raise BenchmarkError(
                f"--scheduler {scheduler}: no dask scheduler answers within {ANSWER} s ({one_line(error)})"
            ) from None
        try:
            yield client
        finally:
            client.close(timeout=ANSWER)  # type: ignore[no-untyped-call]


async def _ask(scheduler: str) -> None:
    """See whether a scheduler answers at an address."""
    from distributed.comm.core import connect

    comm = await asyncio.wait_for(connect(scheduler, timeout=ANSWER), ANSWER)  # type: ignore[no-untyped-call]
    await comm.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep dask's own log off the terminal: what matters of it is said in one line."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado.application")]
    before = [logger.level for logger in loggers]
    if LOGGER.getEffectiveLevel() > logging.DEBUG:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
