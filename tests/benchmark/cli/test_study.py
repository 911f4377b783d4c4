"""A reader study from the command line, as the README starts and ends one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.study import serving
from tests.command import fmbench
from tests.databases import write_database


def test_a_study_is_of_ratings_where_no_other_design_is_named(tmp_path: Path) -> None:
    database = write_database(tmp_path / "db", scores="none")
    made = fmbench("study", "create", database, "--raters", 2, "--training", 1, "--out", tmp_path / "study")
    assert made.exit_code == 0
    assert "8 images for each of 2 human raters" in made.output
    assert json.loads((tmp_path / "study/study.json").read_text())["design"] == "rating"


def test_ending_the_server_says_that_votes_are_kept_and_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "serve", interrupted)
    ended = fmbench("study", "serve", tmp_path)
    assert ended.exit_code == 130
    assert f"{tmp_path}: no longer served; every vote is kept" in ended.stderr
    assert "error" not in ended.stderr
