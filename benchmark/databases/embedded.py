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
from fusion_metrics.files import alone, check_folder, write_text

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

    A build that was interrupted, or killed, leaves nothing that would ever be used; of two at once the second waits. A
    file that was changed since is an error.

    Raises
    ------
    BenchmarkError
        A file of the built database is missing or altered.
    """
    folder = built_in(database)
    if not folder.exists():
        check_folder(folder.parent)
        with alone(folder.with_name(f"{folder.name}.lock")):
            if not folder.exists():
                _build(database, folder, progress)
    verify(folder)
    return folder


def _build(database: Embedded, folder: Path, progress: Progress) -> None:
    begun = f".{folder.name}-"
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f"{begun}*"):  # nobody else builds now, so this is of one that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=begun, ignore_cleanup_errors=True) as scratch:
        work = Path(scratch) / "database"
        work.mkdir()
        database.build(work, progress)
        write_text(work / MANIFEST, json.dumps(_hashes(work), indent=0, sort_keys=True))
        try:
            work.rename(folder)
        except OSError:  # where there are no locks: another process built the same bytes, and was first
            if not folder.exists():
                raise


def remove(database: Embedded) -> None:
    """Delete the built copy, so that the next use builds it again."""
    shutil.rmtree(built_in(database), ignore_errors=True)


def built_in(database: Embedded) -> Path:
    """Return the folder in which it is built, whether or not it has been."""
    return cache_folder() / "databases" / f"{database.name}-v{database.version}"


def _hashes(folder: Path) -> Mapping[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def verify(folder: Path) -> None:
    """Refuse a built copy of which a file is missing, was altered, or was added.

    Raises
    ------
    BenchmarkError
    """
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
