"""A table judged as a whole: which name is meant where several give a number, and which script made most columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmark.identify.candidates import AS_IS, Candidate
from benchmark.identify.match import Match
from benchmark.identify.search import Found
from fusion_metrics import MetricSpec
from fusion_metrics import scripts as catalogue
from fusion_metrics.spec import DEFAULT_VARIANT


@dataclass(frozen=True)
class Judged:
    """A column with the one candidate that is meant.

    Attributes
    ----------
    found : Found
        With the candidate that is meant first.
    same : tuple of Match
        Other candidates with the same numbers.
    also : tuple of Match
        Candidates with other numbers that agree to the printed digits too.
    """

    found: Found
    same: tuple[Match, ...]
    also: tuple[Match, ...]

    @property
    def meant(self) -> Match | None:
        """The candidate that is meant, or that comes nearest."""
        return self.found.matches[0] if self.found.matches else None

    @property
    def is_found(self) -> bool:
        """Whether it fits."""
        return self.found.verdict in ("exact", "to the printed digits")


@dataclass(frozen=True)
class Judgement:
    """All columns, and in one sentence which script made the table."""

    columns: tuple[Judged, ...]
    sentence: str


def judge(found: Sequence[Found]) -> Judgement:
    """Choose the candidate that is meant in each column, and say which script made most of them.

    Of several candidates that fit, that one is meant whose script made most columns of the table, of pictures prepared
    as most columns are; otherwise the target of an alias rather than the alias, and the published definition.
    """
    fitting = [column for column in found if column.verdict in ("exact", "to the printed digits")]
    scripts = Counter(
        script
        for column in fitting
        for script in dict.fromkeys(script_of(match.candidate.metric.spec) for match in column.matches)
        if script
    )
    preparations = Counter(
        preparation
        for column in fitting
        for preparation in dict.fromkeys(match.candidate.preparation for match in column.matches)
    )
    order = list(_titles())

    def rank(match: Match) -> tuple[bool, int, int, int, bool, bool, str]:
        candidate = match.candidate
        script = script_of(candidate.metric.spec)
        return (
            not match.is_exact,
            -scripts[script],
            -preparations[candidate.preparation],
            order.index(script) if script else len(order),
            _is_alias(candidate.metric.spec),
            candidate.preparation != AS_IS,
            candidate.id,
        )

    columns = []
    for column in found:
        best_first = sorted(column.matches, key=rank) if column in fitting else list(column.matches)
        matches = tuple(match for match in best_first if not _says_nothing_new(match, best_first))
        same = tuple(match for match in matches[1:] if match.coincides(matches[0]))
        also = tuple(match for match in matches[1:] if not match.coincides(matches[0]))
        columns.append(Judged(replace(column, matches=matches), same, also))
    return Judgement(tuple(columns), _sentence(columns, scripts))


def script_of(spec: MetricSpec) -> str:
    """Name the script that a variant is called after, or the published definitions; empty for neither."""
    if spec.variant == DEFAULT_VARIANT:
        return DEFAULT_VARIANT
    script = catalogue.script_of(spec)
    return script.name if script else ""


def _titles() -> dict[str, str]:
    """Say what made a table, by name."""
    return {DEFAULT_VARIANT: "the published definitions"} | {
        script.name: script.title for script in catalogue.list_scripts()
    }


def _is_alias(spec: MetricSpec) -> bool:
    """Whether a variant stands for another one, which it says in an attribute of that name."""
    return bool(getattr(spec, "alias_of", None) or getattr(spec, "alias", None))


def _says_nothing_new(match: Match, among: Sequence[Match]) -> bool:
    """Whether a preparation changes nothing of a metric that fits without it."""
    candidate = match.candidate
    return candidate.preparation != AS_IS and any(
        other.candidate == Candidate(candidate.metric) and other.coincides(match) for other in among
    )


def _sentence(columns: Sequence[Judged], scripts: Counter[str]) -> str:
    """Say which script made the table."""
    fitting = [column for column in columns if column.is_found]
    n = len(columns)
    if not fitting:
        return "No column is a number of any metric here: other images, another grey or another script made them."
    most = max(scripts.values(), default=0)
    titles = _titles()
    leading = [script for script in titles if most and scripts[script] == most]
    made_by = {script: [column.found.column for column in fitting if _is_of(column, script)] for script in leading}
    if 2 * most <= n and n > 1:
        counts = ", ".join(f"{script} {scripts[script]}" for script in titles if scripts[script])
        none = f"No one script made most of the {n} columns ({counts or 'no script is known for them'})."
        return f"{none} {_readings(fitting)}".rstrip()
    names = " or ".join(f"{script} ({titles[script]})" for script in leading[:3])
    of_first = made_by[leading[0]]
    others = [column.found.column for column in columns if column.found.column not in of_first]
    what = (
        f"All {n} columns are" if not others and n > 1 else f"{most} of {n} columns are" if n > 1 else "The column is"
    )
    rest = f"; not {', '.join(others)}" if others else ""
    alike = "" if len(leading) == 1 else ", which give the same numbers here"
    return f"{what} what {names} prints{alike}{rest}. {_readings(fitting)}".rstrip()


def _readings(fitting: Sequence[Judged]) -> str:
    """Say how the pictures were prepared, where it was not as they are."""
    labels = Counter(
        column.meant.candidate.preparation.label
        for column in fitting
        if column.meant is not None and column.meant.candidate.preparation != AS_IS
    )
    return "".join(f"In {count} of them the pictures were prepared: {label}. " for label, count in labels.items())


def _is_of(column: Judged, script: str) -> bool:
    return any(script_of(match.candidate.metric.spec) == script for match in column.found.matches)
