"""Signatures are found in every file that the command line writes, and in no other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from benchmark.cli import main
from benchmark.errors import BenchmarkError
from benchmark.signed.read import read_signed, signatures_in
from fusion_metrics import create
from tests.databases import write_database

ENDINGS = (".csv", ".xlsx", ".json", ".tex", ".md", ".html")
METRICS = ("en", "qabf", "ssim:vifb")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("signed") / "small", pairs=3, steps=3)


@pytest.mark.parametrize("command", ["score", "compare"])
def test_every_format_carries_a_line_a_metric(command: str, folder: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"t{ending}" for ending in ENDINGS]
    wanted = {create(name).signature for name in METRICS}
    several = [files] if command == "compare" else [[file] for file in files]  # --out of score is one file
    for outs in several:
        options = ["--metrics", ",".join(METRICS), "--jobs", "1", *(f"--out={out}" for out in outs)]
        assert CliRunner().invoke(main, [command, str(folder), *options]).exit_code == 0
    for file in files:
        read = read_signed(file)
        assert {str(one) for one in read.signatures} == wanted, file
        assert len(read.signatures) == len(METRICS)
        assert read.compares == read.ranks == (command == "compare"), file


def test_pandas_reads_the_signatures_of_a_comparison_without_options(folder: Path, tmp_path: Path) -> None:
    out = [f"--out={tmp_path / name}" for name in ("t.csv", "t.xlsx")]
    CliRunner().invoke(main, ["compare", str(folder), "--metrics", "en,qcv", "--names", "blur1=B", "--jobs=1", *out])
    frame = pd.read_csv(tmp_path / "t.csv")
    assert set(frame["signature"]) == {create("en").signature, create("qcv").signature}
    assert dict(zip(frame["method"], frame["algorithm"], strict=True)) == {
        "blur0": "blur0",
        "B": "blur1",
        "blur2": "blur2",
    }
    sheet = pd.read_excel(tmp_path / "t.xlsx", sheet_name="signatures")
    assert list(sheet["signature"]) == [create("en").signature, create("qcv").signature]


def test_everything_that_a_run_writes_is_signed(folder: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["run", str(folder), "--metrics", "en,qabf", "--subsets", "5", "--jobs", "1", "--out", str(tmp_path)]
    )
    assert result.exit_code == 0
    names = ("scores.csv", "correlations.csv", "correlations.md", "correlations.tex", "estimates.csv", "subsets.csv")
    for name in (*names, "comparisons.csv", "figures/small/signatures.txt"):
        read = read_signed(tmp_path / name)
        assert {one.identifier for one in read.signatures} == {"en", "qabf"}, name
        assert not read.compares


def test_figures_of_a_comparison_lie_beside_their_signatures(folder: Path, tmp_path: Path) -> None:
    CliRunner().invoke(main, ["compare", str(folder), "--metrics", "en", "--jobs", "1", "--figures", str(tmp_path)])
    assert (tmp_path / "signatures.txt").read_text() == f"{create('en').signature}\n"


def test_a_table_without_signature_is_refused_in_one_line(tmp_path: Path) -> None:
    for name, text in (("t.csv", "a,b\n1,2\n"), ("t.json", "[1]"), ("t.md", "| a |\n| - |\n"), ("t.tex", "en:paper")):
        (tmp_path / name).write_text(text)
        with pytest.raises(BenchmarkError, match=rf"{name}: has no signature") as raised:
            read_signed(tmp_path / name)
        assert "\n" not in str(raised.value)
    with pytest.raises(BenchmarkError, match="no such file"):
        read_signed(tmp_path / "none.csv")


@pytest.mark.parametrize("name", ["t.xlsx", "t.json", "t.csv"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{\x01")
    with pytest.raises(BenchmarkError, match=name):
        read_signed(tmp_path / name)


def test_what_only_begins_like_a_signature_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("en:paper|v1|cut off")
    with pytest.raises(Exception, match="is no signature of a score"):
        read_signed(tmp_path / "t.txt")


def test_a_signature_with_a_space_in_what_was_decided_is_found_whole() -> None:
    text = "- `en:paper|v1|grey=rgb2gray|reading=alpha channel left out, it is opaque everywhere|fmbench=0.1.0`"
    assert list(signatures_in(text)) == [text[3:-1]]


def test_a_report_is_signed(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    options = ["--metrics", "en,qabf", "--jobs", "1", "--no-pictures", "--out", str(page)]
    assert CliRunner().invoke(main, ["report", str(folder), *options]).exit_code == 0
    assert [one.identifier for one in read_signed(page).signatures].count("qabf") == 1
    assert {str(one) for one in read_signed(page).signatures} == {create("en").signature, create("qabf").signature}
