"""How metrics that learn are fitted, as opposed to what: on which devices, who is told, what kept fit will do.

It changes no number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

#: Called with (epochs done, epochs in all, what is known of the last one).
OnEpoch = Callable[[int, int, str], None]


def _silent(done: int, total: int, about: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Execution:
    """How to fit.

    Attributes
    ----------
    device : {"auto", "cpu", "cuda"}
        ``auto`` is a GPU where there is one.
    devices : int
        How many of them.
    compiled : bool or None
        Whether networks are compiled, where they are large enough to be worth it and that is possible; None is on an
        accelerator.
    on_epoch : callable
        Told after every epoch; with several devices it must be picklable.
    since : float or None
        Moment as of `time.time`: what was fitted and kept before it is fitted again.
    """

    device: Literal["auto", "cpu", "cuda"] = "auto"
    devices: int = 1
    on_epoch: OnEpoch = _silent
    since: float | None = None
    compiled: bool | None = None


_current: ContextVar[Execution] = ContextVar("execution")
_DEFAULT = Execution()


def execution() -> Execution:
    """Return what is in force."""
    return _current.get(_DEFAULT)


@contextmanager
def executing(how: Execution) -> Iterator[None]:
    """Fit in this way inside a ``with`` block.

    Examples
    --------
    >>> with executing(Execution(device="cpu")):
    ...     execution().device
    'cpu'
    """
    token = _current.set(how)
    try:
        yield
    finally:
        _current.reset(token)
