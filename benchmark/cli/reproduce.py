"""`fmbench reproduce`: the tables of the papers, published numbers beside ours."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.cli.group import jobs_option, main
from benchmark.cli.score import score_with_progress
from benchmark.cli.screen import open_named, print_table
from benchmark.correlation import correlate
from benchmark.databases import EMBEDDED
from benchmark.errors import BenchmarkError
from benchmark.out_of_fold import Learning
from benchmark.published import PAPERS, load_published
from benchmark.reproduce import compare, needed_metrics
from benchmark.tables import to_latex, to_markdown
from fusion_metrics.scoring import select_metrics


@main.command("reproduce")
@click.argument("paper", type=click.Choice(list(PAPERS)))
@click.option("--table", "names", multiple=True, metavar="1|2|3|fig6", help="A table or figure; all without it.")
@click.option("--database", default=next(iter(EMBEDDED)), show_default=True, help="A folder, or an embedded database.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for Markdown and LaTeX.")
@jobs_option
def reproduce_command(paper: str, names: tuple[str, ...], database: str, out: Path | None, jobs: int) -> None:
    """Print the tables of PAPER: published, ours, and the difference.

    The scores that the papers were measured on are not public. What differs in data and protocol stands below each
    table.
    """
    published = [load_published(paper, name) for name in names or PAPERS[paper].tables]
    opened = open_named(database)
    if opened.scores == "none":
        raise BenchmarkError(f"{database}: has no opinion scores to compare with")
    wanted = list(dict.fromkeys(metric for table in published for metric in needed_metrics(table)))
    correlations = []
    if wanted:
        chosen = select_metrics(wanted)
        scored = score_with_progress(opened, chosen, jobs=jobs, scheduler=None, fresh=False, learning=Learning())
        correlations = correlate(opened, scored.rows, [metric.spec for metric in chosen])
    for number, of_paper in enumerate(published):
        table = compare(of_paper, correlations, opened)
        print_table(table)
        if number + 1 < len(published):
            click.echo()
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            stem = f"{opened.name}-{paper}-{of_paper.name}"
            (out / f"{stem}.md").write_text(to_markdown(table), encoding="utf-8")
            (out / f"{stem}.tex").write_text(to_latex(table), encoding="utf-8")
