"""What `fmbench bench` measures and prints; how long anything takes is not asserted."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmark.cost.floor import CALLS, calls_of, cost_class, effort, floor, primitive, seconds_of_primitives
from benchmark.cost.timing import Bench, Cost, bench, bench_table
from benchmark.example_pictures import example
from fusion_metrics import create, list_metrics
from tests.command import fmbench
from tests.databases import save


def test_example_pictures_are_the_same_everywhere() -> None:
    grey, colour = example(64), example(64, colour=True)
    for picture in grey:
        assert (picture.shape, picture.dtype) == ((64, 64), np.uint8)
    for picture, channels in zip(grey, colour, strict=True):
        np.testing.assert_array_equal(picture, channels[..., 0])
        assert not np.array_equal(picture, channels[..., 1])
    assert [int(picture.sum()) for picture in colour] == COLOUR_SUMS


#: Of the picture as it was when the documentation was made from it.
COLOUR_SUMS = [1328957, 1338426, 1336724]


def test_every_metric_of_this_project_is_counted_or_iterates() -> None:
    uncounted = {spec.name for spec in list_metrics() if calls_of(spec.id) is None and not spec.learns}
    assert uncounted == {"nsct_pcnn"}
    known = {spec.id for spec in list_metrics(variants=True)}
    assert set(CALLS) <= known


def test_a_variant_counts_as_its_metric_unless_it_is_named() -> None:
    assert calls_of("qabf:vifb") == calls_of("qabf") == CALLS["qabf"]
    assert calls_of("piella:qe") != calls_of("piella:qw")
    assert calls_of("anything") is None
    assert cost_class("te:nava") == cost_class("te")


def test_effort_weighs_calls_by_their_usual_cost() -> None:
    assert effort("qcb") == 6 * 16 + 6 * (30 + 1.7 * 31) + 40
    assert [cost_class(name).split(",")[0] for name in ("en", "qcb", "fmi")] == ["light", "medium", "heavy"]


def test_floor_is_the_sum_of_the_calls() -> None:
    seconds = dict.fromkeys({name for calls in CALLS.values() for name in calls}, 1.0)
    assert floor("qcb", seconds) == 6 + 6 + 40
    assert floor("anything", seconds) is None


@pytest.mark.parametrize("name", sorted({name for calls in CALLS.values() for name in calls}))
def test_every_call_that_is_counted_can_be_made(name: str) -> None:
    assert primitive(name, 32)() is not None


def test_costs() -> None:
    metrics = [create(name) for name in ("qcv", "piella:liu2012-qe", "nsct_pcnn", "bmpri", "en")]
    measured = []
    found = bench(metrics, example(48), repeats=1, on_metric=lambda: measured.append(1))
    assert len(measured) == 5
    assert found.size == (48, 48)
    qcv, never, blind, learning, _ = found.costs
    assert [cost.spec.id for cost in found.costs] == [metric.spec.id for metric in metrics]
    assert qcv.cold is not None
    assert qcv.peak is not None
    assert qcv.peak > 48 * 48 * 8
    assert never.cold is None
    assert "never sets" in never.reason
    assert (blind.known, blind.saved, blind.floor, blind.ratio) == (None, None, None, None)
    assert learning.cold is not None
    assert found.together > 0.0
    assert set(seconds_of_primitives(32, 1)) == {name for calls in CALLS.values() for name in calls}


def test_table() -> None:
    qabf, mi = create("qabf:vifb").spec, create("mi").spec
    costs = (Cost(qabf, 0.02, 0.005, 3e6, 0.01), Cost(mi, reason="no value"))
    table = bench_table(Bench((256, 256), costs, 0.015))
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["qabf:vifb", "20", "5", "75%", "3", "10", "2"],
        ["mi", *["n/a"] * 6],
    ]
    assert table.notes[-2:] == (
        "all of them: 20 ms one by one, 15 ms on one triple, sharing features",
        "mi: no value",
    )


def test_the_command(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "costs.csv"
    result = fmbench("bench", "--metrics", "qabf,sd", "--size", 48, "--colour", "--repeats", 1, "--out", out)
    assert result.exit_code == 0
    assert "Cost on 48x48 pixels" in result.stdout
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["metric"] for row in rows] == ["qabf", "sd"]
    assert float(rows[0]["seconds"]) > 0.0
    assert float(rows[0]["ratio"]) > 0.0


def test_the_command_on_given_pictures(tmp_path: Path) -> None:
    a, b, fused = (save(tmp_path / f"{k}.png", picture) for k, picture in enumerate(example(40)))
    arguments = ("bench", "--metrics", "mse", "--repeats", 1, "--a", a)
    result = fmbench(*arguments, "--b", b, "--fused", fused)
    assert result.exit_code == 0
    assert "40x40" in result.stdout
    result = fmbench(*arguments, "--b", b)
    assert result.exit_code == 2
    assert "error: give --a, --b and --fused, or none of them" in result.stderr
    other = save(tmp_path / "other.png", example(48).fused)
    result = fmbench(*arguments, "--b", b, "--fused", other)
    assert result.exit_code == 2
    assert "sizes differ" in result.stderr
