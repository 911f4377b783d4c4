"""`fmbench bench`: what metrics cost."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from benchmark.cli.group import main
from benchmark.cli.options import metrics_option
from benchmark.cli.outputs import FORMATS, out_table
from benchmark.cli.pictures import asked_reading, reading_option
from benchmark.cli.screen import print_table, show_progress, watch
from benchmark.errors import BenchmarkError
from fusion_metrics import Image
from fusion_metrics.given import check_sizes


@main.command("bench", short_help="Measure the time and memory that metrics take.")
@metrics_option
@click.option("--size", default=256, show_default=True, type=click.IntRange(min=32), help="Rows and columns.")
@click.option("--colour", is_flag=True, help="Colour pictures instead of grey ones.")
@click.option("--a", "source_a", type=click.Path(path_type=Path, dir_okay=False), help="First source image.")
@click.option("--b", "source_b", type=click.Path(path_type=Path, dir_okay=False), help="Second source image.")
@click.option("--fused", type=click.Path(path_type=Path, dir_okay=False), help="Fused image.")
@reading_option
@click.option("--repeats", default=5, show_default=True, type=click.IntRange(min=1), help="Runs; the median counts.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=out_table,
    help=f"Write every number to this file: {FORMATS}.",
)
def bench_command(
    metrics: str,
    size: int,
    colour: bool,
    source_a: Path | None,
    source_b: Path | None,
    fused: Path | None,
    repeats: int,
    out: Path | None,
) -> None:
    """Measure time, memory, what shared features save, and the distance from what a definition cannot avoid.

    Without --a, --b and --fused on pictures that are made for it. Set OMP_NUM_THREADS=1 for the times of one core.
    """
    from benchmark.cost.timing import bench, bench_frame, bench_table
    from benchmark.example_pictures import Triple, example
    from benchmark.formats.files import write_table
    from benchmark.runs.request import choose_metrics

    chosen = choose_metrics(metrics, watch=watch())
    if source_a and source_b and fused:
        images = [Image.open(path, asked_reading()) for path in (source_a, source_b, fused)]
        check_sizes(images)
        triple = Triple(*(np.rint(image.pixels).astype(np.uint8) for image in images))
    elif source_a or source_b or fused:
        raise BenchmarkError("give --a, --b and --fused, or none of them")
    else:
        triple = example(size, colour=colour)
    with show_progress("timing", len(chosen)) as advance:
        found = bench(chosen, triple, repeats=repeats, on_metric=lambda: advance(1))
    table = bench_table(found)
    if out is not None:
        write_table(out, bench_frame(found), [table])
    print_table(table)
