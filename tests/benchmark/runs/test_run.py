"""Runs as Python calls: what they return, and that the command line says the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import benchmark
from benchmark import BenchmarkError, Computing, Learning, Options, Watch
from tests.databases import write_database

OPTIONS = Options(replicates=50, permutations=99)
HERE = Computing(jobs=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("runs") / "small", pairs=3)


@pytest.fixture(scope="module")
def found(folder: Path) -> benchmark.RunResult:
    return benchmark.run(str(folder), metrics="qabf,ssim,sd", options=OPTIONS, computing=HERE)


def test_scores_are_tidy_rows(folder: Path) -> None:
    result = benchmark.score(str(folder), metrics="qabf,psnr:tang", computing=HERE)
    assert len(result.scores) == 2 * 12
    assert set(result.scores["status"]) == {"ok"}
    assert list(result.means.columns) == ["qabf", "psnr:tang"]
    by_hand = result.scores.query("algorithm == 'blur1' and metric == 'qabf'")["value"].mean()
    assert result.means.loc["blur1", "qabf"] == pytest.approx(by_hand, rel=1e-15)
    assert result.problems == []


def test_folders_are_scored_without_a_database(folder: Path) -> None:
    a, b = folder / "sources" / "p0_a.png", folder / "sources" / "p0_b.png"
    result = benchmark.score(a=a, b=b, fused=folder / "fused" / "blur0" / "p0.png", metrics="mse", computing=HERE)
    assert result.scores["value"].notna().all()


def test_a_missing_score_leaves_no_mean(folder: Path) -> None:
    result = benchmark.score(str(folder), metrics="ms_ssim,sd", computing=HERE)
    assert result.means["ms_ssim"].isna().all()
    assert result.means["sd"].notna().all()


@pytest.mark.parametrize("given", [{}, {"a": "x.png"}, {"database": "x", "fused": "y.png"}])
def test_nothing_or_too_much_to_score_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(BenchmarkError, match=r"nothing to score|not both"):
        benchmark.score(**given)  # type: ignore[arg-type]


def test_a_run_carries_frames(found: benchmark.RunResult) -> None:
    assert list(found.correlations["metric"]) == ["qabf", "ssim", "sd"]
    best = found.correlations.set_index("metric").loc["qabf"]
    assert best["srcc"] > 0.8
    assert best["n"] == 12
    pivot = found.estimates.query("metric == 'qabf' and level == 'pair' and statistic == 'srcc'")
    assert pivot["value"].item() == best["pair_srcc"]
    pairs = found.comparisons.query("level == 'global'")
    assert [*zip(pairs["first"], pairs["second"], strict=True)] == [
        ("qabf", "ssim"),
        ("qabf", "sd"),
        ("ssim", "sd"),
    ]
    assert found.predictions.empty


def test_two_metrics_are_compared_whichever_is_named_first(found: benchmark.RunResult) -> None:
    one, other = found.compare("qabf", "sd"), found.compare("sd", "qabf")
    assert list(one["level"]) == list(found.comparisons["level"].unique())
    assert (one["difference"] == -other["difference"]).all()
    srcc = found.correlations.set_index("metric")["srcc"]
    assert one.loc[0, "difference"] == pytest.approx(srcc["qabf"] - srcc["sd"])
    with pytest.raises(BenchmarkError, match=r"qabf and mse were not compared; compared were .*ssim"):
        found.compare("qabf", "mse")


def test_a_database_may_be_named_by_a_path(folder: Path, found: benchmark.RunResult) -> None:
    again = benchmark.run(folder, metrics="qabf,ssim,sd", options=OPTIONS, computing=HERE)
    pd.testing.assert_frame_equal(again.correlations, found.correlations)
    pd.testing.assert_frame_equal(benchmark.analyse(folder, found.scores, options=OPTIONS).estimates, found.estimates)
    assert len(benchmark.score(folder, metrics="sd", computing=HERE).scores) == 12


def test_scores_that_are_there_are_analysed_to_the_same_numbers(folder: Path, found: benchmark.RunResult) -> None:
    again = benchmark.analyse(str(folder), found.scores, options=OPTIONS, computing=HERE)
    pd.testing.assert_frame_equal(again.correlations, found.correlations, check_exact=True)
    pd.testing.assert_frame_equal(again.comparisons, found.comparisons, check_exact=True)


def test_scores_of_another_database_are_refused(folder: Path, found: benchmark.RunResult) -> None:
    with pytest.raises(BenchmarkError, match="none of the scores"):
        benchmark.analyse(str(folder), found.scores.assign(database="other"))
    with pytest.raises(BenchmarkError, match="no column value"):
        benchmark.analyse(str(folder), found.scores.drop(columns="value"))
    with pytest.raises(BenchmarkError, match="no number"):
        benchmark.analyse(str(folder), found.scores.assign(value="much"))


def test_files_are_the_frames_and_the_command_line_writes_the_same(
    folder: Path, found: benchmark.RunResult, tmp_path: Path
) -> None:
    written = benchmark.run(str(folder), metrics="qabf,ssim,sd", computing=HERE)
    written.write(tmp_path / "call", figures=False)
    command = ["run", str(folder), "--metrics", "qabf,ssim,sd", "--no-figures", "--out", str(tmp_path / "command")]
    subprocess.run([sys.executable, "-m", "benchmark.cli", *command], check=True, capture_output=True)
    for name in ("scores", "correlations", "estimates", "comparisons"):
        lines = (tmp_path / "call" / f"{name}.csv").read_text()
        assert lines == (tmp_path / "command" / f"{name}.csv").read_text()
        assert len(lines.splitlines()) == 1 + len(getattr(written, name))
    read = pd.read_csv(tmp_path / "call" / "scores.csv")
    np.testing.assert_allclose(read["value"], written.scores["value"], rtol=1e-15)  # pandas before 3 rounds


def test_whole_numbers_are_written_as_such(found: benchmark.RunResult, tmp_path: Path) -> None:
    found.write(tmp_path, figures=False)
    text = pd.read_csv(tmp_path / "correlations.csv", dtype=str)
    assert list(text["n"]) == ["12", "12", "12"]
    assert set(text["cluster"].dropna()) <= {"1", "2", "3"}


def test_a_notebook_shows_tables_and_escapes_names(folder: Path, found: benchmark.RunResult) -> None:
    assert repr(found) == "RunResult(small: 3 metrics, 12 images)"
    page = found._repr_html_()
    assert "<table>" in page
    assert "human scores" in page
    table = benchmark.score(str(folder), metrics="sd", computing=HERE).table
    assert "&lt;b&gt;" in type(table)("<b>", table.heads, table.rows)._repr_html_()


def test_a_figure_is_drawn_by_its_name(found: benchmark.RunResult) -> None:
    assert found.figure("forest").axes
    with pytest.raises(BenchmarkError, match="there are forest"):
        found.figure("forrest")
    with pytest.raises(BenchmarkError, match="no outcome"):
        found.figure(database="elsewhere")


def test_a_database_that_is_open_is_run(folder: Path) -> None:
    opened = benchmark.open_database(folder)
    found = benchmark.run([opened, opened], metrics="sd", options=OPTIONS, computing=HERE)
    assert repr(found) == "RunResult(small: 1 metric, 12 images)"


def test_one_database_that_cannot_be_run_costs_only_itself(folder: Path, tmp_path: Path) -> None:
    found = benchmark.run([str(tmp_path / "nowhere"), str(folder)], metrics="sd", options=OPTIONS, computing=HERE)
    assert len(found.outcomes) == 1
    assert "no such folder" in found.failures[0]
    assert found.problems == list(found.failures)


def test_the_caller_is_told_how_far_it_is(folder: Path) -> None:
    begun: list[str] = []
    said: list[str] = []
    outcomes: list[str] = []
    steps = 0

    @contextmanager
    def progress(what: str, total: int | None):  # type: ignore[no-untyped-def]
        def advance(done: int, of: int | None = None) -> None:
            nonlocal steps
            steps += done

        begun.append(what)
        yield advance

    watch = Watch(progress, said.append, said.append, lambda outcome: outcomes.append(outcome.database.name))
    benchmark.run(str(folder), metrics="sd", options=OPTIONS, computing=HERE, watch=watch)
    assert begun == ["scoring small", "comparing metrics on small"]
    assert steps == 12 + 1
    assert said[0].startswith("small: 12 scores")
    assert outcomes == ["small"]


def test_a_metric_that_learns_is_fitted_as_asked(folder: Path) -> None:
    learning = Learning(("pair",), folds=3)
    found = benchmark.run(str(folder), metrics="bmpri", learning=learning, options=OPTIONS, computing=HERE)
    assert set(found.predictions["variant"]) == {"paper@pair"}
    assert len(found.predictions) == 12


def test_importing_the_package_loads_no_pandas() -> None:
    program = (
        "import benchmark, sys; assert 'pandas' not in sys.modules; benchmark.score; print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "True\n"
    with pytest.raises(AttributeError, match="no attribute"):
        _ = benchmark.nothing
    assert set(benchmark.__all__) <= set(dir(benchmark))


@pytest.mark.parametrize(
    ("call", "given", "hint"),
    [
        (benchmark.compare, "ours", r"; it goes into asked=benchmark\.Asked\(ours=\.\.\.\)"),
        (benchmark.compare, "jobs", r"; it goes into computing=benchmark\.Computing\(jobs=\.\.\.\)"),
        (benchmark.score, "readings", "; did you mean 'reading'"),
        (benchmark.run, "folds", r"; it goes into learning=benchmark\.Learning\(folds=\.\.\.\)"),
        (benchmark.run, "match", "; known: fit, reading, reference, scores"),
    ],
)
def test_a_keyword_that_a_call_does_not_have_is_never_passed_over(
    call: Callable[..., object], given: str, hint: str
) -> None:
    with pytest.raises(TypeError, match=rf"{call.__name__}\(\) got an unexpected keyword argument '{given}'{hint}"):
        call("phantom", **{given: 1})
