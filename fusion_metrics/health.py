"""What a plug-in can say of its own health: whether what it needs is there, and what mends it.

`declare_check` adds a question that ``fmbench doctor`` asks, as `fusion_metrics.scripts.declare_script` adds a script:
whoever brings metrics knows best which files and weights they need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["well", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    about : str
        What was looked at, in a word or two.
    text : str
        What was found.
    state : {"well", "note", "wrong"}
        A note says what could be better; what is wrong keeps something from working.
    mend : str
        The command or option that mends it; empty where there is none.
    """

    about: str
    text: str
    state: State = "well"
    mend: str = ""


Check = Callable[[], Iterable[Finding]]
_checks: dict[str, Check] = {}


def declare_check(topic: str, check: Check) -> None:
    """Add a question to those that are asked of this machine; one of the same topic takes its place.

    Parameters
    ----------
    topic : str
        The heading under which the findings stand.
    check : callable
        Returns findings; it should take no more than a second, and use no network.
    """
    _checks[topic] = check


def declared_checks() -> dict[str, Check]:
    """Return the questions of plug-ins that have been loaded, by topic."""
    return dict(_checks)
