"""Folder databases: `database.toml`, `pairs.csv`, `fused.csv`, optional `votes.csv`.

What makes a database unreadable (a missing file, wrong columns, a number that is none) is one error. What spoils a
single image (its pair is not listed) is kept with that image, so that the rest can be scored.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from benchmark.csv_files import read_csv, write_csv
from benchmark.databases.model import Database, FusedImage, SourcePair
from benchmark.errors import BenchmarkError

PAIR_COLUMNS = ("pair", "modality", "source_a", "source_b", "mask")
FUSED_COLUMNS = ("image", "pair", "algorithm", "mos", "mos_std", "n_votes")
VOTE_COLUMNS = ("image", "rater", "score")
#: Keys of database.toml that nothing is computed from.
PROSE = frozenset({"title", "citation", "licence", "note"})

Row = Mapping[str, object]


def is_database(folder: Path) -> bool:
    """Whether a folder claims to be a database."""
    return (folder / "database.toml").is_file()


def load_folder(folder: Path) -> Database:
    """Read a folder database.

    Raises
    ------
    BenchmarkError
        Naming the file, the line where there is one, and the cause.
    """
    about = _read_about(folder / "database.toml")
    pairs: dict[str, SourcePair] = {}
    for line, row in read_csv(folder / "pairs.csv", PAIR_COLUMNS):
        if row["pair"] in pairs:
            raise BenchmarkError(f"{line}: pair {row['pair']!r} is listed twice")
        pairs[row["pair"]] = SourcePair(
            name=row["pair"],
            modality=row["modality"],
            source_a=folder / row["source_a"],
            source_b=folder / row["source_b"],
            mask=folder / row["mask"] if row["mask"] else None,
        )
    fused: dict[str, FusedImage] = {}
    for line, row in read_csv(folder / "fused.csv", FUSED_COLUMNS):
        if row["image"] in fused:
            raise BenchmarkError(f"{line}: image {row['image']!r} is listed twice")
        mos, std, votes = (_number(row[column], line, column) for column in ("mos", "mos_std", "n_votes"))
        fused[row["image"]] = FusedImage(
            image=row["image"],
            path=folder / row["image"],
            pair=row["pair"],
            algorithm=row["algorithm"],
            mos=mos,
            mos_std=std,
            n_votes=None if votes is None else int(votes),
            problem="" if row["pair"] in pairs else f"{line}: pair {row['pair']!r} is not in pairs.csv",
        )
    votes_file = folder / "votes.csv"
    return Database(
        root=folder,
        pairs=pairs,
        fused=tuple(fused.values()),
        votes=votes_file if votes_file.is_file() else None,
        **about,
    )


def _read_about(path: Path) -> dict[str, Any]:
    warnings: tuple[str, ...] = ()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BenchmarkError(f"{path}: no such file; a database is a folder with this file") from None
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{path}: is not UTF-8 text ({error.reason})") from None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        text, warnings = _without_broken_prose(path, text)
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            raise BenchmarkError(f"{path}: is not TOML ({error})") from None
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
        if not all(isinstance(end, int | float) and math.isfinite(end) for end in (low, high)):
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
    }


def _without_broken_prose(path: Path, text: str) -> tuple[str, tuple[str, ...]]:
    """Drop lines of free text that are not TOML: a stray quotation mark in a citation must not stop a run."""
    kept, warnings = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        key = line.partition("=")[0].strip()
        try:
            tomllib.loads(line)
        except tomllib.TOMLDecodeError as error:
            if key in PROSE:
                warnings.append(f"{path}:{number}: {key} is not TOML and is left out ({error})")
                continue
        kept.append(line)
    return "\n".join(kept), tuple(warnings)


def _number(text: str, line: str, column: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise BenchmarkError(f"{line}: {column} {text!r} is not a number") from None
    if not math.isfinite(value):
        raise BenchmarkError(f"{line}: {column} {text!r} is not a finite number")
    return value


def write_picture(path: Path, pixels: npt.NDArray[np.uint8] | npt.NDArray[np.bool_]) -> None:
    """Write a PNG file whole or not at all; truth values become black and white."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if pixels.dtype == np.bool_:
        pixels = np.where(pixels, 255, 0).astype(np.uint8)
    scratch = path.with_name(path.name + ".part")
    Pillow.fromarray(pixels).save(scratch, "PNG")
    scratch.replace(path)


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
    (folder / "database.toml").write_text("\n".join(["[database]", *lines]) + "\n", encoding="utf-8")
