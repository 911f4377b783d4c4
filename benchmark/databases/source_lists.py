"""`sources.csv`: all sources of a pair where there are more than the two that `pairs.csv` names."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from benchmark.csv_files import parse_number, read_csv
from benchmark.databases.model import SourcePair
from benchmark.errors import BenchmarkError

SOURCE_COLUMNS = ("pair", "order", "source")
#: The file's name, and the one that it has in databases made before it had one.
SOURCE_LISTS = ("sources.csv", "sequences.csv")

#: Finds the file that a cell names: its text, the line and the column.
FindPath = Callable[[str, str, str], Path]


def with_all_sources(folder: Path, pairs: Mapping[str, SourcePair], find: FindPath) -> dict[str, SourcePair]:
    """Add to pairs the sources that the folder's ``sources.csv`` lists, if it has one.

    Raises
    ------
    BenchmarkError
        A pair that is not known, an order or a source that is there twice, or a list without the pair's own two.
    """
    there = [folder / name for name in SOURCE_LISTS if os.path.lexists(folder / name)]
    if not there:
        return dict(pairs)
    if len(there) > 1:
        raise BenchmarkError(f"{there[1]}: {there[0].name} lists all sources too; keep one of the two files")
    listed: dict[str, dict[float, Path]] = {}
    for line, row in read_csv(there[0], SOURCE_COLUMNS):
        name = row["pair"]
        if name not in pairs:
            raise BenchmarkError(f"{line}: pair {name!r} is not in pairs.csv")
        try:
            order = parse_number(row["order"])
        except BenchmarkError as error:
            raise BenchmarkError(f"{line}: order {error}") from None
        of_pair = listed.setdefault(name, {})
        if order in of_pair:
            raise BenchmarkError(f"{line}: order {row['order']} of pair {name!r} is there twice")
        path = find(row["source"], line, "source")
        if _same(path) in map(_same, of_pair.values()):
            raise BenchmarkError(f"{line}: source {row['source']!r} of pair {name!r} is there twice")
        of_pair[order] = path
    return {
        name: replace(pair, sources=_ordered(pair, listed[name], there[0])) if name in listed else pair
        for name, pair in pairs.items()
    }


def _ordered(pair: SourcePair, listed: Mapping[float, Path], file: Path) -> tuple[Path, ...]:
    """Put the sources of a pair in order, those that it names by its own paths."""
    own = {_same(path): path for path in (pair.source_a, pair.source_b)}
    paths = tuple(own.get(_same(listed[order]), listed[order]) for order in sorted(listed))
    for column, path in (("source_a", pair.source_a), ("source_b", pair.source_b)):
        if path not in paths:
            raise BenchmarkError(f"{file}: the sources of pair {pair.name!r} lack {path}, its {column} in pairs.csv")
    return paths


def _same(path: Path) -> str:
    return os.path.normpath(path)
