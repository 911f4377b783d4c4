"""A database made on the fly from files or folders, `--a`, `--b`, `--fused`: found by layout, matched by file name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.databases.layouts import (
    IMAGE_SUFFIXES,
    FusedFolder,
    SourceFolders,
    fused_folders,
    images_in,
    source_folders,
    without_images,
)
from benchmark.databases.matching import Match, Names, common_names, explain, suggest_within
from benchmark.databases.model import Database, FusedImage, SourcePair
from benchmark.databases.slicing import Slicing
from benchmark.databases.volumes import Progress, are_volumes, from_volumes
from benchmark.errors import BenchmarkError
from fusion_metrics.opening import why_not_readable
from fusion_metrics.printable import printable

__all__ = ["IMAGE_SUFFIXES", "from_files", "matched_sources"]

STEM, WHOLE = Match(), Slicing()


def from_files(
    a: Path,
    b: Path,
    fused: Sequence[Path],
    match: Match = STEM,
    between: Sequence[Path] = (),
    slicing: Slicing = WHOLE,
    progress: Progress = lambda done, total: None,
) -> Database:
    """Match sources and fused images.

    Parameters
    ----------
    a, b : Path
        The two source images, or two folders of them.
    fused : sequence of Path
        Fused files (the stem of each is its algorithm, with the folder where stems are equal) if `a` and `b` are files;
        otherwise folders: one that holds images is one algorithm, one that holds folders has an algorithm in each, or
        in each of theirs; see `benchmark.databases.layouts`.
    match : Match, optional
        Which files of folders belong together: those of equal stems, unless it says otherwise.
    between : sequence of Path, optional
        Further sources, between `a` and `b`: files or folders as those are, and matched as `a` is.
    slicing : Slicing, optional
        How volumes become pictures, where the files are volumes; see `benchmark.databases.volumes`.
    progress : callable, optional
        Called with (done, total) while volumes are read.

    Raises
    ------
    BenchmarkError
        A path that does not exist, a file where a folder belongs, a folder without images, two files of one name, or
        nothing that matches: then the message shows the names, and the rule that would match them.
    """
    if are_volumes(a, b):
        if between:
            raise BenchmarkError(f"{a}: is a volume, and volumes have two sources, not {len(between) + 2}")
        return from_volumes(a, b, fused, match, slicing, progress)
    if slicing.is_asked:
        raise BenchmarkError(f"{a}: is no volume, so --axis, --slices and --series say nothing about it")
    for path in fused:
        _check_exists(path)
    if a.is_dir() and b.is_dir():
        pairs, images = _of_folders((a, *between, b), fused, match)
    else:
        pairs = matched_sources(a, b, between=between)
        images = _of_single_files(next(iter(pairs)), fused)
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


def matched_sources(a: Path, b: Path, match: Match = STEM, between: Sequence[Path] = ()) -> dict[str, SourcePair]:
    """Match two source images, or two folders of them, and further ones between them.

    Raises
    ------
    BenchmarkError
        A path that does not exist, a file against a folder, a folder without images, or nothing that matches.
    """
    for path in (a, *between, b):
        _check_exists(path)
        if a.is_dir() != path.is_dir():
            raise BenchmarkError(f"{a} and {path}: one is a folder, the other a file")
    if not a.is_dir():
        name = printable(a.stem if a.stem == b.stem else f"{a.stem}+{b.stem}")
        return {name: SourcePair(name, "", a, b, sources=(a, *between, b))}
    pairs: dict[str, SourcePair] = {}
    for folders in source_folders(a, b, between):
        pairs |= _pairs_of(folders, match, {})
    return pairs


def _pairs_of(folders: SourceFolders, match: Match, fused: dict[str, list[str]]) -> dict[str, SourcePair]:
    """Match the sources of one dataset; `fused` has the stems of fused images, for a message that helps."""
    dataset, a, b, between = folders
    files = {"a": images_in(a), "b": images_in(b)}
    of_a, of_b = match.named(files["a"], "a"), match.named(files["b"], "b")
    if match.kind == "order" and len(of_a) != len(of_b):
        raise BenchmarkError(f"{a} and {b}: {len(of_a)} and {len(of_b)} images cannot be matched by their order")
    names = common_names(of_a, of_b)
    if not names:
        stems = {role: [path.stem for path in paths] for role, paths in files.items()}
        raise BenchmarkError(f"{a} and {b}: {explain(match, stems | fused)}")
    others = [_of_further_source(folder, names, folders, match) for folder in between]
    pairs = {}
    for name in names:
        if all(name in of_other for of_other in others):
            shown = _pair_name(dataset, name)
            sources = (of_a[name], *(of_other[name] for of_other in others), of_b[name])
            pairs[shown] = SourcePair(shown, "", of_a[name], of_b[name], sources=sources)
    return pairs


def _of_further_source(folder: Path, names: Sequence[str], folders: SourceFolders, match: Match) -> Names:
    """Match the files of a folder between the first and the last, whose names follow the first's rule."""
    found = match.named(images_in(folder), "a")
    if match.kind == "order" and len(found) != len(names):
        raise BenchmarkError(
            f"{folders.a} and {folder}: {len(names)} and {len(found)} images cannot be matched by their order"
        )
    if not set(names) & set(found):
        stems = {"a": [path.stem for path in images_in(folders.a)], "b": [path.stem for path in images_in(folder)]}
        raise BenchmarkError(f"{folders.a} and {folder}: {explain(match, stems)}")
    return found


def _pair_name(dataset: str, name: str) -> str:
    return printable(f"{dataset}/{name}" if dataset else name)


def _check_exists(path: Path) -> None:
    if not path.is_dir() and (cause := why_not_readable(path)):
        raise BenchmarkError(f"{path}: {cause.replace('no such file', 'no such file or folder')}")


def _of_single_files(pair: str, fused: Sequence[Path]) -> list[FusedImage]:
    files = [file for path in fused for file in (_images_of_one_pair(path) if path.is_dir() else [path])]
    return [
        FusedImage(printable(str(file)), file, pair, printable(name))
        for file, name in zip(files, _names(files), strict=True)
    ]


def _images_of_one_pair(folder: Path) -> list[Path]:
    found = list(STEM.named(images_in(folder), "fused").values())
    if not found:
        raise BenchmarkError(without_images(folder))
    return found


def _names(files: Sequence[Path]) -> list[str]:
    """Name files as briefly as tells them apart: by stem, by folder and stem, or in full."""
    for form in (lambda file: file.stem, lambda file: f"{file.parent.name}/{file.stem}", str):
        names = [form(file) for file in files]
        if len(set(names)) == len(names):
            break
    return names


def _of_folders(
    named: Sequence[Path], fused: Sequence[Path], match: Match
) -> tuple[dict[str, SourcePair], list[FusedImage]]:
    a, *between, b = named
    for path in between:
        _check_exists(path)
        if not path.is_dir():
            raise BenchmarkError(f"{a} and {path}: one is a folder, the other a file")
    for path in fused:
        if not path.is_dir():
            raise BenchmarkError(f"{path}: is a file, but the sources are folders")
    sources = source_folders(a, b, between)
    one_folder = a.samefile(b) and match.affixes[0] == match.affixes[1]
    if one_folder and (better := suggest_within([path.stem for path in images_in(sources[0].a)])):
        raise BenchmarkError(f"{a}: both sources are in one folder: decide which is which by --match '{better}'")
    folders = fused_folders(sources, fused)
    stems = {"fused": [path.stem for path in images_in(folders[0].folder)]} if folders else {}
    pairs: dict[str, SourcePair] = {}
    for each in sources:
        pairs |= _pairs_of(each, match, stems)
    by_dataset = {each.dataset: each for each in sources}
    images: list[FusedImage] = []
    for folder in folders:
        images += _of_one_folder(folder, by_dataset[folder.dataset], match)
    if images and all(image.problem for image in images):
        first = by_dataset[folders[0].dataset]
        shown = {role: [path.stem for path in images_in(where)] for role, where in (("a", first.a), ("b", first.b))}
        raise BenchmarkError(f"{folders[0].folder}: {explain(match, shown | stems)}")
    return pairs, images


def _of_one_folder(fused: FusedFolder, sources: SourceFolders, match: Match) -> Iterator[FusedImage]:
    """Match the fused images of one folder, and say of each source without one, and each without source, what lacks."""
    of_a, of_b = match.named(images_in(sources.a), "a"), match.named(images_in(sources.b), "b")
    others = [(folder, match.named(images_in(folder), "a")) for folder in sources.between]
    for algorithm, of_fused in _by_algorithm(fused, match):
        if match.kind == "order" and len(of_fused) != len(of_a):
            raise BenchmarkError(
                f"{fused.folder}: {len(of_fused)} images cannot be matched to {len(of_a)} pairs by their order"
            )
        known = {*of_a, *of_b, *of_fused}.union(*(found for _, found in others))
        for name in sorted(known, key=_order(match)):
            path = of_fused.get(name, fused.folder / f"{name}.png")
            held = ((sources.a, of_a), *others, (sources.b, of_b), (fused.folder, of_fused))
            lacking = [str(where) for where, has in held if name not in has]
            shown = printable(name)
            problem = f"{path}: no partner of stem {shown!r} in {' and '.join(lacking)}" if lacking else ""
            yield FusedImage(
                image=printable(str(path)),
                path=path,
                pair=_pair_name(sources.dataset, name),
                algorithm=printable(algorithm),
                problem=printable(problem),
            )


def _by_algorithm(fused: FusedFolder, match: Match) -> list[tuple[str, Names]]:
    """Sort the files of a folder by the algorithm that their names tell, if the rule says where."""
    files = images_in(fused.folder)
    if not match.names_algorithms:
        return [(fused.algorithm, match.named(files, "fused"))]
    told: dict[str, list[Path]] = {}
    for path in files:
        if match.name_of(path.stem, "fused") is not None:
            told.setdefault(match.algorithm_of(path.stem) or fused.algorithm, []).append(path)
    return [(algorithm, match.named(paths, "fused")) for algorithm, paths in told.items()]


def _order(match: Match) -> type[int] | type[str]:
    return int if match.kind == "order" else str
