"""Every metric over all databases of one origin; human and simulated scores are different groups, always."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from benchmark.analysis.outcome import Outcome
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.meta_analysis.effects import Effect, effects_of
from benchmark.statistics.pooling import Pooled, pool

Origin = Literal["human", "simulated"]
ORIGINS: tuple[Origin, ...] = ("human", "simulated")


@dataclass(frozen=True)
class Line:
    """One metric over the databases of a group.

    Attributes
    ----------
    effects : tuple of Effect
        One a database, in the order of the group.
    pooled : Pooled or None
        On Fisher's scale.
    reason : str
        Why there is none. A metric without an effect on each database is not pooled over those that it has.
    p_holm : float or None
        That all databases have one effect, adjusted for all metrics of the group.
    """

    effects: tuple[Effect, ...]
    pooled: Pooled | None
    reason: str
    p_holm: float | None = None

    @property
    def label(self) -> str:
        """Name of the line."""
        return self.effects[0].label

    @property
    def value(self) -> float | None:
        """The pooled correlation."""
        return None if self.pooled is None else math.tanh(self.pooled.value)

    @property
    def interval(self) -> tuple[float, float] | None:
        """That of the mean over databases."""
        return None if self.pooled is None else (math.tanh(self.pooled.low), math.tanh(self.pooled.high))

    @property
    def predicted(self) -> tuple[float, float] | None:
        """Where a further database lies; none with fewer than three."""
        if self.pooled is None or math.isnan(self.pooled.predicted_low):
            return None
        return math.tanh(self.pooled.predicted_low), math.tanh(self.pooled.predicted_high)

    @property
    def least(self) -> float | None:
        """The correlation on the database that the metric agrees with least."""
        values = [effect.found.value for effect in self.effects if effect.found is not None]
        return min(values) if len(values) == len(self.effects) else None


@dataclass(frozen=True)
class Group:
    """All databases whose scores have one origin.

    Attributes
    ----------
    origin : {"human", "simulated"}
    databases : tuple of Database
    lines : tuple of Line
        By the pooled correlation, those without one last.
    confidence, alpha : float
        Of the intervals, and of the tests.
    """

    origin: Origin
    databases: tuple[Database, ...]
    lines: tuple[Line, ...]
    confidence: float
    alpha: float


def groups_of(outcomes: Sequence[Outcome]) -> tuple[Group, ...]:
    """Pool every metric over databases, those with human and those with simulated scores apart.

    Raises
    ------
    BenchmarkError
        Two databases of one name, which no table could tell apart.
    """
    names = [outcome.database.name for outcome in outcomes]
    for name in names:
        if names.count(name) > 1:
            raise BenchmarkError(f"{name}: two databases are called so; name = in database.toml tells them apart")
    found = []
    for origin in ORIGINS:
        here = [outcome for outcome in outcomes if outcome.database.scores == origin]
        if here:
            found.append(_group(origin, here))
    return tuple(found)


def _group(origin: Origin, outcomes: Sequence[Outcome]) -> Group:
    databases = tuple(outcome.database for outcome in outcomes)
    tables = [{effect.label: effect for effect in effects_of(outcome)} for outcome in outcomes]
    options = outcomes[0].analysis.options
    # The first database that has the metric says what it is called; the others have at least its name.
    known = {label: effect for table in reversed(tables) for label, effect in table.items()}
    lines = []
    for label, like in known.items():
        effects = [
            table.get(label, replace(like, database=database.name, found=None, reason="not scored"))
            for table, database in zip(tables, databases, strict=True)
        ]
        lines.append(_line(effects, options.confidence))
    lines.sort(key=lambda line: (line.value is None, -(line.value or 0.0)))
    return Group(origin, databases, tuple(_adjusted(lines)), options.confidence, options.alpha)


def _line(effects: Sequence[Effect], confidence: float) -> Line:
    lacking = [f"{effect.database}: {effect.reason}" for effect in effects if effect.found is None]
    if lacking:
        return Line(tuple(effects), None, "; ".join(lacking))
    if len(effects) < 2:
        return Line(tuple(effects), None, "one database: nothing to pool")
    z, errors = zip(*(effect.z for effect in effects), strict=True)
    pairs = [effect.found.pairs for effect in effects if effect.found is not None]
    return Line(tuple(effects), pool(z, errors, pairs, confidence=confidence), "")


def _adjusted(lines: Sequence[Line]) -> Iterator[Line]:
    """Adjust the p values of all lines for each other (Holm)."""
    p = np.array([line.pooled.p for line in lines if line.pooled is not None])
    order = np.argsort(p, kind="stable")
    holm = np.empty_like(p)
    holm[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    adjusted = iter(holm.tolist())
    for line in lines:
        yield line if line.pooled is None else replace(line, p_holm=next(adjusted))
