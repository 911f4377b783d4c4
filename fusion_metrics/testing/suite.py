"""The checks that concern a metric, as tests of their own or one after the other."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from fusion_metrics.registry import find, list_metrics
from fusion_metrics.spec import MetricSpec
from fusion_metrics.testing import checks

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

Check: TypeAlias = Callable[[], None]

SIZES = ((63, 65), (127, 33), (40, 16), (16, 17), (11, 11), (7, 9), (3, 3), (2, 5), (1, 1))
#: Grey levels of the first source, the second and the fused image; None is a picture.
FLAT: dict[str, tuple[int | None, int | None, int | None]] = {
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "different greys": (10, 200, 90),
    "black fused": (None, None, 0),
    "white fused": (None, None, 255),
    "one black source": (0, None, None),
    "both sources flat": (50, 60, None),
}
#: Rows and columns of pictures in which metrics tell distortions, and of those for metrics that need room.
SIDE, ROOM = 64, 128


def conformance_checks(identifier: str | None = None) -> list[ParameterSet]:
    """List what a metric promises, for `pytest.mark.parametrize`.

    Parameters
    ----------
    identifier : str, optional
        ``name`` for all variants of a metric, ``name:variant`` for one; default: all metrics that are declared.

    Returns
    -------
    list of pytest.param
        Functions without arguments, which raise `NonConformance` where a promise is not kept. Promises that do not
        concern a metric, such as the exchange of sources that it does not take, are not in the list. A metric that
        needs what is not installed is skipped.

    Raises
    ------
    UnknownMetric
        No such metric or variant.
    """
    import pytest

    found = []
    for spec in _chosen(identifier):
        lacking = f"needs {' and '.join(spec.missing)}"
        marks = pytest.mark.skip(reason=lacking) if spec.missing else ()
        found += [pytest.param(check, id=f"{spec.id}-{name}", marks=marks) for name, check in _checks(spec)]
    return found


def check_metric(identifier: str) -> None:
    """Check everything that a metric promises, without pytest.

    Parameters
    ----------
    identifier : str
        ``name`` for all variants of a metric, ``name:variant`` for one.

    Raises
    ------
    NonConformance
        The first promise that is not kept.

    Examples
    --------
    >>> check_metric("sd:vifb")
    """
    for spec in _chosen(identifier):
        for _, check in _checks(spec):
            check()


def _chosen(identifier: str | None) -> list[MetricSpec]:
    if identifier and (":" in identifier or find(identifier).fitted):
        return [find(identifier)]
    return [spec for spec in list_metrics(variants=True) if identifier is None or spec.name == find(identifier).name]


def _checks(spec: MetricSpec) -> Iterator[tuple[str, Check]]:
    """Name the checks that concern a metric, and bind them to it."""
    if spec.alias_of:
        yield checks.metadata_is_complete.__name__, functools.partial(checks.metadata_is_complete, spec)
        yield checks.alias_scores_the_same.__name__, functools.partial(checks.alias_scores_the_same, spec)
        return
    side = max(ROOM if "needs room" in spec.exceptions else SIDE, spec.min_size)
    for always in (
        checks.metadata_is_complete,
        # The source is named by the metric that learnt, and what it makes of colours is its own affair.
        *(() if spec.fitted else (checks.source_is_named, checks.equal_channels_are_grey)),
        checks.values_between_grey_levels,
        checks.nan_is_refused,
        checks.scores_are_repeatable,
        checks.any_pixels_are_within_bounds,
    ):
        yield always.__name__, functools.partial(always, spec)
    for dtype in ("float32", "float64"):
        yield f"{dtype}_scores_the_same", functools.partial(checks.float_copies_score_the_same, spec, dtype)
    for size in SIZES:
        yield f"size_{size[0]}x{size[1]}", functools.partial(checks.size_has_a_value_or_a_reason, spec, size)
    for name, greys in FLAT.items():
        yield name.replace(" ", "_"), functools.partial(checks.flat_pictures_have_a_value_or_a_reason, spec, greys)
    if spec.needs_sources:
        yield "exchange_of_sources", functools.partial(checks.exchange_of_sources, spec)
        yield "three_sources", functools.partial(checks.three_sources_have_a_value_or_a_reason, spec, side)
    if spec.needs_sources or spec.needs_reference:
        yield "sizes_that_differ_are_refused", functools.partial(checks.sizes_that_differ_are_refused, spec)
    if spec.sources == "all":
        yield "the_third_source_counts", functools.partial(checks.the_third_source_counts, spec, side)
    if spec.fitted:  # what it prefers was learnt, not promised
        yield "dark_minus_bright_does_not_wrap", functools.partial(checks.dark_minus_bright_does_not_wrap, spec)
    elif checks.promises(spec):
        for valued in (checks.equal_pictures_are_ideal, checks.blur_is_worse, checks.noise_is_worse):
            yield valued.__name__, functools.partial(valued, spec, side)
        yield "dark_minus_bright_does_not_wrap", functools.partial(checks.dark_minus_bright_does_not_wrap, spec)
        if spec.channels == "luminance":
            yield "colours_are_luminance", functools.partial(checks.colours_are_luminance, spec)
