"""Script variants against the numbers their scripts print; provenance in tests/golden/README.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.parity import EXCEPTIONS, SCRIPTS, Golden, golden_values

GOLDEN = list(golden_values())


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden.identifier}-{golden.triple}")
def test_variant_gives_what_its_script_prints(golden: Golden, shared: Path) -> None:
    assert golden.departure(shared / "golden") <= golden.tolerance


def test_every_exception_is_one(shared: Path) -> None:
    for golden in GOLDEN:
        if (golden.identifier, golden.triple) in EXCEPTIONS:
            assert golden.departure(shared / "golden") > golden.usual_tolerance


def test_the_table_covers_every_script_metric() -> None:
    assert {golden.script for golden in GOLDEN} == set(SCRIPTS)
    assert len({golden.triple for golden in GOLDEN}) == 13
