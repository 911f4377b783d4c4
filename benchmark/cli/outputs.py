"""The option `--out`: what cannot be written is refused before hours of work, and nothing is made yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import click

from benchmark.errors import BenchmarkError
from benchmark.formats.endings import READ, STORED, ending_of
from fusion_metrics.files import check_file, check_folder

Files = TypeVar("Files", Path | None, tuple[Path, ...])
#: How the help of a command names the formats.
FORMATS = "CSV, Excel, JSON or Parquet with all digits, or LaTeX, Markdown or HTML, by the ending"

#: Parameters that name what is written; every other path that a command is given is read.
WRITTEN = ("out", "outs", "meta_out")
#: What `out_pictures` writes, of a name without suffix.
PICTURES = (".pdf", ".png")
#: Endings of a page for a browser.
PAGES = (".html", ".htm")


def refuse_inputs(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Refuse to write in place of a file that is read, which would be lost.

    Raises
    ------
    BenchmarkError
        An output is one of the inputs, under whatever name.
    """
    read = [path for path in inputs if path.is_file()]
    for output in outputs:
        if output.is_file() and any(output.samefile(path) for path in read):
            raise BenchmarkError(f"{output}: is read here, and is not written over; name another file with --out")


class CarefulCommand(click.Command):
    """A command that never writes over a file that it was given to read."""

    def invoke(self, ctx: click.Context) -> object:
        """Look at the paths that were given before anything is computed."""
        given: Mapping[str, object] = ctx.params
        outputs = [path for name in WRITTEN for path in _paths(given.get(name))]
        refuse_inputs(outputs, [path for name in given.keys() - set(WRITTEN) for path in _paths(given[name])])
        return super().invoke(ctx)


def _paths(value: object) -> Iterator[Path]:
    """Go through the paths that a parameter was given: none, one or several."""
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, Path):
            yield each


def out_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that could not be written; a callback of click."""
    if path is not None:
        check_file(path)
    return path


def out_page(context: click.Context, parameter: click.Parameter, path: Path) -> Path:
    """Refuse a page that could not be written, or under whose name no browser would open it; a callback of click."""
    is_special = path.exists() and not path.is_file()
    if path.suffix.lower() not in PAGES and not is_special:
        raise BenchmarkError(f"{path}: the page is HTML; name it {path.with_suffix('.html')} with --out")
    check_file(path)
    return path


def out_table(context: click.Context, parameter: click.Parameter, given: Files) -> Files:
    """Refuse a file that could not be written, or whose ending stands for no format; a callback of click."""
    for path in given if isinstance(given, tuple) else (given,):
        if path is not None:
            ending_of(path)
            check_file(path)
    return given


def out_folder(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a folder that could not be made or written to, or that was meant to be a file; a callback of click."""
    if path is not None:
        if path.suffix.lower() in READ | STORED and not path.is_dir():
            name = parameter.opts[0] if parameter.opts else "the output"
            raise BenchmarkError(f"{path}: {name} is a folder here, not a file")
        check_folder(path)
    return path


def out_pictures(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse the name, without suffix, of a PDF and a PNG file that could not be written; a callback of click."""
    if path is not None:
        for suffix in PICTURES:
            check_file(path.with_suffix(suffix))
    return path
