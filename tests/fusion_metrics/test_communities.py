"""Sets of metrics that a community prints."""

from __future__ import annotations

import re

import pytest

from fusion_metrics.communities import COMMUNITIES, Community
from fusion_metrics.errors import UnknownMetric
from fusion_metrics.selection import select
from tests.conftest import ROOT


@pytest.mark.parametrize("community", COMMUNITIES, ids=lambda community: community.name)
def test_a_set_stands_for_its_metrics_in_their_order(community: Community) -> None:
    words = community.metrics.split(",")
    assert [metric.spec.id for metric in select(f"@{community.name}").metrics] == words
    assert len(set(words)) == len(words)
    assert community.source


def test_the_page_about_comparisons_names_every_set() -> None:
    page = (ROOT / "docs" / "comparing-methods.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`@(\w+)`", page))
    assert named >= {community.name for community in COMMUNITIES}
    assert all(select(f"@{name}").metrics for name in named)


def test_a_set_can_be_joined_and_cut() -> None:
    names = [metric.spec.id for metric in select("@IVIF,ag,!en").metrics]
    assert names == ["sd", "sf", "mi", "scd", "vif", "qabf", "ssim", "ag"]


def test_an_unknown_set_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownMetric, match="did you mean 'medical'"):
        select("@medial")
