"""Databases that are generated on the user's machine: built once into the cache folder, checked by hash afterwards."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import BenchmarkError
from fusion_metrics.cache import cache_folder

#: Called with (pictures done, pictures in all) while a database is built.
Progress = Callable[[int, int], None]
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Embedded:
    """A database that can be generated.

    Attributes
    ----------
    name, title : str
    version : int
        Raised whenever its content changes; part of the folder's name.
    build : callable
        ``build(folder, progress)`` writes a folder database; the same bytes each time.
    """

    name: str
    title: str
    version: int
    build: Callable[[Path, Progress], None]


def ensure(database: Embedded, progress: Progress = lambda done, total: None) -> Path:
    """Return the folder of an embedded database, building it the first time.

    A build that is interrupted leaves nothing behind; a file that was changed since is an error.

    Raises
    ------
    BenchmarkError
        A file of the built database is missing or altered.
    """
    folder = cache_folder() / "databases" / f"{database.name}-v{database.version}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{database.name}-") as scratch:
            work = Path(scratch) / "database"
            work.mkdir()
            database.build(work, progress)
            (work / MANIFEST).write_text(json.dumps(_hashes(work), indent=0, sort_keys=True), encoding="utf-8")
            try:
                work.rename(folder)
            except OSError:  # another process built the same bytes at the same time and was first
                if not folder.exists():
                    raise
    _verify(folder)
    return folder


def remove(database: Embedded) -> None:
    """Delete the built copy, so that the next use builds it again."""
    shutil.rmtree(cache_folder() / "databases" / f"{database.name}-v{database.version}", ignore_errors=True)


def _hashes(folder: Path) -> Mapping[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _verify(folder: Path) -> None:
    try:
        expected = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BenchmarkError(
            f"{folder / MANIFEST}: cannot be read ({error}); delete the folder to rebuild it"
        ) from None
    actual = _hashes(folder)
    for name in sorted({*expected, *actual}):
        if expected.get(name) != actual.get(name):
            cause = "is missing" if name not in actual else "was added" if name not in expected else "was altered"
            raise BenchmarkError(f"{folder / name}: {cause} since it was built; delete {folder} to rebuild it")
