"""Printed numbers: units, signs, spreads, percent, commas, and what is no number."""

from __future__ import annotations

import math

import pytest

from benchmark.errors import BenchmarkError
from benchmark.identify.digits import has_decimal_commas, is_number, read_number


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        ("0.71", 0.71, 0.01),
        ("12", 12.0, 1.0),
        (".710", 0.71, 0.001),
        ("-0.5", -0.5, 0.1),
        ("−0.5", -0.5, 0.1),
        ("1.50e-3", 0.0015, 1e-5),
        ("1.2×10^{-3}", 0.0012, 1e-4),
        ("34.2 dB", 34.2, 0.1),
        ("34.20dB", 34.2, 0.01),
        ("0.71±0.02", 0.71, 0.01),
        ("0.710 +/- 0.02", 0.71, 0.001),
        ("**0.71**", 0.71, 0.01),
        ("__0.71__", 0.71, 0.01),
        ("0.71*", 0.71, 0.01),
        ("0.71¹", 0.71, 0.01),
        ("0.71↑", 0.71, 0.01),
        ("0.71 (2)", 0.71, 0.01),
        ("71.2 %", 0.712, 0.001),
        ("71.2±1.0%", 0.712, 0.001),
        ("12,5", 12.5, 0.1),
        ("1,234.5", 1234.5, 0.1),
        ("1.234,5", 1234.5, 0.1),
        ("1,234,567", 1234567.0, 1.0),
    ],
)
def test_a_number_is_read_with_the_unit_of_its_last_digit(cell: str, value: float, unit: float) -> None:
    number = read_number(cell)
    assert number.value == pytest.approx(value, rel=1e-14)
    assert number.unit == pytest.approx(unit, rel=1e-12)
    assert is_number(cell)


def test_the_other_numbers_say_what_a_lone_comma_is() -> None:
    assert has_decimal_commas(["x", "1,234", "0,5"])
    assert not has_decimal_commas(["1,234", "0.5", "12,5"])
    assert not has_decimal_commas(["1,234"])
    assert read_number("1,234", decimal_comma=True).value == 1.234
    assert read_number("1,234", decimal_comma=False).value == 1234.0
    assert read_number("0,123").value == 0.123  # no number begins with a zero before its thousands


@pytest.mark.parametrize("cell", ["NaN", "nan", "Inf", "-Inf", "∞"])
def test_a_script_without_a_number_prints_none(cell: str) -> None:
    assert math.isnan(read_number(cell).value)


@pytest.mark.parametrize("cell", ["", "n.a.", "five", "0.7.1x", "1..2", "0.5 apples", "--", "()", "x"])
def test_what_is_no_number_is_an_error_that_shows_it(cell: str) -> None:
    assert not is_number(cell)
    with pytest.raises(BenchmarkError, match="is not a number"):
        read_number(cell)


@pytest.mark.parametrize("cell", ["1e999", "1×10^9999", "1e-999", "1e99999999999999999999"])
def test_what_no_float_can_hold_is_an_error(cell: str) -> None:
    with pytest.raises(BenchmarkError, match="is not a number"):
        read_number(cell)


def test_a_percent_sign_in_the_heading_counts_once() -> None:
    assert read_number("71.2", percent=True).value == pytest.approx(0.712)
    assert read_number("71.2%", percent=True).value == pytest.approx(0.712)
