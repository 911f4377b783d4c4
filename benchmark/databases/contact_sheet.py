"""A contact sheet of a database: a few pairs with their masks, all fused images, and what was voted on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmark.csv_files import read_csv
from benchmark.databases import Database
from benchmark.databases.folder import VOTE_COLUMNS
from benchmark.errors import BenchmarkError
from fusion_metrics import Image
from fusion_metrics.errors import nearest
from fusion_metrics.files import whole


def draw_contact_sheet(path: Path, database: Database, pairs: Sequence[str] = ()) -> None:
    """Draw source pairs, one a row, and their fused images.

    Parameters
    ----------
    path : Path
        Of the picture to write.
    database : Database
    pairs : sequence of str
        Names of pairs; without any, the first pair of each modality.

    Raises
    ------
    BenchmarkError
        The database has no pair of that name.
    """
    from matplotlib.figure import Figure

    chosen = list(pairs) or _one_of_each_modality(database)
    for name in chosen:
        if name not in database.pairs:
            raise BenchmarkError(f"{database.name}: no pair {name!r}{nearest(name, database.pairs)}")
    algorithms = list(dict.fromkeys(image.algorithm for image in database.fused))
    members = {(image.pair, image.algorithm): image for image in database.fused}
    votes = _votes(database)
    columns = 3 + len(algorithms)
    figure = Figure(figsize=(1.3 * columns, 1.72 * len(chosen) + 0.3), layout="constrained", facecolor="white")
    grid = figure.subplots(len(chosen), columns, squeeze=False)
    for row, name in zip(grid, chosen, strict=True):
        pair = database.pairs[name]
        of_all = f" of {len(pair.sources)}" if len(pair.sources) > 2 else ""
        cells = [
            (pair.source_a, f"{name}\nsource a{of_all}"),
            (pair.source_b, f"{pair.modality}\nsource b{of_all}"),
            (pair.mask, "mask" if pair.mask else "no mask"),
        ]
        for algorithm in algorithms:
            image = members.get((name, algorithm))
            said = "" if image is None or image.mos is None else f"{image.mos:g} ({votes.get(image.image, '')})"
            cells.append((image.path if image else None, f"{algorithm}\n{said}"))
        for axes, (file, label) in zip(row, cells, strict=True):
            axes.set_axis_off()
            axes.set_title(label, fontsize=6)
            if file is not None:
                pixels = np.rint(Image.open(file, database.reading).pixels).astype(np.uint8)
                axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    kind = {"none": "not scored", "human": "human scores", "simulated": "simulated scores"}[database.scores]
    figure.suptitle(f"{database.title} ({kind}: mean, votes)", fontsize=9)
    kind_of_file = path.suffix.removeprefix(".").lower() or "png"
    if kind_of_file not in figure.canvas.get_supported_filetypes():
        raise BenchmarkError(f"{path}: pictures cannot be written as {path.suffix}; .png or .pdf would do")
    with whole(path) as scratch:
        figure.savefig(scratch, dpi=110, format=kind_of_file)


def _one_of_each_modality(database: Database) -> list[str]:
    first: dict[str, str] = {}
    for pair in database.pairs.values():
        first.setdefault(pair.modality, pair.name)
    return list(first.values())


def _votes(database: Database) -> dict[str, str]:
    """Write the votes on each image in the order of the raters."""
    found: dict[str, list[str]] = {}
    if database.votes is not None:
        for _, row in read_csv(database.votes, VOTE_COLUMNS):
            found.setdefault(row["image"], []).append(row["score"])
    return {image: " ".join(scores) if len(scores) <= 3 else f"{len(scores)} votes" for image, scores in found.items()}
