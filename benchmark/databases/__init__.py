"""Databases of fused images: `open_database` takes a folder or the name of an embedded one."""

from __future__ import annotations

from pathlib import Path

from benchmark.databases.embedded import Embedded, Progress, ensure
from benchmark.databases.folder import is_database, load_folder
from benchmark.databases.model import Database, FusedImage, SourcePair
from benchmark.databases.phantom.database import PHANTOM, PHANTOM_EXTERNAL
from benchmark.errors import BenchmarkError
from fusion_metrics.errors import nearest

#: Databases that need no files; the first is what a run uses when none is named.
EMBEDDED: dict[str, Embedded] = {database.name: database for database in (PHANTOM, PHANTOM_EXTERNAL)}

__all__ = ["EMBEDDED", "Database", "FusedImage", "SourcePair", "open_database"]


def open_database(
    name: str | Path, progress: Progress = lambda done, total: None, *, allow_outside: bool = False
) -> Database:
    """Open a database.

    Parameters
    ----------
    name : str or Path
        A folder, or the name of an embedded database, which is built if this is its first use.
    progress : callable, optional
        Called with (done, total) while it is built.
    allow_outside : bool
        Accept paths that leave the folder; see `load_folder`.

    Raises
    ------
    BenchmarkError
        No such database, or one that cannot be read.
    """
    if str(name) in EMBEDDED:
        return load_folder(ensure(EMBEDDED[str(name)], progress))
    folder = Path(name)
    if not folder.exists():
        raise BenchmarkError(
            f"{name}: no such folder, and no embedded database of that name{nearest(str(name), EMBEDDED)}"
        )
    if not folder.is_dir():
        raise BenchmarkError(f"{name}: is a file; a database is a folder with database.toml")
    if not is_database(folder):
        raise BenchmarkError(
            f"{name}: has no database.toml, so it is no database; images are named by --a, --b and --fused"
        )
    return load_folder(folder, allow_outside=allow_outside)
