"""What errors say of names that do not exist."""

from __future__ import annotations

import pytest

from fusion_metrics.errors import nearest


@pytest.mark.parametrize(
    ("known", "said"), [(12, "name011"), (13, "name011 and 1 more"), (500, "name011 and 488 more")]
)
def test_not_more_than_a_few_names_are_listed(known: int, said: str) -> None:
    text = nearest("zzz", [f"name{number:03}" for number in range(known)])
    assert text.startswith("; known: name000, name001, ")
    assert text.endswith(f", {said}")
