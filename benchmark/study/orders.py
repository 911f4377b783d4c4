"""In which order each rater meets the items: random, balanced over the raters, with repeats far from the first time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.study.model import Study

Kind = Literal["training", "item", "repeat"]
#: Items of a block, at the least: blocks of fewer would leave nothing to shuffle.
BLOCK = 4


@dataclass(frozen=True)
class Slot:
    """One place in a rater's sequence.

    Attributes
    ----------
    kind : {"training", "item", "repeat"}
    item : int
        A number in the study's items, or in its training items.
    other : int or None
        The picture on the right, in a comparison.
    """

    kind: Kind
    item: int
    other: int | None = None


def williams(n: int) -> list[list[int]]:
    """Return rows of a Williams square: every number at every place, and after every other number, equally often.

    For an odd n the rows are followed by their mirror images.

    References
    ----------
    Williams, Experimental designs balanced for the estimation of residual effects of treatments, Australian Journal of
    Scientific Research A 2, 1949.

    Examples
    --------
    >>> williams(4)
    [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]]
    """
    first = [0] * n
    low, high = 1, n - 1
    for place in range(1, n):
        if place % 2:
            first[place], low = low, low + 1
        else:
            first[place], high = high, high - 1
    rows = [[(number + shift) % n for number in first] for shift in range(n)]
    return rows + [row[::-1] for row in rows] if n % 2 and n > 1 else rows


def order_of(study: Study, rater: int, raters: int) -> list[Slot]:
    """Return the sequence of one rater.

    The shuffled items are dealt into blocks, about as many as there are raters. Each rater meets the blocks in another
    row of a Williams square, so that every item comes early for some and late for others, and inside a block in a
    random order of the rater's own. Two items of one scene do not follow each other where that can be avoided. Repeats
    are items of the first half, met again in the second.

    Parameters
    ----------
    study : Study
        One of ratings.
    rater : int
        From 0; who joins later has a number beyond `raters`.
    raters : int
        How many the study was made for.
    """
    n = len(study.items)
    dealt = np.random.default_rng([study.seed, 0]).permutation(n)
    blocks = np.array_split(dealt, max(1, min(raters, n // BLOCK)))
    rows = williams(len(blocks))
    rng = np.random.default_rng([study.seed, 1, rater])
    order = [int(item) for block in rows[rater % len(rows)] for item in rng.permutation(blocks[block])]
    order = apart(order, [study.items[item].pair for item in order])
    slots = [Slot("item", item) for item in order]
    early = order[: n // 2]
    for number in rng.permutation(len(early))[: round(study.repeat * n)]:
        place = int(rng.integers(n // 2 + number // 2 + 1, len(slots) + 1))
        slots.insert(place, Slot("repeat", early[number]))
    return [*(Slot("training", number) for number in range(len(study.training))), *slots]


def apart(order: Sequence[int], scenes: Sequence[str]) -> list[int]:
    """Move items so that neighbours show different scenes, as far as a single pass can.

    >>> apart([0, 1, 2, 3], ["a", "a", "b", "b"])
    [0, 2, 1, 3]
    """
    left = list(zip(order, scenes, strict=True))
    done = [left.pop(0)] if left else []
    while left:
        place = next((k for k, (_, scene) in enumerate(left) if scene != done[-1][1]), 0)
        done.append(left.pop(place))
    return [item for item, _ in done]
