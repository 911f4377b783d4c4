"""`fmbench reproduce`: the tables of the papers, published numbers beside ours."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.cli.group import main
from benchmark.cli.options import jobs_option, preset_option, protocols_option
from benchmark.cli.outputs import out_folder
from benchmark.cli.screen import allow_outside_option, print_table, say_warning, show_progress, watch, with_preset
from benchmark.databases import EMBEDDED, Database
from benchmark.escaping import file_name
from benchmark.papers.published import PAPERS, load_published
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS
from fusion_metrics import Image, Metric
from fusion_metrics.files import write_text
from fusion_metrics.selection import select_metrics


@main.command("reproduce")
@click.argument("paper", type=click.Choice(list(PAPERS)))
@click.option("--table", "names", multiple=True, metavar="1|2|3|fig4|fig6", help="A table or figure; all without it.")
@click.option("--database", default=next(iter(EMBEDDED)), show_default=True, help="A folder, or an embedded database.")
@click.option(
    "--external",
    default=list(EMBEDDED)[1],
    show_default=True,
    metavar="DATABASE",
    help="Where a table asks for another database than that of training.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    callback=out_folder,
    help="Folder for Markdown and LaTeX.",
)
@preset_option
@allow_outside_option
@protocols_option
@jobs_option
def reproduce_command(
    paper: str,
    names: tuple[str, ...],
    database: str,
    external: str,
    out: Path | None,
    preset: str | None,
    protocols: tuple[str, ...] | None,
    jobs: int,
) -> None:
    """Print the tables of PAPER: published, ours, and the difference.

    The scores that the papers were measured on are not public. What differs in data and protocol stands below each
    table.
    """
    from benchmark.analysis.measure import Options
    from benchmark.analysis.summary import Correlation
    from benchmark.papers.reproduce import compare, needed_beyond, needed_metrics
    from benchmark.run import open_scored, outcome_of
    from benchmark.scoring.folds import Learning
    from benchmark.tables import to_latex, to_markdown

    show = watch()
    figure = PAPERS[paper].attention
    published = [load_published(paper, name) for name in names or PAPERS[paper].tables if name != figure]
    opened, elsewhere = open_scored(database, watch=show), None
    usual = protocols or PROTOCOLS
    wanted = dict.fromkeys(name for table in published for name in needed_metrics(table))
    selected = with_preset(select_metrics(wanted), preset) if wanted else []
    obstacles = {metric.spec.id: metric.obstacle for metric in selected if metric.obstacle}
    chosen = {metric.spec.id: metric for metric in selected if metric.spec.id not in obstacles}
    correlations: list[Correlation] = []
    if chosen:
        found = outcome_of(opened, list(chosen.values()), learning=Learning(usual), options=Options(), jobs=jobs)
        correlations += found.analysis.correlations
    for protocol, names_of_rows in needed_beyond(published).items():
        learners = [chosen[name] for name in names_of_rows if name in chosen]
        if not learners or protocol in usual:
            continue
        tested, trained_on = opened, None
        if protocol == EXTERNAL:
            tested, trained_on = open_scored(external, watch=show), opened
            elsewhere = tested
        learning = Learning((protocol,))
        found = outcome_of(
            tested, learners, learning=learning, options=Options(), trained_on=trained_on, jobs=jobs, watch=show
        )
        correlations += found.analysis.correlations
    said = {name: metric.notes for name, metric in chosen.items() if metric.notes}
    for number, of_paper in enumerate(published):
        table = compare(of_paper, correlations, opened, elsewhere, obstacles, usual, said)
        print_table(table)
        if number + 1 < len(published):
            click.echo()
        if out is not None:
            stem = f"{file_name(opened.name)}-{paper}-{of_paper.name}"
            write_text(out / f"{stem}.md", to_markdown(table))
            write_text(out / f"{stem}.tex", to_latex(table))
    if figure and (figure in names or not names) and any(pair.mask for pair in opened.pairs.values()):
        _draw_attention(select_metrics("ms_aan"), opened, preset, out, jobs)


def _draw_attention(metrics: list[Metric], database: Database, preset: str | None, out: Path | None, jobs: int) -> None:
    """Draw Figure 4 of MS-AAN on pairs held out, and say how much of the attention is inside lesions."""
    from benchmark.analysis.attention import attend, held_out_looks, lesion_share, with_large_lesions
    from benchmark.figures.attention import AttentionFigure
    from benchmark.figures.formats import write_files
    from benchmark.scoring.folds import fit_folds
    from benchmark.scoring.material import gather
    from benchmark.scoring.store import ScoreStore
    from fusion_metrics.cache import cache_folder

    [metric] = with_preset(metrics, preset)
    if metric.spec.missing:
        say_warning(f"left out: Figure 4 needs {' and '.join(metric.spec.missing)}")
        return
    with ScoreStore(cache_folder() / "scores.sqlite") as store:
        material = gather(database, metric, store=store, jobs=jobs)
    chosen = with_large_lesions(database, len(database.pairs))
    folds = fit_folds(metric, material, "pair", folds=5, seed=0)
    fitted = {image.image: by for by, image in held_out_looks(folds, material, database)}
    with show_progress(f"looking at {database.name}", len(chosen)) as advance:
        looks = ((fitted[image.image], image) for image in chosen)
        share = lesion_share(looks, database, on_image=lambda: advance(1))
    click.echo(f"MS-AAN, Figure 4: {metric.spec.id}@pair on {database.name}, the best image of each pair: {share}")
    if out is None:
        return
    shown = chosen[:4]
    images = [Image.open(item.path) for item in shown]
    seen = tuple(
        attend(fitted[item.image], image, database, item.pair) for item, image in zip(shown, images, strict=True)
    )
    about = f"{metric.spec.title} on held-out pairs of {database.name} ({database.scores} scores)"
    labels = tuple(f"{item.pair} {item.algorithm}" for item in shown)
    stem = out / f"{file_name(database.name)}-ms-aan-fig4"
    write_files(AttentionFigure(about, labels, tuple(image.pixels for image in images), seen), stem)
    click.echo(stem.with_suffix(".png"))
