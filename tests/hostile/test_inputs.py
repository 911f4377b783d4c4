"""Hostile inputs in this process; `python -m tests.hostile.inputs` runs each in its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.cli import main
from tests.hostile.case import Case
from tests.hostile.cases import CASES


def test_cases_are_many_and_tell_themselves_apart() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_line_and_the_right_exit_code(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "case"
    folder.mkdir()
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, case.make(folder), env={"COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code == case.code, result.output
    assert case.says in result.output
    if case.code:
        assert len([line for line in result.stderr.splitlines() if line.startswith("error: ")]) == 1
