"""The option `--out`: what cannot be written is refused before hours of work, and nothing is made yet."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import click

from benchmark.errors import BenchmarkError
from benchmark.formats.endings import READ, STORED, ending_of
from fusion_metrics.files import check_file, check_folder

Files = TypeVar("Files", Path | None, tuple[Path, ...])
#: How the help of a command names the formats.
FORMATS = "CSV, Excel, JSON or Parquet with all digits, or LaTeX, Markdown or HTML, by the ending"


def out_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that could not be written; a callback of click."""
    if path is not None:
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
        for suffix in (".pdf", ".png"):
            check_file(path.with_suffix(suffix))
    return path
