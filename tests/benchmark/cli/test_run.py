"""`fmbench run`: tables and figures, databases and their parts, metrics that learn, and a run that is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command import fmbench, rows_of
from tests.databases import write_database


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
