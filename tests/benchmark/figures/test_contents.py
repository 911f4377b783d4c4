from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.analysis.outcome import Outcome
from benchmark.databases import Database
from benchmark.figures import figures_of
from benchmark.figures.drawing import Drawing
from benchmark.figures.forest import Forest
from benchmark.figures.formats import to_svg
from benchmark.figures.ranking import Ranking
from benchmark.figures.scatter import Scatter
from benchmark.figures.significance import Significance
from tests.outcomes import small_outcome


def drawings(outcome: Outcome) -> dict[str, Drawing]:
    return figures_of(outcome.database, outcome.analysis)


@pytest.mark.parametrize("scores", ["human", "simulated"])
def test_every_title_says_where_the_scores_come_from(tmp_path: Path, scores: str) -> None:
    other = {"human": "simulated", "simulated": "human"}[scores]
    for name, drawing in drawings(small_outcome(tmp_path, scores=scores)).items():
        svg = to_svg(drawing)
        assert f"small, {scores} scores" in svg, name
        assert f"{other} scores" not in svg
        assert f"{scores} scores" in drawing.alt


def test_scatter_plots_show_scores_as_the_metric_gives_them(tmp_path: Path) -> None:
    outcome = small_outcome(tmp_path)
    found = drawings(outcome)
    for name in ("qabf", "qcv", "rsfe"):
        scatter = found[f"scatter/{name}"]
        assert isinstance(scatter, Scatter)
        assert scatter.own.tolist() == [row.value for row in outcome.rows if row.metric == name]
        assert scatter.opinion.tolist() == pytest.approx([image.mos for image in outcome.database.fused])
    down, ideal = found["scatter/qcv"], found["scatter/rsfe"]
    assert isinstance(down, Scatter)
    assert isinstance(ideal, Scatter)
    assert down.fitted is not None
    assert ideal.fitted is not None
    np.testing.assert_array_equal(down.fitted.grid_x, -down.fitted.grid)
    np.testing.assert_array_equal(ideal.fitted.grid_x, -np.abs(ideal.fitted.grid))
    assert (down.direction, ideal.direction) == ("lower is better", "nearer to 0 is better")


def test_a_metric_without_scores_is_named_with_the_reason(tmp_path: Path) -> None:
    found = drawings(small_outcome(tmp_path, without=["mi"]))
    assert "scatter/mi" not in found
    forest = found["forest"]
    assert isinstance(forest, Forest)
    assert forest.labels[-1] == "mi"
    assert np.isnan(forest.panels[0].values[-1])
    assert "no score for 16 of 16 images" in to_svg(forest)


def test_nothing_is_drawn_where_no_metric_has_scores(tmp_path: Path) -> None:
    assert drawings(small_outcome(tmp_path, skill={}, without=["mi", "qabf"])) == {}


def test_the_ceiling_is_drawn_only_where_votes_exist(tmp_path: Path) -> None:
    for votes in (True, False):
        forest = drawings(small_outcome(tmp_path / str(votes), votes=votes))["forest"]
        assert isinstance(forest, Forest)
        assert (forest.panels[0].ceiling is not None) == votes
        assert ("noise ceiling" in to_svg(forest)) == votes


def test_a_significance_matrix_is_ordered_by_srcc(tmp_path: Path) -> None:
    outcome = small_outcome(tmp_path, pairs=10)
    matrix = drawings(outcome)["significance"]
    assert isinstance(matrix, Significance)
    assert list(matrix.values) == sorted(matrix.values, reverse=True)
    assert list(matrix.cluster) == sorted(matrix.cluster)
    compared = outcome.analysis.compared["global"]
    assert compared.comparison is not None
    first, second = (compared.labels.index(label) for label in matrix.labels[:2])
    assert matrix.adjusted[0, 1] == compared.comparison.adjusted[first, second]


def test_ranks_of_algorithms_by_opinion_and_by_metrics(tmp_path: Path) -> None:
    ranking = drawings(small_outcome(tmp_path, skill={"qabf": 1.0, "qcv": -1.0}))["ranking"]
    assert isinstance(ranking, Ranking)
    assert ranking.algorithms == ("blur0", "blur1", "blur2", "blur3")
    assert ranking.opinion.tolist() == pytest.approx([90, 75, 60, 45])
    assert ranking.labels == ("qabf", "qcv")
    np.testing.assert_array_equal(ranking.ranks, [[1, 2, 3, 4], [4, 3, 2, 1]])
    assert ranking.left_out == 0


def test_algorithms_without_an_image_of_every_pair_are_not_ranked(tmp_path: Path) -> None:
    outcome = small_outcome(tmp_path)
    table = tmp_path / "fused.csv"
    table.write_text("\n".join(line for line in table.read_text().splitlines() if "blur1/p0" not in line) + "\n")
    ranking = drawings(_analysed_again(outcome, tmp_path))["ranking"]
    assert isinstance(ranking, Ranking)
    assert ranking.algorithms == ("blur0", "blur2", "blur3")
    assert ranking.left_out == 1
    assert "left out: 1 without" in to_svg(ranking)


@pytest.mark.parametrize("name", ["a$b_{c}$ <script>alert(1)</script>", "é 中 & ü" + "x" * 300])
def test_names_are_anybodys(tmp_path: Path, name: str) -> None:
    outcome = small_outcome(tmp_path, skill={"qabf": 1.0, "qcv": 0.5}, about={"name": f"'{name}'"})
    for drawing in drawings(outcome).values():
        assert "<script" not in to_svg(drawing)


def _analysed_again(outcome: Outcome, folder: Path) -> Outcome:
    from benchmark.analysis.analyse import analyse
    from benchmark.databases.folder import load_folder

    database: Database = load_folder(folder)
    options = outcome.analysis.options
    return Outcome(
        database, outcome.rows, outcome.specs, analyse(database, outcome.rows, outcome.specs, options=options)
    )
