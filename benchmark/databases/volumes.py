"""A database made on the fly from volumes: their slices are its pairs, called ``volume/slice``."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.databases.layouts import images_in
from benchmark.databases.matching import Match, common_names, explain
from benchmark.databases.model import Database, FusedImage, SourcePair, VolumeSlices
from benchmark.databases.slicing import Slicing
from benchmark.errors import BenchmarkError
from fusion_metrics.errors import InvalidImage
from fusion_metrics.opening import why_not_readable
from fusion_metrics.printable import printable
from fusion_metrics.volumes.address import AXES, NAMED_AXES, Address
from fusion_metrics.volumes.dicom import is_multiframe, series_in
from fusion_metrics.volumes.geometry import Geometry
from fusion_metrics.volumes.opening import kind_of, open_geometry, open_volume, volume_stem
from fusion_metrics.volumes.volume import refuse_orientation

Progress = Callable[[int, int], None]
#: Pairs of volumes, each with its two files.
_Sources = dict[str, tuple[Path, Path]]
#: Each algorithm, with its fused volumes by the name of the pair.
_Fused = dict[str, dict[str, Path]]


def are_volumes(*paths: Path) -> bool:
    """Whether any of these is a volume, or a folder of them and not of pictures."""
    return any(
        bool(kind_of(path)) or (path.is_dir() and not images_in(path) and bool(volumes_in(path))) for path in paths
    )


def volumes_in(folder: Path) -> list[Path]:
    """List the volumes in a folder: NIfTI files, DICOM files of several pictures, and folders with a DICOM series."""
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or not (kind := kind_of(entry)):
            continue
        if kind == "nifti" or entry.is_dir() or is_multiframe(entry):
            found.append(entry)
    return found


def from_volumes(
    a: Path,
    b: Path,
    fused: Sequence[Path],
    match: Match,
    slicing: Slicing,
    progress: Progress = lambda done, total: None,
) -> Database:
    """Match volumes, and list their slices.

    Parameters
    ----------
    a, b : Path
        The two sources: volumes (a NIfTI or DICOM file, a folder with a DICOM series), or folders of volumes.
    fused : sequence of Path
        Fused volumes of two single sources, or folders of them; for folders of sources, folders of fused volumes, or
        folders with a folder for each algorithm.
    match : Match
        Which volumes of folders belong together; ``.nii.gz`` is one suffix, and the folder of a series has its name.
    slicing : Slicing
    progress : callable, optional
        Called with (pairs of volumes that were looked at, all of them).

    Returns
    -------
    Database
        What is wrong with a volume is the problem of one image, called after the fused volume.

    Raises
    ------
    BenchmarkError
        Nothing that matches, no volume where one is expected, or no volume that could be scored.
    """
    for path in (a, b, *fused):
        if not path.is_dir() and (cause := why_not_readable(path)):
            raise BenchmarkError(f"{printable(str(path))}: {cause.replace('no such file', 'no such file or folder')}")
    sources, results = _of_folders(a, b, fused, match) if _is_folder(a) and _is_folder(b) else _single(a, b, fused)
    found = _Found(slicing)
    names = list(dict.fromkeys([*sources, *(name for volumes in results.values() for name in volumes)]))
    for done, name in enumerate(names, start=1):
        held = {algorithm: volumes.get(name) for algorithm, volumes in results.items()}
        if name in sources:
            found.add(name, *sources[name], held)
        else:
            for algorithm, lonely in held.items():
                if lonely is not None:
                    found.fail(name, algorithm, lonely, f"{lonely}: no partner of stem {name!r} in {a} and {b}")
        progress(done, len(names))
    if not found.pairs:
        raise BenchmarkError(_together(found.fused))
    return Database(
        name="volumes",
        title="Volumes named on the command line",
        scores="none",
        score_min=math.nan,
        score_max=math.nan,
        root=Path(),
        pairs=found.pairs,
        fused=tuple(found.fused),
        volumes=VolumeSlices(found.of, tuple(found.remarks())),
        reading=slicing.reading,
    )


@dataclass
class _Found:
    """Slices of the volumes that were looked at so far."""

    slicing: Slicing
    pairs: dict[str, SourcePair] = field(default_factory=dict)
    fused: list[FusedImage] = field(default_factory=list)
    of: dict[str, str] = field(default_factory=dict)
    left_out: int = 0
    in_all: int = 0

    def add(self, name: str, a: Path, b: Path, fused: dict[str, Path | None]) -> None:
        """List the slices of one pair of volumes and of what was fused of it, or say what is wrong with them."""
        try:
            series = [self._series(path) for path in (a, b)]
            grid = self._agreeing(a, b, series)
            chosen = self._chosen(a, b, series, grid)
        except (InvalidImage, BenchmarkError) as error:
            for algorithm, missing in fused.items():
                self.fail(name, algorithm, missing or a, str(error))
            return
        axis, letter = self.slicing.axis, AXES[self.slicing.axis][1]
        digits = max(3, len(str(grid.shape[AXES[axis][0]] - 1)))
        shown = {index: f"{printable(name)}/{letter}{index:0{digits}d}" for index in chosen}
        for index, pair in shown.items():
            place_a, place_b = (
                Address(str(path), axis, index, uid).path for path, uid in zip((a, b), series, strict=True)
            )
            self.pairs[pair] = SourcePair(pair, "", place_a, place_b)
            self.of[pair] = printable(name)
        for algorithm, path in fused.items():
            if path is None:
                self.fail(name, algorithm, a, f"{a}: no fused volume of stem {name!r} by {algorithm}")
                continue
            try:
                uid = self._series(path)
                self._check(a, grid, path, open_geometry(path, self.slicing.reading, uid))
            except (InvalidImage, BenchmarkError) as error:
                self.fail(name, algorithm, path, str(error))
                continue
            for index, pair in shown.items():
                place = Address(str(path), axis, index, uid)
                self.fused.append(FusedImage(printable(str(place)), place.path, pair, printable(algorithm)))

    def fail(self, name: str, algorithm: str, path: Path, problem: str) -> None:
        """Keep what is wrong with a volume as the problem of one image."""
        self.of[printable(name)] = printable(name)
        self.fused.append(
            FusedImage(printable(str(path)), path, printable(name), printable(algorithm), problem=printable(problem))
        )

    def remarks(self) -> Iterator[str]:
        """Say how slices were taken, once for all of them."""
        axis = self.slicing.axis
        way = {"axial": "axial slices, the first from below", "coronal": "coronal slices, the first from behind"}
        way["sagittal"] = "sagittal slices, the first from the left"
        yield f"{way.get(axis, f'slices along axis {axis} as stored, the first')} is {AXES[axis][1]}000"
        if self.left_out:
            why = "because a source is constant there; --slices : keeps them"
            yield f"{self.left_out} of {self.in_all} slices are left out {why}"

    def _series(self, path: Path) -> str:
        """Choose the series of a folder among those that were asked for; empty where there is no choice."""
        if not (self.slicing.series and path.is_dir()):
            return ""
        there = series_in(str(path))
        wanted = [uid for uid in self.slicing.series if uid in there]
        if len(there) == 1 or not wanted:
            return ""
        if len(wanted) > 1:
            raise BenchmarkError(f"{path}: --series names {len(wanted)} of its series")
        return wanted[0]

    def _agreeing(self, a: Path, b: Path, series: Sequence[str]) -> Geometry:
        grids = [open_geometry(path, self.slicing.reading, uid) for path, uid in zip((a, b), series, strict=True)]
        self._check(a, grids[0], b, grids[1])
        return grids[0].along(self.slicing.axis)

    def _check(self, first: Path, grid: Geometry, second: Path, other: Geometry) -> None:
        axis = self.slicing.axis
        for path, each in ((first, grid), (second, other)):
            if axis in NAMED_AXES and each.orientation is None:
                refuse_orientation(printable(str(path)), axis)
        if difference := grid.along(axis).difference(other.along(axis)):
            raise BenchmarkError(f"{first} and {second}: geometry differs, {difference}: resample one onto the other")

    def _chosen(self, a: Path, b: Path, series: Sequence[str], grid: Geometry) -> list[int]:
        """Choose slices: those that were named, or those in which neither source is constant."""
        axis, reading = self.slicing.axis, self.slicing.reading
        volumes = [open_volume(path, reading, uid) for path, uid in zip((a, b), series, strict=True)]
        count = min(volume.count(axis) for volume in volumes)
        chosen = self.slicing.chosen(count)
        seen = [volume.has_content(axis, reading) for volume in volumes]
        self.in_all += count
        if self.slicing.slices:
            return chosen
        kept = [index for index in chosen if all(content[index] for content in seen)]
        self.left_out += count - len(kept)
        if not kept:
            raise BenchmarkError(f"{a} and {b}: in every slice along {axis} a source is constant, so nothing is fused")
        return kept


def _is_folder(path: Path) -> bool:
    """Whether a path is a folder of volumes, and not a volume itself."""
    return path.is_dir() and not kind_of(path)


def _single(a: Path, b: Path, fused: Sequence[Path]) -> tuple[_Sources, _Fused]:
    """Take two volumes, and what was fused of them: volumes, or folders of them."""
    for path in (a, b):
        if not kind_of(path):
            other = b if path == a else a
            raise BenchmarkError(f"{path}: is no volume, but {other} is one")
    files = [file for path in fused for file in ([path] if not _is_folder(path) else volumes_in(path) or [path])]
    for file in files:
        if not kind_of(file):
            raise BenchmarkError(f"{file}: is no volume, but the sources are volumes")
    stems = [volume_stem(path) for path in (a, b)]
    name = stems[0] if stems[0] == stems[1] else "+".join(stems)
    for form in (volume_stem, lambda file: f"{file.parent.name}/{volume_stem(file)}", str):
        names = [form(file) for file in files]
        if len(set(names)) == len(names):
            break
    return {name: (a, b)}, {each: {name: file} for each, file in zip(names, files, strict=True)}


def _of_folders(a: Path, b: Path, fused: Sequence[Path], match: Match) -> tuple[_Sources, _Fused]:
    """Match the volumes of folders by their names."""
    files = {role: _volumes(path) for role, path in (("a", a), ("b", b))}
    named = {role: match.named(paths, role) for role, paths in files.items()}
    folders = _algorithms(fused, {os.path.realpath(path) for path in (a, b)})
    stems = {role: [volume_stem(path) for path in paths] for role, paths in files.items()}
    stems["fused"] = [volume_stem(path) for path in _volumes(next(iter(folders.values())))]
    names = common_names(named["a"], named["b"])
    results: _Fused = {algorithm: match.named(_volumes(folder), "fused") for algorithm, folder in folders.items()}
    if not names or not any(name in volumes for volumes in results.values() for name in names):
        raise BenchmarkError(f"{a}, {b} and {', '.join(map(str, fused))}: {explain(match, stems)}")
    return {name: (named["a"][name], named["b"][name]) for name in names}, results


def _volumes(folder: Path) -> list[Path]:
    if not (found := volumes_in(folder)):
        raise BenchmarkError(f"{folder}: folder without volumes (.nii, .nii.gz or DICOM)")
    return found


def _algorithms(fused: Iterable[Path], own: set[str]) -> dict[str, Path]:
    """Find the folders of fused volumes: those that were named, or those in them."""
    found: dict[str, Path] = {}
    for path in fused:
        if not _is_folder(path):
            raise BenchmarkError(f"{path}: is {'a volume' if kind_of(path) else 'a file'}, but the sources are folders")
        below = [each for each in sorted(path.iterdir()) if each.is_dir() and os.path.realpath(each) not in own]
        inside = [] if volumes_in(path) else [each for each in below if not kind_of(each) and volumes_in(each)]
        for folder in inside or [path]:
            if folder.name in found:
                raise BenchmarkError(f"{folder}: more than one folder is called {folder.name!r}, so algorithms mix")
            found[folder.name] = folder
    return found


def _together(fused: Sequence[FusedImage]) -> str:
    problems = list(dict.fromkeys(image.problem for image in fused))
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0]}{more}"
