"""Who sees what when: balanced over raters, random within, repeats far apart."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmark.study.orders import order_of, williams
from tests.benchmark.study.studies import small_study


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8])
def test_every_number_stands_at_every_place_and_after_every_other_equally_often(n: int) -> None:
    rows = williams(n)
    places = Counter((place, number) for row in rows for place, number in enumerate(row))
    following = Counter(pair for row in rows for pair in pairwise(row))
    assert len(set(places.values())) == 1
    assert len(places) == n * n
    assert len(set(following.values())) == 1
    assert len(following) == n * (n - 1)


def test_every_rater_sees_every_item_once_and_training_before_all_else(tmp_path: Path) -> None:
    _, study, _ = small_study(tmp_path, images=24, repeat=0.25)
    for rater in range(5):
        slots = order_of(study, rater, 5)
        assert [slot.kind for slot in slots[:2]] == ["training"] * 2
        assert sorted(slot.item for slot in slots if slot.kind == "item") == list(range(24))
        assert all(slot.kind != "training" for slot in slots[2:])


def test_orders_differ_between_raters_and_are_the_same_when_drawn_again(tmp_path: Path) -> None:
    _, study, _ = small_study(tmp_path, images=24)
    orders = [order_of(study, rater, 4) for rater in range(4)]
    assert orders == [order_of(study, rater, 4) for rater in range(4)]
    assert len({tuple(slot.item for slot in order) for order in orders}) == 4


def test_no_item_is_early_for_all_raters(tmp_path: Path) -> None:
    _, study, _ = small_study(tmp_path, images=40, repeat=0.0, training=0)
    places = np.zeros((40, 4))
    for rater in range(4):
        for place, slot in enumerate(order_of(study, rater, 4)):
            places[slot.item, rater] = place
    # Of a mean place of 19.5, chance alone would leave a deviation of 5.8 and more.
    assert places.mean(axis=1).std() < 4


def test_repeats_were_seen_before_and_not_just_now(tmp_path: Path) -> None:
    _, study, _ = small_study(tmp_path, images=40, repeat=0.2)
    for rater in range(6):
        slots = order_of(study, rater, 6)
        again = [place for place, slot in enumerate(slots) if slot.kind == "repeat"]
        assert len(again) == 8
        assert len({slots[place].item for place in again}) == 8
        for place in again:
            first = next(k for k, slot in enumerate(slots) if slot.kind == "item" and slot.item == slots[place].item)
            assert place - first > 10


def test_neighbours_show_different_scenes(tmp_path: Path) -> None:
    _, study, _ = small_study(tmp_path, images=24, repeat=0.0, training=0)
    same = sum(
        study.items[a.item].pair == study.items[b.item].pair
        for rater in range(6)
        for a, b in pairwise(order_of(study, rater, 6))
    )
    assert same <= 12  # of 138; 30 by chance
