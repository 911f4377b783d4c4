"""The tables of a paper again: which metrics they ask for, on which database, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmark.analysis.attention import LesionShare, attend, held_out_looks, lesion_share, with_large_lesions
from benchmark.analysis.frames import correlations_frame
from benchmark.analysis.outcome import Outcome
from benchmark.databases import EMBEDDED, Database
from benchmark.errors import BenchmarkError
from benchmark.escaping import file_name
from benchmark.figures.attention import AttentionFigure
from benchmark.figures.formats import write_files
from benchmark.papers.published import PAPERS, load_published
from benchmark.papers.reproduce import compare, needed_beyond, needed_metrics
from benchmark.runs.request import Computing, Named, Request, open_scored, with_preset
from benchmark.runs.run import outcome_of
from benchmark.runs.watch import SILENT, Watch
from benchmark.scoring.folds import Learning, fit_folds
from benchmark.scoring.material import gather
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS
from benchmark.scoring.store import ScoreStore
from benchmark.tables import Table, to_html, to_latex, to_markdown
from fusion_metrics import FusionMetricsError, Image, Metric, create
from fusion_metrics.cache import cache_folder
from fusion_metrics.files import write_text

#: The metric whose attention a paper draws.
ATTENTIVE = "ms_aan"
#: Images in the figure of attention.
SHOWN = 4


@dataclass(frozen=True)
class Attention:
    """Where a metric looks on pairs that it was not fitted to.

    Attributes
    ----------
    share : LesionShare
        How much of its attention is inside lesions.
    figure : AttentionFigure
        Some of the maps.
    about : str
        Which metric, on what.
    """

    share: LesionShare
    figure: AttentionFigure
    about: str

    def __str__(self) -> str:
        return f"{self.about}: {self.share}"


@dataclass(frozen=True)
class Reproduction:
    """A paper's tables with ours under the published numbers.

    Attributes
    ----------
    paper : str
        ``ms-aan`` or ``g2npan``.
    database : Database
        On which ours were measured.
    tables : mapping of str to Table
        By their names in the paper.
    attention : Attention or None
        Where the paper draws a network's attention and it was asked for.
    """

    paper: str
    database: Database
    tables: dict[str, Table]
    attention: Attention | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """The printed cells of all tables, one row a line, with the column ``table``."""
        frames = [
            pd.DataFrame([[cell.text for cell in row] for row in table.rows], columns=list(table.header)).assign(
                table=name
            )
            for name, table in self.tables.items()
        ]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def write(self, folder: str | Path) -> list[Path]:
        """Write tables as Markdown and LaTeX, and attention as a figure; return the files to look at."""
        folder = Path(folder)
        head = f"{file_name(self.database.name)}-{self.paper}"
        written = []
        for name, table in self.tables.items():
            written.append(folder / f"{head}-{name}.md")
            write_text(written[-1], to_markdown(table))
            write_text(folder / f"{head}-{name}.tex", to_latex(table))
        if self.attention is not None:
            stem = folder / f"{head}-{PAPERS[self.paper].attention}"
            write_files(self.attention.figure, stem)
            written.append(stem.with_name(f"{stem.name}.png"))
        return written

    def _repr_html_(self) -> str:
        return "\n".join(map(to_html, self.tables.values()))


def reproduce(
    paper: str,
    tables: Sequence[str] = (),
    *,
    database: Named | None = None,
    external: Named | None = None,
    preset: str | None = None,
    protocols: Sequence[str] | None = None,
    computing: Computing | None = None,
    watch: Watch = SILENT,
) -> Reproduction:
    """Measure what a paper's tables ask for, and put it under the published numbers.

    The scores that the papers were measured on are not public. What differs in data and protocol stands below each
    table.

    Parameters
    ----------
    paper : {"ms-aan", "g2npan"}
        Whose tables.
    tables : sequence of str
        Such as ``"2"`` or ``"fig6"``; all of them without any.
    database : Database, str or Path, optional
        With opinion scores; the first embedded one, whose readers are simulated, without it.
    external : Database, str or Path, optional
        Where a table asks for another database than that of training; the second embedded one without it.
    preset : {"quick", "compact", "standard", "paper"}, optional
        How much of networks is trained.
    protocols : sequence of str, optional
        How metrics that learn are tested; see `benchmark.scoring.splits`.
    computing : Computing, optional
        Processes, and whether what is stored may be used.
    watch : Watch, optional
        Who is told how far it is; by default nobody.

    Raises
    ------
    BenchmarkError
        No such paper or table, or a database without opinion scores.
    """
    if paper not in PAPERS:
        raise BenchmarkError(f"no paper {paper!r}; there are {', '.join(PAPERS)}")
    figure = PAPERS[paper].attention
    published = [load_published(paper, name) for name in tables or PAPERS[paper].tables if name != figure]
    opened = open_scored(database or next(iter(EMBEDDED)), watch=watch)
    usual = tuple(protocols or PROTOCOLS)
    where = computing or Computing()
    wanted = dict.fromkeys(name for table in published for name in needed_metrics(table))
    selected = [with_preset(create(name), preset) for name in wanted]
    obstacles = {metric.spec.id: metric.obstacle for metric in selected if metric.obstacle}
    chosen = {metric.spec.id: metric for metric in selected if metric.spec.id not in obstacles}
    outcomes: list[Outcome] = []
    elsewhere: Database | None = None
    if chosen:
        request = Request((opened,), tuple(chosen.values()), Learning(usual), computing=where)
        outcomes.append(outcome_of(opened, request, watch=watch))
    for protocol, names in needed_beyond(published).items():
        learners = tuple(chosen[name] for name in names if name in chosen)
        if not learners or protocol in usual:
            continue
        tested, trained_on = opened, None
        if protocol == EXTERNAL:
            tested, trained_on = open_scored(external or list(EMBEDDED)[1], watch=watch), opened
            elsewhere = tested
        request = Request((tested,), learners, Learning((protocol,)), trained_on=trained_on, computing=where)
        outcomes.append(outcome_of(tested, request, watch=watch))
    said = {name: metric.notes for name, metric in chosen.items() if metric.notes}
    qualifiers = {name: metric.qualifier for name, metric in chosen.items()}
    correlations = correlations_frame(outcomes)
    found = {
        table.name: compare(table, correlations, opened, elsewhere, obstacles, usual, said, qualifiers)
        for table in published
    }
    draws = bool(figure) and (figure in tables or not tables) and any(pair.mask for pair in opened.pairs.values())
    attention = None
    if draws:
        try:
            attention = _attention(with_preset(create(ATTENTIVE), preset), opened, where, watch)
        except (BenchmarkError, FusionMetricsError) as error:
            if not published:
                raise
            watch.warn(f"left out: the figure of attention ({error})")  # the tables took hours
    return Reproduction(paper, opened, found, attention)


def _attention(metric: Metric, database: Database, computing: Computing, watch: Watch) -> Attention | None:
    """Look at the best image of every pair with a lesion, by the metric that was fitted without that pair."""
    if metric.spec.missing:
        watch.warn(f"left out: the figure of attention needs {' and '.join(metric.spec.missing)}")
        return None
    with ScoreStore(cache_folder() / "scores.sqlite") as store:
        material = gather(database, metric, store=store, jobs=computing.jobs)
    best = with_large_lesions(database, len(database.pairs))
    folds = fit_folds(metric, material, "pair", folds=5, seed=0)
    fitted = {image.image: by for by, image in held_out_looks(folds, material, database)}
    chosen = [image for image in best if image.image in fitted]  # all but those that could not be prepared
    with watch.progress(f"looking at {database.name}", len(chosen)) as advance:
        looks = ((fitted[image.image], image) for image in chosen)
        share = lesion_share(looks, database, on_image=lambda: advance(1))
    shown = chosen[:SHOWN]
    images = [Image.open(item.path, database.reading) for item in shown]
    seen = tuple(
        attend(fitted[item.image], image, database, item.pair) for item, image in zip(shown, images, strict=True)
    )
    title = f"{metric.spec.title} on held-out pairs of {database.name} ({database.scores} scores)"
    labels = tuple(f"{item.pair} {item.algorithm}" for item in shown)
    figure = AttentionFigure(title, labels, tuple(image.pixels for image in images), seen)
    return Attention(share, figure, f"{metric.spec.id}@pair on {database.name}, the best image of each pair")
