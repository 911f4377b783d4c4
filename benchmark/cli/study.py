"""`fmbench study`: a reader study in the browser, from a database without scores to one with scores."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.console import say
from benchmark.cli.group import main
from benchmark.cli.pictures import reading_option
from benchmark.cli.screen import (
    INTERRUPTED,
    allow_outside_option,
    open_named,
    print_lines,
    print_table,
    say_warning,
    say_where,
    show_progress,
)
from benchmark.errors import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = "http://127.0.0.1:8000"
folder_argument = click.argument("folder", type=click.Path(path_type=Path))
address_option = click.option(
    "--address", default=_HERE, show_default=True, metavar="URL", help="Where raters will find the study."
)


def _share(context: click.Context, parameter: click.Parameter, text: str) -> float:
    """Understand ``5%`` and ``0.05``; a callback of click."""
    try:
        value = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 0.5:
        raise click.BadParameter(f"{text!r} is not a share of 0% to 50%")
    return value


@main.group("study")
def study_group() -> None:
    """Let people rate or compare fused images in a browser."""


@study_group.command("create")
@click.argument("database")
@click.option(
    "--design",
    type=click.Choice(["rating", "pairs"]),
    default="rating",
    show_default=True,
    help="Rate one image, or compare two.",
)
@click.option("--raters", required=True, metavar="NAME,NAME|N", help="Pseudonyms, or how many raters there are.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make.")
@click.option(
    "--scale",
    type=click.Choice(["acr", "ten", "slider"]),
    default="acr",
    show_default=True,
    help="Five words (BT.500, P.910), 1 to 10, or a slider from 0 to 100.",
)
@click.option("--repeat", default="5%", show_default=True, callback=_share, help="Items that are shown a second time.")
@click.option("--training", default=3, show_default=True, type=click.IntRange(0, 50), help="Examples at the beginning.")
@click.option("--training-pairs", default="", metavar="NAMES", help="Source pairs that are used for examples alone.")
@click.option("--pairs", default=0, type=click.IntRange(0), help="Draw so many source pairs; 0 takes all.")
@click.option(
    "--comparisons", default=0, type=click.IntRange(0), help="Of each rater, with --design pairs; 0: one per image."
)
@click.option("--pause", default=40, show_default=True, type=click.IntRange(0), help="Items until a break; 0: none.")
@click.option(
    "--sources",
    type=click.Choice(["beside", "below", "none"]),
    default="beside",
    show_default=True,
    help="Where source images are shown; narrow screens have them below.",
)
@click.option(
    "--zoom",
    type=click.Choice(["whole", "exact"]),
    default="whole",
    show_default=True,
    help="Show pictures at first as large as whole pixels allow, or at one screen pixel per pixel.",
)
@click.option("--notes", is_flag=True, help="Let raters write a note about an image, on a lesion perhaps.")
@click.option("--title", default="", help="What raters read on top.  [default: title of the database]")
@click.option("--question", default="", help="What raters are asked.")
@click.option("--seed", default=0, show_default=True, help="Of all orders.")
@click.option("--simulated", is_flag=True, help="The raters are scripts: every score will be called simulated.")
@address_option
@allow_outside_option
@reading_option
def create_command(database: str, raters: str, out: Path, training_pairs: str, address: str, **asked: Any) -> None:
    """Make a study of DATABASE in a new folder, and print a link for each rater.

    The links are stored nowhere: `fmbench study links` makes new ones.
    """
    from benchmark.study.create import Plan, create_study
    from benchmark.study.raters import pseudonyms

    people = pseudonyms(raters)
    names = tuple(name.strip() for name in training_pairs.split(",") if name.strip())
    opened = open_named(database)
    with show_progress("copying pictures", len(opened.fused)) as advance:
        plan = Plan(raters=people, training_pairs=names, **asked)
        study, tokens = create_study(opened, out, plan, on_picture=lambda: advance(1))
    print_links(tokens, address)
    what = f"{len(study.items)} images" if study.design == "rating" else f"{study.comparisons} comparisons"
    say_where(f"study: {out}, {what} for each of {len(people)} {study.scores} raters; next: fmbench study serve {out}")


def print_links(tokens: Mapping[str, str], address: str) -> None:
    """Print the links of raters."""
    from benchmark.study.raters import link

    width = max(map(len, tokens))
    print_lines(f"{name:{width}}  {link(address, token)}" for name, token in tokens.items())
    say_warning("each link is a rater's own key: hand it to nobody else; it is not shown again")


@study_group.command("links")
@folder_argument
@click.option("--raters", default="", metavar="NAME,NAME", help="Only theirs.  [default: everybody's]")
@click.option("--add", default="", metavar="NAME,NAME", help="Let these take part, too.")
@address_option
def links_command(folder: Path, raters: str, add: str, address: str) -> None:
    """Make new links for the raters of the study in FOLDER; links from before stop working, votes stay."""
    from benchmark.study.joining import add_raters, renew_links
    from benchmark.study.raters import pseudonyms

    print_links(add_raters(folder, pseudonyms(add)) if add else renew_links(folder, raters), address)


@study_group.command("serve")
@folder_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine on your network.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option("--certificate", type=click.Path(path_type=Path), help="A PEM file, to serve https.")
@click.option("--key", type=click.Path(path_type=Path), help="The key of the certificate.")
def serve_command(folder: Path, host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Serve the study in FOLDER until Ctrl-C.

    Nobody but this machine can reach it unless --host names an address on a network; there, too, only who has a link
    is let in.
    """
    from benchmark.study.serving import Address, serve

    if (certificate is None) != (key is None):
        raise BenchmarkError("--certificate and --key belong together")
    address = Address(host, port, certificate, key)
    if not address.local and certificate is None:
        say_warning(
            f"warning: {host} is served without encryption; --certificate and --key give it on networks not trusted"
        )

    def ready(study: Any, url: str) -> None:
        print_lines([f"serving {study.name} on {url}"])
        say_where("Ctrl-C ends it; every vote is on the disk as soon as the next item appears")

    try:
        serve(folder, address, ready)
    except KeyboardInterrupt:  # how it is meant to end
        say(f"{folder}: no longer served; every vote is kept, and the same command goes on with them")
        sys.exit(INTERRUPTED)


@study_group.command("status")
@folder_argument
def status_command(folder: Path) -> None:
    """Say how far the raters of the study in FOLDER are."""
    from benchmark.study.progress import status_table

    print_table(status_table(folder))


@study_group.command("export")
@folder_argument
@click.argument("database", type=click.Path(path_type=Path))
@click.option("--leave-out", default="", metavar="NAME,NAME", help="Raters whose votes are left out.")
def export_command(folder: Path, database: Path, leave_out: str) -> None:
    """Write the votes of the study in FOLDER as a new database, with mean scores and a report on the raters."""
    from benchmark.study.export import export_study

    names = tuple(name.strip() for name in leave_out.split(",") if name.strip())
    table, warnings = export_study(folder, database, leave_out=names)
    print_table(table)
    for warning in warnings:
        say_warning(f"warning: {warning}")
    say_where(f"database: {database}; next: fmbench run {database}")
