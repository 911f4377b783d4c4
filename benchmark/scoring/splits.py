"""Splits for metrics that learn: which images are held out together, stored as text.

`image` is the papers' protocol: images are dealt out at random, so that fused images of one source pair lie on both
sides, and what is learnt about a pair's content helps on the test side. `pair` keeps all fused images of a pair on one
side. Learnt numbers are printed under both names. `image20`, `pair20` and so on train on that share, in per cent, of
the images or pairs, once, and test on all others. `image-best` and its like also choose the best epoch of a training
on the images that are held out, as the papers do; what has no epochs learns as without that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmark.csv_files import read_csv, write_csv
from benchmark.errors import BenchmarkError

#: The protocols under which metrics that learn are listed unless others are asked for.
PROTOCOLS = ("image", "pair")
#: Fitted to one database, tested on another: there is nothing to split.
EXTERNAL = "external"
#: Ends the name of a protocol under which the best epoch is chosen on the images that are then tested on.
BEST = "-best"
#: Marks images that every fold trains on.
TRAINED_ON = -1
COLUMNS = ("image", "pair", "fold")


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
    """

    protocol: str
    seed: int
    images: tuple[str, ...]
    pairs: tuple[str, ...]
    folds: npt.NDArray[np.intp]

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


def read_split(path: Path, protocol: str, seed: int) -> Split:
    """Read what `write_split` wrote."""
    rows = [row for _, row in read_csv(path, COLUMNS)]
    folds = np.array([int(row["fold"]) for row in rows], dtype=np.intp)
    return Split(protocol, seed, tuple(row["image"] for row in rows), tuple(row["pair"] for row in rows), folds)
