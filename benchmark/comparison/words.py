"""What was found, in sentences that say no more than the tests do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark.comparison.asked import Asked
from benchmark.comparison.tested import MetricTest, Tested
from benchmark.numbers import counted, listed, probability
from benchmark.statistics.methods.best import NearBest
from benchmark.statistics.methods.pairwise import Pairwise
from benchmark.statistics.methods.stability import LeftOut

#: Names in one sentence.
SHOWN = 4


def sentences(tested: Tested, asked: Asked) -> tuple[str, ...]:
    """Say for every metric whether methods differ and which may be the best, and how stable all of it is."""
    return (
        *(
            _by_metric(tested, test, test.near, test.pairwise, asked)
            for test in tested.metrics
            if test.near is not None and test.pairwise is not None
        ),
        *_untested(tested),
        *_critical(tested),
        *_warnings(tested),
        *_against(tested, asked),
        *_overall(tested),
        *_stable(tested),
        *_redundant(tested),
    )


def _by_metric(tested: Tested, test: MetricTest, near: NearBest, pairs: Pairwise, asked: Asked) -> str:
    label = test.column.label
    names = [tested.values.methods[m] for m in test.methods]
    means = test.values.mean(axis=0)
    if np.ptp(means) == 0:
        return f"{label}: all methods have the same mean"
    best = int(np.argmax(means))
    if len(names) == 2:
        p = float(pairs.adjusted[0])
        verdict = "significantly better than" if p <= asked.alpha else "not significantly better than"
        return f"{label}: {names[best]} is {verdict} {names[1 - best]} ({probability(p)})"
    rest = [m for m in np.argsort(-means, kind="stable") if m != best]
    alike = [f"{names[m]} ({probability(near.p[m])})" for m in rest if near.near_best[m]]
    worse = [names[m] for m in rest if not near.near_best[m]]
    if not alike:
        second = f"and every other method is significantly worse ({probability(max(near.p[m] for m in rest))})"
    elif not worse:
        second = f"but no other method is significantly worse: {listed(alike, SHOWN)}"
    else:
        verb = "is" if len(alike) == 1 else "are"
        third = f"{'is' if len(worse) == 1 else 'are'} significantly worse"
        second = f"{listed(alike, SHOWN)} {verb} not significantly worse, {listed(worse, SHOWN)} {third}"
    return f"{label}: {names[best]} is best, {second}{_friedman(test, asked)}"


def _untested(tested: Tested) -> Iterator[str]:
    """Say once why several metrics could not be tested."""
    by_reason: dict[str, list[str]] = {}
    for test in tested.metrics:
        if test.reason:
            by_reason.setdefault(test.reason, []).append(test.column.label)
    for reason, labels in by_reason.items():
        yield f"{listed(labels, SHOWN)}: no test, {reason}"


def _friedman(test: MetricTest, asked: Asked) -> str:
    ranks = test.friedman
    if ranks is None:
        return ""
    verdict = "ranks differ" if ranks.f_p <= asked.alpha else "no difference of ranks found"
    return f"; {verdict} ({probability(ranks.f_p)})"


def _critical(tested: Tested) -> Iterator[str]:
    """Say once what the tests of ranks were, and how far two mean ranks must be apart."""
    found = {
        (test.friedman.alpha, test.friedman.blocks, len(test.methods)): test.friedman.critical_difference
        for test in tested.metrics
        if test.friedman is not None
    }
    for (alpha, blocks, methods), apart in found.items():
        over = f"{counted(methods, 'method')} over {counted(blocks, 'image')}"
        yield (
            f"ranks: Friedman's test after Iman and Davenport; mean ranks of {over} differ at {alpha:g} if they are "
            f"{apart:.2f} apart (Nemenyi)"
        )


def _warnings(tested: Tested) -> Iterator[str]:
    """Say once what was said by every metric."""
    found = [test.near.warning for test in tested.metrics if test.near is not None and test.near.warning]
    if tested.overall is not None and tested.overall.warning:
        found.append(tested.overall.warning)
    yield from dict.fromkeys(found)
    if any(test.near is not None for test in tested.metrics) and len(tested.metrics) > 1:
        count = counted(len(tested.metrics), "metric")
        yield f"tests are adjusted for all methods of one metric, not for there being {count}"


def _against(tested: Tested, asked: Asked) -> Iterator[str]:
    """Count by how many metrics the own method, or the first by mean rank, is better than each other one."""
    methods = list(tested.values.methods)
    if tested.values.own:
        hero = methods.index(tested.values.own)
    elif tested.overall is not None:
        hero = int(np.argmin(tested.overall.mean_rank))
    else:
        return
    for rival, name in enumerate(methods):
        better: list[str] = []
        worse: list[str] = []
        alike: list[str] = []
        for test in tested.metrics:
            found = _between(test, hero, rival)
            if found is not None:
                lead, p = found
                (alike if p > asked.alpha else better if lead > 0 else worse).append(test.column.label)
        parts = [
            f"{what} by {listed(labels)}"
            for what, labels in (
                ("significantly better", better),
                ("significantly worse", worse),
                ("no difference found", alike),
            )
            if labels
        ]
        if rival != hero and parts:
            yield f"{methods[hero]} against {name}: {'; '.join(parts)}"


def _between(test: MetricTest, hero: int, rival: int) -> tuple[float, float] | None:
    """Return how far one method is ahead of another, and the adjusted p value."""
    places = {int(m): place for place, m in enumerate(test.methods)}
    if test.pairwise is None or hero == rival or hero not in places or rival not in places:
        return None
    first, second = sorted((places[hero], places[rival]))
    [h] = np.flatnonzero((test.pairwise.first == first) & (test.pairwise.second == second))
    sign = 1.0 if places[hero] == first else -1.0
    return sign * float(test.pairwise.difference[h]), float(test.pairwise.adjusted[h])


def _overall(tested: Tested) -> Iterator[str]:
    found = tested.overall
    if found is None:
        return
    order = np.argsort(found.mean_rank, kind="stable")
    methods = tested.values.methods
    ranks = [
        f"{methods[m]} {found.mean_rank[m]:.2f} ({found.mean_rank_low[m]:.2f} to {found.mean_rank_high[m]:.2f})"
        for m in order
    ]
    level = f"{found.confidence:.0%}".replace("%", " %")
    over = f"over {counted(len(tested.used), 'metric')}"
    yield f"mean rank {over}, 1 is best, and its {level} interval for other images: {', '.join(ranks)}"
    order = np.argsort(-found.borda, kind="stable")
    points = [
        f"{methods[m]} {found.borda[m]:.2f} ({found.borda_low[m]:.2f} to {found.borda_high[m]:.2f})" for m in order
    ]
    yield f"Borda points {over} and every image, 0 to 1: {', '.join(points)}"
    if len(tested.used) < len(tested.metrics):
        left = [column.label for k, column in enumerate(tested.values.columns) if k not in tested.used]
        yield f"not in ranks and points, for want of values or because all methods are equal: {listed(left, SHOWN)}"


def _stable(tested: Tested) -> Iterator[str]:
    found = tested.stability
    if found is None or len(tested.used) < 2:
        return
    groups = sorted(set(tested.values.groups))
    for what, names, left in (("metric", tested.labels, found.metrics), ("image", groups, found.images)):
        if left is not None:
            yield _left_out(what, list(names), left, tested.values.methods)


def _left_out(what: str, names: list[str], left: LeftOut, methods: tuple[str, ...]) -> str:
    decisive = [names[i] for i in np.flatnonzero(left.leader_changes)]
    swapping = [i for i, swaps in enumerate(left.swaps) if swaps]
    if decisive:
        return f"who is first by mean rank hangs on a single {what}: another method is first without {_or(decisive)}"
    if not swapping:
        return f"no two methods change places by mean rank if any one {what} is left out"
    ahead, behind = (methods[m] for m in left.swaps[swapping[0]][0])
    more = f", and there are swaps without {counted(len(swapping) - 1, f'other {what}')}" if len(swapping) > 1 else ""
    swap = f"without {names[swapping[0]]}, {behind} passes {ahead}"
    return f"the first by mean rank stays first without any one {what}; {swap}{more}"


def _or(names: list[str]) -> str:
    return listed(names, SHOWN).replace(" and ", " or ") if len(names) <= SHOWN else listed(names, SHOWN)


def _redundant(tested: Tested) -> Iterator[str]:
    found = tested.redundancy
    if found is None:
        return
    groups = [listed([tested.labels[i] for i in group]) for group in found.alike]
    if groups:
        yield (
            f"metrics that say the same here (rank correlation within images at least {found.threshold:g}): "
            f"{'; '.join(groups)}; {counted(len(tested.used), 'metric')} are worth {found.effective:.1f}"
        )
