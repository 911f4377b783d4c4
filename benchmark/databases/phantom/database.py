"""`phantom` and `phantom-external`: generated source pairs, fused by known algorithms, scored by simulated readers.

Each pair is made, fused and judged by itself, so pairs are built in parallel and always come out the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.databases.embedded import Embedded, Progress
from benchmark.databases.folder import Row, write_picture, write_tables
from benchmark.fusion import EXTERNAL_ALGORITHMS, PHANTOM_ALGORITHMS
from benchmark.parallel import run_tasks
from fusion_metrics.files import whole

CITATION = (
    "Anatomy: MNI152 2009 nonlinear symmetric atlas (Fonov et al., NeuroImage 54:313-327, 2011), as shipped by nilearn"
)
NOTE = (
    "SIMULATED. Real anatomy, simulated modalities and lesions, scored by simulated readers (model observers) who know "
    "the truth; no person looked at these images. See docs/phantom.md."
)


@dataclass(frozen=True)
class _Task:
    database: str
    index: int
    folder: Path
    algorithms: tuple[str, ...]


@dataclass(frozen=True)
class _Made:
    pair: Row
    fused: list[Row]
    votes: list[Row]


def _builder(name: str, title: str, algorithms: Sequence[str], version: int) -> Embedded:
    def build(folder: Path, progress: Progress) -> None:
        from benchmark.databases.phantom import COMPOSITIONS

        count = len(COMPOSITIONS[name])
        tasks = (_Task(name, index, folder, tuple(algorithms)) for index in range(count))
        made = {}
        for index, pair in run_tasks(_make_pair, tasks, jobs=-1):
            made[index] = pair
            progress(len(made), count)
        pairs = [made[index] for index in range(count)]
        about: dict[str, str | int | float] = {
            "name": name,
            "title": title,
            "scores": "simulated",
            "score_min": 1,
            "score_max": 5,
            "citation": CITATION,
            "licence": "generated; MNI152: permissive, with the notice of its authors",
            "note": NOTE,
        }
        write_tables(
            folder,
            about,
            [pair.pair for pair in pairs],
            [row for pair in pairs for row in pair.fused],
            [row for pair in pairs for row in pair.votes],
        )

    return Embedded(name, title, version, build)


def _make_pair(task: _Task) -> tuple[int, _Made]:
    """Render, fuse and judge one pair, and write its files."""
    from benchmark.databases.phantom import draw_pair, render_pair
    from benchmark.databases.phantom.readers import Reading, vote
    from benchmark.fusion import fuse

    pair = render_pair(draw_pair(task.database, task.index))
    row = {"pair": pair.name, "modality": pair.modality}
    for column, pixels in (("source_a", pair.a), ("source_b", pair.b), ("mask", pair.mask)):
        if column == "mask" and not pair.mask.any():
            continue
        side = column.removeprefix("source_")
        row[column] = f"sources/{pair.name}_{side}.png"
        write_picture(task.folder / row[column], pixels)
    truth = task.folder / "truth" / f"{pair.name}.npz"
    with whole(truth) as scratch:
        np.savez_compressed(scratch, allow_pickle=False, **pair.truth)
    reading = Reading(pair)
    fused: list[Row] = []
    votes: list[Row] = []
    for algorithm in task.algorithms:
        image = f"fused/{algorithm}/{pair.name}.png"
        pixels = fuse(pair.a, pair.b, algorithm)
        write_picture(task.folder / image, pixels)
        given = vote(task.database, image, reading.judge(pixels))
        fused.append(
            {
                "image": image,
                "pair": pair.name,
                "algorithm": algorithm,
                "mos": f"{given.mos:g}",
                "mos_std": f"{np.std(list(given.votes.values())):.3f}",
                "n_votes": len(given.votes),
            }
        )
        votes += [{"image": image, "rater": rater, "score": score} for rater, score in given.votes.items()]
    return task.index, _Made(row, fused, votes)


PHANTOM = _builder(
    "phantom", "Simulated brain pairs, ten fusion algorithms, simulated readers", PHANTOM_ALGORITHMS, version=1
)
PHANTOM_EXTERNAL = _builder(
    "phantom-external",
    "Other simulated brain pairs, other fusion algorithms, other simulated readers",
    EXTERNAL_ALGORITHMS,
    version=1,
)
