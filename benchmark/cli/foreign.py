"""Options `--scores` and `--direction`: numbers of other programs that stand beside those of metrics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmark.errors import BenchmarkError

if TYPE_CHECKING:
    from benchmark.scoring.foreign import ForeignScores

_DIRECTIONS = "benchmark.directions"
_HELP = "Also numbers that another program computed: a CSV file with a column image and columns such as mAP:higher"


def _keep_directions(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> None:
    found: dict[str, str] = {}
    for part in (part.strip() for text in given for part in text.split(",") if part.strip()):
        name, equals, direction = (piece.strip() for piece in part.rpartition("="))
        if not (name and equals):
            raise BenchmarkError(f"{part!r} is no direction; write NAME=higher, NAME=lower or NAME=ignore")
        if found.setdefault(name, direction) != direction:
            raise BenchmarkError(f"direction of {name!r} is given twice")
    context.meta[_DIRECTIONS] = found


direction_option = click.option(
    "--direction",
    multiple=True,
    metavar="NAME=WORD",
    expose_value=False,
    callback=_keep_directions,
    help="Which direction of a column of --scores is better, higher or lower, if its header does not say it; ignore "
    "leaves it out. Several with commas.",
)


def scores_option(more: str = "") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make the option `--scores`, with what else a command takes under it."""
    return click.option(
        "--scores",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"{_HELP}{more}; may be given again.",
    )


def foreign_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of commands that show numbers of other programs beside metrics."""
    for option in (direction_option, scores_option()):
        command = option(command)
    return command


def read_given(scores: tuple[Path, ...]) -> tuple[ForeignScores, ...]:
    """Read the files of `--scores`, with the directions that the command which runs was given."""
    from benchmark.scoring.foreign_file import read_foreign

    context = click.get_current_context(silent=True)
    return read_foreign(scores, context.meta.get(_DIRECTIONS) if context else None)
