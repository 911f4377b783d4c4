from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import BenchmarkError
from benchmark.runs import reproduce
from benchmark.runs.watch import Watch
from tests.databases import with_masks, write_database


def test_a_figure_of_attention_that_cannot_be_drawn_costs_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BenchmarkError("all lesions are black")

    monkeypatch.setattr(reproduce, "_attention", fail)
    monkeypatch.setattr(reproduce, "needed_metrics", lambda table: ("qabf",))
    folder = with_masks(write_database(tmp_path / "small"))
    warned: list[str] = []
    watch = Watch(warn=warned.append)
    found = reproduce.reproduce("ms-aan", ("2", "fig4"), database=folder, watch=watch)
    assert warned == ["left out: the figure of attention (all lesions are black)"]
    assert (list(found.tables), found.attention) == (["2"], None)
    with pytest.raises(BenchmarkError, match="all lesions are black"):
        reproduce.reproduce("ms-aan", ("fig4",), database=folder)
