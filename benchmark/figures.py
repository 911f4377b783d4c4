"""Figures of a run; matplotlib is imported only here, and only when a figure is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.analysis import Analysis
from benchmark.correlation import Correlation
from benchmark.databases import Database
from benchmark.scores import ScoreRow
from fusion_metrics import MetricSpec


def draw_scatter(
    path: Path, database: Database, rows: Sequence[ScoreRow], spec: MetricSpec, correlation: Correlation
) -> bool:
    """Draw one metric against the opinion scores, one colour per source pair; return False where there is nothing."""
    mos = {image.image: image.mos for image in database.fused if image.mos is not None}
    points = [
        (row.value, mos[row.image], row.pair)
        for row in rows
        if (row.metric, row.variant) == (correlation.metric, correlation.variant)
        and row.value is not None
        and row.image in mos
    ]
    if not points:
        return False
    import matplotlib as mpl
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 3.8), layout="constrained")
    axes = figure.add_subplot()
    pairs = list(dict.fromkeys(pair for *_, pair in points))
    colours = mpl.colormaps["viridis"].resampled(len(pairs))
    values, scores, of = zip(*points, strict=True)
    drawn = axes.scatter(values, scores, c=[pairs.index(pair) for pair in of], cmap=colours, s=12, alpha=0.8, lw=0)
    if 1 < len(pairs) <= 8:
        axes.legend(drawn.legend_elements()[0], pairs, fontsize=6, frameon=False)
    axes.set_xlabel(f"{spec.id} ({spec.arrow})")
    axes.set_ylabel(f"{database.scores} score")
    agreement = correlation.reason if correlation.srcc is None else f"SRCC {correlation.srcc:.3f}, n = {correlation.n}"
    axes.set_title(f"{database.name}: {agreement}", fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    return True


def draw_figures(
    folder: Path, database: Database, analysis: Analysis, jobs: int, on_figure: Callable[[], None]
) -> None:
    """Draw all figures of a database."""
