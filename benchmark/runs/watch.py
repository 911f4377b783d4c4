"""Who is told how far a run is: nobody, unless the caller hands something in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from benchmark.databases import Database, open_database

if TYPE_CHECKING:
    from benchmark.analysis.outcome import Outcome

Advance: TypeAlias = Callable[..., None]


@contextmanager
def show_nothing(what: str, total: int | None) -> Iterator[Advance]:
    """Show no progress."""
    yield lambda steps, of=None: None


@dataclass(frozen=True)
class Watch:
    """What is shown while a run goes on; by default nothing.

    Attributes
    ----------
    progress : callable
        ``with progress(what, total) as advance`` stands around work of `total` steps (None: unknown);
        ``advance(steps)`` says that some are done, ``advance(steps, of)`` that there are `of` of them.
    say, warn : callable
        They are given a sentence; the second one, about what is left out.
    found : callable
        It is given the `Outcome` of each database as soon as that is known.
    open_database : callable
        It opens a database by its name, and may show its warnings.
    """

    progress: Callable[[str, int | None], AbstractContextManager[Advance]] = show_nothing
    say: Callable[[str], None] = lambda sentence: None
    warn: Callable[[str], None] = lambda sentence: None
    found: Callable[[Outcome], None] = lambda outcome: None
    open_database: Callable[[str | Path], Database] = open_database


SILENT = Watch()
