"""Metrics over several databases, as a run returns it: DataFrame, tables, figures, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from benchmark.errors import BenchmarkError
from benchmark.figures.formats import styled
from benchmark.figures.gallery import draw_all
from benchmark.formats.files import write_table
from benchmark.meta_analysis.contents import meta_figures
from benchmark.meta_analysis.frames import meta_frame
from benchmark.meta_analysis.pooled import Group
from benchmark.meta_analysis.table import meta_table
from benchmark.runs.watch import SILENT, Watch
from benchmark.tables import Table, to_html
from fusion_metrics.errors import nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What a run writes beside its other tables.
FILES = ("meta.csv", "meta.md", "meta.tex")


@dataclass(frozen=True, repr=False)
class MetaAnalysis:
    """Agreement of every metric over databases, by random effects; human and simulated scores apart.

    Attributes
    ----------
    groups : tuple of Group
        Of human scores, and of simulated ones, where there are any.
    """

    groups: tuple[Group, ...]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a metric and database, and one for all databases of that origin; see `meta_frame`."""
        return meta_frame(self.groups)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Metrics against databases: a table for human scores, and one for simulated ones."""
        return tuple(map(meta_table, self.groups))

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures: ``human/all``, ``human/qabf``, and so on."""
        return tuple(meta_figures(self.groups))

    def figure(self, name: str) -> Figure:
        """Draw one figure with matplotlib.

        Parameters
        ----------
        name : str
            One of `figures`.

        Raises
        ------
        BenchmarkError
            There is no such figure.
        """
        drawings = meta_figures(self.groups)
        if name not in drawings:
            known = ", ".join(drawings) or "none, because no two databases have scores of one origin"
            raise BenchmarkError(f"no figure {name!r}{nearest(name, drawings)}; there are {known}")
        with styled():
            return drawings[name].draw()

    def write(self, path: str | Path) -> None:
        """Write the frame (CSV, Excel, JSON, Parquet) or the tables (LaTeX, Markdown, HTML), as the ending says.

        Parameters
        ----------
        path : str or Path
            The file to write.
        """
        write_table(Path(path), self.frame, self.tables)

    def write_all(self, folder: Path, *, figures: bool, jobs: int = -1, watch: Watch = SILENT) -> Sequence[Path]:
        """Write ``meta.csv``, ``meta.md``, ``meta.tex`` and the figures into the folder of a run.

        Parameters
        ----------
        folder : Path
            Where they go.
        figures : bool
            Whether figures are drawn, below ``figures/meta``.
        jobs : int
            Processes that draw; -1 is one per core.
        watch : Watch, optional
            Who is told how far it is.
        """
        written = [folder / name for name in FILES]
        for path in written:
            self.write(path)
        if figures:
            with watch.progress("figures over databases", None) as advance:
                draw_all(folder / "figures" / "meta", meta_figures(self.groups), jobs, lambda: advance(1))
        return written

    def __repr__(self) -> str:
        about = (f"{len(group.databases)} databases with {group.origin} scores" for group in self.groups)
        return f"MetaAnalysis({'; '.join(about)})"

    def _repr_html_(self) -> str:
        return "\n".join(map(to_html, self.tables))
