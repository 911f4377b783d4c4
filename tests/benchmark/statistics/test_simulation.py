"""A small part of what ``benchmarks/checks`` simulates at length, wide enough for chance."""

from __future__ import annotations

import pytest

from benchmarks.checks import paired_tests
from benchmarks.checks.paired_tests import coverage, false_positives
from benchmarks.checks.ranking import familywise, power


@pytest.mark.parametrize("level", ["global", "pair"])
def test_metrics_of_equal_merit_rarely_differ(level: str) -> None:
    """300 tests at 5 %: 15 expected, standard deviation 3.8."""
    assert 0.015 <= false_positives("alike", 30, 300, "srcc", level) <= 0.09


def test_exchange_of_single_images_does_not_hold_its_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason for exchanging pairs: where one metric errs on scenes, single images reject too often."""
    monkeypatch.setattr(paired_tests, "WORLDS", 2)
    assert false_positives("scenes", 30, 150, "plcc", "global", single_images=True) > 0.1


def test_intervals_hold_what_they_promise() -> None:
    """200 intervals: 190 expected, standard deviation 3.1. Percentiles of four pairs do not."""
    for pairs in (4, 30):
        found = coverage("alike", pairs, 200, "plcc", "global")
        assert found["t"] >= 0.9
        if pairs == 4:
            assert found["percentile"] < 0.9


@pytest.mark.parametrize("kind", ["alike", "four better"])
def test_a_ranking_rarely_has_any_false_difference(kind: str) -> None:
    """120 rankings of eight metrics: 6 with an error expected, standard deviation 2.4; single tests err more often."""
    found = familywise(kind, 30, 120, "pair")
    assert found["maxT"] <= 0.11
    assert found["near best"] <= 0.11
    assert found["Holm"] <= found["maxT"]


def test_nine_source_pairs_are_enough_for_max_t_and_not_for_holm() -> None:
    found = power("twelve", 9, 5, "pair", 999)
    assert found["Holm"] == 0
    assert found["maxT"] > 0.02
