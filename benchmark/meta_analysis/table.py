"""Metrics against databases: what each says, what all say together, and in words how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.meta_analysis.effects import Effect
from benchmark.meta_analysis.pooled import Group, Line
from benchmark.statistics.bootstrap import FEW_PAIRS
from benchmark.statistics.pooling import LEAST_TO_PREDICT
from benchmark.tables import ABSENT, Cell, Head, Table, number

#: With fewer databases the variance between them is hardly known.
FEW_DATABASES = 5
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


def meta_table(group: Group) -> Table:
    """Make the table of one group: metrics by the pooled correlation, those without one last."""
    percent = f"{group.confidence:.0%}".replace("%", " %")
    heads = [Head("metric", "with its direction", numeric=False, first="ascending")]
    heads += [Head(one.name, "mean SRCC within source pairs ± its standard error") for one in group.databases]
    if len(group.databases) > 1:
        heads += [
            Head("pooled", "mean over databases (random effects)", order="descending"),
            Head(percent, "interval of the mean (Hartung and Knapp)"),
            Head("I²", "share of the differences between databases that is more than chance"),
            Head("p differ", "that all databases have one value (Welch)", first="ascending"),
            Head("p Holm", "the same, adjusted for all metrics", first="ascending"),
        ]
    if len(group.databases) >= LEAST_TO_PREDICT:
        heads.append(Head("a further database", "prediction interval"))
    rows = tuple(tuple(_cells(line, len(heads))) for line in group.lines)
    return Table(_title(group), tuple(heads), rows, tuple(_notes(group)))


def _title(group: Group) -> str:
    count = len(group.databases)
    several = f"{_NUMBERS.get(count, str(count))} database{'' if count == 1 else 's'}"
    return f"Agreement with {group.origin} scores over {several}: mean SRCC within source pairs"


def _cells(line: Line, columns: int) -> list[Cell]:
    cells = [Cell(line.effects[0].printed_label, sort=line.label, note=line.reason)]
    cells += [_effect(effect) for effect in line.effects]
    if line.pooled is not None:
        cells += [
            number(line.value),
            _interval(line.interval),
            Cell(f"{100 * line.pooled.i2:.0f} %", sort=repr(line.pooled.i2)),
            _p(line.pooled.p),
            _p(line.p_holm),
            _interval(line.predicted),
        ]
    return [*cells, *[Cell(ABSENT)] * columns][:columns]


def _effect(effect: Effect) -> Cell:
    if effect.found is None:
        return Cell(ABSENT)
    return Cell(f"{effect.found.value:.3f} ±{effect.found.standard_error:.3f}", sort=repr(effect.found.value))


def _interval(ends: tuple[float, float] | None) -> Cell:
    return Cell(ABSENT) if ends is None else Cell(f"{ends[0]:.2f} .. {ends[1]:.2f}", sort=repr(ends[0]))


def _p(p: float | None) -> Cell:
    if p is None:
        return Cell(ABSENT)
    return Cell("< 0.0001" if p < 0.0001 else f"{p:.4f}", sort=repr(p))


def _notes(group: Group) -> Iterator[str]:
    count = len(group.databases)
    pooled = [line for line in group.lines if line.pooled is not None]
    if count > 1:
        yield _found(group, pooled)
    for one in group.databases:
        pairs = {
            effect.found.pairs
            for line in group.lines
            for effect in line.effects
            if effect.found is not None and effect.database == one.name
        }
        few = f", a standard error from {max(pairs)} values is a guess" if pairs and max(pairs) < FEW_PAIRS else ""
        yield f"{one.name}: {one.title}; {max(pairs, default=0)} source pairs{few}"
    if count == 1:
        yield f"one database with {group.origin} scores: nothing to pool; a meta-analysis needs two of one origin"
    elif count < LEAST_TO_PREDICT:
        yield (
            "two databases: how far databases differ is guessed from one difference, so the interval of the mean (1 "
            "degree of freedom) may cover nearly everything, and where a further database lies cannot be said at all "
            "(that needs three). Read the two columns, and whether they differ, not their mean"
        )
    elif count < FEW_DATABASES:
        yield f"{count} databases: how far databases differ is hardly known, and intervals are wide for that reason"
    if count > 1:
        yield (
            "pooled: random effects on Fisher's z of each database's mean (REML), interval after Hartung and Knapp; "
            "I²: share of Cochran's Q beyond chance; p differ: Welch's test that all databases have one value, which "
            "unlike that of Q knows how few source pairs there are"
        )
    if group.origin == "simulated":
        yield "simulated readers may be made alike: that such databases agree says nothing about people"
    said: dict[str, list[str]] = {}
    for line in group.lines:
        if line.reason and count > 1:
            said.setdefault(line.reason, []).append(line.label)
    yield from (f"{', '.join(labels)}: not pooled; {reason}" for reason, labels in said.items())


def _found(group: Group, pooled: list[Line]) -> str:
    """Say in one sentence what was found."""
    everywhere = [
        line.label for line in pooled if all(one.found is not None and one.found.low > 0 for one in line.effects)
    ]
    differ = [line for line in pooled if line.p_holm is not None and line.p_holm < group.alpha]
    names = f" ({', '.join(everywhere[:6])}{', ...' if len(everywhere) > 6 else ''})" if everywhere else ""
    return (
        f"agreement on every database, each interval taken alone being above 0: {len(everywhere)} of {len(pooled)} "
        f"metrics{names}; databases that are shown to differ: by {len(differ)} of them (Holm)"
    )
