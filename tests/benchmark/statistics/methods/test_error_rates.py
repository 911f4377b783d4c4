"""A small part of ``benchmarks/checks/methods.py``, wide enough for chance."""

from __future__ import annotations

from benchmarks.checks.methods import NULLS, PARTIAL, World, complete_null, coverage, partial_null


def test_alike_methods_rarely_differ() -> None:
    """300 tables at 5 %: 15 expected, standard deviation 3.8; Holm's adjustment less."""
    found = complete_null(NULLS["skewed errors"], 30, 300)
    for name in ("F", "one pair", "signed-rank", "maxT", "best"):
        assert 0.015 <= found[name] <= 0.09, name
    assert found["Holm"] <= found["maxT"]


def test_false_differences_stay_rare_where_other_methods_differ() -> None:
    """Mean ranks do not hold that: other methods decide them too, which is why claims are not made by them."""
    found = partial_null(PARTIAL["three better and two of them far less exact"], 100, 200)
    assert found["maxT"] <= 0.1
    assert found["best"] <= 0.1
    assert found["Nemenyi"] > 0.2


def test_images_of_one_source_pair_are_no_independent_images() -> None:
    world = World(grouped=True)
    assert complete_null(world, 40, 150)["maxT"] <= 0.1
    assert complete_null(world, 40, 150, by_group=False)["maxT"] > 0.3


def test_intervals_of_borda_points_hold_what_they_promise() -> None:
    """500 intervals in 100 databases."""
    assert coverage(30, 100)["borda"] >= 0.9
