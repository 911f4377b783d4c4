"""Folder databases: `database.toml`, `pairs.csv`, `fused.csv`, optional `sources.csv` and `votes.csv`.

What makes a database unreadable (a missing file, wrong columns, a number that is none) is one error. What spoils a
single image (its pair is not listed) is kept with that image, so that the rest can be scored.
"""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from benchmark.csv_files import parse_number, read_csv, read_text, write_csv
from benchmark.databases.model import Database, FusedImage, SourcePair
from benchmark.databases.source_lists import SOURCE_COLUMNS, with_all_sources
from benchmark.errors import BenchmarkError
from fusion_metrics.errors import FusionMetricsError
from fusion_metrics.files import whole, write_text
from fusion_metrics.opening import why_not_readable
from fusion_metrics.reading import Reading, as_reading
from fusion_metrics.volumes.address import volume_of

PAIR_COLUMNS = ("pair", "modality", "source_a", "source_b", "mask")
#: Columns that `pairs.csv` may have.
MORE_PAIR_COLUMNS = ("reference",)
FUSED_COLUMNS = ("image", "pair", "algorithm", "mos", "mos_std", "n_votes")
VOTE_COLUMNS = ("image", "rater", "score")
#: Keys of database.toml that nothing is computed from.
PROSE = frozenset({"title", "citation", "licence", "note"})
#: What `tomllib` raises: a number of too many digits and tables nested without end are no `TOMLDecodeError`.
_NOT_TOML = (ValueError, RecursionError)

Row = Mapping[str, object]


def is_database(folder: Path) -> bool:
    """Whether a folder claims to be a database."""
    return (folder / "database.toml").is_file()


def load_folder(folder: Path, *, allow_outside: bool = False) -> Database:
    """Read a folder database.

    Parameters
    ----------
    folder : Path
    allow_outside : bool
        Accept paths in ``pairs.csv``, ``sources.csv`` and ``fused.csv`` that leave the folder. A database of somebody
        else's could otherwise name any file of this machine.

    Raises
    ------
    BenchmarkError
        Naming the file, the line where there is one, and the cause.
    """
    about = _read_about(folder / "database.toml")
    paths = _Paths(folder, allow_outside)
    pairs: dict[str, SourcePair] = {}
    for line, row in read_csv(folder / "pairs.csv", PAIR_COLUMNS, MORE_PAIR_COLUMNS):
        if row["pair"] in pairs:
            raise BenchmarkError(f"{line}: pair {row['pair']!r} is listed twice")
        pairs[row["pair"]] = SourcePair(
            name=row["pair"],
            modality=row["modality"],
            source_a=paths.find(row["source_a"], line, "source_a"),
            source_b=paths.find(row["source_b"], line, "source_b"),
            mask=paths.find(row["mask"], line, "mask") if row["mask"] else None,
            reference=paths.find(row["reference"], line, "reference") if row["reference"] else None,
        )
    pairs = with_all_sources(folder, pairs, paths.find)
    fused: dict[str, FusedImage] = {}
    for line, row in read_csv(folder / "fused.csv", FUSED_COLUMNS):
        if (same := os.path.normpath(row["image"])) in fused:
            raise BenchmarkError(f"{line}: image {row['image']!r} is listed twice")
        mos, std, votes = (_number(row[column], line, column) for column in ("mos", "mos_std", "n_votes"))
        fused[same] = FusedImage(
            image=row["image"],
            path=paths.find(row["image"], line, "image"),
            pair=row["pair"],
            algorithm=row["algorithm"],
            mos=mos,
            mos_std=std,
            n_votes=None if votes is None else int(votes),
            problem="" if row["pair"] in pairs else f"{line}: pair {row['pair']!r} is not in pairs.csv",
        )
    votes_file = folder / "votes.csv"
    if os.path.lexists(votes_file) and (cause := why_not_readable(votes_file)):
        raise BenchmarkError(f"{votes_file}: {cause}")
    return Database(
        root=folder,
        pairs=pairs,
        fused=tuple(fused.values()),
        votes=votes_file if os.path.lexists(votes_file) else None,
        **about,
    )


def _read_about(path: Path) -> dict[str, Any]:
    warnings: tuple[str, ...] = ()
    if not path.exists():
        raise BenchmarkError(f"{path}: no such file; a database is a folder with this file")
    text = read_text(path)
    try:
        tables = tomllib.loads(text)
    except _NOT_TOML as error:
        text, warnings = _without_broken_prose(path, text)
        try:
            tables = tomllib.loads(text)
        except _NOT_TOML:
            cause = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise BenchmarkError(f"{path}: is not TOML ({cause})") from None
    about = tables.get("database")
    if not isinstance(about, dict):
        raise BenchmarkError(f"{path}: has no [database] table")
    for key in ("name", "scores"):
        if not isinstance(about.get(key), str) or not about[key]:
            raise BenchmarkError(f"{path}: [database] needs {key} = a text")
    scores = about["scores"]
    if scores not in ("human", "simulated", "none"):
        raise BenchmarkError(f'{path}: scores = {scores!r}, but it must be "human", "simulated" or "none"')
    low, high = about.get("score_min", math.nan), about.get("score_max", math.nan)
    if scores != "none":
        if not all(_is_finite(end) for end in (low, high)):
            raise BenchmarkError(f"{path}: scores = {scores!r} needs score_min and score_max as numbers")
        if not low < high:
            raise BenchmarkError(f"{path}: score_min {low} is not below score_max {high}")
    return {
        "name": about["name"],
        "title": str(about.get("title", about["name"])),
        "scores": scores,
        "score_min": math.nan if scores == "none" else float(low),
        "score_max": math.nan if scores == "none" else float(high),
        "citation": str(about.get("citation", "")),
        "licence": str(about.get("licence", "")),
        "note": str(about.get("note", "")),
        "warnings": warnings,
        "reading": _reading(path, about.get("reading", "")),
    }


def _reading(path: Path, text: object) -> Reading:
    """Understand how the pictures of a database are to be read."""
    try:
        return as_reading(str(text))
    except FusionMetricsError as error:
        raise BenchmarkError(f"{path}: {error}") from None


def _is_finite(end: object) -> bool:
    try:
        return isinstance(end, int | float) and not isinstance(end, bool) and math.isfinite(end)
    except OverflowError:  # an integer that no float holds
        return False


def _without_broken_prose(path: Path, text: str) -> tuple[str, tuple[str, ...]]:
    """Drop lines of free text that are not TOML: a stray quotation mark in a citation must not stop a run."""
    kept, warnings = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        key = line.partition("=")[0].strip()
        try:
            tomllib.loads(line)
        except _NOT_TOML as error:
            if key in PROSE:
                warnings.append(f"{path}:{number}: {key} is not TOML and is left out ({error})")
                continue
        kept.append(line)
    return "\n".join(kept), tuple(warnings)


def _number(text: str, line: str, column: str) -> float | None:
    if not text:
        return None
    try:
        value = parse_number(text)
    except BenchmarkError as error:
        raise BenchmarkError(f"{line}: {column} {error}") from None
    if column == "n_votes" and (value < 0 or value != int(value)):
        raise BenchmarkError(f"{line}: n_votes {text!r} is not a number of votes")
    return value


class _Paths:
    """Paths of a database, which end inside its folder unless more is allowed."""

    def __init__(self, folder: Path, allow_outside: bool) -> None:
        self.folder, self.allow_outside = folder, allow_outside
        self._home = os.path.realpath(folder)

    def find(self, text: str, line: str, column: str) -> Path:
        """Return the file that a cell names."""
        if not text:
            raise BenchmarkError(f"{line}: {column} is empty, but it must be a path")
        path = self.folder / text
        volume = volume_of(path)
        held = list(volume.iterdir()) if volume != path and volume.is_dir() else []  # a series: each file may be a link
        # `realpath` follows links, and stops at one that leads back to itself: opening it says so.
        inside = all(os.path.realpath(each).startswith(self._home + os.sep) for each in (path, volume, *held))
        if not (self.allow_outside or inside):
            raise BenchmarkError(f"{line}: {column} {text!r} leaves the folder; --allow-outside permits that")
        return path


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
    sources: Sequence[Row] = (),
) -> None:
    """Write ``database.toml``, ``pairs.csv``, ``fused.csv`` and, where there is any, ``votes.csv`` and ``sources.csv``.

    Parameters
    ----------
    folder : Path
    about : mapping
        The ``[database]`` table.
    pairs, fused, votes, sources : sequence of mappings
        Rows by column; a column that is absent stays empty.
    """
    more = tuple(column for column in MORE_PAIR_COLUMNS if any(row.get(column) for row in pairs))
    tables = [("pairs.csv", (*PAIR_COLUMNS, *more), pairs), ("fused.csv", FUSED_COLUMNS, fused)]
    if votes:
        tables.append(("votes.csv", VOTE_COLUMNS, votes))
    if sources:
        tables.append(("sources.csv", SOURCE_COLUMNS, sources))
    for name, columns, rows in tables:
        write_csv(folder / name, columns, ([row.get(column, "") for column in columns] for row in rows))
    # A JSON string is a TOML basic string.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in about.items()]
    write_text(folder / "database.toml", "\n".join(["[database]", *lines]) + "\n")
