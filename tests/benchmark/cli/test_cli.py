"""The command line as a user types it, on real folders."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pillow

from benchmark.cli import main
from benchmark.databases import EMBEDDED
from benchmark.databases.embedded import Embedded
from benchmark.databases.folder import load_folder
from benchmark.scoring.frames import SCORE_COLUMNS
from tests.databases import write_database


def fmbench(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_database(tmp_path / "db")


def test_list_shows_every_metric() -> None:
    result = fmbench("list", "--variants")
    assert result.exit_code == 0
    for name in ("qabf", "te:nava", "piella:liu2012-qw", "information", "↓"):
        assert name in result.stdout


def test_score_a_database(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "scores.csv"
    result = fmbench("score", folder, "--metrics", "qabf,qcv", "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    assert "qabf ↑" in result.stdout
    assert "qcv ↓" in result.stdout
    rows = rows_of(out)
    assert tuple(rows[0]) == SCORE_COLUMNS
    assert (
        ",".join(rows[0])
        == "database,pair,algorithm,image,metric,variant,value,status,reason,seconds,signature,reading"
    )
    assert len(rows) == 16
    assert {row["status"] for row in rows} == {"ok"}
    body = [line for line in result.stdout.splitlines() if line.startswith("  blur")]
    assert len(body) == 4
    assert [sum(line.count(mark) for line in body) for mark in "¹²"] == [2, 2]


def test_a_script_is_asked_for_by_name_and_answers_in_its_own_words(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    result = fmbench("score", folder, "--metrics", "cddfuse", "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    names = [words[0] for words in lines if len(words) > 2 and words[1] in "↑↓"]
    assert names == ["EN", "SD", "SF", "AG", "MI", "MSE", "CC", "PSNR", "SCD", "VIFF", "Qabf", "SSIM"]
    assert [row["metric"] for row in rows_of(out)[:3]] == ["en", "sd", "sf"]
    assert {row["variant"] for row in rows_of(out)} == {"cddfuse"}


def test_score_folders(folder: Path, tmp_path: Path) -> None:
    for side in "ab":
        (tmp_path / side).mkdir()
        for pair in ("p0", "p1"):
            content = (folder / "sources" / f"{pair}_{side}.png").read_bytes()
            (tmp_path / side / f"{pair}.png").write_bytes(content)
    sources = ("--a", tmp_path / "a", "--b", tmp_path / "b")
    out = tmp_path / "scores.csv"
    result = fmbench("score", *sources, "--fused", folder / "fused", "--metrics", "mi", "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    by_folder = {(row["algorithm"], row["pair"]): row["value"] for row in rows_of(out)}
    fmbench("score", folder, "--metrics", "mi", "--jobs", 1, "--out", out)
    assert by_folder == {(row["algorithm"], row["pair"]): row["value"] for row in rows_of(out)}


def test_score_files(folder: Path) -> None:
    sources = ("--a", folder / "sources/p0_a.png", "--b", folder / "sources/p0_b.png")
    fused = ("--fused", folder / "fused/blur0/p0.png", "--fused", folder / "fused/blur1/p0.png")
    result = fmbench("score", *sources, *fused, "--metrics", "qabf", "--jobs", 1)
    assert result.exit_code == 0
    assert "blur0/p0" in result.stdout
    assert "blur1/p0" in result.stdout


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


def test_a_bad_image_is_reported_and_the_rest_is_written(folder: Path, tmp_path: Path) -> None:
    (folder / "fused/blur1/p1.png").write_bytes(b"")
    out = tmp_path / "scores.csv"
    result = fmbench("score", folder, "--metrics", "qabf,mi", "--jobs", 1, "--out", out)
    assert result.exit_code == 2
    assert len([line for line in result.stderr.splitlines() if line.startswith("error:")]) == 1
    assert "blur1/p1.png: is not an image" in result.stderr
    statuses = [row["status"] for row in rows_of(out)]
    assert (statuses.count("ok"), statuses.count("error")) == (14, 2)
    line = next(line for line in result.stdout.splitlines() if "blur1" in line)
    assert line.count("n/a") == 2


def test_run_writes_tables_and_figures(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = fmbench("run", folder, "--metrics", "qabf,qcv,qabf:liu2012", "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    assert "agreement with human scores" in result.stdout
    correlations = rows_of(out / "correlations.csv")
    assert list(correlations[0])[:8] == ["database", "metric", "variant", "n", "plcc", "srcc", "krcc", "rmse"]
    assert [(row["metric"], row["variant"], row["n"]) for row in correlations] == [
        ("qabf", "paper", "8"), ("qcv", "paper", "8"), ("qabf", "liu2012", "8"),
    ]  # fmt: skip
    assert all(float(row["srcc"]) > 0.5 for row in correlations)
    assert len(rows_of(out / "scores.csv")) == 24
    assert "| qabf ↑ | 8 |" in (out / "correlations.md").read_text()
    assert r"\toprule" in (out / "correlations.tex").read_text()
    figures = out / "figures" / "small"
    assert sorted(path.name for path in (figures / "scatter").glob("*.pdf")) == [
        "qabf-liu2012.pdf", "qabf.pdf", "qcv.pdf",
    ]  # fmt: skip
    assert (figures / "forest.png").is_file()


def test_a_run_is_sorted_by_what_is_asked(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "results"
    arguments = ("--metrics", "qabf,sd", "--no-figures", "--jobs", 1)
    result = fmbench("run", folder, *arguments, "--by", "pair", "--out", out)
    assert result.exit_code == 0, result.output
    assert "within source pairs (SRCC per pair" in result.stdout.splitlines()[0]
    assert (out / "correlations.md").read_text().splitlines()[0] == result.stdout.splitlines()[0]
    rows = rows_of(out / "correlations.csv")
    assert {"cluster", "near_best", "pair_cluster", "algorithm_near_best"} <= set(rows[0])
    assert {row["level"] for row in rows_of(out / "comparisons.csv")} >= {"global", "pair"}
    assert fmbench("run", folder, *arguments, "--by", "taste", "--out", out).exit_code == 2


@pytest.fixture
def one_embedded_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take the place of the embedded databases, which take minutes to build."""
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("benchmark.databases.EMBEDDED", EMBEDDED)
    small = Embedded("small", "Small", 1, lambda folder, progress: write_database(folder, scores="simulated") and None)
    for name in reversed(list(EMBEDDED)):  # put back last removed first, so that their order stays
        monkeypatch.delitem(EMBEDDED, name)
    monkeypatch.setitem(EMBEDDED, "small", small)


@pytest.mark.usefixtures("one_embedded_database")
@pytest.mark.parametrize("arguments", [["--metrics", "qabf"], ["--all"]])
def test_simulated_scores_are_called_so_everywhere(tmp_path: Path, arguments: list[str]) -> None:
    out = tmp_path / "out"
    result = fmbench("run", *arguments, "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    assert "simulated scores" in result.stdout
    assert "human" not in result.stdout
    assert {row["scores"] for row in rows_of(out / "correlations.csv")} == {"simulated"}
    for name in ("correlations.md", "correlations.tex"):
        assert "simulated" in (out / name).read_text()


def test_a_database_without_scores_stops_only_itself(folder: Path, tmp_path: Path) -> None:
    unscored = write_database(tmp_path / "unscored", scores="none")
    out = tmp_path / "out"
    result = fmbench("run", unscored, folder, "--metrics", "mi", "--jobs", 1, "--out", out)
    assert result.exit_code == 2
    assert "has no opinion scores to compare with" in result.stderr
    assert len(rows_of(out / "correlations.csv")) == 1


def test_scores_off_the_scale_stop_a_run_with_one_line(folder: Path, tmp_path: Path) -> None:
    table = folder / "fused.csv"
    table.write_text(table.read_text().replace(",p0,blur0,90", ",p0,blur0,190"))
    result = fmbench("run", folder, "--metrics", "mi,bmpri", "--jobs", 1, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "fused.csv: mos 190 is off the scale 0..100" in result.stderr


def test_metrics_that_learn_are_run_under_both_splits(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--metrics", "bmpri,mi", "--jobs", 1, "--repeats", 2, "--folds", 3, "--out", out)
    assert fmbench("run", folder, *arguments).exit_code == 0
    variants = [(row["metric"], row["variant"]) for row in rows_of(out / "correlations.csv")]
    assert variants == [("bmpri", "paper@image"), ("bmpri", "paper@pair"), ("mi", "paper")]
    listed = {row["variant"] for row in rows_of(out / "scores.csv") if row["metric"] == "bmpri"}
    columns = ("image", "metric", "variant", "value")
    learnt = [row for row in rows_of(out / "scores.csv") if row["metric"] == "bmpri"]
    kept = rows_of(out / "predictions.csv")
    assert [[row[name] for name in columns] for row in kept] == [[row[name] for name in columns] for row in learnt]
    assert listed == {"paper@image", "paper@image#2", "paper@pair", "paper@pair#2"}
    assert sorted(path.name for path in (out / "splits").iterdir()) == [
        "small-image-seed0.csv", "small-image-seed1.csv", "small-pair-seed0.csv", "small-pair-seed1.csv",
    ]  # fmt: skip
    pairs = {row["pair"]: row["fold"] for row in rows_of(out / "splits" / "small-pair-seed0.csv")}
    assert sorted(pairs.values()) == ["0", "1"]
    before = (out / "scores.csv").read_text()
    assert fmbench("run", folder, *arguments).exit_code == 0
    assert (out / "scores.csv").read_text() == before


def test_metrics_are_fitted_on_one_database_and_tested_on_another(folder: Path, tmp_path: Path) -> None:
    other, out = write_database(tmp_path / "other", pairs=3), tmp_path / "out"
    about = other / "database.toml"
    about.write_text(about.read_text().replace('name = "small"', 'name = "other"'))
    arguments = ("--metrics", "bmpri", "--jobs", 1, "--no-figures", "--out", out)
    result = fmbench("run", "--train-on", folder, "--test-on", other, *arguments)
    assert result.exit_code == 0
    [found] = rows_of(out / "correlations.csv")
    assert (found["database"], found["variant"], found["n"]) == ("other", "paper@external", "12")
    assert not (out / "splits").exists()
    refused = fmbench("run", other, "--protocols", "external", *arguments)
    assert refused.exit_code == 2
    assert "needs a database to fit metrics to" in refused.stderr
    refused = fmbench("run", other, "--protocols", "half", *arguments)
    assert (refused.exit_code, "no protocol 'half'" in refused.stderr) == (2, True)


def test_a_metric_is_judged_on_what_a_share_leaves(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--metrics", "bmpri,mi", "--jobs", 1, "--no-figures", "--out", out)
    assert fmbench("run", folder, "--protocols", "image50,pair", *arguments).exit_code == 0
    counts = {(row["metric"], row["variant"]): row["n"] for row in rows_of(out / "correlations.csv")}
    assert counts == {("bmpri", "paper@image50"): "4", ("bmpri", "paper@pair"): "8", ("mi", "paper"): "8"}
    compared = rows_of(out / "comparisons.csv")
    assert {(row["first"], row["second"]) for row in compared} == {("bmpri@pair", "mi")}


def test_a_part_of_a_database_and_many_subsets(tmp_path: Path) -> None:
    """A fifth of five pairs is one pair with its three images, whose SRCC is 1, 1/2, -1/2 or -1; of 15 images, any."""
    folder, out = write_database(tmp_path / "db", pairs=5), tmp_path / "out"
    arguments = ("--metrics", "qabf,qcv", "--subsets", 20, "--jobs", 1, "--no-figures", "--out", out)
    assert fmbench("run", folder, "--algorithms", "!blur3", *arguments).exit_code == 0
    assert {(row["database"], row["n"]) for row in rows_of(out / "correlations.csv")} == {("small-part", "15")}
    found = {(row["metric"], row["drawn"], row["statistic"]): row for row in rows_of(out / "subsets.csv")}
    assert len(found) == 16
    assert found["qabf", "pair", "srcc"]["subsets"] == "20"
    halves = 2 * 20 * float(found["qabf", "pair", "srcc"]["mean"])
    assert halves == pytest.approx(round(halves))
    unlike = found["qabf", "image", "srcc"]
    assert (unlike["mean"] == "") == ("subsets have no value" in unlike["note"])


def test_a_metric_that_learns_says_so_where_there_is_nothing_to_learn_from(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    assert fmbench("score", folder, "--metrics", "bmpri", "--jobs", 1, "--out", out).exit_code == 0
    [(status, reason)] = {(row["status"], row["reason"]) for row in rows_of(out)}
    assert status == "undefined"
    assert reason.startswith("bmpri learns from scored images and has not been fitted")
    assert 'create("bmpri", trained="phantom")' in reason


def test_check_finds_nothing_wrong_with_a_good_database(folder: Path) -> None:
    result = fmbench("data", "check", folder)
    assert result.exit_code == 0
    assert "2 pairs, 8 fused images, scores: human; no problems" in result.stdout


def test_check_says_everything_that_is_wrong(folder: Path) -> None:
    (folder / "fused/blur1/p1.png").write_bytes(b"")
    (folder / "sources/p0_a.png").unlink()
    fused = (folder / "fused.csv").read_text().replace(",p0,blur0,90", ",p0,blur0,190")
    (folder / "fused.csv").write_text(fused)
    votes = (folder / "votes.csv").read_text().replace("fused/blur2/p0.png,r1,55", "fused/blur2/p0.png,r1,15")
    (folder / "votes.csv").write_text(votes + "fused/other.png,r1,50\nfused/blur3/p0.png,r3,x\n")
    result = fmbench("data", "check", folder)
    assert result.exit_code == 2
    for message in [
        "blur1/p1.png: is not an image",
        "p0_a.png: no such file",
        "mos 190 is off the scale 0..100, fused/blur0/p0.png",
        "mean vote of fused/blur2/p0.png is 40.000, fused.csv says 60.000",
        "image 'fused/other.png' is not in fused.csv",
        "score 'x' is not a number",
    ]:
        assert message in result.stderr


@pytest.mark.usefixtures("one_embedded_database")
def test_embedded_databases_are_listed_and_built() -> None:
    assert fmbench("data", "list").stdout == "small\tSmall\n"
    folder = Path(fmbench("data", "build", "small").stdout.strip())
    assert (folder / "fused.csv").is_file()
    result = fmbench("data", "build", "smal")
    assert result.exit_code == 2
    assert "for your own pairs give --pairs-from" in result.stderr


def test_fused_images_for_ones_own_pairs(folder: Path, tmp_path: Path) -> None:
    built = tmp_path / "fused-here"
    arguments = ("data", "build", built, "--pairs-from", folder, "--algorithms", "average,laplacian", "--jobs", 1)
    assert fmbench(*arguments).exit_code == 0
    assert fmbench("data", "check", built).exit_code == 0
    database = load_folder(built)
    assert (database.name, database.scores, len(database.fused)) == ("fused-here", "none", 4)
    kept = built / "fused/average/p0.png"
    content = kept.read_bytes()
    kept.unlink()
    other = built / "fused/average/p1.png"
    marked = other.stat().st_mtime_ns
    assert fmbench(*arguments).exit_code == 0
    assert kept.read_bytes() == content
    assert other.stat().st_mtime_ns == marked


def test_a_pair_that_cannot_be_fused_is_left_out_and_named(folder: Path, tmp_path: Path) -> None:
    (folder / "sources/p1_a.png").write_bytes(b"")
    built = tmp_path / "built"
    result = fmbench("data", "build", built, "--pairs-from", folder, "--algorithms", "average", "--jobs", 1)
    assert result.exit_code == 2
    assert "p1: " in result.stderr
    assert list(load_folder(built).pairs) == ["p0"]
    assert fmbench("data", "build", tmp_path / "x", "--pairs-from", folder, "--algorithms", "avrage").exit_code == 2


def test_fuse_files_and_folders(folder: Path, tmp_path: Path) -> None:
    a, b = folder / "sources/p0_a.png", folder / "sources/p0_b.png"
    assert fmbench("fuse", "--a", a, "--b", b, "--algorithm", "average", "--out", tmp_path / "f.png").exit_code == 0
    with Pillow.open(tmp_path / "f.png") as fused, Pillow.open(a) as first, Pillow.open(b) as second:
        mean = (np.asarray(first, float) + np.asarray(second, float)) / 2
        assert np.abs(np.asarray(fused, float) - mean).max() <= 0.5
    assert (
        fmbench("fuse", "--a", folder / "sources", "--b", folder / "sources", "--out", tmp_path / "all").exit_code == 0
    )
    assert len(list((tmp_path / "all").iterdir())) == 4
    assert "laplacian" in fmbench("fuse", "--list").stdout
    assert fmbench("fuse").exit_code == 2


def test_fetch_refuses_what_it_cannot_trust() -> None:
    for arguments, message in [
        (("https://example.org/x.zip", "--sha256", "12"), "is not a SHA-256 hash"),
        (("https://example.org/x.rar", "--sha256", "0" * 64), "is neither a .zip nor a .tar file"),
    ]:
        result = fmbench("data", "fetch", *arguments)
        assert result.exit_code == 2
        assert message in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=8, steps=6, size=96)
    cache = tmp_path / "cache"
    arguments = ["--metrics", "nsct_pcnn,pc_sd,qabf,mi", "--no-figures", "--jobs", "1", "--out", str(tmp_path / "out")]
    command = [sys.executable, "-m", "benchmark.cli", "run", str(folder), *arguments]
    environment = {**os.environ, "FMBENCH_CACHE": str(cache)}
    killed = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    store = cache / "scores.sqlite"
    deadline = time.monotonic() + 60
    while stored_in(store) == 0 and killed.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    kept = stored_in(store)
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    total = stored_in(store)
    assert 0 < kept < total
    assert f"{total} scores, {kept} of them stored before" in again.stderr


def stored_in(store: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        try:
            return int(connection.execute("SELECT COUNT(*) FROM score").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return 0
