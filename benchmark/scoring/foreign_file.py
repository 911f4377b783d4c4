"""CSV files of scores that other programs computed: columns, the direction in which they are better, and numbers."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmark.csv_files import parse_number, read_csv, read_header
from benchmark.errors import BenchmarkError
from benchmark.scoring.foreign import Column, ForeignScores, Line
from fusion_metrics.errors import nearest
from fusion_metrics.printable import printable

#: Columns that say of which image a line is; all others hold scores.
KEYS = ("database", "image", "pair", "algorithm")
#: How a direction is written behind the name of a column, or behind the equals sign of an option.
DIRECTIONS: Mapping[str, bool | None] = {"higher": True, "↑": True, "lower": False, "↓": False, "ignore": None}
_DIGITS = 12
_SHOWN = 200


def read_foreign(
    paths: Iterable[str | os.PathLike[str]], directions: Mapping[str, str] | None = None
) -> tuple[ForeignScores, ...]:
    """Read files of scores that other programs computed.

    Parameters
    ----------
    paths : iterable of path
        CSV files with a column ``image``, as ``fused.csv`` writes it, or with the columns ``pair`` and ``algorithm``;
        with ``database``, if lines are of several; and with columns of numbers. A number is as great as it is: where a
        program has none, its cell is empty.
    directions : mapping of str to str, optional
        By column, ``"higher"`` or ``"lower"`` is better, or ``"ignore"``; not needed where the header says it, as
        ``mAP↑`` or ``niqe:lower``.

    Returns
    -------
    tuple of ForeignScores

    Raises
    ------
    BenchmarkError
        A file cannot be read, a column has no direction, a cell is no number, or an image is there twice.
    """
    files = [Path(path) for path in paths]
    if directions and not files:
        raise BenchmarkError(f"a direction of {next(iter(directions))!r}, but no scores of another program")
    names = _brief_names(files)
    given = dict(directions or {})
    for name, direction in given.items():
        _check_direction(name, direction)
    found = tuple(_read(path, name, given) for path, name in zip(files, names, strict=True))
    headers = dict.fromkeys(title for path in files for title in read_header(path, ("image",)) if title not in KEYS)
    known = [column for column, _ in map(_taken_apart, headers)]
    for name in given:
        if name not in known:
            raise BenchmarkError(f"no column {name!r} that could have a direction; there are {', '.join(known)}")
    return found


def _read(path: Path, shown: str, directions: Mapping[str, str]) -> ForeignScores:
    header = read_header(path, ("image",))
    if "image" not in header:
        header = read_header(path, ("pair", "algorithm"))
    keys = tuple(key for key in KEYS if key in header)
    if "image" not in keys and not {"pair", "algorithm"} <= set(keys):
        _refuse_header(path, header)
    columns = []
    for title in header:
        if not title or title in KEYS:
            continue
        name, told = _taken_apart(title)
        if told and name in directions and DIRECTIONS[told] != DIRECTIONS[directions[name]]:
            raise BenchmarkError(
                f"{path}: column {printable(title)} says {told}, but --direction says {directions[name]}"
            )
        direction = directions.get(name, told)
        if not direction:
            raise BenchmarkError(
                f"{path}: column {printable(title)} does not say which direction is better: decide it by --direction "
                f"'{printable(title)}=higher' (or lower; ignore leaves it out), or call it {printable(title)}:higher"
            )
        if (higher := DIRECTIONS[direction]) is not None:
            columns.append(Column(title, printable(name), higher))
    if not columns:
        raise BenchmarkError(f"{path}: has no column of scores beside {', '.join(keys)}")
    names = [column.name for column in columns]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BenchmarkError(f"{path}: column {twice[0]} is there twice")
    wanted = (*keys, *(column.header for column in columns))
    lines = tuple(_lines(read_csv(path, wanted), columns))
    if not lines:
        raise BenchmarkError(f"{path}: has no line below its header")
    return ForeignScores(shown, hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS], tuple(columns), lines)


def _lines(rows: Iterable[tuple[str, Mapping[str, str]]], columns: Sequence[Column]) -> Iterator[Line]:
    seen: dict[tuple[str, ...], str] = {}
    for place, row in rows:
        keys = {key: row.get(key, "") for key in KEYS}
        if not (keys["image"] or ("image" not in row and keys["pair"] and keys["algorithm"])):
            lacking = "image" if "image" in row else "pair" if not keys["pair"] else "algorithm"
            raise BenchmarkError(f"{place}: {lacking} is empty")
        which = os.path.normpath(keys["image"]) if keys["image"] else f"{keys['pair']}, {keys['algorithm']}"
        if (first := seen.setdefault((keys["database"], which), place)) != place:
            raise BenchmarkError(f"{place}: image {which!r} is there twice, first in line {first.rpartition(':')[2]}")
        values = tuple(_number(row[column.header], place, column.header) for column in columns)
        yield Line(place, **keys, values=values)


def _number(text: str, place: str, header: str) -> float | None:
    try:
        return parse_number(text) if text else None
    except BenchmarkError as error:
        raise BenchmarkError(f"{place}: {printable(header)} {error}") from None


def _taken_apart(title: str) -> tuple[str, str]:
    """Divide a header into the name and the direction, which may be empty.

    >>> _taken_apart("mAP↑"), _taken_apart("niqe : lower"), _taken_apart("psnr:tang")
    (('mAP', '↑'), ('niqe', 'lower'), ('psnr:tang', ''))
    """
    if title.endswith(("↑", "↓")):
        return title[:-1].rstrip(" :"), title[-1]
    name, colon, word = (part.strip() for part in title.rpartition(":"))
    return (name, word.casefold()) if colon and name and word.casefold() in ("higher", "lower") else (title, "")


def _check_direction(name: str, direction: str) -> None:
    if direction not in DIRECTIONS:
        raise BenchmarkError(
            f"direction {direction!r} of {name!r} is not understood{nearest(direction, DIRECTIONS)}; write "
            f"{name}=higher, {name}=lower or {name}=ignore"
        )


def _refuse_header(path: Path, header: Sequence[str]) -> None:
    if not any(header):
        raise BenchmarkError(f"{path}: is empty, or begins with an empty line; expected image, and columns of scores")
    found = ",".join(header)
    found = found if len(found) <= _SHOWN else found[:_SHOWN] + "..."
    raise BenchmarkError(f"{path}: column image missing, or in its place pair and algorithm; found {printable(found)}")


def _brief_names(files: Sequence[Path]) -> list[str]:
    """Call files by their names, or, where two have the same, by what tells them apart."""
    absolute = [file.absolute() for file in files]
    if twice := [file for file, place in zip(files, absolute, strict=True) if absolute.count(place) > 1]:
        raise BenchmarkError(f"{twice[0]}: these scores are given twice")
    for form in (lambda file: file.name, lambda file: f"{file.absolute().parent.name}/{file.name}", str):
        names = [printable(form(file)) for file in files]
        if len(set(names)) == len(names):
            break
    return names
