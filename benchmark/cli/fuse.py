"""`fmbench fuse`: fuse two images, or two folders of them."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from benchmark.cli.console import say
from benchmark.cli.group import main
from benchmark.cli.outputs import refuse_inputs
from benchmark.cli.pictures import asked_match, asked_reading, match_option, reading_option
from benchmark.cli.screen import say_warning, show_progress
from benchmark.databases.folder import write_picture
from benchmark.databases.from_files import matched_sources
from benchmark.databases.layouts import images_in
from benchmark.databases.volumes import are_volumes
from benchmark.errors import BenchmarkError
from benchmark.fusion import fuse, list_algorithms
from benchmark.fusion.registry import get_algorithm
from benchmark.numbers import counted, listed
from fusion_metrics import Image
from fusion_metrics.files import check_file, check_folder

#: Images without partner that a sentence names before it only counts.
NAMED = 3


@main.command("fuse", short_help="Fuse images or folders with a classical algorithm.")
@click.option("--a", "source_a", type=click.Path(path_type=Path), help="First source image, or a folder of them.")
@click.option("--b", "source_b", type=click.Path(path_type=Path), help="Second source image, or a folder of them.")
@click.option("--algorithm", default="laplacian", show_default=True, metavar="NAME", help="See --list.")
@click.option("--out", type=click.Path(path_type=Path), help="The fused PNG file, or a folder for them.")
@match_option
@reading_option
@click.option("--list", "show_list", is_flag=True, help="List the algorithms and their references.")
def fuse_command(
    source_a: Path | None, source_b: Path | None, algorithm: str, out: Path | None, show_list: bool
) -> None:
    """Fuse two registered images, or two folders of them matched by file stem."""
    if show_list:
        for known in list_algorithms():
            click.echo(f"{known.name}\t{known.title}\t{known.reference}")
        return
    if source_a is None or source_b is None or out is None:
        raise BenchmarkError("nothing to fuse: give --a, --b and --out")
    many = source_a.is_dir()
    _check(out, many=many)
    if are_volumes(source_a, source_b):
        raise BenchmarkError(f"{source_a}: is a volume, or a folder of them; what is fused are pictures")
    pairs = matched_sources(source_a, source_b, asked_match())
    targets = [(pair, out / f"{pair.name}.png" if many else out) for pair in pairs.values()]
    refuse_inputs([target for _, target in targets], [path for pair in pairs.values() for path in pair.sources])
    get_algorithm(algorithm)
    with show_progress("fusing", len(pairs)) as advance:
        for pair, target in targets:
            images = (Image.open(path, asked_reading()) for path in (pair.source_a, pair.source_b))
            a, b = (np.rint(image.pixels).astype(np.uint8) for image in images)
            try:
                write_picture(target, fuse(a, b, algorithm))
            except BenchmarkError as error:
                raise BenchmarkError(f"{pair.source_a} and {pair.source_b}: {error}") from None
            advance(1)
    say(f"{out}: {counted(len(pairs), 'fused image')}")
    for folder, used in zip(
        (source_a, source_b), zip(*(pair.sources for pair in pairs.values()), strict=True), strict=True
    ):
        if alone := [path.name for path in images_in(folder) if path not in used] if many else []:
            say_warning(f"{folder}: {counted(len(alone), 'image')} without partner, not fused: {listed(alone, NAMED)}")


def _check(out: Path, *, many: bool) -> None:
    """Refuse what could not be written, and a name that promises another format than PNG."""
    if many:
        check_folder(out)
        return
    if out.suffix.lower() != ".png" and (out.is_file() or not out.exists()):
        raise BenchmarkError(f"{out}: a fused image is written as PNG; name it {out.with_suffix('.png')} with --out")
    check_file(out)
