"""Pan-sharpened images and the votes of each rater, as the repository of their authors is laid out.

What the repository says: a folder ``score`` with a .mat file a rater (33 of them, called ``1.mat`` to ``40.mat``), and
names such as ``PC_Coliseum_MTF-GLP-CBD_AWGN_Level-2``: colour, scene, fusion technique, distortion, level. Techniques
``REF`` and ``EXP`` are no fused images but the multispectral image and its interpolation.

What is inferred, as the votes could not be looked into: a file holds the names of the images and as many numbers, in
two variables or as two columns of a cell array; without names in it, ``--names`` gives them. No panchromatic image is
known to be there: one called ``COLOUR_SCENE_PAN_...`` is taken; otherwise the mean of the bands of the undistorted IHS
image stands in, which that technique makes equal to it, and that fused image is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.databases.folder import write_picture
from benchmark.databases.layouts import IMAGE_SUFFIXES
from benchmark.databases.originals.convert import Asked, Converted, copy_picture, find_entry
from benchmark.databases.originals.matlab import Variable, read_mats
from benchmark.errors import BenchmarkError
from fusion_metrics import Image, InvalidImage

SCALE = (0, 100)
ABOUT: dict[str, str | int | float] = {
    "name": "pansharp",
    "title": "Perceptual quality of pan-sharpened images",
    "scores": "human",
    "score_min": SCALE[0],
    "score_max": SCALE[1],
    "note": "Converted from the authors' votes. Remote sensing, not medical. source_a is the interpolated "
    "multispectral image. Blur and noise dominate: report the undistorted images separately too.",
}
_NAME = re.compile(
    r"(?P<colour>TC|PC)_(?P<scene>[^\W_][^_]*)_(?P<technique>[^\W_][^_]*)"
    r"(?:_(?P<distortion>[A-Za-z]+)(?:_?(?:Level-?)?(?P<level>\w+))?)?",
    re.IGNORECASE,
)
#: Not distorted: "undistorted", and what references have in place of a distortion and of a level.
NONE = ("ud", "nd")
SOURCES = ("exp", "ref", "pan")


@dataclass(frozen=True)
class Tag:
    """What the name of an image says."""

    pair: str
    technique: str
    distortion: str

    @property
    def algorithm(self) -> str:
        """Technique and distortion: ``ATWT-M2+AWGN1``."""
        return f"{self.technique}+{self.distortion}" if self.distortion else self.technique

    @classmethod
    def of(cls, name: str) -> Tag | None:
        """Read a name, with or without folder and ending; None if it is another.

        >>> Tag.of("PC_Coliseum_MTF-GLP-CBD_AWGN_Level-2.tif").algorithm
        'MTF-GLP-CBD+AWGN2'
        >>> Tag.of("TC_Coliseum_REF_ND_ND").algorithm
        'REF'
        """
        last = re.sub(r"\.\w{1,4}$", "", re.split(r"[/\\]", name.strip())[-1])
        found = _NAME.fullmatch(last)
        if found is None:
            return None
        distortion = found["distortion"] or ""
        plain = distortion.casefold() in (*NONE, "")
        level = "" if plain or (found["level"] or "").casefold() in NONE else found["level"] or ""
        pair = f"{found['colour'].upper()}_{found['scene']}"
        return cls(pair, found["technique"], "" if plain else f"{distortion}{level}")


def convert_pansharp(asked: Asked) -> Converted:
    """Read votes and pictures; see `benchmark.databases.originals.convert`."""
    scores = find_entry(asked.original, "folder 'score' of .mat files", lambda path: _is_scores(path))
    pictures = _pictures(asked.original)
    votes: dict[Tag, dict[str, float]] = {}
    files = sorted(scores.glob("*.mat"), key=lambda path: (len(path.stem), path.stem))
    for path, variables in zip(files, read_mats(files), strict=True):
        for tag, score in _votes(path, variables, asked.names):
            votes.setdefault(tag, {})[path.stem] = score
    sources, stand_ins = _sources(asked.folder, pictures, {tag.pair for tag in votes})
    fused, rows, lacking = [], [], 0
    for done, (tag, given) in enumerate(votes.items(), start=1):
        if tag.technique.casefold() in SOURCES or tag in stand_ins:
            continue
        if tag not in pictures or tag.pair not in sources:
            lacking += 1
            continue
        place = copy_picture(pictures[tag], asked.folder, f"fused/{tag.algorithm}/{tag.pair}")
        values = np.array(list(given.values()))
        spread = f"{values.std(ddof=1):.12g}" if len(values) > 1 else ""
        about = {"image": place, "pair": tag.pair, "algorithm": tag.algorithm, "n_votes": len(values)}
        fused.append({**about, "mos": f"{values.mean():.12g}", "mos_std": spread})
        rows += [{"image": place, "rater": rater, "score": f"{score:.12g}"} for rater, score in given.items()]
        asked.progress(done, len(votes))
    used = {row["pair"] for row in fused}
    pairs = [{"pair": pair, "modality": "MS/PAN", **ends} for pair, ends in sources.items() if pair in used]
    left_out = [f"{asked.original}: {lacking} images with votes have no picture and are left out"] if lacking else []
    left_out += [f"{tag.pair}: its undistorted IHS image stands in for the panchromatic one" for tag in stand_ins]
    return Converted(ABOUT, pairs, fused, rows, left_out=tuple(left_out))


def _is_scores(path: Path) -> bool:
    return path.is_dir() and path.name.casefold() in ("score", "scores") and any(path.glob("*.mat"))


def _pictures(original: Path) -> dict[Tag, Path]:
    found: dict[Tag, Path] = {}
    for path in sorted(original.rglob("*")):
        if path.suffix.lower() in IMAGE_SUFFIXES and (tag := Tag.of(path.name)):
            if tag in found:
                raise BenchmarkError(f"{path}: shows the same as {found[tag]}, by their names")
            found[tag] = path
    if not found:
        raise BenchmarkError(f"{original}: no picture is called COLOUR_SCENE_TECHNIQUE_DISTORTION_LEVEL")
    return found


def _votes(path: Path, variables: Sequence[Variable], names: Sequence[str]) -> Iterator[tuple[Tag, float]]:
    listed, numbers = _table(path, variables, names)
    for name, number in zip(listed, numbers, strict=True):
        tag = Tag.of(name)
        if tag is None:
            raise BenchmarkError(f"{path}: {name!r} is not called COLOUR_SCENE_TECHNIQUE_DISTORTION_LEVEL")
        if np.isnan(number):  # not voted on
            continue
        if not SCALE[0] <= number <= SCALE[1]:
            raise BenchmarkError(f"{path}: the vote {number:g} for {name} is off the scale {SCALE[0]}..{SCALE[1]}")
        yield tag, number


def _table(path: Path, variables: Sequence[Variable], names: Sequence[str]) -> tuple[Sequence[str], list[float]]:
    """Find names and as many numbers, each the only ones of their kind."""
    columns = [column for one in variables for column in (one.columns or (one,))]
    numbers = [one.numbers for one in columns if one.numbers is not None and len(one.numbers) > 1]
    listed: list[Sequence[str]] = [one.texts for one in columns if one.texts is not None and _are_names(one.texts)]
    if names:
        numbers = [found for found in numbers if len(found) == len(names)]
        listed = [list(names)]
    if len(listed) == 1:
        numbers = [found for found in numbers if len(found) == len(listed[0])]
    if len(listed) != 1:
        what = "several columns of names" if listed else "no names of images; --names FILE gives them, one a line"
        raise BenchmarkError(f"{path}: has {what}")
    if len(numbers) != 1:
        raise BenchmarkError(f"{path}: {len(numbers)} of its variables could be the votes for {len(listed[0])} names")
    return listed[0], numbers[0].tolist()


def _are_names(texts: Sequence[str]) -> bool:
    return len(texts) > 1 and Tag.of(texts[0]) is not None


def _sources(folder: Path, pictures: dict[Tag, Path], pairs: set[str]) -> tuple[dict[str, dict[str, str]], set[Tag]]:
    """Copy the sources of each pair that has them, and say which fused images stand in for one."""
    found: dict[str, dict[str, str]] = {}
    stand_ins = set()
    for pair in sorted(pairs):
        here = {tag.technique.casefold(): tag for tag in pictures if tag.pair == pair and not tag.distortion}
        spectral = here.get("exp", here.get("ref"))
        if spectral is None or not ("pan" in here or "ihs" in here):
            continue
        first = copy_picture(pictures[spectral], folder, f"sources/{pair}_ms")
        if "pan" in here:
            second = copy_picture(pictures[here["pan"]], folder, f"sources/{pair}_pan")
        else:
            second = f"sources/{pair}_pan.png"
            write_picture(folder / second, _band_mean(pictures[here["ihs"]]))
            stand_ins.add(here["ihs"])
        found[pair] = {"source_a": first, "source_b": second}
    if not found:
        raise BenchmarkError(
            "no scene has both a multispectral picture (EXP or REF) and a panchromatic one (PAN or IHS)"
        )
    return found, stand_ins


def _band_mean(path: Path) -> npt.NDArray[np.uint8]:
    try:
        pixels = Image.open(path).pixels
    except InvalidImage as error:
        raise BenchmarkError(str(error)) from None
    grey = pixels.mean(axis=2) if pixels.ndim == 3 else pixels
    return np.rint(grey).astype(np.uint8)
