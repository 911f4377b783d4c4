"""What is said beside the results: log records and warnings of libraries, one line each, from every process.

Everything goes through the standard logger ``fmbench``. A worker process prints nothing; what is said there travels
back with the result, so that each warning appears once, whoever met it.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
#: Level and text.
Message = tuple[int, str]

LOGGER = logging.getLogger("fmbench")


def one_line(text: object) -> str:
    """Put a text on one line."""
    return " ".join(str(text).split())


@contextmanager
def warnings_as_messages() -> Iterator[None]:
    """Log warnings of libraries as one line each, without file and line; which warnings there are stays as it is."""
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *about: Any, **more: Any) -> None:
        LOGGER.warning("%s", one_line(message) or category.__name__)

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before


@contextmanager
def messages_to(handler: logging.Handler, level: int) -> Iterator[None]:
    """Send what is logged from a level on to a handler, and nowhere else."""
    before = LOGGER.level, LOGGER.propagate
    LOGGER.setLevel(level)
    LOGGER.propagate = False
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(before[0])
        LOGGER.propagate = before[1]


@dataclass(frozen=True)
class Overheard(Generic[Task, Result]):
    """A function whose messages are returned with its result; it can be sent to other processes.

    Attributes
    ----------
    function : callable
    level : int
        Of the messages that are of interest.
    """

    function: Callable[[Task], Result]
    level: int

    def __call__(self, task: Task) -> tuple[Result, list[Message]]:
        """Call the function."""
        heard: list[Message] = []
        with messages_to(_Collector(heard), self.level), warnings_as_messages():
            return self.function(task), heard


def repeat(heard: list[Message]) -> None:
    """Log in this process what was said in another."""
    for level, text in heard:
        LOGGER.log(level, "%s", text)


class _Collector(logging.Handler):
    def __init__(self, heard: list[Message]) -> None:
        super().__init__()
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append((record.levelno, one_line(record.getMessage())))
