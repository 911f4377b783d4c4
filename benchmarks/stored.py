"""Print what a run costs of which every score is stored: ``python -m benchmarks.stored``.

Draws 2,000 pictures of 200 pairs, 64x64 unless ``--size`` says otherwise, scores them with 50 cheap metrics and
variants in a store of its own, and then again. CPU and wall seconds of this process, without its start. ``--keep``
writes results/timing/stored.csv.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from benchmark import score
from benchmark.databases.folder import load_folder
from benchmarks.kept import keep
from fusion_metrics.selection import select_metrics

NAMES = "en,sd,sf,ag,ei,mse,psnr,rmse,cc,scd,mi,nmi,ce"
SCRIPTS = ("tang", "cddfuse", "tang-python", "ivif-zoo", "tang-2022")
OF_SCRIPTS = ("en", "sd", "sf", "ag", "mse", "psnr", "cc", "scd")
#: Seconds before the files are old enough to be known by their times.
UNTIL_SETTLED = 2.5


def write_pictures(folder: Path, images: int, pairs: int, size: tuple[int, int]) -> None:
    """Write a database of noise, of this width and height."""
    rng = np.random.default_rng(0)
    told_pairs, told = ["pair,modality,source_a,source_b,mask"], ["image,pair,algorithm,mos,mos_std,n_votes"]

    def save(name: str) -> str:
        small = Pillow.fromarray(rng.integers(0, 256, (size[1] // 4, size[0] // 4), dtype=np.uint8))
        small.resize(size, Pillow.Resampling.BICUBIC).save(folder / name)
        return name

    for pair in range(pairs):
        told_pairs.append(f"p{pair},grey,{save(f's{pair}a.png')},{save(f's{pair}b.png')},")
        told += [f"{save(f'f{pair}_{number}.png')},p{pair},m{number},,," for number in range(images // pairs)]
    (folder / "pairs.csv").write_text("\n".join(told_pairs) + "\n")
    (folder / "fused.csv").write_text("\n".join(told) + "\n")
    (folder / "database.toml").write_text(
        '[database]\nname = "noise"\ntitle = "Noise"\nscores = "none"\nscore_min = 0\nscore_max = 1\n'
    )


def main() -> None:
    """Print one line a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    of_scripts = [f"{name}:{script}" for name in OF_SCRIPTS for script in SCRIPTS]
    metrics = select_metrics(",".join([NAMES, *of_scripts]))[:50]
    rows = []
    with tempfile.TemporaryDirectory() as name:
        os.environ["FMBENCH_CACHE"] = str(Path(name) / "cache")
        folder = Path(name) / "database"
        folder.mkdir()
        write_pictures(folder, asked.images, asked.pairs, (asked.size, asked.size))
        time.sleep(UNTIL_SETTLED)
        for run in ("first", "second", "third"):
            cpu, wall = time.process_time(), time.perf_counter()
            result = score(load_folder(folder), metrics=metrics)
            count = len(result.scores)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            each = wall / count * 1e6
            print(f"{run:7} run: {count} scores, {cpu:.2f} s CPU, {wall:.2f} s, {each:.0f} us a score", flush=True)
            rows.append((run, count, asked.size, round(cpu, 2), round(wall, 2)))
    if asked.keep:
        print(keep("stored", ("run", "scores", "size", "cpu_s", "wall_s"), rows))


if __name__ == "__main__":
    main()
