"""What was matched with what, as a table: the dry run of `fmbench score --plan`."""

from __future__ import annotations

from benchmark.databases.model import Database, SourcePair
from benchmark.databases.volumes_table import volumes_table
from benchmark.numbers import counted
from benchmark.tables import ABSENT, Cell, Table, heads

#: Names of sources that are all shown.
_SHOWN = 3


def matching_table(database: Database) -> Table:
    """List every fused image with its algorithm, its pair and the sources; what is not matched says so."""
    if database.volumes is not None:
        return volumes_table(database, database.volumes)
    rows = []
    folders: dict[str, str] = {}
    more = any(len(pair.sources) > 2 for pair in database.pairs.values())
    for image in database.fused:
        pair = None if image.problem else database.pairs.get(image.pair)
        a, b = (pair.source_a.name, pair.source_b.name) if pair else (ABSENT, ABSENT)
        shown = (_listed(pair) if pair else ABSENT,) if more else (a, b)
        state = "" if pair else "not matched"
        rows.append(tuple(map(Cell, (image.pair, image.algorithm, *shown, image.path.name, state))))
        folders.setdefault(image.algorithm, str(image.path.parent))
    used = {image.pair for image in database.fused if not image.problem}
    matched = sum(not image.problem for image in database.fused)
    notes = [
        f"{counted(matched, 'fused image')} of {counted(len(folders), 'algorithm')} and "
        f"{counted(len(used), 'pair')} would be scored; "
        f"reading: {database.reading}, fit: {database.fit}"
    ]
    if unused := [name for name in database.pairs if name not in used]:
        notes.append(f"pairs without a fused image: {', '.join(unused)}")
    if more:
        notes.append(f"sources: {'; '.join(dict.fromkeys(map(_folders, database.pairs.values())))}")
    notes += [f"{algorithm}: {folder}" for algorithm, folder in folders.items()]
    return Table(
        f"{database.title}: what belongs together",
        heads("pair", "algorithm", *(["sources"] if more else ["a", "b"]), "fused", "", numbers=()),
        tuple(rows),
        tuple(notes),
    )


def _listed(pair: SourcePair) -> str:
    """Name the sources of a pair, those of one name once, and say how many there are."""
    names = list(dict.fromkeys(path.name for path in pair.sources))
    shown = names if len(names) <= _SHOWN else [names[0], "...", names[-1]]
    return f"{', '.join(shown)} ({len(pair.sources)})"


def _folders(pair: SourcePair) -> str:
    return ", ".join(dict.fromkeys(str(path.parent) for path in pair.sources))
