"""The option `--out`: what cannot be written is refused before hours of work, and nothing is made yet."""

from __future__ import annotations

from pathlib import Path

import click

from fusion_metrics.files import check_file, check_folder


def out_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that could not be written; a callback of click."""
    if path is not None:
        check_file(path)
    return path


def out_folder(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a folder that could not be made or written to; a callback of click."""
    if path is not None:
        check_folder(path)
    return path


def out_pictures(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse the name, without suffix, of a PDF and a PNG file that could not be written; a callback of click."""
    if path is not None:
        for suffix in (".pdf", ".png"):
            check_file(path.with_suffix(suffix))
    return path
