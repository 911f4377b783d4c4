"""`fmbench compare`: the table of a paper, methods by metrics, and which differences are more than luck."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.foreign import direction_option, read_given, scores_option
from benchmark.cli.group import main
from benchmark.cli.options import (
    fresh_option,
    fused_option,
    jobs_option,
    open_images,
    scheduler_options,
    source_a_option,
    source_b_option,
    source_option,
)
from benchmark.cli.outputs import out_folder, out_table
from benchmark.cli.pictures import layout_options, reference_option
from benchmark.cli.screen import allow_outside_option, print_table, report_errors, say_where, watch
from benchmark.errors import BenchmarkError

if TYPE_CHECKING:
    from benchmark.comparison.asked import Asked

#: What a comparison is asked for, in tables and on pages alike.
ASKED = (
    click.option(
        "--statistic",
        type=click.Choice(["mean", "mean-sd", "median"]),
        default="mean",
        show_default=True,
        help="What a cell holds.",
    ),
    click.option("--third", is_flag=True, help="Mark the third best, too."),
    click.option("--decimals", type=click.IntRange(min=0, max=12), help="Digits behind the point, in all columns."),
    click.option("--common", is_flag=True, help="Compare on the images that all methods have."),
    click.option("--names", default="", metavar="OLD=NEW,...", help="How methods are printed: CDDFuse=Ours."),
    click.option("--ours", default="", metavar="NAME", help="The own method: the last line, and marked."),
    click.option(
        "--groups",
        type=click.Choice(["pair", "dataset"]),
        default="pair",
        show_default=True,
        help="What is independent in the table over all data sets: source pairs, or data sets, to claim that it holds "
        "on others.",
    ),
    click.option("--alpha", default=0.05, show_default=True, help="Level of the tests."),
    click.option("--permutations", default=9999, show_default=True, type=click.IntRange(min=1)),
)

_OPTIONS = (
    click.argument("databases", nargs=-1),
    source_a_option,
    source_b_option,
    source_option,
    fused_option,
    scores_option("; or a scores.csv, whose scores are compared instead of images"),
    direction_option,
    click.option(
        "--metrics",
        metavar="NAMES",
        help="In the order in which they are printed: en,sd,sf,mi; or a set: @ivif, @medical, @mef, @mff, @liu2012, "
        "@vifb, @mefb.  [default: @ivif, or all that --scores has]",
    ),
    click.option(
        "--algorithms", metavar="PATTERNS", help="Only these methods, such as 'nsct*,csr'; '!*+*' leaves out."
    ),
    *ASKED,
    click.option(
        "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of permutations and intervals."
    ),
    click.option(
        "--out",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        callback=out_table,
        help="Write the table: .tex, .md, .html, .csv, .xlsx, .json or .parquet; may be given again.",
    ),
    click.option("--caption", default="", help="Of the LaTeX table."),
    click.option("--label", default="", help="Of the LaTeX table, such as tab:mine."),
    click.option("--one-column", is_flag=True, help="A LaTeX table that does not span two columns."),
    click.option(
        "--figures",
        type=click.Path(path_type=Path, file_okay=False),
        callback=out_folder,
        help="Draw the figures into this folder, as PDF and PNG.",
    ),
    layout_options,
    reference_option,
    jobs_option,
    scheduler_options,
    allow_outside_option,
    fresh_option,
)


_FILES = ("source_a", "source_b", "fused", "sources")


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@main.command("compare", short_help="Compare fusion methods: the table of a paper, with tests.")
@_options
def compare_command(
    databases: tuple[str, ...],
    scores: tuple[Path, ...],
    metrics: str | None,
    out: tuple[Path, ...],
    figures: Path | None,
    **given: Any,
) -> None:
    """Compare fusion methods over the same images: means, marks, and tests that say what is more than luck.

    From DATABASES (their opinion scores have no part in it), from folders, or from stored scores:

    \b
    fmbench compare --a MR/ --b PET/ --fused results/ --ours Mine --out table.tex --out table.xlsx
    fmbench compare first/ second/ --metrics @medical --statistic mean-sd --figures figures/
    fmbench compare --scores scores.csv --metrics qabf,ssim,vif
    """  # noqa: D301 - click needs the control character itself
    from benchmark.comparison.latex import Float
    from benchmark.runs.compare import USUAL, compare, compare_scores
    from benchmark.runs.comparison import Comparison
    from benchmark.runs.request import Computing
    from benchmark.scoring.stored import read_scores

    asked = asked_of(**given)
    show = watch()
    found: Comparison
    stored = tuple(path for path in scores if _is_stored(path))
    foreign = read_given(tuple(path for path in scores if path not in stored))
    if stored:
        if databases or any(given[name] for name in _FILES):
            raise BenchmarkError("give a scores.csv or images, not both")
        found = compare_scores(
            read_scores(stored),
            metrics=metrics,
            algorithms=given["algorithms"],
            asked=asked,
            foreign=foreign,
            watch=show,
        )
    else:
        named = any(given[name] for name in _FILES)
        if named and databases:
            raise BenchmarkError("give databases or --a, --b and --fused, not both")
        files = [open_images(None, **{name: given[name] for name in _FILES})] if named else []
        found = compare(
            files or databases,
            metrics=metrics or USUAL,
            algorithms=given["algorithms"],
            asked=asked,
            computing=Computing(given["jobs"], given["scheduler"], given["fresh"], given["shared_storage"]),
            watch=show,
            scores=foreign,
        )
    around = Float(given["caption"], given["label"], given["one_column"])
    for path in out:
        found.write(path, around=around)
    for table in found.tables:
        print_table(table)
    if figures is not None:
        found.write_figures(figures, jobs=given["jobs"], watch=show)
        say_where(f"figures: {figures}")
    sys.exit(report_errors(list(found.problems)))


def asked_of(names: str, **given: Any) -> Asked:
    """Say what a comparison is asked for, from what `ASKED` and ``--seed`` were given."""
    from benchmark.comparison.asked import Asked, parse_names

    kept = ("statistic", "third", "common", "ours", "groups", "alpha", "permutations", "seed", "decimals")
    return Asked(names=parse_names(names), **{name: given[name] for name in kept})


def _is_stored(path: Path) -> bool:
    """Whether a file holds scores of this program, one a line, and not columns of another one's."""
    from benchmark.csv_files import read_header

    return {"metric", "value"} <= set(read_header(path, ("metric", "value")))
