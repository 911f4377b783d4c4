"""Which folders hold sources and which hold fused images, and what their names say: an algorithm, or a dataset."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmark.errors import BenchmarkError
from benchmark.numbers import counted

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".pnm", ".webp", ".jp2", ".j2k"}
)
#: How many folders above the sources may be called as their dataset is: ``TNO/ir``, ``TNO/test/ir``.
_ABOVE = 2


class SourceFolders(NamedTuple):
    """Two folders whose files are pairs, and those with further sources; the dataset is empty where there is one."""

    dataset: str
    a: Path
    b: Path
    between: tuple[Path, ...] = ()

    @property
    def all(self) -> tuple[Path, ...]:
        """The folders in the order of the sources."""
        return self.a, *self.between, self.b


class FusedFolder(NamedTuple):
    """A folder of one algorithm's fused images of one dataset."""

    algorithm: str
    dataset: str
    folder: Path


class _Leaf(NamedTuple):
    """A folder that holds images, the folder that was named, and the names of the folders between them."""

    named: Path
    folder: Path
    parts: tuple[str, ...]


def images_in(folder: Path) -> list[Path]:
    """List the image files of a folder, sorted."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and not path.is_dir()
    )


def without_images(folder: Path) -> str:
    """Say that a folder holds no image, and which endings its files have in place of those of images."""
    endings = Counter(path.suffix.lower() for path in folder.iterdir() if path.is_file() and path.suffix)
    if not endings:
        return f"{folder}: folder without images"
    (most, count), *_ = endings.most_common(1)
    return (
        f"{folder}: folder without images, but with {counted(count, most + ' file')}; what is read ends in "
        f"{', '.join(sorted(IMAGE_SUFFIXES))}"
    )


def source_folders(a: Path, b: Path, between: Sequence[Path] = ()) -> list[SourceFolders]:
    """Find the folders of sources: those that were named, or in each of them one of every dataset.

    Raises
    ------
    BenchmarkError
        A folder without images, or no dataset in all.
    """
    folders = (a, *between, b)
    found = [_datasets(folder) for folder in folders]
    if all(set(each) == {""} for each in found):
        return [SourceFolders("", a, b, tuple(between))]
    common = [name for name in found[0] if all(name in each for each in found)]
    if not common:
        names = " and ".join(
            f"{folder} holds {', '.join(sorted(filter(None, each))) or 'images'}"
            for folder, each in zip(folders, found, strict=True)
        )
        shown, options = " and ".join(map(str, folders)), "--source" if between else "--a, --b"
        raise BenchmarkError(f"{shown}: no folder in common ({names}): name those that belong together as {options}")
    of_a, *of_between, of_b = found
    return [SourceFolders(name, of_a[name], of_b[name], tuple(each[name] for each in of_between)) for name in common]


def fused_folders(sources: Sequence[SourceFolders], fused: Sequence[Path]) -> list[FusedFolder]:
    """Find the folders of fused images, and which name on the way to each is the algorithm's.

    Images may lie in the folders that were named (each is an algorithm), in folders below (each is one), or in folders
    below those, ``ALGORITHM/DATASET`` or ``DATASET/ALGORITHM``. A name is a dataset's if the sources have it, in their
    own path or as one of several, or if all have the same.

    Raises
    ------
    BenchmarkError
        A folder without images, one that holds images beside folders of them, two of the same name, or names that can
        be understood in two ways.
    """
    own = {os.path.realpath(folder) for each in sources for folder in each.all}
    leaves = [leaf for path in fused for leaf in _leaves(path, own)]
    several = {each.dataset for each in sources} - {""}
    found = _of_several(leaves, several) if several else _of_one(leaves, _names_above(sources[0]))
    counts = Counter((each.algorithm, each.dataset) for each in found)
    for algorithm, dataset, folder in found:
        if counts[algorithm, dataset] > 1:
            raise BenchmarkError(f"{folder}: more than one folder is called {algorithm!r}, so algorithms mix")
    return found


def _datasets(folder: Path) -> dict[str, Path]:
    if images_in(folder):
        return {"": folder}
    below = [entry for entry in sorted(folder.iterdir()) if _is_of_images(entry) and images_in(entry)]
    if not below:
        raise BenchmarkError(without_images(folder))
    return {entry.name: entry for entry in below}


def _leaves(named: Path, own: set[str]) -> list[_Leaf]:
    below = [entry for entry in sorted(named.iterdir()) if _is_of_images(entry) and os.path.realpath(entry) not in own]
    found: list[_Leaf] = []
    for entry in below:
        deeper = [] if images_in(entry) else [each for each in sorted(entry.iterdir()) if _is_of_images(each)]
        deeper = [each for each in deeper if os.path.realpath(each) not in own]
        found += [_Leaf(named, each, (entry.name, each.name)) for each in deeper] or [
            _Leaf(named, entry, (entry.name,))
        ]
    if images_in(named):
        if mixed := [leaf.folder for leaf in found if images_in(leaf.folder)]:
            raise BenchmarkError(
                f"{named}: holds images, and so does its folder {mixed[0].name}: decide it by --fused {mixed[0]}, or "
                "move that folder elsewhere"
            )
        found = []
    found = found or [_Leaf(named, named, ())]
    for leaf in found:
        if not images_in(leaf.folder):
            raise BenchmarkError(without_images(leaf.folder))
    return found


def _of_several(leaves: Sequence[_Leaf], datasets: set[str]) -> list[FusedFolder]:
    """Tell algorithms from datasets where the sources are of several datasets."""
    found = []
    for leaf in leaves:
        names = (leaf.named.name, *leaf.parts)[-2:] if leaf.parts else (leaf.named.parent.name, leaf.named.name)
        places = [place for place, name in enumerate(names) if name in datasets]
        if not places:
            known = ", ".join(sorted(datasets))
            raise BenchmarkError(f"{leaf.folder}: is in no folder called as a dataset of the sources is ({known})")
        place = places[-1]
        found.append(FusedFolder(names[1 - place], names[place], leaf.folder))
    return found


def _of_one(leaves: Sequence[_Leaf], datasets: set[str]) -> list[FusedFolder]:
    """Tell algorithms from datasets where the sources are of one dataset, which their path may name."""
    deep = [leaf for leaf in leaves if len(leaf.parts) == 2]
    firsts, seconds = ({leaf.parts[place] for leaf in deep} for place in (0, 1))
    # The place of the dataset among two names, and its name.
    below, above = sorted(seconds & datasets), sorted(firsts & datasets)
    choice = (1, below[0]) if below else (0, above[0]) if above else None
    if deep and choice is None:
        if len(seconds) == 1:
            choice = 1, next(iter(seconds))
        elif len(firsts) == 1:
            choice = 0, next(iter(firsts))
        else:
            shown = ", ".join("/".join(leaf.parts) for leaf in deep[:3])
            raise BenchmarkError(
                f"{deep[0].named}: holds folders in folders ({shown}, ...), and which names are algorithms is not "
                f"clear: name those of one dataset, such as --fused {deep[0].folder}"
            )
    lonely = Counter(leaf.named for leaf in leaves)
    found = []
    for leaf in leaves:
        if len(leaf.parts) == 2 and choice is not None:
            if leaf.parts[choice[0]] == choice[1]:
                found.append(FusedFolder(leaf.parts[1 - choice[0]], "", leaf.folder))
        elif leaf.parts:
            is_dataset = leaf.parts[0] in datasets and lonely[leaf.named] == 1
            found.append(FusedFolder(leaf.named.name if is_dataset else leaf.parts[0], "", leaf.folder))
        else:
            is_dataset = leaf.named.name in datasets and len(leaves) > 1
            found.append(FusedFolder((leaf.named.parent if is_dataset else leaf.named).name, "", leaf.folder))
    return found


def _names_above(sources: SourceFolders) -> set[str]:
    """Return names of folders in which the sources lie: one of them may be the dataset's."""
    return {
        parent.name
        for folder in sources.all
        for parent in list(Path(os.path.abspath(folder)).parents)[:_ABOVE]  # noqa: PTH100 - links stay links
    } - {""}


def _is_of_images(entry: Path) -> bool:
    """Whether a folder may hold images, and is not what an archive or a link to a folder above it left there."""
    if not entry.is_dir() or entry.name.startswith(".") or entry.name == "__MACOSX":
        return False
    here, there = os.path.realpath(entry.parent), os.path.realpath(entry)
    return os.path.commonpath([here, there]) != there
