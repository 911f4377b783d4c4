"""Splits for metrics that learn: which images are held out together, stored as text.

`image` is the papers' protocol: images are dealt out at random, so that fused images of one source pair lie on both
sides, and what is learnt about a pair's content helps on the test side. `pair` keeps all fused images of a pair on one
side. Learnt numbers are printed under both names. `image20`, `pair20` and so on train on that share, in per cent, of
the images or pairs, once, and test on all others. `image-best` and its like also choose the best epoch of a training
on the images that are held out, as the papers do; what has no epochs learns as without that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmark.csv_files import read_csv, write_csv
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.escaping import file_name
from fusion_metrics.errors import nearest

#: The protocols under which metrics that learn are listed unless others are asked for.
PROTOCOLS = ("image", "pair")
#: Fitted to one database, tested on another: there is nothing to split.
EXTERNAL = "external"
#: Ends the name of a protocol under which the best epoch is chosen on the images that are then tested on.
BEST = "-best"
#: Marks images that every fold trains on.
TRAINED_ON = -1
COLUMNS = ("image", "pair", "fold")
_WRITTEN = re.compile(r"(?:^|-)(?P<protocol>(?:image|pair)\d{0,2}(?:-best)?)-seed(?P<seed>\d{1,10})$", re.ASCII)
_SEEDED = re.compile(r"(?P<protocol>.+)-seed(?P<seed>\d{1,10})", re.ASCII)
_FOLD = re.compile(r"-1|\d{1,4}", re.ASCII)


@dataclass(frozen=True)
class Split:
    """Images dealt out into folds.

    Attributes
    ----------
    protocol : str
        ``image``, ``pair``, or one of them with the share in per cent that is trained on; see the module.
    seed : int
        Of the deal.
    images, pairs : tuple of str, length n
    folds : ndarray of int, shape (n,)
        The fold in which each image is held out; `TRAINED_ON` for images that are in no fold.
    source : str
        The file that it was read from, for error messages.
    """

    protocol: str
    seed: int
    images: tuple[str, ...]
    pairs: tuple[str, ...]
    folds: npt.NDArray[np.intp]
    source: str = ""

    def check(self, database: Database) -> None:
        """Raise `BenchmarkError` unless the split deals out the scored images of a database, and no others."""
        members = {image.image: image for image in database.fused}
        for image, pair in zip(self.images, self.pairs, strict=True):
            if image not in members:
                raise BenchmarkError(
                    f"{self.source}: image {image!r} is not one of {database.name}{nearest(image, members)}"
                )
            if members[image].pair != pair:
                raise BenchmarkError(
                    f"{self.source}: image {image!r} is of pair {members[image].pair!r} in {database.name}, "
                    f"not of {pair!r}"
                )
        dealt = set(self.images)
        lacking = [image.image for image in database.fused if image.mos is not None and image.image not in dealt]
        if lacking:
            raise BenchmarkError(
                f"{self.source}: {len(lacking)} scored images of {database.name} are missing, such as {lacking[0]!r}"
            )

    def of(self, images: Sequence[str]) -> Split:
        """Take these images, in this order."""
        places = {image: i for i, image in enumerate(self.images)}
        lacking = [image for image in images if image not in places]
        if lacking:
            raise BenchmarkError(f"{self.source}: image {lacking[0]!r} is missing")
        chosen = [places[image] for image in images]
        return replace(self, images=tuple(images), pairs=tuple(self.pairs[i] for i in chosen), folds=self.folds[chosen])

    @property
    def n_folds(self) -> int:
        """Number of folds; fewer than asked for where there are fewer pairs."""
        return int(self.folds.max()) + 1


def parse_protocol(protocol: str) -> tuple[Literal["image", "pair"], float | None]:
    """Return what is dealt out, and the share to train on, or None for folds.

    How the epoch is chosen makes no difference to that.

    Raises
    ------
    BenchmarkError
        No such protocol.

    Examples
    --------
    >>> parse_protocol("pair"), parse_protocol("image20")
    (('pair', None), ('image', 0.2))
    """
    units: tuple[Literal["image", "pair"], ...] = ("image", "pair")
    for unit in units:
        share = protocol.removesuffix(BEST).removeprefix(unit)
        if protocol.removesuffix(BEST) == unit or (share != protocol and share.isdecimal() and 0 < int(share) < 100):
            return unit, int(share) / 100 if share else None
    raise BenchmarkError(
        f"no protocol {protocol!r}: there are image, pair, image20, pair20, image30, ..., each also as image-best "
        "and so on, and external"
    )


def deal(images: Sequence[str], pairs: Sequence[str], protocol: str, *, folds: int = 5, seed: int = 0) -> Split:
    """Deal images out into folds, or into a training and a test part.

    Parameters
    ----------
    images, pairs : sequence of str, length n
        Names of the images and of their source pairs.
    protocol : str
        See the module.
    folds : int
        For `pair` at most the number of pairs is used: with four pairs, four folds.
    seed : int

    Raises
    ------
    BenchmarkError
        No such protocol; too few images or pairs to train and test.
    """
    from sklearn.model_selection import GroupKFold, GroupShuffleSplit, KFold, ShuffleSplit

    unit, share = parse_protocol(protocol)
    units = len(set(pairs)) if unit == "pair" else len(images)
    count = min(folds, units)
    if count < 2 or (share is not None and not 0 < round(share * units) < units):
        raise BenchmarkError(f"a {protocol} split needs at least two {unit}s, got {units}, with one on each side")
    if share is None:
        splitter = (GroupKFold if unit == "pair" else KFold)(count, shuffle=True, random_state=seed)
    else:
        kind = GroupShuffleSplit if unit == "pair" else ShuffleSplit
        splitter = kind(1, train_size=round(share * units), random_state=seed)
    groups = np.array(pairs) if unit == "pair" else None
    dealt = np.full(len(images), TRAINED_ON, dtype=np.intp)
    for fold, (_, test) in enumerate(splitter.split(np.zeros(len(images)), groups=groups)):
        dealt[test] = fold
    return Split(protocol, seed, tuple(images), tuple(pairs), dealt)


def write_split(path: Path, split: Split) -> None:
    """Write a split as CSV: image, pair, fold."""
    write_csv(path, COLUMNS, zip(split.images, split.pairs, map(int, split.folds), strict=True))


def read_split(path: Path, seed: int = 0) -> Split:
    """Read a split: what `write_split` wrote, or a file like it.

    The name of the file says the protocol and the seed, ``phantom-pair-seed3.csv`` for instance. A file of another name
    is a protocol of its own, called as the file is.

    Parameters
    ----------
    path : Path
    seed : int
        Of the fits, where the name of the file has none.

    Raises
    ------
    BenchmarkError
        A file that is no split: a fold that is no whole number, an image twice, a fold without images.
    """
    named = _WRITTEN.search(path.stem) or _SEEDED.fullmatch(path.stem)
    protocol = file_name(named["protocol"] if named else path.stem)
    if protocol == EXTERNAL:
        raise BenchmarkError(f"{path}: external is another protocol, which deals out nothing; rename the file")
    found: dict[str, tuple[str, int]] = {}
    for line, row in read_csv(path, COLUMNS):
        if row["image"] in found:
            raise BenchmarkError(f"{line}: image {row['image']!r} is listed twice")
        if not _FOLD.fullmatch(row["fold"]):
            raise BenchmarkError(f"{line}: fold {row['fold']!r} is not the number of a fold, nor {TRAINED_ON}")
        found[row["image"]] = (row["pair"], int(row["fold"]))
    folds = np.array([fold for _, fold in found.values()], dtype=np.intp)
    used = sorted(set(map(int, folds)) - {TRAINED_ON})
    if not used or used != list(range(len(used))):
        raise BenchmarkError(f"{path}: folds must be numbered from 0 without a gap; found {used or 'none'}")
    if len(used) == 1 and TRAINED_ON not in folds:
        raise BenchmarkError(f"{path}: all images are in one fold, so nothing is left to train on")
    pairs = tuple(pair for pair, _ in found.values())
    return Split(protocol, int(named["seed"]) if named else seed, tuple(found), pairs, folds, str(path))
