"""From rows of scores to numbers: what is compared with what, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.analysis.analyse import Analysis, analyse
from benchmark.analysis.entries import entries_of
from benchmark.analysis.measure import Options, from_json, measure, to_json
from benchmark.analysis.opinions import Opinions
from benchmark.analysis.table import correlation_table
from benchmark.databases import Database, open_database
from benchmark.databases.model import select_algorithms
from benchmark.errors import BenchmarkError
from benchmark.scoring.rows import TRAINING, ScoreRow
from benchmark.scoring.store import ScoreStore
from benchmark.statistics.agreement import srcc
from fusion_metrics import create
from tests.databases import write_database

FEW = Options(replicates=50, permutations=200)


def rows_of(database: Database, values: list[float | None], metric: str, variant: str = "paper") -> list[ScoreRow]:
    return [
        ScoreRow(
            database.name, image.pair, image.algorithm, image.image, metric, variant, value,
            "ok" if value is not None else "undefined", "" if value is not None else "flat", 0.0,
        )
        for image, value in zip(database.fused, values, strict=True)
    ]  # fmt: skip


@pytest.fixture
def one_pair(tmp_path: Path) -> Database:
    return open_database(str(write_database(tmp_path / "one", pairs=1)))


@pytest.fixture
def four_pairs(tmp_path: Path) -> Database:
    return open_database(str(write_database(tmp_path / "four", pairs=4)))


def only(database: Database, rows: list[ScoreRow], metric: str) -> Analysis:
    return analyse(database, rows, [create(metric).spec], options=FEW)


@pytest.mark.parametrize(("metric", "sign"), [("qabf", 1.0), ("qcv", -1.0)])
def test_lower_is_better_is_turned_round(one_pair: Database, metric: str, sign: float) -> None:
    [found] = only(one_pair, rows_of(one_pair, [4.0, 3.0, 2.0, 1.0], metric), metric).correlations
    assert found.srcc == pytest.approx(sign)
    assert found.entry.n == 4


def test_distance_from_an_ideal_inside_the_bounds_counts(one_pair: Database) -> None:
    [found] = only(one_pair, rows_of(one_pair, [0.01, -0.1, 0.2, -0.3], "rsfe"), "rsfe").correlations
    assert found.srcc == pytest.approx(1.0)


def test_a_metric_with_gaps_is_not_compared_on_what_it_happens_to_have(one_pair: Database) -> None:
    analysis = only(one_pair, rows_of(one_pair, [4.0, 3.0, 2.0, None], "qabf"), "qabf")
    [found] = analysis.correlations
    assert found.srcc is None
    assert found.reason == "no score for 1 of 4 images: flat"
    assert found.measured is None
    assert "no score for 1 of 4 images" in "\n".join(correlation_table(one_pair, analysis).notes)


def test_images_of_the_training_part_take_no_part(four_pairs: Database) -> None:
    """The first pair trained; on the others the metric is perfect, and on it the other way round."""
    values = [1.0, 2.0, 3.0, 4.0, *[4.0, 3.0, 2.0, 1.0] * 3]
    order = np.argsort([image.pair for image in four_pairs.fused], kind="stable")
    given: list[float | None] = [values[int(np.flatnonzero(order == i)[0])] for i in range(16)]
    rows = rows_of(four_pairs, given, "bmpri", "paper@image20")
    rows = [replace(row, status=TRAINING, value=None) if row.pair == "p0" else row for row in rows]
    [found] = only(four_pairs, rows, "bmpri").correlations
    assert (found.label, found.entry.n) == ("bmpri@image20", 12)
    assert found.find("srcc", "pair").value == pytest.approx(1.0)


def test_repeats_are_averaged(four_pairs: Database) -> None:
    rng = np.random.default_rng(0)
    tries: list[list[float | None]] = [list(rng.random(16)) for _ in range(2)]
    rows = rows_of(four_pairs, tries[0], "bmpri", "paper@pair") + rows_of(four_pairs, tries[1], "bmpri", "paper@pair#2")
    [found] = only(four_pairs, rows, "bmpri").correlations
    q = Opinions.of(four_pairs).q
    assert found.srcc == pytest.approx(np.mean([srcc(np.array(values), q) for values in tries]))


def test_bounded_metrics_keep_their_scale_and_others_get_that_of_other_pairs(four_pairs: Database) -> None:
    """Q^AB/F over its greatest value; Q_CV, which has none, over what the other pairs have, clipped."""
    q = Opinions.of(four_pairs).q
    values = np.linspace(0.1, 0.9, 16)
    [bounded] = only(four_pairs, rows_of(four_pairs, list(values), "qabf"), "qabf").correlations
    assert bounded.find("rmse").value == pytest.approx(
        np.sqrt(np.mean((values / create("qabf").spec.bounds[1] - q) ** 2))
    )
    [free] = only(four_pairs, rows_of(four_pairs, list(100 * (1 - values)), "qcv"), "qcv").correlations
    pairs = np.array([image.pair for image in four_pairs.fused])
    stretched = np.empty(16)
    for pair in set(pairs):
        here, others = values[pairs == pair], values[pairs != pair]
        stretched[pairs == pair] = np.clip((here - others.min()) / np.ptp(others), 0, 1)
    assert free.find("rmse").value == pytest.approx(np.sqrt(np.mean((stretched - q) ** 2)))


def test_metrics_are_compared_and_ranked(four_pairs: Database) -> None:
    """With four pairs nothing can differ between pairs, and the table says so."""
    q = Opinions.of(four_pairs).q
    rng = np.random.default_rng(1)
    rows = rows_of(four_pairs, list(q), "qabf") + rows_of(four_pairs, list(rng.random(16)), "mi")
    analysis = analyse(four_pairs, rows, [create("qabf").spec, create("mi").spec], options=FEW)
    compared = analysis.compared["global"]
    assert compared.labels == ("qabf", "mi")
    assert compared.comparison is not None
    assert compared.comparison.blocks == 4
    assert [item.clusters["global"] for item in analysis.correlations] == [1, 1]
    table = correlation_table(four_pairs, analysis)
    assert [row[0].text for row in table.rows] == ["qabf ↑", "mi ↑"]
    assert any(note.startswith("no difference can be found") for note in table.notes)


def test_numbers_of_an_analysis_are_stored_until_something_changes(
    four_pairs: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(2)
    rows = rows_of(four_pairs, list(rng.random(16)), "qabf") + rows_of(four_pairs, list(rng.random(16)), "mi")
    specs = [create("qabf").spec, create("mi").spec]
    with ScoreStore(tmp_path / "scores.sqlite") as store:
        first = analyse(four_pairs, rows, specs, options=FEW, store=store)
        monkeypatch.setattr("benchmark.analysis.analyse.measure", lambda *_: pytest.fail("measured again"))
        monkeypatch.setattr("benchmark.analysis.analyse.compare", lambda *_, **__: pytest.fail("compared again"))
        again = analyse(four_pairs, rows, specs, options=FEW, store=store)
        for one, other in zip(again.correlations, first.correlations, strict=True):
            assert one.measured == other.measured
            assert one.clusters == other.clusters
        changed = [replace(row, value=0.5) if i == 0 else row for i, row in enumerate(rows)]
        with pytest.raises(pytest.fail.Exception, match="measured again"):
            analyse(four_pairs, changed, specs, options=FEW, store=store)


def test_numbers_survive_as_text(four_pairs: Database) -> None:
    opinions = Opinions.of(four_pairs)
    [column] = entries_of(opinions, rows_of(four_pairs, list(np.linspace(0, 1, 16)), "qabf"), [create("qabf").spec])
    found = measure(column, opinions, FEW)
    assert from_json(to_json(found)) == found


def test_few_votes_tell_no_images_apart(four_pairs: Database) -> None:
    """Two raters who always differ by 10: their halves agree, but two votes have no spread to speak of."""
    rng = np.random.default_rng(3)
    analysis = only(four_pairs, rows_of(four_pairs, list(rng.random(16)), "qabf"), "qabf")
    assert analysis.raters.ceilings["global"].ceiling == pytest.approx(1.0)
    assert analysis.raters.screening is None
    measured = analysis.correlations[0].measured
    assert measured is not None
    assert measured.find("auc_better").value is None
    assert "too few" in measured.find("auc_better").note


def test_without_votes_there_is_no_ceiling(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db")
    (folder / "votes.csv").unlink()
    database = open_database(str(folder))
    analysis = only(database, rows_of(database, list(np.linspace(0, 1, 8)), "qabf"), "qabf")
    assert analysis.raters.ceilings == {}
    assert "no noise ceiling: no single votes" in correlation_table(database, analysis).notes


def test_a_vote_that_is_no_number_names_its_line(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db")
    votes = folder / "votes.csv"
    votes.write_text(votes.read_text().replace(",r1,85", ",r1,good", 1))
    with pytest.raises(BenchmarkError, match=r"votes.csv:2: score 'good' is not a number"):
        Opinions.of(open_database(str(folder)))


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ("blur0,blur1", {"blur0", "blur1"}),
        ("blur*,!blur3", {"blur0", "blur1", "blur2"}),
        ("!blur[01]", {"blur2", "blur3"}),
    ],
)
def test_algorithms_are_chosen_by_pattern(four_pairs: Database, patterns: str, left: set[str]) -> None:
    part = select_algorithms(four_pairs, patterns)
    assert {image.algorithm for image in part.fused} == left
    assert part.name == "small-part"
    assert patterns in part.title


def test_patterns_must_leave_something(four_pairs: Database) -> None:
    assert select_algorithms(four_pairs, "*") is four_pairs
    with pytest.raises(BenchmarkError, match="no algorithm matches 'sharp'; there are blur0, blur1"):
        select_algorithms(four_pairs, "sharp")
