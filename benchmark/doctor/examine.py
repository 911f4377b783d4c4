"""Everything that is looked at, by topic; what goes wrong while looking is a finding, too."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module

from benchmark.numbers import counted
from fusion_metrics.health import Check, Finding, declared_checks

#: Where each topic is looked at. The modules are imported one by one, because what they need may be what is missing.
CHECKS = {
    "Versions": "packages:versions",
    "Extras": "packages:extras",
    "Plug-ins": "packages:plug_ins",
    "Machine": "machine:computing",
    "Folders": "machine:folders",
    "Embedded databases": "databases:built",
}
LAST = {"Self-test": "selftest:golden_numbers"}


@dataclass(frozen=True)
class Examination:
    """What was found.

    Attributes
    ----------
    topics : dict of str to tuple of Finding
    """

    topics: dict[str, tuple[Finding, ...]]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, whatever their topic."""
        return tuple(one for findings in self.topics.values() for one in findings)

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """What keeps something from working."""
        return tuple(one for one in self.findings if one.state == "wrong")

    @property
    def verdict(self) -> str:
        """All in one line: that all is well, or what is wrong and what mends it."""
        if not self.wrong:
            notes = counted(sum(one.state == "note" for one in self.findings), "thing")
            return "all is well" if notes.startswith("0 ") else f"all is well; {notes} marked • could be better"
        told = [f"{one.about}{f' ({one.mend})' if one.mend else ''}" for one in self.wrong]
        verb = "is" if len(told) == 1 else "are"
        return f"{counted(len(told), 'thing')} {verb} wrong: {'; '.join(told)}"

    def as_json(self) -> dict[str, object]:
        """Give the same for programs."""
        return {
            "well": not self.wrong,
            "verdict": self.verdict,
            "topics": {name: [asdict(one) for one in findings] for name, findings in self.topics.items()},
        }


def examine(on_topic: Callable[[str], None] = lambda topic: None) -> Examination:
    """Look at everything.

    Parameters
    ----------
    on_topic : callable, optional
        Called with each topic before it is looked at.
    """
    topics: dict[str, tuple[Finding, ...]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a plug-in warns of is a finding of its own
        for name, where in CHECKS.items():
            on_topic(name)
            topics[name] = _asked(where)
        more: dict[str, Check | str] = {**declared_checks(), **LAST}  # known when plug-ins are loaded
        for name, check in more.items():
            on_topic(name)
            topics[name] = _asked(check)
    return Examination(topics)


def _asked(check: Check | str) -> tuple[Finding, ...]:
    found = []
    try:
        for one in _loaded(check)():
            found.append(one)  # noqa: PERF402 - what was found before an error counts
    except ModuleNotFoundError as error:
        found.append(
            Finding("failed", f"needs {error.name}, which is not installed", "wrong", f"pip install {error.name}")
        )
    except Exception as error:  # noqa: BLE001 - this command is asked where things fail that should not
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        found.append(Finding("failed", cause, "wrong"))
    return tuple(found)


def _loaded(check: Check | str) -> Check:
    if not isinstance(check, str):
        return check
    module, _, function = check.partition(":")
    found: Check = getattr(import_module(f"benchmark.doctor.{module}"), function)
    return found
