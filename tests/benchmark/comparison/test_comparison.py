"""Methods by metrics from rows whose differences are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmark.comparison.asked import Asked, parse_names
from benchmark.comparison.table import table_of
from benchmark.comparison.values import gather
from benchmark.errors import BenchmarkError
from benchmark.runs.compare import compare_scores
from benchmark.runs.comparison import Comparison
from benchmark.scoring.rows import ScoreRow
from tests.comparisons import IMAGES, MEANS, compared, rows


def cells(found: Comparison, metric: str) -> dict[str, pd.Series]:
    mine = found.cells[found.cells["metric"] == metric]
    return {row["method"]: row for _, row in mine.iterrows()}


def test_ranks_follow_the_direction_of_every_metric() -> None:
    found = compared()
    worse = {"qabf": lambda values: -values.mean(), "qcv": np.mean, "rsfe": lambda values: np.abs(values).mean()}
    for metric, measure in worse.items():
        mine = found.scores[found.scores["metric"] == metric]
        order = sorted(
            MEANS[metric],
            key=lambda method, mine=mine, measure=measure: measure(  # type: ignore[misc]
                mine[mine["method"] == method]["value"].to_numpy()
            ),
        )
        ranks = {method: row["rank"] for method, row in cells(found, metric).items()}
        assert ranks == {method: place for place, method in enumerate(order, start=1)}, metric
        assert ranks["bad"] == 3


def test_means_are_those_of_the_scores() -> None:
    found = compared()
    whole = found.scores.groupby(["method", "metric"])["value"]
    for (method, metric), mean in whole.mean().items():  # type: ignore[misc]
        assert found.means.loc[method, metric] == pytest.approx(mean)
        assert cells(found, metric)[method]["sd"] == pytest.approx(whole.std()[method, metric])
        assert cells(found, metric)[method]["median"] == pytest.approx(whole.median()[method, metric])


def test_only_what_may_be_the_best_is_marked() -> None:
    found = compared()
    table = table_of(found.grids[0], upright=True)
    texts = {line[0].text: dict(zip(table.header[1:], line[1:], strict=True)) for line in table.rows}
    assert texts["near"]["qabf ↑"].text.endswith("†")
    assert not texts["good"]["qabf ↑"].text.endswith("†")
    assert not texts["bad"]["qabf ↑"].text.endswith("†")
    assert texts["good"]["qabf ↑"].mark == "best"
    assert texts["near"]["qabf ↑"].mark == "second"
    assert any(note.startswith("†") for note in table.notes)


def test_no_dagger_is_explained_where_there_is_none() -> None:
    far = [row for row in rows() if row.algorithm != "near"]
    notes = compared(scores=far).grids[0].notes
    assert not any("†" in note for note in notes)


def test_nothing_is_called_best_where_all_methods_are_equal() -> None:
    same = [
        ScoreRow("d", f"p{n}", method, f"{method}{n}", "qabf", "paper", 0.5, "ok", "", 0.0)
        for method in ("a", "b", "c")
        for n in range(12)
    ]
    grid = compared(scores=same).grids[0]
    assert not any("best" in note for note in grid.notes)
    assert grid.findings[0] == "qabf: all methods have the same mean"


@pytest.mark.parametrize("decimals", [None, 2])
def test_numbers_of_a_column_have_the_same_digits(decimals: int | None) -> None:
    grid = compared(Asked(permutations=99, decimals=decimals)).grids[0]
    for k in range(len(grid.columns)):
        behind = {len(line[k].text.partition(".")[2]) for line in grid.cells}
        assert len(behind) == 1
        assert decimals is None or behind == {decimals}


def test_a_mean_and_a_median_and_a_spread_are_what_they_say() -> None:
    found = compared(Asked(permutations=99, statistic="median"))
    row = cells(found, "qabf")["bad"]
    printed = dict(zip(found.grids[0].methods, found.grids[0].cells, strict=True))["bad"][0]
    assert float(printed.text) == pytest.approx(row["median"], abs=1e-3)
    spread = compared(Asked(permutations=99, statistic="mean-sd"))
    printed = dict(zip(spread.grids[0].methods, spread.grids[0].cells, strict=True))["bad"][0]
    assert float(printed.spread) == pytest.approx(row["sd"], abs=1e-3)


def test_a_missing_image_costs_its_method_the_mean_and_says_which_image() -> None:
    found = compared(scores=rows(without=(("near", 3),)))
    near = cells(found, "qabf")["near"]
    assert np.isnan(near["mean"])
    assert near["missing"] == 1
    assert "n/a: near has no value for 1 image (p3)" in found.grids[0].notes
    assert cells(found, "qabf")["good"]["rank"] == 1


def test_common_images_are_compared_and_counted() -> None:
    found = compared(Asked(permutations=99, common=True), scores=rows(without=(("near", 3), ("bad", 5))))
    assert set(found.cells["images"]) == {IMAGES - 2}
    assert not found.cells["mean"].isna().any()
    assert "compared on the 18 images that all methods have; left out: p3 and p5" in found.grids[0].notes


def test_nothing_in_common_is_an_error() -> None:
    half = tuple(("near", n) for n in range(10)) + tuple(("bad", n) for n in range(10, IMAGES))
    with pytest.raises(BenchmarkError, match="nothing in common"):
        compared(Asked(common=True), scores=rows(without=half))


def test_several_data_sets_have_a_table_each_and_one_over_all() -> None:
    found = compared(scores=rows("first") + rows("second"))
    assert [part.values.name for part in found.parts] == ["first", "second", "all data sets"]
    assert set(found.cells.query("dataset == 'all data sets'")["images"]) == {2 * IMAGES}
    assert len(found.scores) == 2 * 3 * 3 * IMAGES
    mean = found.cells.query("metric == 'qabf' and method == 'bad'").set_index("dataset")["mean"]
    assert mean["all data sets"] == pytest.approx((mean["first"] + mean["second"]) / 2)


def test_a_data_set_that_a_method_lacks_has_a_table_of_the_others() -> None:
    lacking = [row for row in rows("second") if row.algorithm != "near"]
    found = compared(Asked(permutations=99, common=True), scores=rows("first") + lacking)
    assert [part.values.methods for part in found.parts] == [
        ("good", "near", "bad"),
        ("good", "bad"),
        ("good", "near", "bad"),
    ]
    assert len(found.values[2].images) == IMAGES


def test_data_sets_without_methods_in_common_are_not_joined() -> None:
    others = [
        ScoreRow(*(row.database, row.pair, f"other {row.algorithm}"), *list(vars(row).values())[3:])
        for row in rows("second")
    ]
    found = compared(Asked(permutations=99), scores=rows("first") + others)
    assert [part.values.name for part in found.parts] == ["first", "second"]
    assert len(found.scores) == 2 * 3 * 3 * IMAGES


def test_two_data_sets_are_too_few_to_claim_anything_of_others() -> None:
    found = compared(Asked(permutations=99, groups="dataset"), scores=rows("first") + rows("second"))
    last = found.tests.query("dataset == 'all data sets'")
    assert set(last["blocks"]) == {2}
    assert last["warning"].str.contains("no difference can be found").all()


def test_images_of_one_pair_are_not_independent() -> None:
    found = compared(scores=rows(pairs=5))
    assert set(found.tests["blocks"]) == {5}
    assert found.values[0].images[:6:5] == ("p0 #1", "p0 #2")
    assert "mean of 20 images" in found.grids[0].title


def test_every_pair_of_methods_is_counted_and_tested() -> None:
    pairs = compared().pairs
    assert len(pairs) == 3 * 3
    assert (pairs["wins"] + pairs["ties"] + pairs["losses"] == IMAGES).all()
    one = pairs.query("metric == 'qcv' and first == 'good' and second == 'bad'").iloc[0]
    assert one["difference"] == pytest.approx(490, rel=0.2)
    assert one["effect"] == 1.0
    assert one["p_adjusted"] <= 0.05


def test_the_sentences_say_what_the_tests_found() -> None:
    said = "\n".join(compared().grids[0].findings)
    assert "qabf: good is best, near (p = " in said
    assert "bad is significantly worse" in said
    assert "good against bad: significantly better by qabf, qcv and rsfe" in said
    assert "mean rank over 3 metrics" in said
    assert "not for there being 3 metrics" in said


def test_a_single_image_is_printed_and_not_tested() -> None:
    found = compared(scores=[row for row in rows() if row.pair == "p0"])
    assert found.grids[0].title == "small: 1 pair"
    assert "qabf, qcv and rsfe: no test, a comparison needs two images, not 1" in found.grids[0].findings
    assert found.overall.empty
    assert not found.cells["mean"].isna().any()


def test_an_infinite_value_is_printed_and_not_tested() -> None:
    equal = [
        ScoreRow("d", f"p{n}", method, f"{method}{n}", "psnr", "paper", value + n, "ok", "", 0.0)
        for method, value in (("copy", np.inf), ("a", 20.0), ("b", 30.0))
        for n in range(8)
    ]
    found = compared(scores=equal)
    grid = found.grids[0]
    texts = dict(zip(grid.methods, (line[0].text for line in grid.cells), strict=True))
    assert texts == {"copy": "∞", "a": "23.50", "b": "33.50"}
    assert found.tests["methods"].tolist() == [2]


def test_methods_are_renamed_and_the_own_one_is_last() -> None:
    found = compared(Asked(permutations=99, names={"good": "Ours", "bad": "B_1"}, ours="good"))
    assert found.grids[0].methods == ("near", "B_1", "Ours")
    assert found.grids[0].called("Ours") == "Ours"
    assert compared(Asked(permutations=99, ours="near")).grids[0].called("near") == "near (ours)"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked(names={"goo": "x"}), "did you mean 'good'"),
        (Asked(ours="nobody"), "no method 'nobody' that could be ours"),
        (Asked(names={"good": "bad"}), "would both be printed as 'bad'"),
    ],
)
def test_names_that_fit_no_method_are_refused(asked: Asked, message: str) -> None:
    with pytest.raises(BenchmarkError, match=message):
        compared(asked)


@pytest.mark.parametrize("text", ["a", "=b", "a=", "a=b,a=c"])
def test_names_are_old_equals_new(text: str) -> None:
    with pytest.raises(BenchmarkError):
        parse_names(text)


def test_metrics_come_in_the_order_asked_for() -> None:
    frame = pd.DataFrame([vars(row) for row in rows()])
    found = compare_scores(frame, metrics="rsfe,qabf", asked=Asked(permutations=99))
    assert list(found.means.columns) == ["rsfe", "qabf"]
    with pytest.raises(BenchmarkError, match="the scores have no metric en"):
        compare_scores(frame, metrics="en")


def test_methods_are_chosen_by_patterns() -> None:
    frame = pd.DataFrame([vars(row) for row in rows()])
    found = compare_scores(frame, algorithms="!b*", asked=Asked(permutations=99))
    assert list(found.means.index) == ["good", "near"]
    with pytest.raises(BenchmarkError, match="no scores to compare of x"):
        compare_scores(frame, algorithms="x")


def test_one_method_is_no_comparison() -> None:
    with pytest.raises(BenchmarkError, match="only one method, good"):
        gather([row for row in rows() if row.algorithm == "good"], Asked(), {})


def test_two_values_of_one_image_are_refused() -> None:
    twice = rows()
    with pytest.raises(BenchmarkError, match=r"good/0\.png: has two values of qabf"):
        gather([*twice, ScoreRow(*list(vars(twice[0]).values())[:6], 0.5, "ok", "", 0.0)], Asked(), {})


def test_other_images_are_said_to_decide_where_one_does() -> None:
    wild = [
        ScoreRow("d", f"p{n}", method, f"{method}{n}", "qabf", "paper", value(n), "ok", "", 0.0)
        for method, value in (("steady", lambda n: 0.5 + 0.001 * n), ("lucky", lambda n: 9.0 if n == 4 else 0.4))
        for n in range(10)
    ] + [
        ScoreRow("d", f"p{n}", method, f"{method}{n}", "ssim", "paper", value(n), "ok", "", 0.0)
        for method, value in (("steady", lambda n: 0.5 + 0.001 * n), ("lucky", lambda n: 9.0 if n == 4 else 0.4))
        for n in range(10)
    ]
    found = compared(scores=wild)
    assert any("hangs on a single image: another method is first without p4" in s for s in found.grids[0].findings)
    assert found.stability.query("kind == 'image' and left_out == 'p4'")["leader_changes"].all()
