"""A line's name is written and read in one place."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import BenchmarkError
from benchmark.scoring.frames import rows_of
from benchmark.scoring.identity import Identity

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)


@given(NAMES, NAMES, st.sampled_from(["", "pair", "image20", "image-best", "external"]), st.integers(0, 30))
def test_what_is_written_into_a_file_is_read_back(metric: str, variant: str, protocol: str, repeat: int) -> None:
    identity = Identity(metric, variant, protocol, repeat if protocol else 0)
    assert Identity.parse(metric, str(identity)) == identity


@pytest.mark.parametrize("text", ["paper@pair#x", "paper@pair#0", "paper#2", "a@b@c#", ""])
def test_any_other_text_is_the_name_of_a_variant_and_no_error(text: str) -> None:
    assert str(Identity.parse("qabf", text)) == text


def test_the_published_definition_is_left_out_of_names() -> None:
    assert Identity.parse("te", "paper").label == "te"
    assert Identity.parse("te", "nava@pair").label == "te:nava@pair"
    assert Identity.parse("bmpri", "paper@image-best").chooses_on_test


def test_two_scores_of_one_image_are_refused() -> None:
    row = {"database": "d", "pair": "p", "algorithm": "a", "image": "i.png", "metric": "qabf", "variant": "paper"}
    scores = pd.DataFrame([{**row, "value": 0.5}, {**row, "value": 0.6}])
    with pytest.raises(BenchmarkError, match=r"two rows of d, i\.png, qabf, paper"):
        rows_of(scores)
