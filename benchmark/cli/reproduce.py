"""`fmbench reproduce`: the tables of the papers, published numbers beside ours."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.cli.group import main
from benchmark.cli.options import jobs_option, preset_option, protocols_option
from benchmark.cli.outputs import out_folder
from benchmark.cli.pictures import reading_option
from benchmark.cli.screen import allow_outside_option, print_table, say_where, watch
from benchmark.databases import EMBEDDED
from benchmark.papers.published import PAPERS


@main.command("reproduce", short_help="Print the tables of a paper beside ours.")
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
@reading_option
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
    from benchmark.runs.reproduce import reproduce
    from benchmark.runs.request import Computing

    found = reproduce(
        paper,
        names,
        database=database,
        external=external,
        preset=preset,
        protocols=protocols,
        computing=Computing(jobs),
        watch=watch(),
    )
    for number, table in enumerate(found.tables.values()):
        if number:
            click.echo()
        print_table(table)
    if found.attention is not None:
        figure = PAPERS[paper].attention.removeprefix("fig")
        click.echo(f"{PAPERS[paper].title}, Figure {figure}: {found.attention}")
    for path in found.write(out) if out is not None else ():
        say_where(str(path))
