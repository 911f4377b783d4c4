"""Requests for metrics."""

from __future__ import annotations

import pytest

from fusion_metrics import UnknownMetric, list_metrics
from fusion_metrics.selection import select, select_metrics


def ids(request: str) -> list[str]:
    return [metric.spec.id for metric in select_metrics(request)]


def test_all_takes_more_names_and_leaves_some_out() -> None:
    every = ids("all")
    assert ids("all,te:nava") == [*every, "te:nava"]
    assert ids("all,!nsct_pcnn") == ids("!nsct_pcnn") == [name for name in every if name != "nsct_pcnn"]


def test_a_pattern_without_variant_leaves_out_every_variant() -> None:
    every = ids("all-variants")
    assert ids("all-variants,!fmi") == [name for name in every if name.partition(":")[0] != "fmi"]
    assert ids("!fmi:tang,all-variants") == [name for name in every if name != "fmi:tang"]
    assert "fmi" not in ids("all-variants,!fmi:paper")


def test_names_in_any_case_come_once_and_in_order() -> None:
    assert ids("TE:Nava, qabf,te:nava,QABF:paper") == ["te:nava", "qabf"]


def test_names_are_found_as_they_are_written() -> None:
    assert ids("SSIM,Qabf,Q^AB/F:VIFB,MS-SSIM,Q_CV,q_s:qw") == [
        "ssim",
        "qabf",
        "qabf:vifb",
        "ms_ssim",
        "qcv",
        "piella:qw",
    ]


def test_an_unknown_variant_of_a_metric_that_is_known_by_its_title_is_told_as_such() -> None:
    with pytest.raises(UnknownMetric, match="variant of qabf 'tong'; did you mean"):
        select("Q^AB/F:tong")


def test_only_what_was_named_counts_as_named() -> None:
    assert select("all,te:nava").named == {"te:nava"}
    assert len(select_metrics("all")) + len(select("all").missing) == len(list_metrics())


@pytest.mark.parametrize("request_", ["allan", "all-", "@tong", "!", "!allan", "sd,!sd", " , "])
def test_what_is_no_request_says_so_in_one_line(request_: str) -> None:
    with pytest.raises(UnknownMetric) as raised:
        select(request_)
    assert "\n" not in str(raised.value)
