"""Signs of life of a command: messages, progress where there is no terminal, and what signals do."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmark.cli.console import error_console, say
from benchmark.errors import BenchmarkError
from benchmark.messages import messages_to, one_line, warnings_as_messages

#: Exit code of a command that was terminated: 128 and the number of the signal, as shells have it.
TERMINATED = 143
#: Seconds between two lines about a long command whose output is a file or a pipe.
EVERY = 30.0
LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}


class Terminated(KeyboardInterrupt):
    """The process was asked to end, by SIGTERM; handled as an interrupt from the keyboard is."""


@contextmanager
def heeding_terminate() -> Iterator[None]:
    """End in an orderly way on SIGTERM: with what was computed stored, scratch files removed, and one line."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(number: int, frame: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def saying_messages() -> Iterator[None]:
    """Print log records from the level that ``$FMBENCH_LOG`` names, and each warning of a library once.

    Raises
    ------
    BenchmarkError
        There is no such level.
    """
    name = os.environ.get("FMBENCH_LOG") or "warning"
    if name.lower() not in LEVELS:
        raise BenchmarkError(f"FMBENCH_LOG={name}: is no level; there are {', '.join(LEVELS)}")
    with messages_to(_Printer(), LEVELS[name.lower()]), warnings_as_messages():
        yield


class _Printer(logging.Handler):
    """Prints every record as one line, warnings only the first time."""

    def __init__(self) -> None:
        super().__init__()
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        text = one_line(record.getMessage())
        if record.levelno >= logging.WARNING:
            if text in self._said:
                return
            self._said.add(text)
        say(f"{record.levelname.lower()}: {text}", "yellow" if record.levelno >= logging.WARNING else "dim")


class Lines:
    """Progress as lines on standard error, at most one in `EVERY` seconds; a short command prints none."""

    def __init__(self, what: str, total: int | None) -> None:
        self._what, self._total, self._done = what, total, 0
        self._start = time.monotonic()
        self._said = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def advance(self, steps: int, of: int | None = None) -> None:
        """Count steps; `of` is how many there are in all, where that is known only now."""
        self._done += steps
        self._total = self._total if of is None else of

    def __enter__(self) -> Lines:
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._said:
            state = "done" if raised[0] is None else "stopped"
            self._print(f"{state} after {_duration(time.monotonic() - self._start)}")

    def _tell(self) -> None:
        while not self._ended.wait(EVERY):
            self._said = True
            self._print(self._remaining())

    def _print(self, rest: str) -> None:
        known = f"{self._done}" if self._total is None else f"{self._done} of {self._total}"
        with suppress(OSError):  # nobody listens
            error_console().print(
                f"{self._what}: {known}, {rest}", style="dim", markup=False, highlight=False, soft_wrap=True
            )

    def _remaining(self) -> str:
        spent = time.monotonic() - self._start
        if self._total is None or not 0 < self._done < self._total:
            return f"at work for {_duration(spent)}"
        return f"about {_duration(spent / self._done * (self._total - self._done))} left"


def close_broken_output() -> None:
    """Turn an output that cannot be written to away, lest Python complain about it at the end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, stream.fileno())
                os.close(null)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
