"""One database of a report: what it is, how metrics agree with it, and where they do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.opinions import Opinions
from benchmark.analysis.outcome import Outcome
from benchmark.analysis.summary import Correlation
from benchmark.databases import Database, FusedImage
from benchmark.escaping import file_name
from benchmark.figures.contents import figures_of
from benchmark.figures.drawing import Drawing
from benchmark.figures.forest import Forest
from benchmark.figures.ranking import Ranking
from benchmark.figures.scatter import Scatter
from benchmark.numbers import counted
from benchmark.report.disagreements import Disagreement, disagreements
from benchmark.report.drawings import WIDEST, Inline, draw_inline
from benchmark.report.grids import algorithm_grid, ceiling_grid
from benchmark.report.licence import keeps_pictures_here
from benchmark.report.pictures import Album, Picture
from benchmark.report.provenance import Facts, inputs
from benchmark.statistics.levels import Level
from benchmark.tables import Table
from fusion_metrics.image import Array

CEILING = "Dashed: noise ceiling; beyond it a metric fits the noise of votes."
#: How the levels are called at which metrics are compared.
OVER: dict[Level, str] = {
    "global": "over all images",
    "pair": "within source pairs",
    "algorithm": "of algorithms' means",
}


@dataclass(frozen=True)
class Strip:
    """A fused image on which a metric and opinion differ, with its sources.

    Attributes
    ----------
    pictures : tuple of Picture
        Source A, source B, fused; empty where they are not embedded.
    pair, algorithm, score, opinion : str
    rank, opinion_rank, n : float
    """

    pictures: tuple[Picture, ...]
    pair: str
    algorithm: str
    score: str
    opinion: str
    rank: float
    opinion_rank: float
    n: int


@dataclass(frozen=True)
class MetricPart:
    """What is shown of one metric."""

    id: str
    label: str
    title: str
    family: str
    direction: str
    summary: str
    srcc: float | None
    reason: str
    scatter: Inline | None
    too_high: tuple[Strip, ...]
    too_low: tuple[Strip, ...]


@dataclass(frozen=True)
class Clusters:
    """Which metrics are found to differ.

    Attributes
    ----------
    over : str
        Over what SRCC was taken.
    groups : tuple of tuple of (str, str)
        Names and SRCC of the metrics of a group, best group first.
    warning : str
        What the test cannot find with so little data.
    """

    over: str
    groups: tuple[tuple[tuple[str, str], ...], ...]
    warning: str


@dataclass(frozen=True)
class Chapter:
    """All that is shown of one database; see ``templates/chapter.html``."""

    id: str
    database: Database
    sentence: str
    facts: Facts
    table: Table
    clusters: tuple[Clusters, ...]
    ceiling: Table | None
    no_ceiling: str
    screening: str
    figures: tuple[tuple[str, Inline], ...]
    metrics: tuple[MetricPart, ...]
    algorithms: Table
    album: Album
    confidential: bool
    inputs: Facts

    @property
    def name(self) -> str:
        """What the database is called in files."""
        return self.database.name

    @property
    def licence(self) -> str:
        """What may be done with its pictures."""
        return self.database.licence

    @property
    def simulated(self) -> bool:
        """Whether nobody looked at the images."""
        return self.database.scores == "simulated"


def chapter_of(
    outcome: Outcome, name: str, *, budget: int, jobs: int = 1, on_figure: Callable[[], None] = lambda: None
) -> Chapter:
    """Collect and draw all that is shown of one database.

    Parameters
    ----------
    outcome : Outcome
    name : str
        Prefix of all ids.
    budget : int
        Bytes of pictures.
    jobs : int
        Processes that draw.
    on_figure : callable, optional
        Called after each figure.
    """
    database, analysis = outcome.database, outcome.analysis
    figures = figures_of(database, analysis)
    drawings = _drawings(figures)
    drawn = draw_inline(drawings, name, jobs=jobs, on_figure=on_figure, widest=WIDEST)
    album = Album(name, budget, reading=database.reading)
    # The table of agreement leads to these ids, in the same order.
    metrics = tuple(_metric(outcome, item, f"{name}-m{i}", album, drawn) for i, item in enumerate(analysis.best_first))
    ceilings = [(words, found) for level, words in OVER.items() if (found := analysis.raters.ceilings.get(level))]
    ranking = figures.get("ranking")
    return Chapter(
        id=name,
        database=database,
        sentence=outcome.table.finding,
        facts=_facts(database, analysis.opinions),
        table=outcome.table.filled,
        clusters=_clusters(analysis),
        ceiling=ceiling_grid(ceilings) if ceilings else None,
        no_ceiling=analysis.raters.reason,
        screening=_screening(outcome),
        figures=tuple((_caption(drawings[key]), drawn[key]) for key in drawn if key.startswith("forest/")),
        metrics=metrics,
        algorithms=algorithm_grid(database, analysis, ranking if isinstance(ranking, Ranking) else None),
        album=album,
        confidential=bool(album.pictures) and keeps_pictures_here(database.licence),
        inputs=inputs(outcome),
    )


def _drawings(figures: Mapping[str, Drawing]) -> dict[str, Drawing]:
    """Choose the figures of a page: what is a matrix elsewhere is text and a table here."""
    found: dict[str, Drawing] = {}
    for name, drawing in figures.items():
        if isinstance(drawing, Forest):
            found |= {f"forest/{place}": part for place, part in enumerate(drawing.parts)}
        elif isinstance(drawing, Scatter):
            found[name] = drawing
    return found


def _caption(drawing: Drawing) -> str:
    ceiling = isinstance(drawing, Forest) and any(panel.ceiling is not None for panel in drawing.panels)
    return f"95 % intervals, for other source pairs.{' ' + CEILING if ceiling else ''}"


def _clusters(analysis: Analysis) -> tuple[Clusters, ...]:
    found = []
    for level, over in OVER.items():
        groups: dict[int, list[tuple[str, str]]] = {}
        for item in analysis.best_first:
            cluster, value = item.clusters.get(level), item.find("srcc", level).value
            if cluster is not None and value is not None:
                groups.setdefault(cluster, []).append((item.label, f"{value:.3f}"))
        if groups:
            ordered = (sorted(groups[number], key=lambda pair: -float(pair[1])) for number in sorted(groups))
            compared = analysis.compared.get(level)
            warning = compared.comparison.warning if compared and compared.comparison else ""
            found.append(Clusters(over, tuple(tuple(group) for group in ordered), warning))
    return tuple(found)


def _facts(database: Database, opinions: Opinions) -> Facts:
    who = "simulated readers" if database.scores == "simulated" else "people"
    raters = f"{len(opinions.raters)} {who}, with raw votes" if opinions.raters else "no raw votes"
    counts = (
        f"{len(opinions.images)} scored of {len(database.fused)}, {counted(len(set(opinions.pairs)), 'source pair')}, "
        f"{counted(len(set(opinions.algorithms)), 'algorithm')}"
    )
    facts = [
        ("scores", f"{database.scores}, {database.score_min:g} to {database.score_max:g}"),
        ("raters", raters),
        ("fused images", counts),
        ("citation", database.citation or "none given"),
        ("licence", database.licence or "none stated"),
        ("note", database.note),
    ]
    return [(term, text) for term, text in facts if text]


def _screening(outcome: Outcome) -> str:
    raters = outcome.analysis.raters
    if raters.screening is None:
        return f"No screening: {outcome.analysis.opinions.whole}, and it takes three raters."
    rejected = int(raters.screening.rejected.sum())
    share = float(raters.screening.share.max())
    return (
        f"Screening after ITU-R BT.500: {rejected} of {raters.raters} raters vote erratically (largest share of votes "
        f"far off the others {share:.1%}). All are kept."
    )


def _metric(outcome: Outcome, item: Correlation, name: str, album: Album, drawn: dict[str, Inline]) -> MetricPart:
    entry, spec = item.entry, item.entry.spec
    strips: tuple[tuple[Strip, ...], ...] = ((), ())
    if entry.repeats and item.srcc is not None:
        scores = entry.repeats[0]
        opinions = outcome.analysis.opinions.part(scores.used)
        found = disagreements(scores.x, opinions.q, opinions.pairs)
        strips = tuple(_strips(outcome.database, opinions, scores.own, side, album) for side in found)
    return MetricPart(
        id=name,
        label=entry.label,
        title=spec.title,
        family=spec.family,
        direction=spec.arrow,
        summary=spec.variant_summary,
        srcc=item.srcc,
        reason=item.reason,
        scatter=drawn.get(f"scatter/{file_name(entry.label)}"),
        too_high=strips[0],
        too_low=strips[1],
    )


def _strips(
    database: Database, opinions: Opinions, own: Array, found: Sequence[Disagreement], album: Album
) -> tuple[Strip, ...]:
    images: dict[str, FusedImage] = {image.image: image for image in database.fused}
    strips = []
    for place, rank, opinion_rank in found:
        image = images[opinions.images[place]]
        pair = database.pairs.get(image.pair)
        pictures = album.add(pair.source_a, pair.source_b, image.path) if pair else ()
        strips.append(
            Strip(
                pictures,
                pair=image.pair,
                algorithm=image.algorithm,
                score=f"{own[place]:.4g}",
                opinion=f"{image.mos:.4g}",
                rank=rank,
                opinion_rank=opinion_rank,
                n=len(own),
            )
        )
    return tuple(strips)
