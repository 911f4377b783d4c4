"""Several databases together: who is pooled with whom, what is said about it, and how it is written."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from benchmark.analysis.outcome import Outcome
from benchmark.cli import main
from benchmark.errors import BenchmarkError
from benchmark.meta_analysis.contents import meta_figures
from benchmark.meta_analysis.effects import ALL_ALIKE, effects_of
from benchmark.meta_analysis.pooled import groups_of
from benchmark.meta_analysis.table import meta_table
from benchmark.runs.request import Computing
from benchmark.runs.results import RunResult
from benchmark.runs.run import run
from benchmark.statistics.per_pair import pair_mean
from benchmark.statistics.pooling import pool
from tests.conftest import ROOT
from tests.databases import write_database
from tests.outcomes import SKILL, small_outcome

WEAK = {"qabf": 0.2, "qcv": 0.3, "rsfe": -0.4}


def called(folder: Path, name: str, **more: object) -> Outcome:
    skill = {"qabf": 0.5, "qcv": 0.4, "rsfe": 0.3}
    return small_outcome(folder, **{"skill": skill, "about": {"name": f'"{name}"'}, "pairs": 5, **more})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, ...]:
    folder = tmp_path_factory.mktemp("databases")
    return (
        called(folder / "a", "first"),
        called(folder / "b", "second", skill=WEAK),
        called(folder / "c", "third", pairs=6),
        called(folder / "d", "made", scores="simulated"),
        called(folder / "e", "made-too", scores="simulated", skill=WEAK),
    )


def test_an_effect_is_the_mean_within_source_pairs(outcomes: tuple[Outcome, ...]) -> None:
    outcome = outcomes[0]
    item = outcome.analysis.correlations[0]
    [effect] = [one for one in effects_of(outcome) if one.label == item.label]
    assert effect.found == pair_mean(item.entry.repeats[0].x, outcome.analysis.opinions.judged)
    assert effect.found is not None
    assert effect.found.value == item.find("srcc", "pair").value
    assert math.tanh(effect.z[0]) == pytest.approx(effect.found.value)


def test_human_and_simulated_scores_are_never_pooled(outcomes: tuple[Outcome, ...]) -> None:
    human, simulated = groups_of(outcomes)
    assert [one.name for one in human.databases] == ["first", "second", "third"]
    assert [one.name for one in simulated.databases] == ["made", "made-too"]
    alone = groups_of(outcomes[:3])[0]
    assert [line.pooled for line in human.lines] == [line.pooled for line in alone.lines]
    for group in (human, simulated):
        table = meta_table(group)
        assert group.origin in table.title
        other = {"human": "simulated", "simulated": "human"}[group.origin]
        assert other not in table.title


def test_a_line_is_what_its_databases_say_together(outcomes: tuple[Outcome, ...]) -> None:
    human = groups_of(outcomes)[0]
    for line in human.lines:
        z, errors = zip(*(effect.z for effect in line.effects), strict=True)
        assert line.pooled == pool(z, errors, [5, 5, 6])
        assert line.value is not None
        assert line.interval is not None
        assert line.predicted is not None
        assert line.interval[0] < line.value < line.interval[1]
        assert line.predicted[0] < line.interval[0]
        assert line.least == min(effect.found.value for effect in line.effects if effect.found)
    values = [line.value or 0 for line in human.lines]
    assert values == sorted(values, reverse=True)


def test_p_values_are_adjusted_for_all_metrics(outcomes: tuple[Outcome, ...]) -> None:
    lines = groups_of(outcomes)[0].lines
    p = sorted((line.pooled.p, line.p_holm) for line in lines if line.pooled)
    assert p[0][1] == pytest.approx(min(1, p[0][0] * len(lines)))
    assert [holm for _, holm in p] == sorted(holm for _, holm in p if holm is not None)


def test_two_databases_have_no_prediction_and_the_table_says_why(outcomes: tuple[Outcome, ...]) -> None:
    [group] = groups_of(outcomes[:2])
    assert all(line.predicted is None for line in group.lines)
    table = meta_table(group)
    assert "a further database" not in table.header
    assert any("guessed from one difference" in note for note in table.notes)
    assert "a further database" in meta_table(groups_of(outcomes[:3])[0]).header


def test_a_single_database_is_shown_and_not_pooled(outcomes: tuple[Outcome, ...]) -> None:
    table = meta_table(groups_of(outcomes[:1])[0])
    assert table.header == ("metric", "first")
    assert any("nothing to pool" in note for note in table.notes)
    assert meta_figures(groups_of(outcomes[:1])) == {}


def test_a_metric_that_one_database_lacks_is_not_pooled_over_the_others(tmp_path: Path) -> None:
    whole = called(tmp_path / "a", "first")
    part = called(tmp_path / "b", "second", skill={"qabf": 0.5, "qcv": 0.4}, without=["rsfe"])
    [group] = groups_of([whole, part])
    [line] = [line for line in group.lines if line.label == "rsfe"]
    assert line.pooled is None
    assert line is group.lines[-1]
    assert line.reason.startswith("second: no score for 20 of 20 images")
    assert any(note.startswith("rsfe: not pooled; second: no score") for note in meta_table(group).notes)


def test_a_metric_that_ranks_every_pair_rightly_has_no_standard_error(tmp_path: Path) -> None:
    perfect = called(tmp_path / "a", "first", skill={**SKILL, "qabf": 1.0})
    [effect] = [one for one in effects_of(perfect) if one.label == "qabf"]
    assert (effect.found, effect.reason) == (None, ALL_ALIKE)


def test_two_databases_of_one_name_are_refused(outcomes: tuple[Outcome, ...]) -> None:
    with pytest.raises(BenchmarkError, match="first: two databases are called so"):
        groups_of([outcomes[0], outcomes[0]])


def test_the_frame_has_each_database_and_all_together(outcomes: tuple[Outcome, ...]) -> None:
    frame = RunResult(outcomes).meta.frame
    assert len(frame) == 3 * 4 + 3 * 3
    human = frame[(frame["scores"] == "human") & (frame["row"] == "database")]
    assert human["pairs"].tolist() == [5, 5, 6] * 3
    pooled = frame[frame["row"] == "pooled"]
    assert pooled["databases"].tolist() == [3] * 3 + [2] * 3
    assert pooled["predicted_low"].notna().tolist() == [True] * 3 + [False] * 3
    assert np.all(pooled["value"].between(-1, 1))


def test_files_have_what_the_frame_has(outcomes: tuple[Outcome, ...], tmp_path: Path) -> None:
    meta = RunResult(outcomes).meta
    for ending in ("csv", "xlsx", "md", "tex", "html", "json"):
        meta.write(tmp_path / f"meta.{ending}")
    stored = pd.read_csv(tmp_path / "meta.csv")
    assert stored["value"].tolist() == pytest.approx(meta.frame["value"].tolist())
    sheet = pd.read_excel(tmp_path / "meta.xlsx")
    assert sheet["value"].tolist() == pytest.approx(meta.frame["value"].tolist())
    assert "simulated scores over two databases" in (tmp_path / "meta.md").read_text()
    assert "SRCC" in repr(meta.tables[0].title)


def test_figures_show_each_metric_and_all(outcomes: tuple[Outcome, ...]) -> None:
    meta = RunResult(outcomes).meta
    assert meta.figures[:2] == ("human/all", f"human/{groups_of(outcomes)[0].lines[0].label}")
    assert len(meta.figures) == 8
    for name in ("human/all", "human/qabf", "simulated/qabf"):
        assert len(meta.figure(name).axes) == 1
    drawings = meta_figures(meta.groups)
    assert "a further database" in drawings["human/qabf"].alt
    assert "no prediction interval" in drawings["simulated/qabf"].alt
    assert "simulated" in drawings["simulated/all"].alt
    with pytest.raises(BenchmarkError, match="no figure 'qabf'"):
        meta.figure("qabf")


def test_the_command_line_prints_and_writes_it(tmp_path: Path) -> None:
    folders = []
    for name in ("one", "two"):
        folder = write_database(tmp_path / name, pairs=3)
        toml = folder / "database.toml"
        toml.write_text(toml.read_text().replace('"small"', f'"{name}"'))
        folders.append(str(folder))
    options = ["--metrics", "sd,ag,ssim", "--jobs", "1", "--no-figures", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, ["run", *folders, *options, "--meta-out", str(tmp_path / "m.json")])
    assert result.exit_code == 0, result.output
    assert "Agreement with human scores over two databases" in result.output
    assert {path.name for path in (tmp_path / "out").glob("meta.*")} == {"meta.csv", "meta.md", "meta.tex"}
    assert (tmp_path / "m.json").stat().st_size > 100
    plain = CliRunner().invoke(main, ["run", folders[0], *options])
    assert "databases" not in plain.output.partition("agreement")[0]


def test_two_folders_of_one_name_lose_no_table(tmp_path: Path) -> None:
    folders = [str(write_database(tmp_path / name, pairs=2)) for name in ("one", "two")]
    options = ["--metrics", "sd,ag", "--jobs", "1", "--no-figures", "--out", str(tmp_path / "out"), "--meta"]
    result = CliRunner().invoke(main, ["run", *folders, *options])
    assert result.exit_code == 2
    assert f"{folders[1]}: is called small, as is {folders[0]}" in result.output
    assert (tmp_path / "out" / "correlations.csv").exists()


def test_the_page_about_metrics_has_what_the_two_human_databases_say(shared: Path) -> None:
    data = shared / "data"
    if not all((data / name / "database.toml").is_file() for name in ("mef-waterloo", "pansharp")):
        pytest.skip("needs both human databases beside the project (../shared/data)")
    found = run([data / "mef-waterloo", data / "pansharp"], metrics="viff,sd,en", computing=Computing(jobs=1))
    page = (ROOT / "docs" / "which-metric.md").read_text(encoding="utf-8")
    [group] = found.meta.groups
    assert {line.label for line in group.lines} == {"viff", "sd", "en"}
    for line in group.lines:
        each = " | ".join(
            f"{one.found.value:.3f} ± {one.found.standard_error:.3f}" for one in line.effects if one.found is not None
        )
        assert f"| `{line.label}` | {each} |" in page
    [viff] = [line for line in group.lines if line.label == "viff"]
    assert viff.pooled is not None
    assert viff.pooled.p < 0.001
