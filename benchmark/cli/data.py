"""`fmbench data`: list, check, build and fetch databases."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from benchmark.cli.group import main
from benchmark.cli.options import jobs_option
from benchmark.cli.outputs import out_file
from benchmark.cli.pictures import asked_reading, reading_option
from benchmark.cli.screen import (
    BAD_INPUT,
    allow_outside_option,
    open_named,
    outside_allowed,
    report_errors,
    say_error,
    say_warning,
    show_progress,
)
from benchmark.databases import EMBEDDED
from benchmark.errors import BenchmarkError
from benchmark.fusion import PHANTOM_ALGORITHMS
from benchmark.numbers import counted
from fusion_metrics.printable import printable


@main.group("data", short_help="Check, build, fetch and convert databases.")
def data_group() -> None:
    """Look after databases."""


@data_group.command("list")
def data_list_command() -> None:
    """List the embedded databases."""
    for database in EMBEDDED.values():
        click.echo(f"{database.name}\t{database.title}")


@data_group.command("check")
@allow_outside_option
@reading_option
@click.argument("database")
def data_check_command(database: str) -> None:
    """Say everything that is wrong with DATABASE, one line each."""
    from benchmark.databases.check import check_database

    opened = open_named(database)
    with show_progress(f"checking {opened.name}", len(opened.fused)) as advance:
        notes: list[str] = []
        problems = list(check_database(opened, on_image=lambda: advance(1), on_note=notes.append))
    for note in notes:
        say_warning(f"note: {note}")
    for problem in problems:
        say_error(problem)
    summary = (
        f"{opened.name}: {counted(len(opened.pairs), 'pair')}, "
        f"{counted(len(opened.fused), 'fused image')}, scores: {opened.scores}"
    )
    click.echo(f"{printable(summary)}; {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}")
    sys.exit(BAD_INPUT if problems else 0)


@data_group.command("build", short_help="Build an embedded database, or fuse the pairs of another one.")
@allow_outside_option
@reading_option
@click.argument("name")
@click.option("--pairs-from", type=click.Path(path_type=Path), help="A database whose source pairs are to be fused.")
@click.option("--algorithms", default=",".join(PHANTOM_ALGORITHMS), show_default=True, metavar="NAMES")
@jobs_option
def data_build_command(name: str, pairs_from: Path | None, algorithms: str, jobs: int) -> None:
    """Build the embedded database NAME, or a folder NAME with fused images of your own pairs, without scores.

    A build of your own pairs that was interrupted goes on where it stopped.
    """
    from benchmark.databases.from_pairs import build_from_pairs

    if pairs_from is None:
        if name not in EMBEDDED:
            raise BenchmarkError(f"{name}: no embedded database of that name; for your own pairs give --pairs-from")
        click.echo(open_named(name).root)
        return
    with show_progress(f"fusing {pairs_from.name}", None) as advance:
        chosen = [algorithm.strip() for algorithm in algorithms.split(",") if algorithm.strip()]
        problems = build_from_pairs(
            pairs_from,
            Path(name),
            chosen,
            jobs=jobs,
            progress=lambda done, total: advance(1, total),
            allow_outside=outside_allowed(),
            reading=asked_reading(),
        )
    click.echo(name)
    sys.exit(report_errors(problems))


@data_group.command("sets", short_help="List public sets of human scores.")
def data_sets_command() -> None:
    """List public sets of human scores: name, title, licence and address."""
    from benchmark.databases.originals.sets import public_sets

    for known in public_sets().values():
        click.echo(f"{known.name}\t{known.title}\tlicence: {known.licence}\t{known.address}")


@data_group.command("fetch", short_help="Download an archive of databases, checked by its hash.")
@click.argument("what", metavar="URL|NAME")
@click.option("--sha256", metavar="HASH", help="Hash that the archive must have; needed with a URL.")
def data_fetch_command(what: str, sha256: str | None) -> None:
    """Download an archive of databases, and unpack it if it has the right hash.

    NAME is a public set (fmbench data sets): it is downloaded if its hash is known, and otherwise unpacked from where
    the command says that its archive belongs.
    """
    from benchmark.databases.fetch import fetch
    from benchmark.databases.originals.sets import fetch_set, public_set

    if "://" in what:
        if sha256 is None:
            raise BenchmarkError(f"{what}: a download needs --sha256 with the hash that the archive must have")
        for folder in fetch(what, sha256):
            click.echo(folder)
        return
    known = public_set(what)
    if sha256 is not None:
        raise BenchmarkError(f"{what}: --sha256 belongs to a URL, not to a public set")
    found = fetch_set(known)
    if not found.vouched:
        say_warning(f"note: nobody has vouched for the archive; its SHA-256 is {found.sha256}")
    say_warning(f"note: licence of {known.name}: {known.licence}")
    click.echo(found.folder)


@data_group.command("convert", short_help="Turn a public set of human scores into a database.")
@click.argument("name")
@click.argument("original", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder of the new database.")
@click.option(
    "--names",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Names of the images in the order of the votes, one a line, where the original has none.",
)
def data_convert_command(name: str, original: Path, out: Path, names: Path | None) -> None:
    """Turn the public set NAME, in the layout of its authors, into a database.

    fmbench data sets lists the names; ORIGINAL is the folder as it was unpacked.
    """
    from benchmark.csv_files import read_text
    from benchmark.databases.originals.convert import convert
    from benchmark.databases.originals.sets import public_set

    known = public_set(name)
    listed = [line.strip() for line in read_text(names).splitlines() if line.strip()] if names else []
    with show_progress(f"converting {name}", None) as advance:
        notes = convert(known, original, out, names=listed, progress=lambda done, total: advance(1, total))
    for note in notes:
        say_warning(f"note: {note}")
    say_warning(f"note: licence of {known.name}: {known.licence}")
    click.echo(out)


@data_group.command("sheet")
@allow_outside_option
@reading_option
@click.argument("database")
@click.option("--pairs", default="", metavar="NAMES", help="Names of pairs; without it the first of each modality.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_file,
    help="The picture to write.",
)
def data_sheet_command(database: str, pairs: str, out: Path) -> None:
    """Draw pairs of DATABASE with their masks, fused images and votes."""
    from benchmark.databases.contact_sheet import draw_contact_sheet

    draw_contact_sheet(out, open_named(database), [name.strip() for name in pairs.split(",") if name.strip()])
    click.echo(out)
