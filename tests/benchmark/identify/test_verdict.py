"""The table as a whole: which of several names is meant, and which script made most columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from benchmark.identify.candidates import AS_IS, Candidate, Preparation
from benchmark.identify.match import compare
from benchmark.identify.printed import Printed
from benchmark.identify.search import Found, Verdict
from benchmark.identify.verdict import judge, script_of
from fusion_metrics import create

VALUES = np.array([1.25, 2.5])


def found(
    column: str, *names: str, verdict: Verdict = "exact", preparations: Sequence[Preparation] = (AS_IS,)
) -> Found:
    printed = [Printed(column, (f"{number}.png",), float(value), 1e-6) for number, value in enumerate(VALUES)]
    matches = tuple(
        compare(Candidate(create(name), preparation), VALUES, printed) for name in names for preparation in preparations
    )
    return Found(column, len(printed), verdict, matches, len(matches), 1e-6)


def meant(*columns: Found) -> list[str]:
    return [column.meant.candidate.id for column in judge(columns).columns if column.meant is not None]


def test_the_script_of_most_columns_names_the_others() -> None:
    sf = found("SF", "sf:tang")
    en = found("EN", "en", "en:tang")
    sd = found("SD", "sd", "sd:thfylsty", "sd:tang")
    assert meant(sf, en, sd) == ["sf:tang", "en:tang", "sd:tang"]
    assert [match.candidate.id for match in judge([sf, en, sd]).columns[2].same] == ["sd", "sd:thfylsty"]
    assert judge([sf, en, sd]).sentence.startswith("All 3 columns are what tang (")


def test_the_published_definition_is_meant_where_no_script_is_ahead() -> None:
    assert meant(found("SD", "sd:thfylsty", "sd:tang", "sd")) == ["sd"]
    assert meant(found("SD", "sd:thfylsty", "sd:tang", "sd"), found("EN", "en:tang", "en")) == ["sd", "en"]


def test_what_is_not_of_the_script_is_named() -> None:
    sentence = judge(
        [
            found("SF", "sf:tang"),
            found("EN", "en:tang", "en"),
            found("Q", "qabf:liu2012"),
            found("X", "mi", verdict="nothing fits"),
            found("SSIM", "ssim:tang-255"),
        ]
    ).sentence
    assert sentence.startswith("3 of 5 columns are what tang (")
    assert sentence.endswith("not Q, X.")


def test_no_script_made_most_and_no_column_fits() -> None:
    mixed = [found("SF", "sf:tang"), found("Q", "qabf:liu2012"), found("P", "psnr:vifb")]
    assert judge(mixed).sentence == "No one script made most of the 3 columns (liu2012 1, vifb 1, tang 1)."
    assert judge([found("X", "mi", verdict="nothing fits")]).sentence.startswith("No column is a number of any metric")


def test_a_preparation_that_changes_nothing_is_not_named_and_one_that_counts_is() -> None:
    grey = Preparation(grey="opencv")
    column = judge([found("SF", "sf:tang", preparations=(grey, AS_IS))]).columns[0]
    assert [match.candidate.preparation for match in column.found.matches] == [AS_IS]
    sentence = judge([found("SF", "sf:tang", preparations=(grey,)), found("EN", "en:tang")]).sentence
    assert sentence.endswith("In 1 of them the pictures were prepared: grey: opencv.")


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("sd", "paper"),
        ("ssim:tang-255", "tang"),
        ("piella:liu2012-qw", "liu2012"),
        ("te:nava", ""),
        ("sf:mefb", "mefb"),
    ],
)
def test_the_script_of_a_variant(name: str, script: str) -> None:
    assert script_of(create(name).spec) == script
