"""Figures of a comparison of methods."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.figures.critical_difference import CriticalDifference
from benchmark.figures.dendrogram import Dendrogram
from benchmark.figures.formats import to_svg, write_files
from benchmark.statistics.methods.friedman import friedman
from benchmark.statistics.methods.redundancy import redundancy

RNG = np.random.default_rng(2)


def diagram(methods: int, ours: str = "") -> CriticalDifference:
    found = friedman(RNG.normal(size=(20, methods)) + np.linspace(0, 3, methods))
    names = tuple(f"method {i}" for i in range(methods))
    return CriticalDifference(
        about="small, no opinion scores",
        metric="qabf",
        methods=names,
        ranks=found.ranks,
        apart=found.critical_difference,
        alpha=found.alpha,
        images=found.blocks,
        p=found.f_p,
        ours=ours,
    )


@pytest.mark.parametrize("methods", [3, 4, 11, 30])
def test_every_method_and_its_mean_rank_are_in_the_diagram(methods: int) -> None:
    drawing = diagram(methods)
    svg = to_svg(drawing)
    for name, rank in zip(drawing.methods, drawing.ranks, strict=True):
        assert name in svg
        assert f"{rank:.2f}" in svg
    assert f"critical difference {drawing.apart:.2f}" in svg
    assert "no opinion scores" in svg


def test_lines_end_at_the_mean_ranks_and_bars_join_what_does_not_differ() -> None:
    drawing = CriticalDifference("d", "m", ("a", "b", "c"), np.array([1.2, 2.9, 1.9]), 0.8, 0.05, 9, 0.01)
    lines = [line.get_xydata() for line in drawing.draw().axes[0].lines]
    starts = {round(float(line[0, 0]), 6) for line in lines if len(line) == 3}
    assert starts == {1.2, 1.9, 2.9}
    bars = [line for line in drawing.draw().axes[0].lines if line.get_linewidth() == 2.6]
    ((left, right),) = [bar.get_xdata() for bar in bars]
    assert (left, right) == pytest.approx((1.2, 1.9), abs=0.02)
    assert drawing.alt == (
        "Mean ranks of 3 methods by m over 9 images, d: best is a with 1.20; 1 other method is within the critical "
        "difference of 0.80."
    )


def test_an_own_method_is_marked() -> None:
    plain, marked = diagram(5), diagram(5, "method 2")
    assert plain.digest != marked.digest
    widths = {line.get_linewidth() for line in marked.draw().axes[0].lines if len(line.get_xdata()) == 3}
    assert len(widths) == 2


def tree(metrics: int) -> Dendrogram:
    base = RNG.normal(size=(metrics, 20, 6))
    base[1] = np.exp(base[0])
    found = redundancy(base)
    return Dendrogram(
        about="small, no opinion scores",
        what="ranks of 6 methods within 20 images",
        labels=tuple(f"metric{i}" for i in range(metrics)),
        tree=found.tree,
        group=found.group,
        threshold=found.threshold,
        effective=found.effective,
    )


@pytest.mark.parametrize("metrics", [2, 3, 9, 40])
def test_every_metric_is_in_the_tree_and_alike_ones_are_named(metrics: int) -> None:
    drawing = tree(metrics)
    svg = to_svg(drawing)
    assert all(f">{label}<" in svg for label in drawing.labels)
    assert "from 0.8 up, alike are metric0, metric1." in drawing.alt
    coloured = [line for line in drawing.draw().axes[0].lines if line.get_marker() not in ("None", "")]
    assert len(coloured) == 2


def test_unlike_metrics_are_said_to_be_unlike() -> None:
    found = redundancy(RNG.normal(size=(4, 30, 6)))
    drawing = Dendrogram("d", "w", tuple("abcd"), found.tree, found.group, found.threshold, found.effective)
    assert "no two are alike" in drawing.alt
    assert to_svg(drawing)


def test_both_are_written_as_pdf_and_png(tmp_path: Path) -> None:
    for name, drawing in (("ranks", diagram(6)), ("tree", tree(5))):
        write_files(drawing, tmp_path / name)
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        first = (tmp_path / f"{name}.png").read_bytes()
        write_files(drawing, tmp_path / name)
        assert (tmp_path / f"{name}.png").read_bytes() == first
