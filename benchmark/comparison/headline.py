"""The result of a comparison in one sentence: who leads, and by how many metrics that can be said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.comparison.tested import Tested
from benchmark.numbers import counted, listed

#: Methods that the sentence names before it only counts.
SHOWN = 5


@dataclass(frozen=True)
class Lead:
    """How often each method may be the best.

    Attributes
    ----------
    methods : tuple of str
        In descending order of `metrics`.
    metrics : tuple of int
        By how many of the tested metrics each is the best, or not significantly worse than the best.
    telling : int
        Metrics by which some method is significantly worse than the best.
    tested : int
    """

    methods: tuple[str, ...]
    metrics: tuple[int, ...]
    telling: int
    tested: int


def lead_of(tested: Tested) -> Lead:
    """Count what the tests of all metrics found."""
    counts = np.zeros(len(tested.values.methods), dtype=int)
    telling = done = 0
    for test in tested.metrics:
        if test.near is not None:
            done += 1
            counts[test.methods[test.near.near_best]] += 1
            telling += not test.near.near_best.all()
    order = np.argsort(-counts, kind="stable")
    names = tuple(tested.values.methods[m] for m in order)
    return Lead(names, tuple(int(counts[m]) for m in order), telling, done)


def headline(tested: Tested) -> str:
    """Say in one sentence which methods lead, how many metrics can tell methods apart, and on how many images."""
    values, lead = tested.values, lead_of(tested)
    over = counted(len(values.images), "source pair" if values.single else "image")
    if not lead.tested:
        reason = next((test.reason for test in tested.metrics if test.reason), "")
        why = f" ({reason})" if reason else ""
        return f"No metric could be tested on {over}{why}, so no method can be said to lead."
    of = counted(lead.tested, "metric")
    if not lead.telling:
        which = f"None of {of} tells" if lead.tested > 1 else "The only metric does not tell"
        return f"{which} the {counted(len(values.methods), 'method')} apart on {over}."
    most = lead.metrics[0]
    first = [name for name, count in zip(lead.methods, lead.metrics, strict=True) if count == most]
    rest = [f"{name} by {count}" for name, count in zip(lead.methods, lead.metrics, strict=True) if 0 < count < most]
    others = f" ({listed(rest, SHOWN)})" if rest else ""
    verb = "leads:" if len(first) == 1 else "lead, each"
    than = "best, or not significantly worse than the best,"
    if lead.tested == 1:
        by, able = "by the only metric", ", which tells methods apart"
    else:
        by, able = f"by {most} of {of}", f"; {lead.telling} of {of} can tell methods apart"
    return f"{listed(first, SHOWN)} {verb} {than} {by}{others}{able}, on {over}."
