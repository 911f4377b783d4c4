"""Ground truths for the pairs of a database: one file, or a folder of files that have the names of the pairs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmark.databases.layouts import images_in
from benchmark.databases.matching import Match
from benchmark.databases.model import Database
from benchmark.errors import BenchmarkError
from fusion_metrics.opening import why_not_readable
from fusion_metrics.printable import printable

_SHOWN = 3


def with_references(database: Database, path: Path, match: Match | None = None) -> Database:
    """Give the pairs of a database the ground truths that lie in a folder.

    Parameters
    ----------
    database : Database
    path : Path
        A folder whose files have the names of the pairs (of ``TNO/001``, the file ``001`` in the folder ``TNO`` of it,
        or in itself if it has no such folder); or one file, if there is only one pair.
    match : Match, optional
        The rule by which sources were matched: a file has also the name that it gives a first source.

    Returns
    -------
    Database
        In which a pair without a file has no reference, whatever it had before.

    Raises
    ------
    BenchmarkError
        No such file or folder, a file for several pairs, or no file that belongs to any pair.
    """
    if not path.is_dir():
        if cause := why_not_readable(path):
            raise BenchmarkError(f"{path}: {cause.replace('no such file', 'no such file or folder')}")
        if len(database.pairs) != 1:
            raise BenchmarkError(f"{path}: is one reference, but there are {len(database.pairs)} pairs; give a folder")
        pairs = {name: replace(pair, reference=path) for name, pair in database.pairs.items()}
        return replace(database, pairs=pairs)
    names: dict[Path, dict[str, Path]] = {}
    found = {}
    for name, pair in database.pairs.items():
        dataset, _, short = name.rpartition("/")
        folder = path / dataset if dataset and (path / dataset).is_dir() else path
        if folder not in names:
            names[folder] = _named(folder, match)
        file = names[folder].get(name) or names[folder].get(short)
        found[name] = replace(pair, reference=file)
    if not any(pair.reference for pair in found.values()):
        stems = [printable(file.stem) for file in images_in(path)]
        called = _few(stems) if stems else "there is no image in it"
        raise BenchmarkError(
            f"{path}: no reference has the name of a pair (references: {called}; pairs: {_few(found)})"
        )
    return replace(database, pairs=found)


def _named(folder: Path, match: Match | None) -> dict[str, Path]:
    """Name the files of a folder by the rule, and by their stems, which come first."""
    files = images_in(folder)
    stems: dict[str, Path] = {}
    for file in files:
        if (same := stems.setdefault(printable(file.stem), file)) != file:
            raise BenchmarkError(f"{file}: {same.name} has the same stem")
    by_rule = {} if match is None or match.kind == "stem" else match.named(files, "a")
    return {printable(name): file for name, file in by_rule.items()} | stems


def _few(names: object) -> str:
    shown = list(names)  # type: ignore[call-overload]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
