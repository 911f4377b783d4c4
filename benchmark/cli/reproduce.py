"""`fmbench reproduce`: the tables of the papers, published numbers beside ours."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.cli.group import jobs_option, main
from benchmark.cli.run import preset_option
from benchmark.cli.screen import print_table, with_preset
from benchmark.databases import EMBEDDED
from benchmark.published import PAPERS, load_published
from benchmark.splits import EXTERNAL
from fusion_metrics.scoring import select_metrics


@main.command("reproduce")
@click.argument("paper", type=click.Choice(list(PAPERS)))
@click.option("--table", "names", multiple=True, metavar="1|2|3|fig6", help="A table or figure; all without it.")
@click.option("--database", default=next(iter(EMBEDDED)), show_default=True, help="A folder, or an embedded database.")
@click.option(
    "--external",
    default=list(EMBEDDED)[1],
    show_default=True,
    metavar="DATABASE",
    help="Where a table asks for another database than that of training.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for Markdown and LaTeX.")
@preset_option
@jobs_option
def reproduce_command(
    paper: str, names: tuple[str, ...], database: str, external: str, out: Path | None, preset: str | None, jobs: int
) -> None:
    """Print the tables of PAPER: published, ours, and the difference.

    The scores that the papers were measured on are not public. What differs in data and protocol stands below each
    table.
    """
    from benchmark.cli.work import open_scored, outcome_of
    from benchmark.correlation import Correlation
    from benchmark.measuring import Options
    from benchmark.out_of_fold import Learning
    from benchmark.reproduce import compare, needed_metrics, needed_protocols
    from benchmark.tables import to_latex, to_markdown

    published = [load_published(paper, name) for name in names or PAPERS[paper].tables]
    opened = open_scored(database)
    wanted = list(dict.fromkeys(metric for table in published for metric in needed_metrics(table)))
    protocols = needed_protocols(published)
    correlations: list[Correlation] = []
    obstacles: dict[str, str] = {}
    elsewhere = None
    if wanted:
        selected = with_preset(select_metrics(wanted), preset)
        obstacles = {metric.spec.id: metric.obstacle for metric in selected if metric.obstacle}
        chosen = [metric for metric in selected if metric.spec.id not in obstacles]
        learning = Learning(tuple(protocol for protocol in protocols if protocol != EXTERNAL))
        found = outcome_of(opened, chosen, learning=learning, options=Options(), jobs=jobs)
        correlations += found.analysis.correlations
        if EXTERNAL in protocols:
            elsewhere = open_scored(external)
            learners = [metric for metric in chosen if metric.learns]
            found = outcome_of(
                elsewhere, learners, learning=Learning((EXTERNAL,)), options=Options(), trained_on=opened, jobs=jobs
            )
            correlations += found.analysis.correlations
    for number, of_paper in enumerate(published):
        table = compare(of_paper, correlations, opened, elsewhere, obstacles)
        print_table(table)
        if number + 1 < len(published):
            click.echo()
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            stem = f"{opened.name}-{paper}-{of_paper.name}"
            (out / f"{stem}.md").write_text(to_markdown(table), encoding="utf-8")
            (out / f"{stem}.tex").write_text(to_latex(table), encoding="utf-8")
