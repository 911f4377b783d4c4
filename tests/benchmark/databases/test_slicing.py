"""Slices are counted as Python counts them."""

from __future__ import annotations

import pytest

from benchmark.databases.slicing import Slicing
from benchmark.errors import BenchmarkError


@pytest.mark.parametrize("text", ["10:90", ":", "5:", ":7", "-20:", "10:90:7", ":-1", "0:1000"])
def test_a_text_chooses_what_python_would(text: str) -> None:
    parts = [int(part) if part else None for part in text.split(":")]
    assert Slicing(slices=text).chosen(91) == list(range(91))[slice(*parts)]


@pytest.mark.parametrize("text", ["a", "1:2:3:4", "10:90:0", "1:2:-1", "1.5", "1,2", "٣"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BenchmarkError, match=r"are not understood; write 10:90, 10:90:2"):
        Slicing(slices=text)


@pytest.mark.parametrize("text", ["91", "-92", "91:", "5:5"])
def test_slices_that_are_not_there_are_refused(text: str) -> None:
    with pytest.raises(BenchmarkError, match=rf"--slices {text} names none of 91 slices along axial"):
        Slicing(slices=text).chosen(91)


def test_an_unknown_axis_is_refused() -> None:
    with pytest.raises(BenchmarkError, match="axis 'z' is unknown"):
        Slicing("z")
