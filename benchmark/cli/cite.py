"""`fmbench cite`: the works behind the metrics of a table, and what a methods section says of them."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.cli.group import main
from benchmark.cli.screen import say_warning


@main.command("cite", short_help="Print who is cited for a table, as text and BibTeX.")
@click.argument("tables", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--metrics", metavar="NAMES", help="These metrics instead of those of a table, such as qabf,ssim:vifb.")
def cite_command(tables: tuple[Path, ...], metrics: str | None) -> None:
    """Print sentences for the methods section, and the BibTeX that they cite.

    TABLES are files that `fmbench score`, `compare` or `run` wrote, in any format: what their signatures say was
    computed is what is cited. BibTeX passes over the sentences, so all of it may go into a .bib file.

    \b
    fmbench cite table.tex
    fmbench cite --metrics @medical > metrics.bib
    """  # noqa: D301 - click needs the control character itself
    from benchmark.signed.citation import cite

    found = cite(tables, metrics=metrics)
    for name in found.unknown:
        say_warning(f"no reference of {name}: what declares it is not installed here")
    click.echo(str(found))
