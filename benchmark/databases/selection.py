"""A part of a database: the fused images of some algorithms."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from benchmark.databases.model import Database
from benchmark.errors import BenchmarkError


def select_algorithms(database: Database, patterns: str) -> Database:
    """Keep the fused images of the algorithms that patterns name.

    Parameters
    ----------
    database : Database
    patterns : str
        Separated by commas, with ``*`` and ``?``. A pattern with ``!`` in front leaves out what it matches; if all have
        one, everything else stays.

    Returns
    -------
    Database
        Called ``NAME-part``; its title says which part.

    Raises
    ------
    BenchmarkError
        Nothing is left.
    """
    given = [pattern.strip() for pattern in patterns.split(",") if pattern.strip()]
    wanted = [pattern for pattern in given if not pattern.startswith("!")] or ["*"]
    unwanted = [pattern.removeprefix("!") for pattern in given if pattern.startswith("!")]

    def matches(algorithm: str, among: list[str]) -> bool:
        return any(fnmatchcase(algorithm, pattern) for pattern in among)

    kept = [i for i in database.fused if matches(i.algorithm, wanted) and not matches(i.algorithm, unwanted)]
    if not kept:
        known = ", ".join(dict.fromkeys(image.algorithm for image in database.fused))
        raise BenchmarkError(f"{database.name}: no algorithm matches {patterns!r}; there are {known}")
    if len(kept) == len(database.fused):
        return database
    pairs = {name: pair for name, pair in database.pairs.items() if name in {image.pair for image in kept}}
    title = f"{database.title}, algorithms {patterns}"
    return replace(database, name=f"{database.name}-part", title=title, pairs=pairs, fused=tuple(kept))
