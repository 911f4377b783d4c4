"""Folder databases: `database.toml`, `pairs.csv`, `fused.csv`, optional `votes.csv`.

What makes a database unreadable (a missing file, wrong columns, a number that is none) is one error. What spoils a
single image (its pair is not listed) is kept with that image, so that the rest can be scored.
"""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.databases.model import Database, FusedImage, SourcePair
from benchmark.errors import BenchmarkError

PAIR_COLUMNS = ("pair", "modality", "source_a", "source_b", "mask")
FUSED_COLUMNS = ("image", "pair", "algorithm", "mos", "mos_std", "n_votes")
VOTE_COLUMNS = ("image", "rater", "score")
#: Keys of database.toml that nothing is computed from.
PROSE = frozenset({"title", "citation", "licence", "note"})


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


def read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``(file:line, row)`` of a CSV file that must have these columns (others are ignored)."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                found = ",".join(reader.fieldnames or ()) or "nothing"
                raise BenchmarkError(f"{path}: column {', '.join(missing)} missing; found {found}")
            for row in reader:
                line = f"{path}:{reader.line_num}"
                if any(row[column] is None for column in columns):
                    raise BenchmarkError(f"{line}: fewer cells than columns")
                yield line, {column: row[column].strip() for column in columns}
    except FileNotFoundError:
        raise BenchmarkError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{path}: is not UTF-8 text ({error.reason})") from None
    except csv.Error as error:
        raise BenchmarkError(f"{path}: is not a CSV file ({error})") from None


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
