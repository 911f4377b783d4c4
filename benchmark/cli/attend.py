"""`fmbench attend`: draw where a fitted metric looks, and measure whether it looks at lesions."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark.cli.group import main
from benchmark.cli.outputs import PICTURES, out_pictures, refuse_inputs
from benchmark.cli.pictures import asked_reading, reading_option
from benchmark.cli.screen import allow_outside_option, open_named, show_progress
from benchmark.errors import BenchmarkError
from fusion_metrics import Image, create, load
from fusion_metrics.trained.places import PLUS, place_of, taken_apart


@main.command("attend", short_help="Draw where a fitted metric looks in fused images.")
@click.argument("images", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--model",
    required=True,
    type=click.Path(path_type=Path),
    help="What `fmbench train` wrote, or a name such as ms_aan+phantom (fmbench models list).",
)
@click.option("--database", metavar="NAME", help="Measure attention inside the lesion masks of this database.")
@allow_outside_option
@reading_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_pictures,
    default=Path("attention"),
    show_default=True,
    help="The figure, without suffix: a PDF and a PNG file are written.",
)
def attend_command(images: tuple[Path, ...], model: Path, database: str | None, out: Path) -> None:
    """Draw where a fitted metric looks in fused IMAGES, and how much of that is inside lesions."""
    from benchmark.analysis.attention import lesion_share, overlays
    from benchmark.figures.attention import AttentionFigure
    from benchmark.figures.formats import write_files

    refuse_inputs([out.with_suffix(suffix) for suffix in PICTURES], images)
    metric = load(_file_of(model))
    if not images and database is None:
        raise BenchmarkError("nothing to look at: give images, or --database with lesion masks")
    if images:
        found = overlays(metric, [Image.open(path, asked_reading()) for path in images])
        labels = tuple(
            f"{path.parent.name}/{path.stem}: {score:.2f}" for path, (_, _, score) in zip(images, found, strict=True)
        )
        pixels, attention = tuple(image.pixels for image, _, _ in found), tuple(seen for _, seen, _ in found)
        write_files(AttentionFigure(metric.spec.title, labels, pixels, attention), out.with_suffix(""))
        click.echo(out.with_suffix(".png"))
    if database is not None:
        opened = open_named(database)
        with show_progress(f"looking at {opened.name}", len(opened.fused)) as advance:
            looks = ((metric, image) for image in opened.fused)
            share = lesion_share(looks, opened, on_image=lambda: advance(1))
        click.echo(f"{metric.spec.id} on {opened.name}: {share}")


def _file_of(model: Path) -> Path:
    """Find the file of a trained metric that may be given by its name."""
    if PLUS not in model.name or model.exists():
        return model
    create(str(model))  # which knows what to say of a name that is none
    place = place_of(*taken_apart(str(model)))
    return model if place is None else place.path
