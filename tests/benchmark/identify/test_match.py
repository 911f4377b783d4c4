"""How values agree with printed ones: digits, roundings, values that do not exist, accidents."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from benchmark.identify.candidates import Candidate
from benchmark.identify.chance import expected_by_chance
from benchmark.identify.match import Match, compare, may_fit
from benchmark.identify.printed import Printed
from fusion_metrics import create

MI = Candidate(create("mi"))


def column(*texts: str) -> list[Printed]:
    values = []
    for number, text in enumerate(texts):
        value = float(text)
        unit = 10.0 ** -len(text.partition(".")[2]) if math.isfinite(value) else 0.0
        values.append(Printed("Q", (f"{number}.png",), value if math.isfinite(value) else math.nan, unit))
    return values


def match(values: Sequence[float | None], *texts: str) -> Match:
    return compare(MI, np.array([math.nan if value is None else value for value in values]), column(*texts))


def test_all_digits_are_exact() -> None:
    found = match((1.0, 2.0, 3.0), "1.00000001", "2.00000000", "3.00000000")
    assert found.is_exact
    assert found.error == pytest.approx(1e-8)
    assert match((1.0000004, 2.0, 3.0), "1.00000001", "2.0", "3.0").relative == pytest.approx(3.9e-7, rel=1e-6)


def test_few_digits_cannot_say_more_than_they_show() -> None:
    found = match((0.5149, 0.6051, 0.71), "0.51", "0.61", "0.71")
    assert (found.fits, found.is_exact, found.rounding) == (True, False, "rounded")
    assert not match((0.5251, 0.605, 0.71), "0.51", "0.61", "0.71").fits


@pytest.mark.parametrize(
    ("texts", "rounding"),
    [
        (("0.13", "0.38", "2.00"), "halves up"),
        (("0.12", "0.38", "2.00"), "halves to even"),
        (("0.12", "0.37", "2.00"), "rounded"),
    ],
)
def test_a_half_that_was_rounded_either_way_fits_and_says_how(texts: tuple[str, ...], rounding: str) -> None:
    found = match((0.125, 0.375, 2.001), *texts)
    assert found.fits
    assert found.rounding == rounding


def test_digits_that_were_cut_off() -> None:
    found = match((0.519, -0.618, 0.712), "0.51", "-0.61", "0.71")
    assert (found.fits, found.rounding) == (True, "cut off")
    assert not match((0.519, 0.609, 0.712), "0.51", "0.61", "0.71").fits  # one is cut off, another rounded up


def test_one_wrong_cell_is_counted() -> None:
    found = match((20.0, 30.0, 40.0), "20.0000", "30.0000", "49.0000")
    assert (found.fits, found.fitting, found.median) == (False, 2, 0.0)
    assert found.error == pytest.approx(9)


def test_no_scale_or_offset_is_fitted() -> None:
    for texts in (("40.0", "60.0", "80.0"), ("68.1", "78.1", "88.1")):
        assert match((20.0, 30.0, 40.0), *texts).fitting == 0


def test_nan_agrees_with_no_value_and_with_nothing_else() -> None:
    assert match((0.5, None, 0.7), "0.500000", "NaN", "0.700000").fits
    assert not match((0.5, 0.6, 0.7), "0.500000", "NaN", "0.700000").fits
    found = match((0.5, None, 0.7), "0.5", "0.6", "0.7")
    assert (found.fitting, found.without, found.error) == (2, 1, math.inf)
    (nothing,) = column("NaN")
    assert may_fit(math.nan, nothing)
    assert not may_fit(1.0, nothing)


def test_a_printed_zero_and_the_rounding_error_of_one() -> None:
    assert match((0.0, 1e-9, 2e-9), "0.000", "0.000", "0.000").fits
    assert not match((0.0, 0.2, 0.3), "0.000", "0.000", "0.000").fits
    values = ("0.00000000000000000000002686", "127.5", "0.1234567890")
    assert match((0.0, 127.5, 0.1234567890), *values).is_exact
    assert not match((2e-9, 127.5, 0.1234567890), *values).is_exact


def test_what_may_fit_is_what_one_of_the_roundings_gives() -> None:
    (half,) = column("0.51")
    assert [may_fit(value, half) for value in (0.501, 0.505, 0.5199, 0.5201, 0.4999)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_chance_falls_with_every_digit_and_every_image() -> None:
    tried = list(np.exp(np.linspace(-3, 3, 100)))
    expected = [
        expected_by_chance(numbers, numbers[:1], tried)
        for numbers in (column("0.5"), column("0.51"), column("0.51", "0.62"), column("0.51", "0.62", "0.73"))
    ]
    assert expected == sorted(expected, reverse=True)
    assert expected[0] > 1.0
    assert expected[0] == pytest.approx(10 * expected[1], rel=0.05)
    assert expected[2] < 0.1 * expected[1]


def test_chance_against_drawn_candidates() -> None:
    """Candidates drawn as the estimate supposes them agree about as often as it says, and not more often."""
    random = np.random.default_rng(5)
    tried = np.exp(random.normal(0.0, 1.0, 20_000))
    (number,) = column("1.0")
    agreeing = int((np.abs(tried - number.value) <= 0.05).sum())
    assert agreeing == pytest.approx(expected_by_chance([number], [number], tried.tolist()), rel=0.1)
