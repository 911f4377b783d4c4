"""A database made on the fly from files or folders: `--a`, `--b`, `--fused`, matched by file stem."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

from benchmark.databases.model import Database, FusedImage, SourcePair
from benchmark.errors import BenchmarkError
from fusion_metrics.opening import why_not_readable
from fusion_metrics.printable import printable

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".webp"})


def from_files(a: Path, b: Path, fused: Sequence[Path]) -> Database:
    """Match sources and fused images.

    Parameters
    ----------
    a, b : Path
        The two source images, or two folders of them with equal file stems.
    fused : sequence of Path
        Fused files (the stem of each is its algorithm, with the folder where stems are equal) if `a` and `b` are files;
        otherwise folders: one that holds images is one algorithm, one that holds folders has an algorithm in each.

    Raises
    ------
    BenchmarkError
        A path that does not exist, a file where a folder belongs, a folder without images, two files of one stem.
    """
    for path in fused:
        _check_exists(path)
    pairs = matched_sources(a, b)
    images = _of_folders(a, b, fused) if a.is_dir() else _of_single_files(next(iter(pairs)), fused)
    return Database(
        name="files",
        title="Files named on the command line",
        scores="none",
        score_min=math.nan,
        score_max=math.nan,
        root=Path(),
        pairs=pairs,
        fused=tuple(images),
    )


def matched_sources(a: Path, b: Path) -> dict[str, SourcePair]:
    """Match two source images, or two folders of them by file stem.

    Raises
    ------
    BenchmarkError
        A path that does not exist, a file against a folder, a folder without images, or no stem in common.
    """
    for path in (a, b):
        _check_exists(path)
    if a.is_dir() != b.is_dir():
        raise BenchmarkError(f"{a} and {b}: one is a folder, the other a file")
    if not a.is_dir():
        name = printable(a.stem if a.stem == b.stem else f"{a.stem}+{b.stem}")
        return {name: SourcePair(name, "", a, b)}
    of_a, of_b = _images_of(a), _images_of(b)
    pairs = {printable(stem): SourcePair(printable(stem), "", of_a[stem], of_b[stem]) for stem in of_a if stem in of_b}
    if not pairs:
        raise BenchmarkError(f"{a} and {b}: no file stem in common")
    return pairs


def _check_exists(path: Path) -> None:
    if not path.is_dir() and (cause := why_not_readable(path)):
        raise BenchmarkError(f"{path}: {cause.replace('no such file', 'no such file or folder')}")


def _of_single_files(pair: str, fused: Sequence[Path]) -> list[FusedImage]:
    files = [file for path in fused for file in (_images_of(path).values() if path.is_dir() else [path])]
    return [
        FusedImage(printable(str(file)), file, pair, printable(name))
        for file, name in zip(files, _names(files), strict=True)
    ]


def _names(files: Sequence[Path]) -> list[str]:
    """Name files as briefly as tells them apart: by stem, by folder and stem, or in full."""
    for form in (lambda file: file.stem, lambda file: f"{file.parent.name}/{file.stem}", str):
        names = [form(file) for file in files]
        if len(set(names)) == len(names):
            break
    return names


def _of_folders(a: Path, b: Path, fused: Sequence[Path]) -> list[FusedImage]:
    of_a, of_b = _images_of(a), _images_of(b)
    images = []
    for folder in _algorithm_folders(fused):
        of_fused = _images_of(folder)
        for stem in sorted({*of_a, *of_b, *of_fused}):
            path = of_fused.get(stem, folder / f"{stem}.png")
            lacking = [str(where) for where, has in ((a, of_a), (b, of_b), (folder, of_fused)) if stem not in has]
            name, shown, algorithm = map(printable, (stem, str(path), folder.name))
            problem = printable(f"{path}: no partner of stem {name!r} in {' and '.join(lacking)}") if lacking else ""
            images.append(FusedImage(shown, path, name, algorithm, problem=problem))
    return images


def _algorithm_folders(fused: Sequence[Path]) -> list[Path]:
    folders: list[Path] = []
    for path in fused:
        if not path.is_dir():
            raise BenchmarkError(f"{path}: is a file, but the sources are folders")
        below = sorted(entry for entry in path.iterdir() if _is_algorithm(entry))
        folders.extend(below or [path])
    names = [folder.name for folder in folders]
    for folder in folders:
        if names.count(folder.name) > 1:
            raise BenchmarkError(f"{folder}: more than one folder is called {folder.name!r}, so algorithms mix")
    return folders


def _is_algorithm(entry: Path) -> bool:
    """Whether a folder holds fused images, and is not what an archive or a link to a folder above it left there."""
    if not entry.is_dir() or entry.name.startswith(".") or entry.name == "__MACOSX":
        return False
    here, there = os.path.realpath(entry.parent), os.path.realpath(entry)
    return os.path.commonpath([here, there]) != there


def _images_of(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in IMAGE_SUFFIXES or path.name.startswith("."):
            continue
        if path.stem in found:
            raise BenchmarkError(f"{path}: {found[path.stem].name} has the same stem")
        found[path.stem] = path
    if not found:
        raise BenchmarkError(f"{folder}: folder without images")
    return found
