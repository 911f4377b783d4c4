"""The errors a user can meet: each message is one line that names the thing and the cause."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: Names that an error lists where none is near; a database has hundreds.
KNOWN_SHOWN = 12


class FusionMetricsError(ValueError):
    """Anything wrong with what the caller gave; the base class of all errors here."""


class InvalidImage(FusionMetricsError):
    """Pixels that no metric can use: wrong type, range, shape or file."""


class UndefinedScore(FusionMetricsError):
    """The metric has no value for these images, although the images are valid."""


class NotFitted(UndefinedScore):
    """The metric learns, and has not yet: `Metric.fit` comes first."""


class UnknownMetric(FusionMetricsError):
    """No metric, variant or parameter of that name."""

    @classmethod
    def named(cls, kind: str, name: str, known: Iterable[str]) -> UnknownMetric:
        """Build the error for an unknown `name`, with the nearest of the `known` names."""
        return cls(f"unknown {kind} {name!r}{nearest(name, known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean ...?`` for the known names nearest to `name`, or a list of a few of them."""
    choices = sorted(known)
    close = difflib.get_close_matches(name.lower(), choices, n=3, cutoff=0.5)
    if not close:
        close = [choice for choice in choices if name.lower() in choice or choice in name.lower()][:3]
    if close:
        return f"; did you mean {' or '.join(map(repr, close))}?"
    if not choices:
        return ""
    more = f" and {len(choices) - KNOWN_SHOWN} more" if len(choices) > KNOWN_SHOWN else ""
    return f"; known: {', '.join(choices[:KNOWN_SHOWN])}{more}"
