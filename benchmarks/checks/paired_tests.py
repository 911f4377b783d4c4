"""Print how often the paired test errs and how often intervals hold: ``python -m benchmarks.checks.paired_tests``.

Databases are simulated: opinion scores in five levels from effects of algorithm, scene and both together; metrics see
what people see, with errors that they share and errors of their own. *False positives* are tests at 5 % of two metrics
that correlate equally in an endless database; *coverage* is how often a 95 % interval holds the correlation in an
endless database. Algorithms stay the same from database to database unless the world says otherwise.

Run it with OMP_NUM_THREADS=1; it takes about half an hour. The arguments are the numbers of databases for both.
"""

from __future__ import annotations

import functools
import itertools
import sys
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from benchmark.statistics.agreement import krcc, plcc, srcc
from benchmark.statistics.bootstrap import draw, interval
from benchmark.statistics.comparison import compare
from benchmark.statistics.judged import Judged
from benchmark.statistics.levels import AtLevel, Level, at_level
from benchmark.statistics.resampled import Statistic
from fusion_metrics.image import Array

ALGORITHMS = 10
#: Source pairs that stand for an endless database.
ENDLESS = 20_000
WORLDS = 10
REPLICATES = 500


@dataclass(frozen=True)
class Errors:
    """Own errors of a metric: of a scene, of an image (standard deviations), of each algorithm."""

    scene: float
    image: float
    algorithm: tuple[float, ...] = (0.0,) * ALGORITHMS


@dataclass(frozen=True)
class World:
    """What stays the same from database to database; `algorithm_drawn`: errors of algorithms do not."""

    quality: Array
    metrics: tuple[Errors, Errors]
    algorithm_drawn: float = 0.0

    def database(self, pairs: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Scores of both metrics, shape (2, pairs, algorithms), and opinion scores."""
        size = (pairs, ALGORITHMS)
        seen = self.quality + rng.normal(0, 0.5, (pairs, 1)) + rng.normal(0, 0.7, size)
        q = (np.clip(np.round(0.8 * seen + 3), 1, 5) - 1) / 4
        shared = rng.normal(0, 0.4, size)
        x = [
            seen
            + shared
            + np.array(errors.algorithm)
            + rng.normal(0, self.algorithm_drawn, ALGORITHMS)
            + errors.scene * rng.normal(size=(pairs, 1))
            + errors.image * rng.normal(size=size)
            for errors in self.metrics
        ]
        return np.stack(x), q


@functools.cache
def worlds(kind: str, count: int, statistic: Statistic, level: Level) -> list[World]:
    """Make worlds of one kind; in those of unlike metrics, set the second to correlate like the first.

    Parameters
    ----------
    kind : str
        ``alike``: both err in the same way; ``algorithms``: they err on different algorithms; ``scenes``: the first
        errs on scenes, the second on images; ``new algorithms``: alike, with other algorithms in every database.
    """
    found: list[World] = []
    for seed in itertools.count(100):
        rng = np.random.default_rng(seed)
        world = World(rng.normal(size=ALGORITHMS), (Errors(0.6, 0.8), Errors(0.6, 0.8)))
        if kind == "algorithms":
            first, second = (tuple(rng.normal(0, 0.6, ALGORITHMS)) for _ in range(2))
            world = replace(world, metrics=(Errors(0.6, 0.8, first), Errors(0.6, 0.8, second)))
        elif kind == "scenes":
            world = replace(world, metrics=(Errors(1.2, 0.3), Errors(0.0, 0.8)))
        elif kind == "new algorithms":
            world = replace(world, algorithm_drawn=0.5)
        if kind in ("algorithms", "scenes"):
            balanced = balance(world, statistic, level)
            if balanced is None:
                continue
            world = balanced
        found.append(world)
        if len(found) == count:
            return found
    raise AssertionError


def balance(world: World, statistic: Statistic, level: Level) -> World | None:
    """Set the second metric's errors on images so that it correlates like the first; None where none do."""

    def lead(image: float) -> float:
        tried = replace(world, metrics=(world.metrics[0], replace(world.metrics[1], image=image)))
        x, q = tried.database(ENDLESS, np.random.default_rng(7))
        return correlation(x[1], q, statistic, level) - correlation(x[0], q, statistic, level)

    low, high = 0.05, 6.0
    if lead(low) < 0:
        return None
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if lead(middle) > 0 else (low, middle)
    return replace(world, metrics=(world.metrics[0], replace(world.metrics[1], image=(low + high) / 2)))


def labels(pairs: int) -> tuple[Array, Array]:
    return np.repeat(np.arange(pairs), ALGORITHMS), np.tile(np.arange(ALGORITHMS), pairs)


def correlation(x: Array, q: Array, statistic: Statistic, level: Level) -> float:
    if level == "global":
        functions = {"plcc": plcc, "srcc": srcc, "krcc": krcc}
        return functions[statistic](x.ravel(), q.ravel())
    return at_level(x.ravel(), Judged.of(q.ravel(), *labels(len(q))), statistic=statistic, level=level).value


def false_positives(
    kind: str, pairs: int, databases: int, statistic: Statistic, level: Level, *, single_images: bool = False
) -> float:
    """Share of databases in which the metrics differ at 5 %."""
    rejected = 0
    rng = np.random.default_rng(1)
    pair, algorithm = labels(pairs)
    made = worlds(kind, min(WORLDS, databases), statistic, level)
    for i in range(databases):
        x, q = made[i % len(made)].database(pairs, rng)
        blocks = np.arange(q.size) if single_images else pair
        found = compare(
            x.reshape(2, -1),
            Judged.of(q.ravel(), blocks, algorithm),
            statistic=statistic,
            level=level,
            permutations=999,
            seed=i,
        )
        rejected += bool(found.p[0, 1] <= 0.05)
    return rejected / databases


def coverage(kind: str, pairs: int, databases: int, statistic: Statistic, level: Level) -> dict[str, float]:
    """Share of databases in which each interval of the first metric holds its correlation in an endless database."""
    held = dict.fromkeys(("t", "percentile", "bca"), 0)
    rng = np.random.default_rng(3)
    made = worlds(kind, min(WORLDS, databases), statistic, level)
    truths = []
    for seed, world in enumerate(made):
        x, q = world.database(ENDLESS, np.random.default_rng(50 + seed))
        truths.append(correlation(x[0], q, statistic, level))
    for i in range(databases):
        x, q = made[i % len(made)].database(pairs, rng)
        arguments = x[0].ravel(), Judged.of(q.ravel(), *labels(pairs))
        found = interval(*arguments, statistic=statistic, level=level, replicates=REPLICATES, seed=i)
        ends = {
            "t": (found.low, found.high),
            **others(at_level(*arguments, statistic=statistic, level=level), pairs, i),
        }
        for method, (low, high) in ends.items():
            held[method] += low <= truths[i % len(made)] <= high
    return {method: count / databases for method, count in held.items()}


def others(here: AtLevel, pairs: int, seed: int) -> dict[str, tuple[float, float]]:
    """Percentile interval, and the bias-corrected and accelerated one, from the same replicates.

    The second is not in the package: Efron and Tibshirani, An introduction to the bootstrap, 1993, chapter 14.
    """
    values = here.weighted(draw(pairs, REPLICATES, seed))
    values = values[~np.isnan(values)]
    without = here.weighted(1 - np.eye(pairs))
    pull = without.mean() - without
    a = np.sum(pull**3) / max(6 * np.sum(pull**2) ** 1.5, 1e-300)
    below = np.mean(values < here.value) + np.mean(values == here.value) / 2
    z0 = stats.norm.ppf(np.clip(below, 0.5 / len(values), 1 - 0.5 / len(values)))
    z = z0 + stats.norm.ppf([0.025, 0.975])
    shares = {"percentile": [0.025, 0.975], "bca": stats.norm.cdf(z0 + z / (1 - a * z))}
    return {method: tuple(np.quantile(values, share)) for method, share in shares.items()}


def print_tests(databases: int) -> None:
    """How often two equally good metrics differ at 5 %; a fifth of the databases for KRCC, which is slow."""
    print(f"False positives, tests at 5 %, {databases} databases each\n")
    print("| level     | statistic | metrics        | 4 pairs | 30 pairs | 129 pairs |")
    print("|-----------|-----------|----------------|--------:|---------:|----------:|")
    cases: list[tuple[str, Statistic, Level, bool]] = [
        ("alike", "srcc", "global", False),
        ("algorithms", "srcc", "global", False),
        ("scenes", "srcc", "global", False),
        ("alike", "plcc", "global", False),
        ("algorithms", "plcc", "global", False),
        ("scenes", "plcc", "global", False),
        ("alike", "srcc", "pair", False),
        ("algorithms", "srcc", "pair", False),
        ("new algorithms", "srcc", "algorithm", False),
        ("new algorithms", "plcc", "algorithm", False),
        ("alike", "srcc", "global", True),
        ("scenes", "srcc", "global", True),
        ("new algorithms", "srcc", "global", False),
        ("alike", "krcc", "global", False),
    ]
    for kind, statistic, level, single in cases:
        times = databases // 5 if statistic == "krcc" else databases
        rates = [false_positives(kind, p, times, statistic, level, single_images=single) for p in (4, 30, 129)]
        name = "images singly" if single else level
        print(
            f"| {name:<9} | {statistic:<9} | {kind:<14} |" + "".join(f" {100 * r:5.1f} % |" for r in rates), flush=True
        )


def print_coverage(databases: int) -> None:
    """How often 95 % intervals hold the true value."""
    print(f"\nCoverage of 95 % intervals, {databases} databases each: t / percentile / BCa\n")
    print("| level     | statistic | metric     | 4 pairs | 10 pairs | 30 pairs | 129 pairs |")
    print("|-----------|-----------|------------|--------:|---------:|---------:|----------:|")
    covered: list[tuple[str, Statistic, Level]] = [
        ("alike", "plcc", "global"),
        ("algorithms", "plcc", "global"),
        ("scenes", "plcc", "global"),
        ("alike", "srcc", "global"),
        ("algorithms", "srcc", "global"),
        ("alike", "krcc", "global"),
        ("alike", "srcc", "pair"),
        ("algorithms", "srcc", "pair"),
        ("algorithms", "plcc", "algorithm"),
        ("algorithms", "srcc", "algorithm"),
    ]
    for kind, statistic, level in covered:
        times = databases // 5 if statistic == "krcc" else databases
        cells = [coverage(kind, p, times, statistic, level) for p in (4, 10, 30, 129)]
        texts = (" / ".join(f"{100 * value:.1f}" for value in cell.values()) for cell in cells)
        print(f"| {level:<9} | {statistic:<9} | {kind:<10} | " + " | ".join(texts) + " |", flush=True)


if __name__ == "__main__":
    print_tests(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print_coverage(int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
