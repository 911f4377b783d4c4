"""How volumes become pictures: `--axis`, `--slices` and `--series`, kept with the command that runs."""

from __future__ import annotations

from dataclasses import replace

import click

from benchmark.cli.pictures import asked_reading
from benchmark.databases.slicing import Slicing
from fusion_metrics.volumes.address import AXES

_SLICING = "benchmark.slicing"


def _keep(context: click.Context, parameter: click.Parameter, value: str | tuple[str, ...]) -> None:
    if value and parameter.name:
        asked = context.meta.get(_SLICING, Slicing())
        context.meta[_SLICING] = replace(asked, **{parameter.name: value})


axis_option = click.option(
    "--axis",
    type=click.Choice(sorted(AXES)),
    expose_value=False,
    callback=_keep,
    help="Axis along which volumes are sliced: by name, the one that is closest to that direction; by number, as the "
    "file stores it.  [default: axial]",
)
slices_option = click.option(
    "--slices",
    metavar="FIRST:LAST",
    expose_value=False,
    callback=_keep,
    help="Slices of volumes as Python counts them, from 0 and without the last: 10:90, 10:90:2, -20:, or one number.  "
    "[default: all in which no source is constant]",
)
series_option = click.option(
    "--series",
    multiple=True,
    metavar="UID",
    expose_value=False,
    callback=_keep,
    help="Which DICOM series is meant, of a folder that holds several; may be given again.",
)


def asked_slicing() -> Slicing:
    """Return how the command which runs was asked to slice volumes."""
    context = click.get_current_context(silent=True)
    asked = context.meta.get(_SLICING) if context else None
    return replace(asked if isinstance(asked, Slicing) else Slicing(), reading=asked_reading())
