"""Print how often comparisons of methods err, and what they find: ``python -m benchmarks.checks.methods``.

Tables of images and methods are simulated: what an image is worth to all methods, and errors of every method on every
image, which methods of one family share in part. *False positives* are tests at 5 % of methods with the same mean;
*familywise* is how often any such test is wrong in a table; *power* is the share of true differences that are found;
*coverage* is how often a 95 % interval over several metrics holds the value of an endless database.

Run it with OMP_NUM_THREADS=1; it takes about half an hour. ``errors 2000``, ``power 200`` or ``intervals 1000`` as
arguments print one part alone, with that number of tables.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import numpy as np

from benchmark.statistics.clusters import holm
from benchmark.statistics.methods.best import near_best
from benchmark.statistics.methods.friedman import friedman
from benchmark.statistics.methods.overall import borda_points, mean_ranks, overall
from benchmark.statistics.methods.pairwise import pairwise
from benchmark.statistics.stepdown import step_down
from fusion_metrics.image import Array

PERMUTATIONS = 499
#: Holm's adjustment of 66 pairs needs p values below 0.05 / 66.
PERMUTATIONS_FOR_POWER = 9999
#: Fused images of one source pair where images are not independent.
PER_GROUP = 4
#: Images that stand for an endless database.
ENDLESS = 200_000


@dataclass(frozen=True)
class World:
    """What stays the same from table to table.

    Attributes
    ----------
    means, scales : tuple of float
        Mean and standard deviation of the errors of each method.
    families : tuple of int
        Methods of one family share half of the variance of their errors.
    skewed : bool
        Exponential errors instead of normal ones.
    grouped : bool
        Images come in groups of `PER_GROUP`, which share most of the error of each method.
    """

    means: tuple[float, ...] = (0.0,) * 6
    scales: tuple[float, ...] = (1.0,) * 6
    families: tuple[int, ...] = field(default=(0, 0, 0, 1, 1, 1))
    skewed: bool = False
    grouped: bool = False

    def table(self, images: int, rng: np.random.Generator) -> Array:
        """Values of one metric, shape (images, methods)."""
        families = np.array(self.families)
        errors = np.sqrt(0.5) * self._errors(images, families.max() + 1, rng)[:, families]
        errors += np.sqrt(0.5) * self._errors(images, len(families), rng)
        if self.grouped:
            of_group = self._errors(images // PER_GROUP, len(families), rng)
            errors = np.sqrt(0.3) * errors + np.sqrt(0.7) * np.repeat(of_group, PER_GROUP, axis=0)
        return 3 * rng.normal(size=(images, 1)) + np.array(self.means) + np.array(self.scales) * errors

    def _errors(self, images: int, columns: int, rng: np.random.Generator) -> Array:
        size = (images, columns)
        return rng.exponential(size=size) - 1 if self.skewed else rng.normal(size=size)


UNEQUAL = (0.3, 0.5, 0.8, 1.2, 1.8, 2.7)
NULLS = {
    "alike, one family": World(families=(0,) * 6),
    "alike": World(),
    "skewed errors": World(skewed=True),
    "unequal variances": World(scales=UNEQUAL),
    "unequal variances, skewed": World(scales=UNEQUAL, skewed=True),
}
PARTIAL = {
    "one better": World(means=(0, 0, 0, 0, 0, 1)),
    "three better": World(means=(0, 0, 0, 1, 1, 1)),
    "three pairs": World(means=(0, 0.5, 1, 1, 0.5, 0)),
    "two best, four close behind": World(means=(-0.1, -0.1, -0.1, -0.1, 0, 0)),
    "three better, skewed": World(means=(0, 0, 0, 1, 1, 1), skewed=True),
    "three better, unequal variances": World(means=(0, 0, 0, 2, 2, 2), scales=UNEQUAL),
    "three better and two of them far less exact": World(means=(0, 0, 0, 1, 1, 1), scales=(0.3, 0.3, 0.3, 1, 3, 3)),
}
SIX = tuple(0.2 * i for i in range(6))
TWELVE = tuple(0.1 * i for i in range(12))
POWER = {
    "6 methods, two families": World(means=SIX),
    "6 methods, skewed": World(means=SIX, skewed=True),
    "12 methods, one family": World(means=TWELVE, scales=(1.0,) * 12, families=(0,) * 12),
}
TESTS = ("chi2", "F", "one pair", "signed-rank", "maxT", "Holm", "Nemenyi", "names dealt out", "best")


def complete_null(world: World, images: int, tables: int, *, by_group: bool = True) -> dict[str, float]:
    """Share of tables in which each test finds a difference between methods with equal means."""
    found = dict.fromkeys(TESTS, 0)
    rng = np.random.default_rng(1)
    groups = np.arange(images) // PER_GROUP if world.grouped and by_group else None
    for i in range(tables):
        values = world.table(images, rng)
        ranked = friedman(values, groups)
        pairs = pairwise(values, groups, permutations=PERMUTATIONS, seed=i)
        signed = pairwise(values, groups, difference="signed-rank", permutations=PERMUTATIONS, seed=i)
        best = near_best(values, groups, permutations=PERMUTATIONS, seed=i)
        found["chi2"] += ranked.p <= 0.05
        found["F"] += ranked.f_p <= 0.05
        # The pair whose variances differ most.
        last = len(world.means) - 2
        found["one pair"] += pairs.p[last] <= 0.05
        found["signed-rank"] += signed.p[last] <= 0.05
        found["maxT"] += pairs.adjusted.min() <= 0.05
        found["Holm"] += adjusted_by_holm(pairs.p, len(world.means)).min() <= 0.05
        found["Nemenyi"] += np.ptp(ranked.ranks) > ranked.critical_difference
        if groups is None:
            found["names dealt out"] += dealt_out(values, i).min() <= 0.05
        found["best"] += not best.near_best.all()
    return {name: count / tables for name, count in found.items()}


def partial_null(world: World, images: int, tables: int) -> dict[str, float]:
    """Share of tables in which each test finds any difference that is none, while there are others."""
    found = dict.fromkeys(("maxT", "Holm", "Nemenyi", "names dealt out", "best"), 0)
    rng = np.random.default_rng(2)
    means = np.array(world.means)
    first, second = np.triu_indices(len(means), 1)
    equal, top = means[first] == means[second], means == means.max()
    for i in range(tables):
        values = world.table(images, rng)
        ranked = friedman(values)
        pairs = pairwise(values, permutations=PERMUTATIONS, seed=i)
        apart = np.abs(ranked.ranks[first] - ranked.ranks[second])
        found["maxT"] += (pairs.adjusted <= 0.05)[equal].any()
        found["Holm"] += (adjusted_by_holm(pairs.p, len(means)) <= 0.05)[equal].any()
        found["Nemenyi"] += (apart > ranked.critical_difference)[equal].any()
        found["names dealt out"] += (dealt_out(values, i) <= 0.05)[equal].any()
        found["best"] += not near_best(values, permutations=PERMUTATIONS, seed=i).near_best[top].all()
    return {name: count / tables for name, count in found.items()}


def power(world: World, images: int, tables: int) -> dict[str, float]:
    """Share of true differences found; of methods worse than the best that are left out of the set near it."""
    found = dict.fromkeys(("maxT", "Holm", "Nemenyi", "best", "best by all pairs", "best by Holm"), 0.0)
    rng = np.random.default_rng(3)
    m = len(world.means)
    first, second = np.triu_indices(m, 1)
    worse = np.array(world.means) < max(world.means)
    for i in range(tables):
        values = world.table(images, rng)
        ranked = friedman(values)
        pairs = pairwise(values, permutations=PERMUTATIONS_FOR_POWER, seed=i)
        right = np.sign(pairs.difference) == np.sign(np.array(world.means)[first] - np.array(world.means)[second])
        by_holm = adjusted_by_holm(pairs.p, m)
        apart = np.abs(ranked.ranks[first] - ranked.ranks[second])
        found["maxT"] += ((pairs.adjusted <= 0.05) & right).mean()
        found["Holm"] += ((by_holm <= 0.05) & right).mean()
        found["Nemenyi"] += ((apart > ranked.critical_difference) & right).mean()
        found["best"] += (~near_best(values, permutations=PERMUTATIONS_FOR_POWER, seed=i).near_best)[worse].mean()
        for name, adjusted in (("best by all pairs", pairs.adjusted), ("best by Holm", by_holm)):
            leader = np.argmax(pairs.means)
            beaten = np.zeros(m, dtype=bool)
            with_leader = ((first == leader) | (second == leader)) & (adjusted <= 0.05)
            beaten[first[with_leader]] = beaten[second[with_leader]] = True
            beaten[leader] = False
            found[name] += beaten[worse].mean()
    return {name: total / tables for name, total in found.items()}


def adjusted_by_holm(p: Array, methods: int) -> Array:
    upper = np.triu_indices(methods, 1)
    matrix = np.ones((methods, methods))
    matrix[upper] = matrix.T[upper] = p
    return holm(matrix)[upper]


def dealt_out(values: Array, seed: int) -> Array:
    """Adjusted p values if the names of all methods are dealt out anew on every image; not in the package."""
    rng = np.random.default_rng(seed)
    first, second = np.triu_indices(values.shape[1], 1)
    order = np.argsort(rng.random((200, *values.shape)), axis=2)
    order[0] = np.arange(values.shape[1])
    means = np.take_along_axis(values[None], order, axis=2).mean(axis=1)
    differences = np.abs(means[:, first] - means[:, second])
    return step_down(differences[0], [differences]).adjusted


def coverage(images: int, cubes: int) -> dict[str, float]:
    """Share of intervals over five metrics and five methods that hold the value in an endless database."""
    held = {"mean rank": 0.0, "borda": 0.0}
    rng = np.random.default_rng(4)
    world = World(scales=(1.0,) * 5, means=(0.0,) * 5, families=(0, 0, 1, 1, 1))
    lead = rng.normal(0, 0.3, (5, 1, 5))
    endless = np.stack([world.table(ENDLESS, rng) for _ in lead]) + lead
    true_rank = mean_ranks(lead[:, 0]).mean(axis=0)
    true_points = borda_points(endless).mean(axis=0)
    for i in range(cubes):
        cube = np.stack([world.table(images, rng) for _ in lead]) + lead
        found = overall(cube, replicates=500, seed=i)
        held["mean rank"] += ((found.mean_rank_low <= true_rank) & (true_rank <= found.mean_rank_high)).mean()
        held["borda"] += ((found.borda_low <= true_points) & (true_points <= found.borda_high)).mean()
    return {name: total / cubes for name, total in held.items()}


def row(world: str, images: int, rates: dict[str, float]) -> str:
    return f"| {world:<26} | {images:6} |" + "".join(f" {100 * rate:.1f} |" for rate in rates.values())


def print_errors(tables: int) -> None:
    """How often methods of equal merit differ at 5 %."""
    print(f"Per cent of {tables} tables each, 6 methods, tests at 5 %\n\nAll methods alike\n")
    print("| errors | images | " + " | ".join(TESTS) + " |")
    for name, world in NULLS.items():
        for images in (10, 30, 100):
            print(row(name, images, complete_null(world, images, tables)), flush=True)
    # Where methods of equal means are not alike, only many images help.
    print(row(name, 300, complete_null(world, 300, tables // 2)), flush=True)
    grouped = World(grouped=True)
    for images in (40, 120):
        print(row("groups", images, complete_null(grouped, images, tables)), flush=True)
        print(row("groups, images singly", images, complete_null(grouped, images, tables, by_group=False)), flush=True)
    print(f"\nSome methods alike: any false difference, {tables // 2} tables each\n")
    print("| methods | images | maxT | Holm | Nemenyi | names dealt out | best |")
    for name, world in PARTIAL.items():
        for images in (10, 30, 100):
            print(row(name, images, partial_null(world, images, tables // 2)), flush=True)


def print_power(tables: int) -> None:
    """How many of the true differences are found."""
    print(f"\nPower, per cent of all differences, {tables} tables each\n")
    print("| methods | images | maxT | Holm | Nemenyi | best | best by all pairs | best by Holm |")
    for name, world in POWER.items():
        for images in (10, 30, 100):
            print(row(name, images, power(world, images, tables)), flush=True)


def print_intervals(cubes: int) -> None:
    """How often 95 % intervals over several metrics hold the true value."""
    print(f"\nCoverage of 95 % intervals, {cubes} databases, five metrics and five methods\n")
    print("| | images | mean rank | Borda |")
    for images in (10, 30, 100):
        print(row("", images, coverage(images, cubes)), flush=True)


PARTS = {"errors": (print_errors, 2000), "power": (print_power, 200), "intervals": (print_intervals, 1000)}

if __name__ == "__main__":
    chosen, given = [*sys.argv[1:], "", ""][:2]
    for part, (printed, usual) in PARTS.items():
        if chosen in ("", part):
            printed(int(given or usual))
