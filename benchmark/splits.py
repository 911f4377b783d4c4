"""Splits for metrics that learn: which images are held out together, stored as text.

`image` is the papers' protocol: images are dealt out at random, so that fused images of one source pair lie on both
sides, and what is learnt about a pair's content helps on the test side. `pair` keeps all fused images of a pair on one
side. Learnt numbers are printed under both names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from benchmark.databases.folder import read_csv
from benchmark.errors import BenchmarkError
from benchmark.scores import write_csv

Protocol = Literal["image", "pair"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
COLUMNS = ("image", "pair", "fold")


@dataclass(frozen=True)
class Split:
    """Images dealt out into folds.

    Attributes
    ----------
    protocol : {"image", "pair"}
    seed : int
        Of the deal.
    images, pairs : tuple of str, length n
    folds : ndarray of int, shape (n,)
        The fold in which each image is held out.
    """

    protocol: Protocol
    seed: int
    images: tuple[str, ...]
    pairs: tuple[str, ...]
    folds: npt.NDArray[np.intp]

    @property
    def n_folds(self) -> int:
        """Number of folds; fewer than asked for where there are fewer pairs."""
        return int(self.folds.max()) + 1


def deal(images: Sequence[str], pairs: Sequence[str], protocol: Protocol, *, folds: int = 5, seed: int = 0) -> Split:
    """Deal images out into folds.

    Parameters
    ----------
    images, pairs : sequence of str, length n
        Names of the images and of their source pairs.
    protocol : {"image", "pair"}
    folds : int
        For `pair` at most the number of pairs is used: with four pairs, four folds.
    seed : int

    Raises
    ------
    BenchmarkError
        Too few images or pairs for two folds.
    """
    from sklearn.model_selection import GroupKFold, KFold

    units = len(set(pairs)) if protocol == "pair" else len(images)
    count = min(folds, units)
    if count < 2:
        raise BenchmarkError(f"a {protocol} split needs at least two {protocol}s, got {units}")
    splitter = (GroupKFold if protocol == "pair" else KFold)(count, shuffle=True, random_state=seed)
    groups = np.array(pairs) if protocol == "pair" else None
    dealt = np.empty(len(images), dtype=np.intp)
    for fold, (_, test) in enumerate(splitter.split(np.zeros(len(images)), groups=groups)):
        dealt[test] = fold
    return Split(protocol, seed, tuple(images), tuple(pairs), dealt)


def write_split(path: Path, split: Split) -> None:
    """Write a split as CSV: image, pair, fold."""
    write_csv(path, COLUMNS, zip(split.images, split.pairs, map(int, split.folds), strict=True))


def read_split(path: Path, protocol: Protocol, seed: int) -> Split:
    """Read what `write_split` wrote."""
    rows = [row for _, row in read_csv(path, COLUMNS)]
    folds = np.array([int(row["fold"]) for row in rows], dtype=np.intp)
    return Split(protocol, seed, tuple(row["image"] for row in rows), tuple(row["pair"] for row in rows), folds)
