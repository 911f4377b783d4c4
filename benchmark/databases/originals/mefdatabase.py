"""The multi-exposure database of Waterloo, as its archive is laid out.

The read-me of the archive says: a folder of source image sequences with a folder each, called
``sequenceName_imageOrigin``; a folder of fused images; ``imgName.mat`` with their names; ``MOS.mat`` with mean opinion
scores from 1 to 10 in the order of these names. Fused images are called ``sequenceName_algorithm``, as those that other
code carries are (``Tower_Mertens07.png``). What is inferred: the names of the variables in the .mat files (any will do
if there is one), and their shapes (alike, or both without a second dimension).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from benchmark.databases.originals.convert import Asked, Converted, copy_picture, find_entry, pictures_in
from benchmark.databases.originals.matlab import only_variable
from benchmark.errors import BenchmarkError
from fusion_metrics import Image, InvalidImage
from fusion_metrics.image import Array

SCALE = (1, 10)
ABOUT: dict[str, str | int | float] = {
    "name": "mefdatabase",
    "title": "Waterloo multi-exposure image fusion database",
    "scores": "human",
    "score_min": SCALE[0],
    "score_max": SCALE[1],
    "note": "Converted from the original archive, which has mean opinion scores and no single votes. source_a is the "
    "darkest and source_b the brightest exposure; algorithms saw all of them, which sources.csv lists in the order of "
    "their mean luminance.",
}


def convert_mefdatabase(asked: Asked) -> Converted:
    """Read the archive; see `benchmark.databases.originals.convert`."""
    original = asked.original
    folders = find_entry(original, "folder of source image sequences", lambda path: _is(path, "source"))
    fused_folder = find_entry(original, "folder of fused images", lambda path: _is(path, "fused"))
    scores = _scores(
        find_entry(original, "imgName.mat", lambda path: path.name.casefold() == "imgname.mat"),
        find_entry(original, "MOS.mat", lambda path: path.name.casefold() == "mos.mat"),
    )
    pictures = {path.stem.casefold(): path for path in pictures_in(fused_folder)}
    sequences = sorted(path for path in folders.iterdir() if path.is_dir())
    pairs, sources, fused, left_out = [], [], [], []
    placed: dict[str, str] = {}
    for done, (name, mos) in enumerate(scores.items(), start=1):
        sequence, algorithm = _parts(name, fused_folder)
        path = pictures.get(name.casefold())
        if path is None:
            left_out.append(f"{fused_folder}: no picture called {name}, which has a score; left out")
            continue
        if sequence.casefold() not in placed:
            placed[sequence.casefold()] = sequence
            rows = _exposures(_folder_of(sequence, sequences, folders), sequence, asked.folder)
            sources += rows
            ends = {"source_a": rows[0][2], "source_b": rows[-1][2]}
            pairs.append({"pair": sequence, "modality": "exposures", **ends})
        pair = placed[sequence.casefold()]
        place = copy_picture(path, asked.folder, f"fused/{algorithm}/{pair}")
        fused.append({"image": place, "pair": pair, "algorithm": algorithm, "mos": f"{mos:.12g}"})
        asked.progress(done, len(scores))
    return Converted(ABOUT, pairs, fused, sources=sources, left_out=tuple(left_out))


def _is(path: Path, word: str) -> bool:
    return path.is_dir() and word in path.name.casefold()


def _scores(names_file: Path, mos_file: Path) -> dict[str, float]:
    names_variable, mos_variable = only_variable(names_file, "imgName"), only_variable(mos_file, "MOS")
    names, mos = names_variable.texts, mos_variable.numbers
    if names is None:
        raise BenchmarkError(f"{names_file}: holds no names of images")
    if mos is None:
        raise BenchmarkError(f"{mos_file}: holds no numbers")
    _check_order(names_file, mos_file, names_variable.long, mos_variable.long, (len(names), len(mos)))
    _check_scale(mos_file, mos)
    stems = [_stem(name) for name in names]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise BenchmarkError(f"{names_file}: names {', '.join(sorted(twice)[:3])} more than once")
    return dict(zip(stems, mos.tolist(), strict=True))


def _check_order(
    names_file: Path, mos_file: Path, names: tuple[int, ...], mos: tuple[int, ...], counts: tuple[int, int]
) -> None:
    """Refuse scores whose order cannot be that of the names: other shapes with two dimensions, other numbers."""
    if counts[0] != counts[1]:
        raise BenchmarkError(f"{mos_file}: {counts[1]} scores for {counts[0]} names in {names_file.name}")
    if names != mos and len(names) > 1 and len(mos) > 1:
        raise BenchmarkError(
            f"{mos_file}: scores lie {' x '.join(map(str, mos))}, names in {names_file.name} "
            f"{' x '.join(map(str, names))}: which belongs to which cannot be told"
        )


def _check_scale(path: Path, mos: Array) -> None:
    if not np.all(np.isfinite(mos)) or mos.min() < SCALE[0] or mos.max() > SCALE[1]:
        raise BenchmarkError(f"{path}: scores from {mos.min():g} to {mos.max():g}, not from {SCALE[0]} to {SCALE[1]}")


def _stem(name: str) -> str:
    r"""Leave out folder and ending of a name; names of Windows have backslashes.

    >>> _stem("fused\\Tower_Mertens07.png"), _stem("Tower_Li13")
    ('Tower_Mertens07', 'Tower_Li13')
    """
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"\.(png|bmp|tiff?|jpe?g)$", "", last, flags=re.IGNORECASE)


def _parts(name: str, folder: Path) -> tuple[str, str]:
    sequence, _, algorithm = name.rpartition("_")
    if not sequence or not algorithm or any(part in (".", "..") for part in (sequence, algorithm)):
        raise BenchmarkError(f"{folder}: {name!r} is not called SEQUENCE_ALGORITHM")
    return sequence, algorithm


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _folder_of(sequence: str, folders: list[Path], where: Path) -> Path:
    """Find the folder of a sequence: the words before one of the underlines in its name are those of the sequence."""

    def begins(path: Path) -> bool:
        words = path.name.split("_")
        return any(_plain("".join(words[:count])) == _plain(sequence) for count in range(1, len(words) + 1))

    found = [path for path in folders if begins(path)]
    if len(found) != 1:
        several = f"several folders: {', '.join(path.name for path in found)}" if found else "no folder"
        raise BenchmarkError(f"{where}: {several} for the sequence {sequence}")
    return found[0]


def _exposures(folder: Path, sequence: str, out: Path) -> list[tuple[str, int, str]]:
    """Copy the exposures of a sequence in the order of their mean luminance."""
    paths = pictures_in(folder)
    if len(paths) < 2:
        raise BenchmarkError(f"{folder}: {len(paths)} pictures; a sequence has two or more exposures")
    try:
        light = [float(Image.open(path).luminance.mean()) for path in paths]
    except InvalidImage as error:
        raise BenchmarkError(str(error)) from None
    order = sorted(range(len(paths)), key=lambda i: (light[i], paths[i].name))
    return [
        (sequence, place, copy_picture(paths[i], out, f"sources/{sequence}/{place:02d}"))
        for place, i in enumerate(order)
    ]
