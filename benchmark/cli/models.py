"""`fmbench models`: metrics that were trained beforehand, and the weights that networks start from."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.cli.group import main
from benchmark.cli.options import jobs_option, preset_option
from benchmark.cli.outputs import out_folder
from benchmark.cli.pictures import reading_option
from benchmark.cli.screen import allow_outside_option, print_lines, print_table, watch
from benchmark.errors import BenchmarkError


@main.group("models", short_help="Show, remove and fetch what was trained or learnt.")
def models_group() -> None:
    """List, show and remove trained metrics, and fetch weights that networks start from."""


@models_group.command("list")
def list_command() -> None:
    """List the trained metrics of this machine: those that are shipped, and your own."""
    from benchmark.pages.models import models_table

    print_table(models_table())


@models_group.command("show")
@click.argument("name")
def show_command(name: str) -> None:
    """Print the model card of NAME, such as bmpri+phantom, or of a file."""
    from benchmark.pages.models import card_lines
    from fusion_metrics.selection import select_metrics

    for metric in select_metrics(name):
        print_lines(card_lines(metric))


@models_group.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Remove a trained metric of your own, such as bmpri+mine."""
    from fusion_metrics.trained.places import place_of, taken_apart

    place = place_of(*taken_apart(name))
    if place is None:
        raise BenchmarkError(f"{name}: there is no such trained metric (fmbench models list)")
    path = place.path
    if place.shipped:
        raise BenchmarkError(f"{name}: is shipped with its package, and is not removed: {path}")
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()
    click.echo(f"removed: {path}")


@models_group.command("fetch")
@click.argument("backbone", nargs=-1, required=True)
def fetch_command(backbone: tuple[str, ...]) -> None:
    """Download the ImageNet weights of each BACKBONE, such as resnet34, and check their hash."""
    from fusion_metrics.errors import nearest
    from learned.backbones.weights import download, downloadable

    known = downloadable()
    for name in backbone:
        if name not in known:
            raise BenchmarkError(f"no weights of {name!r} can be downloaded{nearest(name, known)}")
    for name in backbone:
        click.echo(download(name))


@models_group.command("build")
@click.argument("database")
@click.option("--metrics", required=True, metavar="NAMES", help="Metrics that learn, such as bmpri,g2npan.")
@click.option("--name", help="What they are trained as.  [default: the name of the database]")
@preset_option
@click.option("--test-on", multiple=True, metavar="DATABASE", help="Measure them on this database, too.")
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    callback=out_folder,
    help="Folder such as learned/trained; the files are OUT/NAME/METRIC.safetensors.",
)
@jobs_option
@allow_outside_option
@reading_option
def build_command(
    database: str,
    metrics: str,
    name: str | None,
    preset: str | None,
    test_on: tuple[str, ...],
    seed: int,
    out: Path,
    jobs: int,
) -> None:
    """Make trained metrics as packages ship them: fitted to all of DATABASE, rounded, measured, each with its card."""
    from benchmark.runs.measuring import called
    from benchmark.runs.models import build
    from benchmark.runs.request import Computing, choose_metrics

    show = watch()
    chosen = choose_metrics(metrics, preset, watch=show)
    words = [
        "fmbench models build",
        called(database),
        f"--metrics {metrics}",
        *([f"--preset {preset}"] if preset else []),
    ]
    words += [f"--test-on {called(each)}" for each in test_on] + [f"--seed {seed} --out FOLDER"]
    written = build(
        *(chosen, database, name or Path(database).name, out),
        seed=seed,
        tests=test_on,
        command=" ".join(words),
        computing=Computing(jobs),
        watch=show,
    )
    for path in written:
        click.echo(path)
