"""`fmbench identify`: find out which metric, in which variant, printed a table."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from benchmark.cli.console import output_console, print_line, say
from benchmark.cli.group import main
from benchmark.cli.options import fresh_option, fused_option, jobs_option, open_images, source_a_option, source_b_option
from benchmark.cli.outputs import FORMATS, out_table
from benchmark.cli.pictures import layout_options
from benchmark.cli.screen import allow_outside_option, print_table, report_errors, show_progress
from benchmark.numbers import counted


@main.command("identify")
@click.argument("printed", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("database", required=False)
@source_a_option
@source_b_option
@fused_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_table,
    help=f"Write what was found to this file: {FORMATS}.",
)
@click.option(
    "--columns",
    default="",
    metavar="ROLE=NAME,...",
    help="What the columns are, where it cannot be told: image=file,method=net,metric=name,value=score.",
)
@click.option(
    "--metrics",
    default="all-variants",
    show_default=True,
    metavar="NAMES",
    help="What may be meant: names such as qabf,te:nava; 'all'; or 'all-variants'.",
)
@click.option("--exhaustive", is_flag=True, help="Try everything, also for columns that are found already.")
@layout_options
@jobs_option
@allow_outside_option
@fresh_option
def identify_command(
    printed: Path,
    database: str | None,
    columns: str,
    metrics: str,
    out: Path | None,
    exhaustive: bool,
    jobs: int,
    fresh: bool,
    **images: Path | tuple[Path, ...] | None,
) -> None:
    """Find the metric and the variant behind each column of a printed table.

    PRINTED is a table of numbers with the digits that were printed: CSV, TSV, Markdown, LaTeX or Excel; a line a
    number, a column a metric, or the mean of each method. Images go by path, base name or stem. They are given as for
    `fmbench score`.

    \b
    fmbench identify table2.csv path/to/database
    fmbench identify table2.tex --a MR/ --b PET/ --fused results/
    fmbench identify log.csv path/to/database --columns image=file,metric=name,value=score
    """  # noqa: D301 - click needs the control character itself
    from benchmark.formats.files import write_table
    from benchmark.identify.printed import read_printed
    from benchmark.identify.search import search
    from benchmark.identify.table import identified_frame, identity_table
    from benchmark.identify.values import Values
    from benchmark.identify.verdict import judge
    from benchmark.scoring.store import ScoreStore
    from fusion_metrics.cache import cache_folder
    from fusion_metrics.selection import select_metrics

    chosen = [metric for metric in select_metrics(metrics) if not (metric.learns or metric.spec.needs_reference)]
    opened = open_images(database, **images)  # type: ignore[arg-type]
    read = read_printed(printed, opened.fused, columns)
    with ScoreStore(cache_folder() / "scores.sqlite") as store, show_progress("trying out", None) as advance:
        wanted = 0

        def on_progress(known: int, more: int) -> None:
            nonlocal wanted
            wanted += more
            advance(known, wanted)

        values = Values(opened, store, jobs=jobs, fresh=fresh, on_progress=on_progress)
        judgement = judge(search(read.printed, chosen, values, exhaustive=exhaustive))
    total = values.computed + values.stored
    say(f"{opened.name}: {counted(total, 'score')}, {values.stored} of them stored before")
    table = identity_table(opened.title, judgement)
    if out is not None:
        write_table(out, identified_frame(judgement), [table])
    print_table(table)
    print_line(output_console(), judgement.sentence, "")
    sys.exit(report_errors([*read.problems, *values.problems]))
