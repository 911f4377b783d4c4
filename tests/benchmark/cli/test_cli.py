"""What all commands share: metrics have names, and a request that cannot be done is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import fmbench


def test_list_shows_every_metric() -> None:
    result = fmbench("list", "--variants")
    assert result.exit_code == 0
    for name in ("qabf", "te:nava", "piella:liu2012-qw", "information", "↓"):
        assert name in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score"], "nothing to score"),
        (["score", "absent"], "absent: no such folder"),
        (["score", "{db}", "--a", "x"], "not both"),
        (["score", "{db}", "--metrics", "qabff"], "did you mean 'qabf'"),
        (["score", "{db}", "--metrics", "te:navy"], "did you mean 'nava'"),
        (["run", "{db}", "--metrics", ","], "no metric named"),
        (["run", "absent"], "absent: no such folder"),
        (["score", "{db}", "--metrics", "mi", "--jobs", "1", "--out", "{db}/pairs.csv/x.csv"], "pairs.csv"),
        (["data", "check", "absent"], "absent: no such folder"),
    ],
)
def test_bad_requests_are_one_line_and_exit_code_2(folder: Path, arguments: list[str], message: str) -> None:
    result = fmbench(*(argument.format(db=folder) for argument in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert len([line for line in result.stderr.splitlines() if line.startswith("error:")]) == 1
    assert "Traceback" not in result.output
