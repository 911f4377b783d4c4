"""What was matched with what, as a table: the dry run of `fmbench score --plan`."""

from __future__ import annotations

from benchmark.databases.model import Database
from benchmark.numbers import counted
from benchmark.tables import ABSENT, Cell, Table, heads


def matching_table(database: Database) -> Table:
    """List every fused image with its algorithm, its pair and the sources; what is not matched says so."""
    rows = []
    folders: dict[str, str] = {}
    for image in database.fused:
        pair = None if image.problem else database.pairs.get(image.pair)
        a, b = (pair.source_a.name, pair.source_b.name) if pair else (ABSENT, ABSENT)
        state = "" if pair else "not matched"
        rows.append(tuple(map(Cell, (image.pair, image.algorithm, a, b, image.path.name, state))))
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
    notes += [f"{algorithm}: {folder}" for algorithm, folder in folders.items()]
    return Table(
        f"{database.title}: what belongs together",
        heads("pair", "algorithm", "a", "b", "fused", "", numbers=()),
        tuple(rows),
        tuple(notes),
    )
