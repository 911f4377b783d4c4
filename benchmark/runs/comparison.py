"""What a comparison of methods returns: DataFrames, tables, figures, and files."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from benchmark.comparison import frames
from benchmark.comparison.asked import Asked
from benchmark.comparison.latex import Float, to_latex
from benchmark.comparison.table import Grid, grid_of, table_of
from benchmark.comparison.tested import Tested
from benchmark.comparison.values import ALL, Values
from benchmark.comparison.workbook import write_workbook
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.escaping import file_name
from benchmark.formats.endings import ending_of
from benchmark.formats.files import as_json, as_page, printed, records_of, write_stored
from benchmark.numbers import counted
from benchmark.runs.watch import SILENT, Watch
from benchmark.tables import Table, to_html
from fusion_metrics.errors import nearest
from fusion_metrics.files import check_folder, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from benchmark.figures.drawing import Drawing

#: The statistics that a workbook has a sheet of, by what the table prints.
SHEETS = {"mean": ("mean",), "mean-sd": ("mean", "sd"), "median": ("median",)}


@dataclass(frozen=True, repr=False)
class Comparison:
    """Methods by metrics, with what the tests say about their differences.

    Attributes
    ----------
    asked : Asked
        How methods were compared and printed.
    parts : tuple of Tested
        One a data set, and one of all together if there are several.
    databases : tuple of Database
        Where the images are; empty where scores were given.
    problems : tuple of str
        What was wrong with the input; everything else was scored.
    """

    asked: Asked
    parts: tuple[Tested, ...]
    databases: tuple[Database, ...] = ()
    problems: tuple[str, ...] = field(default=())

    @property
    def values(self) -> tuple[Values, ...]:
        """The scores, a data set each."""
        return tuple(part.values for part in self.parts)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a data set, metric, image and method."""
        return frames.images_frame(part for part in self.values if part.name != ALL)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """One row a data set, method and metric: mean, sd, median, rank, and whether it may be the best."""
        return frames.cells_frame(self.parts)

    @property
    def means(self) -> pd.DataFrame:
        """Methods as rows, metrics as columns: means of the last part, which is all data sets if there are several."""
        last = self.values[-1]
        return frames.pivoted(self.cells, last.name, "mean", [column.label for column in last.columns])

    @cached_property
    def tests(self) -> pd.DataFrame:
        """One row a data set and metric: Friedman's test and the critical difference."""
        return frames.tests_frame(self.parts)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row a data set, metric and pair of methods: difference, effect, wins, ties, losses and p values."""
        return frames.pairs_frame(self.parts)

    @cached_property
    def overall(self) -> pd.DataFrame:
        """One row a data set and method: mean rank and Borda points over the metrics, with intervals."""
        return frames.overall_frame(self.parts)

    @cached_property
    def stability(self) -> pd.DataFrame:
        """One row a data set and what was left out: the ranking without it."""
        return frames.stability_frame(self.parts)

    @cached_property
    def redundancy(self) -> pd.DataFrame:
        """One row a data set and metric: which metrics say the same."""
        return frames.redundancy_frame(self.parts)

    @cached_property
    def grids(self) -> tuple[Grid, ...]:
        """The printed cells, a data set each."""
        return tuple(grid_of(part, self.asked) for part in self.parts)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables for a terminal; what was found stands below each."""
        return tuple(table_of(grid) for grid in self.grids)

    @cached_property
    def figures(self) -> dict[str, Drawing]:
        """What all figures show, by name; nothing is drawn yet."""
        from benchmark.comparison.contents import drawings_of

        found: dict[str, Drawing] = {}
        for part, grid in zip(self.parts, self.grids, strict=True):
            folder = f"{file_name(part.values.name)}/" if len(self.parts) > 1 else ""
            database = next((one for one in self.databases if one.name == part.values.name), None)
            drawings = drawings_of(part, grid, self.asked, database)
            found |= {folder + name: drawing for name, drawing in drawings.items()}
        return found

    def figure(self, name: str) -> Figure:
        """Draw one figure with matplotlib.

        Parameters
        ----------
        name : str
            Such as ``curves/qabf``, ``heat`` or ``critical-difference/qabf``; with the data set and a slash before it
            if there are several.

        Raises
        ------
        BenchmarkError
            There is no such figure.
        """
        from benchmark.figures.formats import styled

        found = self.figures
        if name not in found:
            raise BenchmarkError(f"no figure {name!r}{nearest(name, found)}; there are {', '.join(found)}")
        with styled():
            return found[name].draw()

    def write(self, path: str | Path, *, around: Float | None = None) -> None:
        """Write the comparison in the format of the ending.

        Parameters
        ----------
        path : str or Path
            ``.tex`` for a paper; ``.md`` or ``.html``; ``.xlsx`` with a sheet of means and one a metric; ``.csv`` and
            ``.parquet`` with one row a data set, method and metric; ``.json`` with everything.
        around : Float, optional
            Caption and label of a LaTeX table, and whether it spans two columns.

        Raises
        ------
        BenchmarkError
            No format belongs to the ending, or what writes it is not installed.
        """
        path = Path(path)
        ending = ending_of(path)
        if ending == ".tex":
            write_text(path, to_latex(self.grids, self.asked, around))
        elif ending == ".md":
            write_text(path, printed(ending, [table_of(grid, upright=True) for grid in self.grids]))
        elif ending == ".html":
            write_text(path, as_page(self._repr_html_(), self.grids[0].title))
        elif ending == ".xlsx":
            others = {"tests": self.tests, "pairs": self.pairs, "overall": self.overall, "redundancy": self.redundancy}
            write_workbook(path, self.grids, self.values, self.cells, SHEETS[self.asked.statistic], others)
        elif ending == ".json":
            write_text(path, as_json(self._as_json()))
        else:
            write_stored(path, self.cells)

    def write_figures(self, folder: str | Path, *, jobs: int = -1, watch: Watch = SILENT) -> None:
        """Draw all figures into a folder, as PDF and PNG, except those that are there already and show the same.

        Parameters
        ----------
        folder : str or Path
            It is made; figures that an earlier call drew there and that no longer belong to it are deleted.
        jobs : int
            Processes that draw; -1 is one per core.
        watch : Watch, optional
            Who is told how far it is.
        """
        from benchmark.figures.gallery import draw_all

        check_folder(Path(folder))
        with watch.progress("figures", len(self.figures)) as advance:
            signatures = [line for grid in self.grids for line in grid.signatures]
            draw_all(Path(folder), self.figures, jobs, lambda: advance(1), signatures=signatures)

    def _as_json(self) -> dict[str, object]:
        frames_by_name = ("cells", "tests", "pairs", "overall", "stability", "redundancy", "scores")
        notes = {grid.name: {"title": grid.title, "notes": [*grid.notes, *grid.findings]} for grid in self.grids}
        return {"datasets": notes, **{name: records_of(getattr(self, name)) for name in frames_by_name}}

    def __repr__(self) -> str:
        about = (
            f"{one.name}: {counted(len(one.columns), 'metric')}, {counted(len(one.methods), 'method')}, "
            f"{counted(len(one.images), 'image')}"
            for one in self.values
        )
        return f"Comparison({'; '.join(about)})"

    def _repr_html_(self) -> str:
        return "\n".join(to_html(table_of(grid, upright=True)) for grid in self.grids)
