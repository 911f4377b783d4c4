"""Fused images for anybody's source pairs: a database without scores, made by this project's fusion algorithms."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.databases.embedded import Progress
from benchmark.databases.folder import is_database, load_folder, write_picture, write_tables
from benchmark.databases.model import SourcePair
from benchmark.errors import BenchmarkError
from benchmark.fusion import fuse, get_algorithm
from benchmark.numbers import counted
from benchmark.parallel import run_tasks
from fusion_metrics import FusionMetricsError, Image
from fusion_metrics.files import UnwritableFile, check_folder, whole
from fusion_metrics.reading import STRICT, Reading


@dataclass(frozen=True)
class _Task:
    pair: SourcePair
    folder: Path
    algorithms: tuple[str, ...]
    reading: Reading


def build_from_pairs(
    source: Path,
    folder: Path,
    algorithms: Sequence[str],
    *,
    jobs: int = -1,
    progress: Progress = lambda done, total: None,
    allow_outside: bool = False,
    reading: Reading = STRICT,
) -> list[str]:
    """Fuse every source pair of a database with every algorithm.

    Fused images that are there already are kept, so that an interrupted build goes on where it stopped.

    Parameters
    ----------
    source : Path
        A folder database; its fused images are of no account.
    folder : Path
        The new database; sources and masks are copied there.
    algorithms : sequence of str
        Names of fusion algorithms.
    jobs : int
        Processes on this machine; -1 for one per core.
    progress : callable, optional
        Called with (pairs done, pairs in all).
    allow_outside : bool
        Accept source images that lie outside the folder of `source`.
    reading : Reading, optional
        What is done with sources that can be read in more than one way, in place of what their database says. The new
        database says the same, because it has copies of the files.

    Returns
    -------
    list of str
        What was wrong with pairs that could not be fused and are left out, one line each.

    Raises
    ------
    BenchmarkError
        No pairs, an unknown algorithm, or a folder that holds another database.
    """
    for name in algorithms:
        get_algorithm(name)
    database = load_folder(source, allow_outside=allow_outside)
    if not database.pairs:
        raise BenchmarkError(f"{source}: lists no source pair")
    if is_database(folder) and load_folder(folder).name != folder.name:
        raise BenchmarkError(f"{folder}: holds another database")
    check_folder(folder)
    reading = database.reading if reading == STRICT else reading
    tasks = (_Task(pair, folder, tuple(algorithms), reading) for pair in database.pairs.values())
    pairs, fused, problems = [], [], []
    for done, (row, images, problem) in enumerate(run_tasks(_fuse_pair, tasks, jobs=jobs), start=1):
        if problem:
            problems.append(problem)
        else:
            pairs.append(row)
            fused += images
        progress(done, len(database.pairs))
    if not pairs:
        raise BenchmarkError(f"{source}: no pair could be fused; {problems[0]}")
    order = list(database.pairs)
    pairs.sort(key=lambda row: order.index(row["pair"]))
    fused.sort(key=lambda row: order.index(row["pair"]))
    about = {
        "name": folder.name,
        "title": f"{database.title}, fused by {counted(len(algorithms), 'algorithm')}",
        "scores": "none",
        "citation": database.citation,
        "licence": database.licence,
        "note": f"Fused images made by fmbench from the source pairs of {database.name}. Nobody scored them.",
    }
    if reading != STRICT:
        about["reading"] = str(reading)
    write_tables(folder, about, pairs, fused)
    return problems


def _fuse_pair(task: _Task) -> tuple[dict[str, str], list[dict[str, str]], str]:
    pair, folder = task.pair, task.folder
    if pair.name in ("", ".", "..") or "/" in pair.name or "\\" in pair.name:
        return {}, [], f"pair {pair.name!r}: cannot be the name of a file; rename it in pairs.csv"
    try:
        opened = (Image.open(path, task.reading) for path in (pair.source_a, pair.source_b))
        a, b = (np.rint(image.pixels).astype(np.uint8) for image in opened)
        row = {"pair": pair.name, "modality": pair.modality}
        for column, path in (("source_a", pair.source_a), ("source_b", pair.source_b), ("mask", pair.mask)):
            if path is not None:
                side = column.removeprefix("source_")
                row[column] = f"sources/{pair.name}_{side}{path.suffix}"
                with whole(folder / row[column]) as scratch:
                    shutil.copyfile(path, scratch)
        images = []
        for algorithm in task.algorithms:
            name = f"fused/{algorithm}/{pair.name}.png"
            if not (folder / name).exists():
                write_picture(folder / name, fuse(a, b, algorithm))
            images.append({"image": name, "pair": pair.name, "algorithm": algorithm})
    except UnwritableFile:  # a full disk is no fault of the pair, and the next pair would meet it too
        raise
    except (BenchmarkError, FusionMetricsError, OSError) as error:
        return {}, [], f"{pair.name}: {error}"
    return row, images, ""
