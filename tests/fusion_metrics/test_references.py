from __future__ import annotations

import pytest

from fusion_metrics import FusionMetricsError
from fusion_metrics.references import reference, references


def test_every_entry_is_complete() -> None:
    for work in references().values():
        assert work.title
        assert work.authors
        assert work.key.rstrip("abcdefghijklmnopqrstuvwxyz").endswith(work.year)


def test_a_metric_of_another_project_brings_its_own() -> None:
    assert reference("@misc{me2026, title = {Mine}, author = {Me}, year = {2026}}").year == "2026"
    with pytest.raises(FusionMetricsError, match="not"):
        reference("@misc{me2026")
    with pytest.raises(FusionMetricsError, match="did you mean 'xydeas2000'"):
        reference("xydeas200")
