"""Writing folder databases: pictures and the tables beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from benchmark.csv_files import write_csv
from benchmark.databases.folder import FUSED_COLUMNS, PAIR_COLUMNS, VOTE_COLUMNS
from fusion_metrics.files import whole, write_text

Row = Mapping[str, object]


def write_picture(path: Path, pixels: npt.NDArray[np.uint8] | npt.NDArray[np.bool_]) -> None:
    """Write a PNG file whole or not at all; truth values become black and white."""
    if pixels.dtype == np.bool_:
        pixels = np.where(pixels, 255, 0).astype(np.uint8)
    with whole(path) as scratch:
        Pillow.fromarray(pixels).save(scratch, "PNG")


def write_tables(
    folder: Path,
    about: Mapping[str, str | int | float],
    pairs: Sequence[Row],
    fused: Sequence[Row],
    votes: Sequence[Row] = (),
) -> None:
    """Write ``database.toml``, ``pairs.csv``, ``fused.csv`` and, where there are votes, ``votes.csv``.

    Parameters
    ----------
    folder : Path
    about : mapping
        The ``[database]`` table.
    pairs, fused, votes : sequence of mappings
        Rows by column; a column that is absent stays empty.
    """
    tables = [("pairs.csv", PAIR_COLUMNS, pairs), ("fused.csv", FUSED_COLUMNS, fused)]
    if votes:
        tables.append(("votes.csv", VOTE_COLUMNS, votes))
    for name, columns, rows in tables:
        write_csv(folder / name, columns, ([row.get(column, "") for column in columns] for row in rows))
    # A JSON string is a TOML basic string.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in about.items()]
    write_text(folder / "database.toml", "\n".join(["[database]", *lines]) + "\n")
