"""From an original layout to a folder database, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.csv_files import write_csv
from benchmark.databases.embedded import Progress
from benchmark.databases.folder import Row, write_tables
from benchmark.databases.layouts import IMAGE_SUFFIXES
from benchmark.errors import BenchmarkError
from fusion_metrics.files import check_folder

if TYPE_CHECKING:
    from benchmark.databases.originals.sets import PublicSet

#: All sources of a pair in their order, where an algorithm saw more than the two of ``pairs.csv``.
SOURCE_COLUMNS = ("pair", "order", "source")


@dataclass(frozen=True)
class Converted:
    """What an original layout holds, as the tables of a folder database.

    Attributes
    ----------
    about : mapping
        The ``[database]`` table.
    pairs, fused, votes : sequence of mapping
        Rows of the tables.
    sources : sequence of (pair, order, source)
        Rows of ``sources.csv``; none where every pair has two.
    left_out : tuple of str
        What was there and is not in the database, one line each.
    """

    about: Mapping[str, str | int | float]
    pairs: Sequence[Row]
    fused: Sequence[Row]
    votes: Sequence[Row] = ()
    sources: Sequence[tuple[str, int, str]] = ()
    left_out: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Asked:
    """What a converter is given.

    Attributes
    ----------
    original : Path
        The folder as it was unpacked.
    folder : Path
        Where pictures go, in ``sources`` and ``fused``; the tables are written when all of them are there.
    names : tuple of str
        Names of the images in the order of the votes, where the layout has none.
    progress : callable
        Called with (done, total).
    """

    original: Path
    folder: Path
    names: tuple[str, ...]
    progress: Progress


Converter = Callable[[Asked], Converted]


def converters() -> dict[str, Converter]:
    """Return all converters by name."""
    from benchmark.databases.originals.mefdatabase import convert_mefdatabase
    from benchmark.databases.originals.pansharp import convert_pansharp

    return {"mefdatabase": convert_mefdatabase, "pansharp": convert_pansharp}


def convert(
    known: PublicSet,
    original: Path,
    out: Path,
    *,
    names: Sequence[str] = (),
    progress: Progress = lambda done, total: None,
) -> tuple[str, ...]:
    """Turn a set of human scores in its original layout into a folder database.

    Parameters
    ----------
    known : PublicSet
        Which set it is.
    original : Path
        The folder as it was unpacked; it is only read.
    out : Path
        The database; a folder that is not there yet, or empty.
    names : sequence of str, optional
        Names of the images in the order of the votes, where the layout has none.
    progress : callable, optional
        Called with (done, total).

    Returns
    -------
    tuple of str
        What is not in the database although it was there, one line each.

    Raises
    ------
    BenchmarkError
        The folder has another layout, or `out` holds something.
    """
    if not original.is_dir():
        raise BenchmarkError(f"{original}: no such folder")
    if not known.converter:
        raise BenchmarkError(
            f"{known.name}: nobody has written a converter for its layout; a database is four text files"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BenchmarkError(f"{out}: is there already and is not empty; --out takes a new folder")
    check_folder(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-", ignore_cleanup_errors=True) as scratch:
        work = Path(scratch) / "database"
        work.mkdir()
        found = converters()[known.converter](Asked(original, work, tuple(names), progress))
        if not found.fused:
            raise BenchmarkError(f"{original}: no fused image with a score in it")
        if found.sources:
            write_csv(work / "sources.csv", SOURCE_COLUMNS, found.sources)
        about = {**found.about, "citation": known.citation, "licence": known.licence}
        write_tables(work, about, found.pairs, found.fused, found.votes)
        if out.exists():
            out.rmdir()
        work.rename(out)
    return found.left_out


def pictures_in(folder: Path) -> list[Path]:
    """List the pictures of a folder, by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def copy_picture(path: Path, folder: Path, stem: str) -> str:
    """Copy a picture to a place within a database, and return that place as a table writes it."""
    place = f"{stem}{path.suffix.lower()}"
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / place)
    return place


def find_entry(folder: Path, what: str, matches: Callable[[Path], bool]) -> Path:
    """Find a file or folder in a folder, or in the only one in it, as archives have one around everything.

    Raises
    ------
    BenchmarkError
        It is not there, or there are several.
    """
    for here in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        found = sorted(path for path in here.iterdir() if matches(path))
        if len(found) > 1:
            raise BenchmarkError(f"{here}: several could be {what}: {', '.join(path.name for path in found)}")
        if found:
            return found[0]
    raise BenchmarkError(f"{folder}: has no {what}")
