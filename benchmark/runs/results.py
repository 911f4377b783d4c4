"""What runs return: DataFrames, tables that print well in a notebook, figures, and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from benchmark.analysis.frames import comparisons_frame, correlations_frame, estimates_frame
from benchmark.analysis.outcome import Outcome
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.escaping import file_name
from benchmark.figures.contents import figures_of
from benchmark.figures.formats import styled
from benchmark.figures.gallery import draw_figures
from benchmark.meta_analysis.pooled import groups_of
from benchmark.numbers import counted
from benchmark.runs.meta import MetaAnalysis
from benchmark.runs.watch import SILENT, Watch
from benchmark.runs.writing import write_run
from benchmark.scoring.frames import predictions_frame, scores_frame
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.table import means_frame, score_table
from benchmark.scoring.volume_tables import mean_of_volumes_frame, volume_means_frame, volume_tables
from benchmark.tables import Table, to_html
from fusion_metrics import MetricSpec
from fusion_metrics.errors import nearest
from fusion_metrics.signature import common_signatures

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class ScoreResult:
    """Scores of the fused images of one database, or of some files.

    Attributes
    ----------
    database : Database
        What was scored.
    rows : tuple of ScoreRow
        One a fused image and metric, in their order.
    specs : tuple of MetricSpec
        The metrics.
    """

    database: Database
    rows: tuple[ScoreRow, ...]
    specs: tuple[MetricSpec, ...]

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a fused image and metric, with the columns of ``scores.csv``."""
        return scores_frame(self.rows)

    @cached_property
    def table(self) -> Table:
        """Fusion algorithms against metrics: mean scores, best and second best marked; of volumes, over volumes."""
        return self.tables[-1]

    @cached_property
    def tables(self) -> list[Table]:
        """All that is printed: of several volumes, the means of each before those over all of them."""
        if self.database.volumes is not None:
            return volume_tables(self.database, self.database.volumes, self.rows, self.specs)
        return [score_table(self.database, self.rows, self.specs)]

    @cached_property
    def means(self) -> pd.DataFrame:
        """Mean score of every algorithm (rows) and metric (columns); NaN where an image has no score.

        Of volumes, it is the mean of `volume_means`: each volume counts once.
        """
        if self.database.volumes is not None:
            return mean_of_volumes_frame(self.volume_means)
        return means_frame(self.rows, self.specs)

    @cached_property
    def volume_means(self) -> pd.DataFrame:
        """Mean score over the slices of each volume: volumes and algorithms (rows), metrics (columns).

        Raises
        ------
        BenchmarkError
            What was scored are pictures.
        """
        if self.database.volumes is None:
            raise BenchmarkError(f"{self.database.name}: its images are no slices of volumes")
        return volume_means_frame(self.rows, self.specs, self.database.volumes)

    @property
    def signatures(self) -> tuple[str, ...]:
        """One line a metric that says what was computed; see `fusion_metrics.signature`."""
        return tuple(common_signatures(row.signature for row in self.rows))

    @property
    def problems(self) -> list[str]:
        """What was wrong with the input; every other image was scored."""
        return _problems(self.rows)

    def __repr__(self) -> str:
        return (
            f"ScoreResult({self.database.name}: {counted(len(self.specs), 'metric')}, "
            f"{counted(len(self.database.fused), 'image')})"
        )

    def _repr_html_(self) -> str:
        return to_html(self.table)


@dataclass(frozen=True, repr=False)
class RunResult:
    """What was found on databases with opinion scores.

    Attributes
    ----------
    outcomes : tuple of Outcome
        One a database that could be run.
    failures : tuple of str
        Why other databases could not.
    """

    outcomes: tuple[Outcome, ...]
    failures: tuple[str, ...] = field(default=())

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a fused image, metric and variant, with the columns of ``scores.csv``."""
        return scores_frame(chain.from_iterable(outcome.rows for outcome in self.outcomes))

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """What metrics that learn predicted for images that they were not fitted to."""
        return predictions_frame(self.scores)

    @cached_property
    def correlations(self) -> pd.DataFrame:
        """One row a metric and database: its agreement with the opinion scores; see `correlations_frame`."""
        return correlations_frame(self.outcomes)

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """One row a statistic, level, metric and database, with its interval; see `Estimate`."""
        return estimates_frame(self.outcomes)

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """One row for every two metrics, on a database and level: see `comparisons_frame`."""
        return comparisons_frame(self.outcomes)

    def compare(self, first: str, second: str) -> pd.DataFrame:
        """Say whether one metric agrees better with the opinion scores than another.

        Parameters
        ----------
        first, second : str
            As in `comparisons`, such as ``"qabf"`` and ``"psnr:tang"``.

        Returns
        -------
        DataFrame
            Their rows of `comparisons`, a database and level each; the difference is SRCC of the first less that of the
            second, whichever stands first there.

        Raises
        ------
        BenchmarkError
            The two were not compared.
        """
        found = self.comparisons
        turned = found.assign(
            first=found["second"],
            second=found["first"],
            difference=-found["difference"],
            low=-found["high"],
            high=-found["low"],
        )
        both = pd.concat([found, turned])
        chosen = both[(both["first"] == first) & (both["second"] == second)]
        if chosen.empty:
            names = ", ".join(dict.fromkeys(both["first"])) or "no metrics"
            raise BenchmarkError(f"{first} and {second} were not compared; compared were {names}")
        return chosen.sort_index().reset_index(drop=True)

    @cached_property
    def meta(self) -> MetaAnalysis:
        """Every metric over all databases, those with human and those with simulated scores apart.

        Raises
        ------
        BenchmarkError
            Two databases of one name.
        """
        return MetaAnalysis(groups_of(self.outcomes))

    @property
    def tables(self) -> tuple[Table, ...]:
        """The table of agreement of each database."""
        return tuple(outcome.table for outcome in self.outcomes)

    @property
    def problems(self) -> list[str]:
        """Databases that could not be run, and input that could not be scored."""
        return [*self.failures, *chain.from_iterable(_problems(outcome.rows) for outcome in self.outcomes)]

    def figure(self, name: str = "forest", database: str | None = None) -> Figure:
        """Draw one figure with matplotlib.

        Parameters
        ----------
        name : str
            Such as ``forest``, ``ranking``, ``significance`` or ``scatter/qabf``.
        database : str, optional
            The name of the database; the first one by default.

        Raises
        ------
        BenchmarkError
            There is no such figure or database.
        """
        known = {outcome.database.name: outcome for outcome in self.outcomes}
        chosen = database or next(iter(known), "")
        if chosen not in known:
            raise BenchmarkError(f"no outcome of a database {chosen!r}{nearest(chosen, known)}")
        outcome = known[chosen]
        drawings = figures_of(outcome.database, outcome.analysis)
        if name not in drawings:
            raise BenchmarkError(f"{chosen} has no figure {name!r}; there are {', '.join(drawings)}")
        with styled():
            return drawings[name].draw()

    def write(
        self, folder: str | Path, *, figures: bool = True, subsets: int = 0, jobs: int = -1, watch: Watch = SILENT
    ) -> None:
        """Write tables as CSV, Markdown and LaTeX, and figures as PDF and PNG, into a folder.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there.
        figures : bool
            Also the figures, in a folder for each database.
        subsets : int
            Also agreement on so many random fifths of the images, as papers print it: ``subsets.csv``.
        jobs : int
            Processes that draw; -1 is one per core.
        watch : Watch, optional
            Who is told how far it is; by default nobody.
        """
        write_run(Path(folder), self, subsets=subsets)
        if figures:
            with watch.progress("figures", None) as advance:
                for outcome in self.outcomes:
                    draw_figures(
                        Path(folder) / "figures" / file_name(outcome.database.name),
                        outcome.database,
                        outcome.analysis,
                        jobs,
                        lambda: advance(1),
                    )

    def __repr__(self) -> str:
        about = (
            f"{one.database.name}: {counted(len(one.analysis.correlations), 'metric')}, "
            f"{counted(len(one.analysis.opinions.images), 'image')}"
            for one in self.outcomes
        )
        return f"RunResult({'; '.join(about)})"

    def _repr_html_(self) -> str:
        return "\n".join(map(to_html, self.tables))


def _problems(rows: Sequence[ScoreRow]) -> list[str]:
    return [row.reason for row in rows if row.status == "error"]
