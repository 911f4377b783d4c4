"""Print how sound a meta-analysis of few databases is: ``python -m benchmarks.checks.meta_analysis [databases]``.

A population of databases is simulated: the true correlation within a source pair differs from database to database
(tau) and from pair to pair, both on Fisher's scale; images of a pair give the correlation that is found. Asked is for
the mean over databases. *Coverage* is how often a 95 % interval holds it, *wide* the interval's mean width in SRCC,
*false* how often, on Fisher's scale, a test at 5 % finds databases different that are not.

Two scales: `plain` pools the mean SRCC of a database, `fisher` its z = atanh(mean), with the standard error by the
delta method, and turns back. Fisher's z of every single pair does not exist where all images are ranked rightly;
`infinite` says in how many databases that happens.

Run it with OMP_NUM_THREADS=1; it takes some minutes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from scipy import stats

from benchmark.statistics.pooling import between, pool, welch
from fusion_metrics.image import Array

REPEATS = 2000
#: Source pairs and images a pair of the databases, and then round again. Where databases shall not differ, all have as
#: many images a pair: the SRCC of few images is nearer to 0 than that of many.
PAIRS, IMAGES, ALIKE = (9, 4, 17, 25), (8, 40, 8, 12), 12
#: Of Fisher's z, from pair to pair.
WITHIN = 0.25


@dataclass(frozen=True)
class Found:
    """Sums over repeats."""

    held: dict[str, int]
    width: dict[str, float]
    bias: dict[str, float]
    false: dict[str, int]
    infinite: int


def database(z: float, kind: int, rng: np.random.Generator, alike: bool) -> tuple[Array, int]:
    """SRCC within each source pair of a database, and its number of pairs."""
    pairs, images = PAIRS[kind % len(PAIRS)], ALIKE if alike else IMAGES[kind % len(IMAGES)]
    rho = np.tanh(z + rng.normal(0, WITHIN, (pairs, 1)))
    x = rng.normal(size=(pairs, images))
    y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(pairs, images))
    a, b = (stats.rankdata(values, axis=1) - (images + 1) / 2 for values in (x, y))
    return (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1)), pairs


def truth(mean: float, tau: float, k: int, rng: np.random.Generator) -> tuple[float, float]:
    """The mean over databases of the mean SRCC, and of its Fisher's z turned back, in an endless population."""
    found: tuple[list[float], list[float]] = ([], [])
    for kind in range(min(k, len(PAIRS))):
        worlds = rng.normal(mean, tau, 400)
        drawn = [float(np.mean([database(z, kind, rng, not tau)[0].mean() for _ in range(20)])) for z in worlds]
        found[0].append(float(np.mean(drawn)))
        found[1].append(float(np.mean(np.arctanh(drawn))))
    share = np.bincount(np.arange(k) % len(PAIRS), minlength=len(found[0]))[: len(found[0])] / k
    return float(share @ found[0]), float(np.tanh(share @ found[1]))


def interval_of_wald(y: Array, s: Array) -> tuple[float, float]:
    """Without Hartung and Knapp: a normal interval that takes tau^2 for known."""
    w = 1 / (s**2 + between(y, s**2))
    value, width = float(w @ y / w.sum()), 1.96 / float(np.sqrt(w.sum()))
    return value - width, value + width


def simulate(mean: float, tau: float, k: int, repeats: int, rng: np.random.Generator) -> Found:
    """Count over repeats."""
    plain, fisher = truth(mean, tau, k, rng)
    names = ("plain, Wald", "plain, Hartung-Knapp", "fisher, Hartung-Knapp")
    held, false = dict.fromkeys(names, 0), {"chi-squared": 0, "Welch": 0}
    width, bias = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    infinite = done = 0
    while done < repeats:
        drawn = [database(z, kind, rng, not tau) for kind, z in enumerate(rng.normal(mean, tau, k))]
        infinite += sum(bool(np.any(values >= 1)) for values, _ in drawn)
        y = np.array([values.mean() for values, _ in drawn])
        n = np.array([pairs for _, pairs in drawn], dtype=np.float64)
        s = np.array([values.std(ddof=1) for values, _ in drawn]) / np.sqrt(n)
        if np.any(s <= 0):
            continue
        done += 1
        z, sz = np.arctanh(y), s / (1 - y**2)
        one, other = pool(y, s, n), pool(z, sz, n)
        ends = (
            (*interval_of_wald(y, s), one.value, plain),
            (max(one.low, -1), min(one.high, 1), one.value, plain),
            (np.tanh(other.low), np.tanh(other.high), np.tanh(other.value), fisher),
        )
        for name, (low, high, value, true) in zip(names, ends, strict=True):
            held[name] += int(low <= true <= high)
            width[name] += (high - low) / repeats
            bias[name] += (value - true) / repeats
        q, p = welch(z, sz**2, n)
        false["chi-squared"] += int(stats.chi2.sf(q, k - 1) < 0.05)
        false["Welch"] += int(p < 0.05)
    return Found(held, width, bias, false, infinite)


def main(repeats: int = REPEATS) -> None:
    """Print a line for each world and way."""
    rng = np.random.default_rng(0)
    print("mean  tau  databases  way                     coverage   wide    bias   false: chi2  Welch  infinite")
    for mean, tau in ((0.8, 0.0), (0.8, 0.3), (1.3, 0.3), (0.3, 0.3)):
        for k in (2, 3, 5, 10):
            found = simulate(mean, tau, k, repeats, rng)
            for name in found.held:
                false = " ".join(f"{100 * count / repeats:8.1f} %" for count in found.false.values()) if not tau else ""
                print(
                    f"{np.tanh(mean):.2f}  {tau:.1f} {k:6}      {name:23} {100 * found.held[name] / repeats:6.1f} %"
                    f" {found.width[name]:6.2f} {found.bias[name]:+7.3f}  {false:24}"
                    f" {100 * found.infinite / repeats / k:5.1f} %"
                )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
