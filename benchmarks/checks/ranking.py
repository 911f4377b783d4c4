"""Print how often rankings of metrics err, and what they find: ``python -m benchmarks.checks.ranking``.

Databases are simulated as in ``paired_tests.py``, with more than two metrics: half of each one's errors on images
is shared by its family. *Familywise* is how often a database has any false difference, at 5 %; *near best* how often
any metric that is as good as the best is called worse; *power* is the share of true differences that are found.

Run it with OMP_NUM_THREADS=1; it takes about an hour. ``errors 2000``, ``power 100`` or ``many 10`` as arguments print
one part alone, with that number of databases.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass

import numpy as np

from benchmark.statistics.comparison import Comparison, compare
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import Level
from benchmarks.checks.paired_tests import ALGORITHMS, Errors, World, balance, labels
from fusion_metrics.image import Array

#: Holm's adjustment of 28 differences needs p values below 0.05 / 28.
PERMUTATIONS = 999
PERMUTATIONS_FOR_POWER = 4999
#: 990 differences.
PERMUTATIONS_FOR_MANY = 24_999
WORLDS = 4


@dataclass(frozen=True)
class Ranking:
    """A world of several metrics.

    Attributes
    ----------
    quality : ndarray
        Of each algorithm.
    metrics : tuple of Errors
        Own errors of each metric.
    families : tuple of int
        Metrics of one family share half of the variance of their errors on images.
    merits : tuple of int
        Metrics with the same number correlate equally in an endless database; more is better.
    """

    quality: Array
    metrics: tuple[Errors, ...]
    families: tuple[int, ...]
    merits: tuple[int, ...]

    def database(self, pairs: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Scores of all metrics, shape (M, pairs, algorithms), and opinion scores."""
        size = (pairs, ALGORITHMS)
        seen = self.quality + rng.normal(0, 0.5, (pairs, 1)) + rng.normal(0, 0.7, size)
        q = (np.clip(np.round(0.8 * seen + 3), 1, 5) - 1) / 4
        shared = rng.normal(0, 0.4, size)
        of_family = rng.normal(size=(max(self.families) + 1, *size))
        x = [
            seen
            + shared
            + np.array(errors.algorithm)
            + errors.scene * rng.normal(size=(pairs, 1))
            + errors.image * np.sqrt(0.5) * (of_family[family] + rng.normal(size=size))
            for errors, family in zip(self.metrics, self.families, strict=True)
        ]
        return np.stack(x), q


TWO_FAMILIES = (0, 0, 0, 0, 1, 1, 1, 1)
#: Families that cross the two merits.
CROSSED = (0, 1, 0, 1, 0, 1, 0, 1)


@functools.cache
def worlds(kind: str, level: Level) -> tuple[Ranking, ...]:
    """Make worlds of one kind.

    Parameters
    ----------
    kind : str
        Of eight metrics, ``alike``: all err in the same way; ``scenes``: four err on scenes, the others on images, and
        all correlate equally; ``four better``: two merits, each with metrics of both families. Of ``twelve`` and of
        ``forty-five``, each is a little better than the one before.
    level : {"global", "pair"}
    """
    found: list[Ranking] = []
    seed = 100
    while len(found) < WORLDS:
        quality = np.random.default_rng(seed).normal(size=ALGORITHMS)
        seed += 1
        usual = Errors(0.6, 0.8)
        if kind == "alike":
            found.append(Ranking(quality, (usual,) * 8, TWO_FAMILIES, (0,) * 8))
        elif kind == "four better":
            better = Errors(0.6, 0.4)
            found.append(Ranking(quality, (usual,) * 4 + (better,) * 4, CROSSED, (0,) * 4 + (1,) * 4))
        elif kind == "scenes":
            balanced = balance(World(quality, (Errors(1.2, 0.3), Errors(0.0, 0.8))), "srcc", level)
            if balanced is not None:
                first, second = balanced.metrics
                found.append(Ranking(quality, (first,) * 4 + (second,) * 4, TWO_FAMILIES, (0,) * 8))
        else:
            count = {"twelve": 12, "forty-five": 45}[kind]
            errors = tuple(Errors(0.6, float(image)) for image in np.linspace(1.6, 0.4, count))
            found.append(Ranking(quality, errors, tuple(i % 4 for i in range(count)), tuple(range(count))))
    return tuple(found)


def ranked(world: Ranking, pairs: int, level: Level, permutations: int, rng: np.random.Generator) -> Comparison:
    """Draw a database and compare its metrics."""
    x, q = world.database(pairs, rng)
    judged = Judged.of(q.ravel(), *labels(pairs))
    seed = int(rng.integers(2**31))
    return compare(x.reshape(len(x), -1), judged, level=level, permutations=permutations, seed=seed)


def familywise(kind: str, pairs: int, databases: int, level: Level) -> dict[str, float]:
    """Share of databases with any difference between metrics of the same merit, or the wrong way round."""
    found = dict.fromkeys(("one pair", "maxT", "Holm", "near best"), 0.0)
    rng = np.random.default_rng(1)
    made = worlds(kind, level)
    for i in range(databases):
        world = made[i % len(made)]
        comparison = ranked(world, pairs, level, PERMUTATIONS, rng)
        merit = np.array(world.merits)
        # Whether row is truly better than column.
        false = (comparison.values[:, None] > comparison.values) & (merit[:, None] <= merit)
        # The first and the last metric of the lowest merit.
        one = int(np.flatnonzero(merit == merit[0])[-1])
        found["one pair"] += bool(comparison.p[0, one] <= 0.05)
        found["maxT"] += bool((false & (comparison.adjusted <= 0.05)).any())
        found["Holm"] += bool((false & (comparison.holm <= 0.05)).any())
        found["near best"] += not comparison.near_best[merit == merit.max()].all()
    return {name: count / databases for name, count in found.items()}


def power(kind: str, pairs: int, databases: int, level: Level, permutations: int) -> dict[str, float]:
    """Share of true differences found, and of metrics worse than the best that are not called near it."""
    found = dict.fromkeys(("maxT", "Holm", "not near best"), 0.0)
    rng = np.random.default_rng(2)
    made = worlds(kind, level)
    for i in range(databases):
        world = made[i % len(made)]
        comparison = ranked(world, pairs, level, permutations, rng)
        merit = np.array(world.merits)
        true = merit[:, None] > merit
        right = true & (comparison.values[:, None] > comparison.values)
        found["maxT"] += float((right & (comparison.adjusted <= 0.05)).sum() / true.sum())
        found["Holm"] += float((right & (comparison.holm <= 0.05)).sum() / true.sum())
        found["not near best"] += float(1 - comparison.near_best[merit < merit.max()].mean())
    return {name: total / databases for name, total in found.items()}


def row(*names: str | int, rates: dict[str, float]) -> str:
    return f"| {' | '.join(map(str, names))} |" + "".join(f" {100 * rate:.1f} |" for rate in rates.values())


def print_errors(databases: int) -> None:
    """How often a ranking has any false difference."""
    print(f"Per cent of {databases} databases each with any false difference, eight metrics, tests of SRCC at 5 %\n")
    print("| level | metrics | source pairs | one pair | maxT | Holm | near best |")
    levels: tuple[Level, ...] = ("global", "pair")
    for level in levels:
        for kind in ("alike", "scenes", "four better"):
            for pairs in (9, 30, 129):
                print(row(level, kind, pairs, rates=familywise(kind, pairs, databases, level)), flush=True)


def print_power(databases: int) -> None:
    """How many of the true differences among twelve metrics are found."""
    cases: list[tuple[Level, int]] = [("global", 9), ("global", 30), ("global", 129), ("pair", 9), ("pair", 30)]
    _print_power("twelve", databases, [*cases, ("pair", 129)], PERMUTATIONS_FOR_POWER)


def print_many(databases: int) -> None:
    """How many of the true differences among forty-five metrics are found, where that does not take hours."""
    _print_power("forty-five", databases, [("global", 9), ("pair", 9), ("pair", 30)], PERMUTATIONS_FOR_MANY)


def _print_power(kind: str, databases: int, cases: list[tuple[Level, int]], permutations: int) -> None:
    print(f"\nPer cent of all true differences that are found, {kind} metrics, {databases} databases each\n")
    print("| level | source pairs | maxT | Holm | not near best |")
    for level, pairs in cases:
        print(row(level, pairs, rates=power(kind, pairs, databases, level, permutations)), flush=True)


PARTS = {"errors": (print_errors, 2000), "power": (print_power, 100), "many": (print_many, 10)}

if __name__ == "__main__":
    chosen, given = [*sys.argv[1:], "", ""][:2]
    for part, (printed, usual) in PARTS.items():
        if chosen in ("", part):
            printed(int(given or usual))
