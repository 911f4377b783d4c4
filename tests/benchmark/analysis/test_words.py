"""The sentence above the table of agreement, and the notes below it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from benchmark.analysis.analyse import Analysis, analyse
from benchmark.analysis.measure import Options
from benchmark.analysis.opinions import Opinions
from benchmark.analysis.table import correlation_table
from benchmark.databases import Database, open_database
from benchmark.scoring.rows import ScoreRow
from benchmark.statistics.levels import Level
from benchmark.tables import Table
from fusion_metrics import create
from tests.databases import write_database


@pytest.fixture(scope="module")
def ten_pairs(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return open_database(str(write_database(tmp_path_factory.mktemp("words") / "small", pairs=10)))


def analysed(database: Database, scores: Mapping[str, np.ndarray], by: Level = "global") -> Analysis:
    rows = [
        ScoreRow(database.name, image.pair, image.algorithm, image.image, metric, "paper", float(value), "ok", "", 0.0)
        for metric, values in scores.items()
        for image, value in zip(database.fused, values, strict=True)
    ]
    specs = [create(metric).spec for metric in scores]
    return analyse(database, rows, specs, options=Options(replicates=20, permutations=999, by=by))


def table(database: Database, scores: Mapping[str, np.ndarray], by: Level = "global") -> Table:
    return correlation_table(database, analysed(database, scores, by))


def metrics(database: Database, *errors: float) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    q = Opinions.of(database).q
    names = ("qabf", "mi", "ssim", "sd", "sf", "en")
    return {name: q + rng.normal(0, error, len(q)) for name, error in zip(names, errors, strict=False)}


def test_the_sentence_names_the_best_and_those_that_may_be_as_good(ten_pairs: Database) -> None:
    found = table(ten_pairs, metrics(ten_pairs, 0.05, 0.06, 5.0))
    best = found.rows[0][0].text.split()[0]
    second = found.rows[1][0].text.split()[0]
    assert found.finding.startswith(f"small: of 3 metrics, {best} agrees best with the human scores over all images")
    assert found.finding.endswith(f"not significantly worse is {second} (†).")
    ranks = [row[found.header.index("rank")].text for row in found.rows]
    assert ranks[:2] == ["1", "1†"]
    assert "†" not in ranks[2]
    assert any(note.startswith("significant differences between two metrics: 2 of 3 over") for note in found.notes)


def test_the_sentence_counts_where_names_would_be_many(ten_pairs: Database) -> None:
    found = table(ten_pairs, metrics(ten_pairs, 0.1, 0.1, 0.1, 0.1, 0.1, 9.0))
    assert "4 others are not significantly worse (†)." in found.finding
    assert found.finding.count("qabf") <= 1


def test_all_others_may_be_worse(ten_pairs: Database) -> None:
    found = table(ten_pairs, metrics(ten_pairs, 0.01, 4.0, 5.0))
    assert found.finding.endswith("; all others are significantly worse.")


def test_a_metric_that_disagrees_least_does_not_agree(ten_pairs: Database) -> None:
    q = Opinions.of(ten_pairs).q
    found = table(ten_pairs, {"qabf": -q, "mi": -q + np.random.default_rng(0).normal(0, 0.1, len(q))})
    assert "mi disagrees least with the human scores over all images (SRCC -" in found.finding


def test_too_few_pairs_are_said_and_nothing_is_called_nearly_the_best(tmp_path: Path) -> None:
    database = open_database(str(write_database(tmp_path / "few", pairs=3)))
    found = table(database, metrics(database, 0.1, 0.5, 2.0))
    assert found.finding.endswith(
        "; no difference can be found: with 3 source pairs to exchange the least p value is 0.25."
    )
    assert not any("†" in cell.text for row in found.rows for cell in row)
    said = [note for note in found.notes if note.startswith("no difference can be found")]
    assert (
        "no difference can be found: with 3 source pairs to exchange the least p value is 0.25 (over all images, "
        "within source pairs)" in said
    )


def test_one_metric_and_none_have_a_sentence_too(ten_pairs: Database) -> None:
    one = table(ten_pairs, metrics(ten_pairs, 0.1))
    assert one.finding.startswith("small: qabf agrees with the human scores over all images at SRCC 0.")
    none = table(ten_pairs, {"qabf": np.ones(len(ten_pairs.fused))})
    assert none.finding == "small: no metric can be held against the human scores over all images."


@pytest.mark.parametrize(
    ("by", "column", "where"),
    [
        ("global", "SRCC", "over all images (SRCC"),
        ("pair", "per pair", "within source pairs (SRCC per pair"),
        ("algorithm", "algorithms", "in how they order the algorithms (SRCC of algorithms"),
    ],
)
def test_the_table_is_sorted_by_what_is_asked(ten_pairs: Database, by: Level, column: str, where: str) -> None:
    """One metric errs on scenes, so that it is good within pairs alone; one on images; one on algorithms."""
    rng = np.random.default_rng(8)
    q = Opinions.of(ten_pairs).q
    pairs, algorithms = (
        np.unique(names, return_inverse=True)[1]
        for names in ([i.pair for i in ten_pairs.fused], [i.algorithm for i in ten_pairs.fused])
    )
    scores = {
        "qabf": q + rng.normal(0, 3, 10)[pairs],
        "mi": q + rng.normal(0, 0.25, len(q)),
        "ssim": q + np.array([0.0, 0.3, -0.3, 0.4])[algorithms % 4],
    }
    found = table(ten_pairs, scores, by)
    [sorted_by] = [head.text for head in found.heads if head.order != "none"]
    assert sorted_by == column
    values = [float(row[found.header.index(column)].text) for row in found.rows]
    assert values == sorted(values, reverse=True)
    assert where in found.finding
    assert found.rows[0][0].text.split()[0] in found.finding


def test_columns_have_names_of_their_own(ten_pairs: Database) -> None:
    header = table(ten_pairs, metrics(ten_pairs, 0.1, 0.2)).header
    assert len(set(header)) == len(header)
    assert header[-3:] == ("per pair", "pair 95 %", "pair rank")


def test_the_level_that_is_asked_for_changes_no_number(ten_pairs: Database) -> None:
    one, other = (analysed(ten_pairs, metrics(ten_pairs, 0.1, 0.4), by) for by in ("global", "pair"))
    for left, right in zip(one.correlations, other.correlations, strict=True):
        assert left.measured == right.measured
        assert left.clusters == right.clusters


def test_mean_opinions_without_votes_have_no_single_votes(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=4)
    (folder / "votes.csv").unlink()
    database = open_database(str(folder))
    analysis = analysed(database, metrics(database, 0.1, 0.2))
    assert "no noise ceiling: no single votes" in correlation_table(database, analysis).notes
    assert analysis.correlations[0].find("auc_better").note.startswith("no single votes: too few")


def test_votes_of_which_nobody_has_all_are_said_to_be_that(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=4)
    lines = (folder / "votes.csv").read_text().splitlines()
    raters = list(dict.fromkeys(line.split(",")[1] for line in lines[1:]))
    gone = {f",{rater}," for rater in raters}
    kept = []
    for line in lines:
        mark = next((one for one in gone if one in line), None)
        if mark is None:
            kept.append(line)
        else:
            gone.remove(mark)
    (folder / "votes.csv").write_text("\n".join(kept) + "\n")
    database = open_database(str(folder))
    analysis = analysed(database, metrics(database, 0.1, 0.2))
    assert "no noise ceiling: no raters scored every image" in correlation_table(database, analysis).notes
