"""Figures that show methods by metrics."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from benchmark.comparison.differences import greatest_square
from benchmark.figures.curves import SortedCurves
from benchmark.figures.drawing import Drawing
from benchmark.figures.duel import Duel
from benchmark.figures.formats import to_svg
from benchmark.figures.heat import Heat, Radar, normalised
from benchmark.figures.insets import Insets, Place
from benchmark.figures.spread import Spread

RNG = np.random.default_rng(3)
VALUES = RNG.normal(size=(24, 3))
METHODS = ("gff", "a $method_{1}", "nsct")
PICTURES = tuple(RNG.integers(0, 256, (40, 60)).astype(float) for _ in range(4))

DRAWINGS: tuple[Drawing, ...] = (
    SortedCurves("small", "qabf", "more is better", METHODS, VALUES, "nsct"),
    Spread("small", "qabf", "more is better", METHODS, VALUES, "nsct"),
    Spread("small", "qabf", "more is better", METHODS, VALUES[:4]),
    Heat("small", METHODS, ("qabf ↑", "qcv ↓"), VALUES[:2], (("1", "2", "3"), ("4", "5", "n/a"))),
    Radar("small", METHODS, ("qabf ↑", "qcv ↓", "en ↑", "sd ↑"), VALUES[:4], "nsct"),
    Duel(
        "small",
        "qcv",
        "less is better",
        *METHODS[:2],
        tuple(f"p{n}" for n in range(24)),
        VALUES[:, :2],
        VALUES[:, 1] - VALUES[:, 0],
        "p = 0.5",
    ),
    Insets("small", ("source A", "source B", *METHODS[:2]), (Place("p1", PICTURES, 5, 40, 10),), 9),
)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: type(drawing).__name__)
def test_methods_and_data_set_are_in_the_figure_and_in_its_words(drawing: Drawing) -> None:
    svg = to_svg(drawing)
    assert METHODS[0] in svg
    assert "small" in svg
    assert "small" in drawing.alt
    assert drawing.digest != replace(drawing, about="other").digest


@pytest.mark.parametrize("drawing", DRAWINGS[:-1], ids=lambda drawing: type(drawing).__name__)
def test_a_page_gets_a_narrow_figure_without_the_words_that_it_says_itself(drawing: Drawing) -> None:
    whole, narrow = (to_svg(drawing, widest=widest) for widest in (None, 3.0))
    [before, after] = [re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0] for svg in (whole, narrow)]
    assert float(after[0]) <= 3.0 * 72
    assert after[1] == before[1]
    assert METHODS[0] in narrow
    assert "small" not in narrow
    legend = drawing.legend.partition("\n")[0]
    assert not legend or (legend in whole and legend not in narrow)


def test_a_method_without_any_mean_is_not_called_the_best_and_warns_of_nothing() -> None:
    texts = (("1", "n/a"), ("2", "n/a"))
    means = np.array([[1.0, np.nan], [2.0, np.nan]])
    assert "darkest on the whole is gff" in Heat("small", METHODS[:2], ("en", "sd"), means, texts).alt
    assert "no method has a mean" in Heat("small", METHODS[:2], ("en", "sd"), means * np.nan, texts).alt


def test_curves_go_up_to_the_greatest_value_of_each_method() -> None:
    axes = DRAWINGS[0].draw().axes[0]
    for m, line in enumerate(axes.lines):
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        assert (np.diff(y) >= 0).all()
        assert x[-1] == 1
        assert y[-1] == VALUES[:, m].max()
    assert {line.get_linewidth() for line in axes.lines} == {1.1, 2.0}


def test_few_images_have_boxes_and_no_invented_density() -> None:
    assert len(DRAWINGS[1].draw().axes[0].collections) == 3
    assert not DRAWINGS[2].draw().axes[0].collections


def test_the_best_of_a_metric_is_1_and_the_worst_0() -> None:
    found = normalised(np.array([[3.0, 1.0, np.nan, 2.0], [np.nan] * 4]))
    assert found[0].tolist()[:2] == [1.0, 0.0]
    assert np.isnan(found[0, 2])
    assert np.isnan(found[1]).all()


def test_wins_follow_the_direction() -> None:
    duel = DRAWINGS[5]
    assert isinstance(duel, Duel)
    wins = int((VALUES[:, 0] < VALUES[:, 1]).sum())
    assert duel.counts.startswith(f"gff is better on {wins}, a $method_{{1}} on {24 - wins} of 24 images")


@pytest.mark.parametrize("size", [3, 4, 8, 9])
def test_the_square_is_where_the_difference_is(size: int) -> None:
    apart = RNG.uniform(0, 0.1, (30, 41))
    apart[12 : 12 + size, 25 : 25 + size] += 1
    row, column, mean = greatest_square(apart, size)
    assert (row, column) == (12, 25)
    assert mean == pytest.approx(apart[12 : 12 + size, 25 : 25 + size].mean())


def test_a_square_of_the_whole_picture_is_the_whole_picture() -> None:
    assert greatest_square(np.ones((9, 9)), 9) == (0, 0, pytest.approx(1))
    assert greatest_square(np.ones((8, 8)), 8) == (0, 0, pytest.approx(1))
