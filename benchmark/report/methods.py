"""One data set of the page of a comparison: its result, table, figures and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmark.comparison.contents import direction, drawings_of, names_of
from benchmark.comparison.frames import pivoted
from benchmark.comparison.headline import headline, lead_of
from benchmark.comparison.table import Grid, Printed
from benchmark.comparison.tested import Tested
from benchmark.comparison.values import Values
from benchmark.databases import Database
from benchmark.escaping import file_name
from benchmark.numbers import counted
from benchmark.report.captions import caption
from benchmark.report.drawings import WIDEST, Inline, draw_inline
from benchmark.report.licence import keeps_pictures_here
from benchmark.report.provenance import Facts, database_digest
from benchmark.report.scenes import Gallery, gallery_of
from benchmark.runs.comparison import Comparison
from benchmark.scoring.foreign import FAMILY as FOREIGN_FAMILY
from fusion_metrics.signature import signature_of
from fusion_metrics.spec import FAMILIES

#: Figures over all metrics, and of one, in their order on the page.
OVER_ALL = ("heat", "radar", "redundancy")
BY_METRIC = ("critical-difference", "curves", "spread", "duel")


@dataclass(frozen=True)
class Captioned:
    """A figure with the text around it."""

    title: str
    text: str
    drawn: Inline


@dataclass(frozen=True)
class MetricColumn:
    """A metric: the head of its column, what it is, and its figures.

    Attributes
    ----------
    id, label, heading, title, family : str
    direction : str
        Which values are better, in words.
    first : {"ascending", "descending"}
        What the first click of a reader sorts by.
    signatures : tuple of str
        What was computed; one line, unless images were computed differently.
    figures : tuple of Captioned
    """

    id: str
    label: str
    heading: str
    title: str
    family: str
    direction: str
    first: str
    signatures: tuple[str, ...]
    figures: tuple[Captioned, ...]


@dataclass(frozen=True)
class MethodRow:
    """A line of the table.

    Attributes
    ----------
    name : str
    own : bool
        Whether it is the own method.
    rank : float or None
        Mean rank over the metrics.
    cells : tuple of (Printed, str)
        What is printed for each metric, and what a reader sorts by, with all digits; empty where there is no value.
    """

    name: str
    own: bool
    rank: float | None
    cells: tuple[tuple[Printed, str], ...]


@dataclass(frozen=True)
class MethodsPart:
    """All that is shown of one data set; see ``templates/methods_part.html``."""

    id: str
    name: str
    title: str
    sentence: str
    counts: Facts
    grid: Grid
    columns: tuple[MetricColumn, ...]
    rows: tuple[MethodRow, ...]
    figures: tuple[Captioned, ...]
    gallery: Gallery | None
    licence: str
    confidential: bool
    facts: Facts

    @property
    def families(self) -> dict[str, str]:
        """The families of its metrics, each with what it measures."""
        known = {**FAMILIES, **FOREIGN_FAMILY}
        return {family: known[family] for family in dict.fromkeys(column.family for column in self.columns)}


def parts_of(
    found: Comparison, *, budget: int, jobs: int = 1, on_figure: Callable[[], None] = lambda: None
) -> tuple[MethodsPart, ...]:
    """Collect and draw all that is shown of a comparison, all data sets together first.

    Parameters
    ----------
    found : Comparison
    budget : int
        Bytes of pictures, shared by the data sets.
    jobs : int
        Processes that draw.
    on_figure : callable, optional
        Called after each figure.
    """
    share = budget // max(len(found.databases), 1)
    databases = {database.name: database for database in found.databases}
    numbered = list(enumerate(zip(found.parts, found.grids, strict=True)))
    numbered.sort(key=lambda item: item[1][0].values.name in databases)  # stable: those with pictures behind
    return tuple(
        _part(found, tested, grid, databases.get(grid.name), f"d{number}", share, jobs, on_figure)
        for number, (tested, grid) in numbered
    )


def _part(
    found: Comparison,
    tested: Tested,
    grid: Grid,
    database: Database | None,
    prefix: str,
    budget: int,
    jobs: int,
    on_figure: Callable[[], None],
) -> MethodsPart:
    values = tested.values
    drawings = drawings_of(tested, grid, found.asked, None)
    drawn = draw_inline(drawings, prefix, jobs=jobs, on_figure=on_figure, widest=WIDEST)

    def captioned(names: tuple[str, ...]) -> tuple[Captioned, ...]:
        return tuple(Captioned(*caption(drawings[name]), drawn[name]) for name in names if name in drawn)

    columns = []
    for k, column in enumerate(values.columns):
        spec, stem = column.spec, file_name(column.label)
        columns.append(
            MetricColumn(
                id=f"{prefix}-m{k}",
                label=column.label,
                heading=column.heading,
                title=spec.title,
                family=spec.family,
                direction=direction(spec),
                first="descending" if spec.higher_is_better else "ascending",
                signatures=_signatures(values, k),
                figures=captioned(tuple(f"{kind}/{stem}" for kind in BY_METRIC)),
            )
        )
    gallery = None
    if database is not None:
        names = names_of(database, values, found.asked)
        gallery = gallery_of(database, names, _first_two(tested), prefix, budget)
    return MethodsPart(
        id=prefix,
        name=grid.called_data,
        title=grid.title,
        sentence=headline(tested),
        counts=_counts(tested),
        grid=grid,
        columns=tuple(columns),
        rows=_rows(found, tested, grid),
        figures=captioned(OVER_ALL),
        gallery=gallery,
        licence="" if database is None else database.licence,
        confidential=database is not None
        and gallery is not None
        and bool(gallery.scenes)
        and keeps_pictures_here(database.licence),
        facts=[] if database is None else _facts(database),
    )


def _signatures(values: Values, k: int) -> tuple[str, ...]:
    """Return what scores of a metric are signed with, or, where they are not, what its declaration says."""
    signed = values.signatures
    return signed[k] if signed and signed[k] else (str(signature_of(values.columns[k].spec)),)


def _rows(found: Comparison, tested: Tested, grid: Grid) -> tuple[MethodRow, ...]:
    statistic = "median" if found.asked.statistic == "median" else "mean"
    labels = [column.label for column in grid.columns]
    exact = pivoted(found.cells, grid.name, statistic, labels).loc[list(grid.methods)].to_numpy(dtype=np.float64)
    ranks = None if tested.overall is None else tested.overall.mean_rank
    rows = []
    for m, (method, line) in enumerate(zip(grid.methods, grid.cells, strict=True)):
        keys = ("" if np.isnan(value) else _key(value) for value in exact[m].tolist())
        rank = None if ranks is None else float(ranks[m])
        own = method == grid.own
        rows.append(MethodRow(grid.called(method), own, rank, tuple(zip(line, keys, strict=True))))
    return tuple(rows)


def _key(value: float) -> str:
    """Write a number as JavaScript reads it."""
    return repr(value).replace("inf", "Infinity")


def _first_two(tested: Tested) -> tuple[str, str]:
    """Choose the two pictures that lie on each other first: the own method, or the best, and the best other one."""
    names = tested.values.methods
    by_rank = range(len(names)) if tested.overall is None else np.argsort(tested.overall.mean_rank, kind="stable")
    order = [names[m] for m in by_rank]
    left = tested.values.own or order[0]
    return left, next(name for name in order if name != left)


def _counts(tested: Tested) -> Facts:
    values, lead = tested.values, lead_of(tested)
    found = [
        (str(len(values.methods)), "methods"),
        (str(len(values.images)), ("source pair" if values.single else "image") + ("s" * (len(values.images) != 1))),
    ]
    if lead.tested:
        found.append((f"{lead.telling} of {lead.tested}", "metrics tell methods apart"))
    if tested.redundancy is not None:
        found.append((f"{tested.redundancy.effective:.1f}", f"effective number of the {len(tested.used)} metrics"))
    return found


def _facts(database: Database) -> Facts:
    algorithms = dict.fromkeys(image.algorithm for image in database.fused)
    counts = f"{counted(len(database.fused), 'image')} of {counted(len(algorithms), 'method')}"
    facts = [
        ("fused images", f"{counts}, {counted(len(database.pairs), 'source pair')}"),
        ("citation", database.citation),
        ("licence", database.licence or "none stated"),
        ("note", database.note),
        ("SHA-256", database_digest(database)),
    ]
    return [(term, text) for term, text in facts if text]
