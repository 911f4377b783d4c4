"""Print what an analysis costs and how that grows: ``OMP_NUM_THREADS=1 python -m benchmarks.analysis``.

Draws opinion scores of 500, 1,000 and 2,000 images, ten of a pair, ten simulated raters each, and scores of 45 metrics
that agree with them more or less; then makes every number, interval and test that `fmbench run` makes, in one process,
with its options as they are. After that, 20,000 simulated comparisons are turned into strengths: of ten images in each
of 200 scenes, and of 200 images of one scene. CPU seconds, and the power of the number of images with which they grow.
``--keep`` writes results/timing/analysis.csv.
"""

from __future__ import annotations

import argparse
import math
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmark.analysis.analyse import _measure_all, analyse, judge_raters
from benchmark.analysis.entries import entries_of
from benchmark.analysis.measure import Options
from benchmark.analysis.opinions import Opinions
from benchmark.databases import Database
from benchmark.databases.folder import load_folder
from benchmark.scoring.rows import ScoreRow
from benchmark.statistics.preference import Comparisons, fit_strengths
from benchmarks.kept import keep
from fusion_metrics import MetricSpec, list_metrics

RATERS, OF_A_PAIR = 10, 10
SIZES = (500, 1000, 2000)
METRICS, COMPARISONS = 45, 20_000


def database(folder: Path, images: int, rng: np.random.Generator) -> Database:
    """Write a database whose pictures nobody opens."""
    pairs = images // OF_A_PAIR
    quality = rng.normal(50, 12, (pairs, 1)) + rng.normal(0, 12, (pairs, OF_A_PAIR))
    votes = np.clip(quality[..., None] + rng.normal(0, 8, (pairs, OF_A_PAIR, RATERS)), 0, 100).round(1)
    (folder / "empty.png").write_bytes(b"")
    told_pairs, told = ["pair,modality,source_a,source_b,mask"], ["image,pair,algorithm,mos,mos_std,n_votes"]
    told_votes = ["image,rater,score"]
    for pair in range(pairs):
        told_pairs.append(f"p{pair},grey,empty.png,empty.png,")
        for number in range(OF_A_PAIR):
            name, given = f"f{pair}_{number}.png", votes[pair, number]
            (folder / name).write_bytes(b"")
            told.append(f"{name},p{pair},m{number},{given.mean():.6f},{given.std(ddof=1):.6f},{RATERS}")
            told_votes += [f"{name},r{rater},{score}" for rater, score in enumerate(given)]
    for name, lines in (("pairs", told_pairs), ("fused", told), ("votes", told_votes)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (folder / "database.toml").write_text(
        '[database]\nname = "drawn"\ntitle = "Drawn"\nscores = "simulated"\nscore_min = 0\nscore_max = 100\n'
    )
    return load_folder(folder)


def rows_of(drawn: Database, rng: np.random.Generator, specs: list[MetricSpec]) -> Iterator[ScoreRow]:
    """Draw scores of metrics, the first of which agree best."""
    mos = np.array([image.mos for image in drawn.fused], dtype=float)
    for number, spec in enumerate(specs):
        values = mos + rng.normal(0, 4 + number, len(mos))
        for image, value in zip(drawn.fused, values, strict=True):
            of = "drawn", image.pair, image.algorithm, str(image.image), spec.name, spec.variant
            yield ScoreRow(*of, value, "ok", "", 0.0)


def spent(work: Callable[[], object]) -> float:
    """Return CPU seconds of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def parts(drawn: Database, rows: list[ScoreRow], specs: list[MetricSpec]) -> dict[str, float]:
    """Return CPU seconds of the parts of an analysis, and of the whole."""
    options = Options()
    opinions = Opinions.of(drawn)
    entries = entries_of(opinions, rows, specs)
    found: dict[str, float] = {}
    found["numbers and intervals"] = spent(lambda: _measure_all(entries, opinions, options, None, 1, lambda: None))
    found["ceilings and raters"] = spent(lambda: judge_raters(opinions, options))
    found["all"] = spent(lambda: analyse(drawn, rows, specs, options=options))
    return found


def strengths(scenes: int, images: int, rng: np.random.Generator) -> float:
    """Return CPU seconds of turning comparisons into strengths."""
    truth = rng.normal(0, 1.5, images)
    drawn = []
    for _ in range(scenes):
        left = rng.integers(0, images, COMPARISONS // scenes)
        right = (left + rng.integers(1, images, len(left))) % images
        won = rng.random(len(left)) < 1 / (1 + np.exp(truth[right] - truth[left]))
        drawn.append(Comparisons.of([(int(a), int(b), float(c)) for a, b, c in zip(left, right, won, strict=True)]))
    return spent(lambda: [fit_strengths(images, one) for one in drawn])


def main() -> None:
    """Print a line for each part and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    specs = list_metrics(variants=True)[:METRICS]
    rows: list[tuple[str, int, float]] = []
    before: dict[str, tuple[int, float]] = {}
    for images in asked.sizes:
        rng = np.random.default_rng(0)
        with tempfile.TemporaryDirectory() as name:
            drawn = database(Path(name), images, rng)
            for part, seconds in parts(drawn, list(rows_of(drawn, rng, specs)), specs).items():
                grown = ""
                if part in before:
                    fewer, then = before[part]
                    grown = f", grows with their power {math.log(seconds / then) / math.log(images / fewer):.2f}"
                before[part] = images, seconds
                print(f"{images:6} images x {len(specs)} metrics, {part}: {seconds:.2f} CPU s{grown}", flush=True)
                rows.append((part, images, round(seconds, 2)))
    for scenes, images in ((200, 10), (1, 200)):
        seconds = strengths(scenes, images, np.random.default_rng(0))
        print(f"{COMPARISONS} comparisons of {images} images in each of {scenes} scenes: {seconds:.2f} CPU s")
        rows.append((f"{COMPARISONS} comparisons, scenes of {images}", scenes * images, round(seconds, 2)))
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if asked.keep:
        print(keep("analysis", ("part", "images", "cpu_s"), rows))


if __name__ == "__main__":
    main()
