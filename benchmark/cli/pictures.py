"""How pictures are read and matched: `--reading`, `--match`, `--fit` and `--reference`, which many commands share.

What was asked for is kept with the command that runs, so that whatever opens a database or names files heeds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from benchmark.databases import Database
from benchmark.databases.fitting import FITS
from benchmark.databases.matching import Match
from benchmark.databases.references import with_references
from fusion_metrics.reading import STRICT, Reading, as_reading

_READING, _MATCH, _FIT, _TWO = "benchmark.reading", "benchmark.match", "benchmark.fit", "benchmark.two_sources"
_REFERENCE = "benchmark.reference"


def _keep_reading(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> None:
    if value:
        context.meta[_READING] = as_reading(value)


def _keep_match(context: click.Context, parameter: click.Parameter, value: str) -> None:
    context.meta[_MATCH] = Match.parse(value)


def _keep_fit(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[_FIT] = value


def _keep_reference(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[_REFERENCE] = value


def _keep_two(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.meta[_TWO] = value


reading_option = click.option(
    "--reading",
    multiple=True,
    metavar="TEXT",
    expose_value=False,
    callback=_keep_reading,
    help="How ambiguous pictures are read, such as grey=opencv, alpha=over-black, palette=expand, 0..65535, minmax, "
    "window=40/80, percentile=1/99, orientation=ignore; several with commas.  [default: they are refused]",
)
match_option = click.option(
    "--match",
    default="stem",
    show_default=True,
    metavar="RULE",
    expose_value=False,
    callback=_keep_match,
    help="Which files of folders belong together: stem, suffix:_fused, suffix:_ir,_vi,_fused, prefix:..., "
    "'regex:(?P<pair>\\d+)', or order.",
)
fit_option = click.option(
    "--fit",
    type=click.Choice(FITS),
    expose_value=False,
    callback=_keep_fit,
    help="What is done with a fused image of another size than its sources.  [default: refuse]",
)

two_sources_option = click.option(
    "--two-sources",
    is_flag=True,
    expose_value=False,
    callback=_keep_two,
    help="Look at the sources a and b alone, also where more were fused and a metric takes all.",
)


reference_option = click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="PATH",
    expose_value=False,
    callback=_keep_reference,
    help="The ground truth, for metrics such as psnr:reference: a folder of files with the names of the pairs, or one "
    "file.",
)


def layout_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of commands that score files."""
    from benchmark.cli.volumes import axis_option, series_option, slices_option  # which asks this module

    of_volumes = (series_option, slices_option, axis_option)
    for option in (*of_volumes, two_sources_option, fit_option, match_option, reading_option):
        command = option(command)
    return command


def asked_reading() -> Reading:
    """Return the reading that the command which runs was given."""
    reading = _asked(_READING)
    return reading if isinstance(reading, Reading) else STRICT


def asked_match() -> Match:
    """Return how the command which runs matches files."""
    match = _asked(_MATCH)
    return match if isinstance(match, Match) else Match()


def as_asked(database: Database) -> Database:
    """Return a database as the command that runs was asked to read it: its own reading and references come second."""
    reading, fit, reference = _asked(_READING), _asked(_FIT), _asked(_REFERENCE)
    if isinstance(reference, Path):
        database = with_references(database, reference, asked_match())
    return replace(
        database,
        reading=reading if isinstance(reading, Reading) else database.reading,
        fit=fit if isinstance(fit, str) else database.fit,
        only_two=database.only_two or _asked(_TWO) is True,
    )


def _asked(name: str) -> object:
    context = click.get_current_context(silent=True)
    return context.meta.get(name) if context else None
