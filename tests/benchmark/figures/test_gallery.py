from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pillow

from benchmark.analysis.measure import Options
from benchmark.analysis.outcome import Outcome
from benchmark.figures import draw_figures
from benchmark.figures.gallery import DRAWN
from benchmark.figures.style import RC
from tests.outcomes import OPTIONS, small_outcome

NAMES = ["forest", "ranking", "significance", "significance-algorithms"]
SCATTERS = ["scatter/qabf", "scatter/qcv", "scatter/rsfe"]


@pytest.fixture(autouse=True)
def fonts_without_subsets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Embed fonts the fast way: of a figure of this size, they take most of the time."""
    monkeypatch.setitem(RC, "pdf.fonttype", 3)


def draw(folder: Path, outcome: Outcome, jobs: int = 1) -> dict[str, int]:
    """Draw, and return when each file was written."""
    draw_figures(folder, outcome.database, outcome.analysis, jobs)
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*.p*")}


def test_every_figure_is_drawn_as_pdf_and_png(tmp_path: Path) -> None:
    drawn: list[int] = []
    folder = tmp_path / "figures"
    one = small_outcome(tmp_path / "db")
    draw_figures(folder, one.database, one.analysis, on_figure=lambda: drawn.append(1))
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.p*"))
    assert files == sorted(f"{name}.{suffix}" for name in (*NAMES, *SCATTERS) for suffix in ("pdf", "png"))
    assert len(drawn) == len(files) / 2
    for file in files:
        if file.endswith(".pdf"):
            assert (folder / file).read_bytes().startswith(b"%PDF")
        else:
            with Pillow.open(folder / file) as picture:
                assert min(picture.size) > 200


def test_what_shows_the_same_is_not_drawn_again(tmp_path: Path) -> None:
    first = small_outcome(tmp_path / "db")
    before = draw(tmp_path / "figures", first)
    assert draw(tmp_path / "figures", small_outcome(tmp_path / "again")) == before
    changed = small_outcome(tmp_path / "other", skill={"qabf": 1.0, "qcv": 0.8, "rsfe": 0.1})
    after = draw(tmp_path / "figures", changed)
    assert {name for name in after if after[name] == before[name]} == {
        f"scatter/{metric}.{suffix}" for metric in ("qabf", "qcv") for suffix in ("pdf", "png")
    }


def test_a_file_that_was_lost_is_drawn_again(tmp_path: Path) -> None:
    outcome = small_outcome(tmp_path / "db")
    before = draw(tmp_path, outcome)
    (tmp_path / "forest.png").unlink()
    (tmp_path / DRAWN).write_text((tmp_path / DRAWN).read_text().replace('"ranking"', '"other"'))
    after = draw(tmp_path, outcome)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {
        f"{name}.{suffix}" for name in ("forest", "ranking") for suffix in ("pdf", "png")
    }


def test_figures_of_an_earlier_run_do_not_stay_beside_newer_tables(tmp_path: Path) -> None:
    draw(tmp_path, small_outcome(tmp_path / "db"))
    own = tmp_path / "scatter" / "mine.png"
    own.write_bytes(b"")
    files = draw(tmp_path, small_outcome(tmp_path / "fewer", skill={"qabf": 1.0, "qcv": 0.8}))
    assert "scatter/qcv.pdf" in files
    assert "scatter/rsfe.pdf" not in files
    assert own.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"'])
def test_a_spoilt_list_of_figures_only_costs_time(tmp_path: Path, content: str) -> None:
    outcome = small_outcome(tmp_path / "db", skill={"qabf": 1.0})
    (tmp_path / DRAWN).write_text(content)
    assert "forest.pdf" in draw(tmp_path, outcome)


def test_several_processes_draw_the_same_bytes(tmp_path: Path) -> None:
    outcome = small_outcome(tmp_path / "db", skill={"qabf": 1.0, "qcv": 0.8})
    draw(tmp_path / "one", outcome)
    draw(tmp_path / "two", outcome, jobs=2)
    for path in sorted((tmp_path / "one").rglob("*.png")):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()


def test_a_figure_changes_with_what_it_shows(tmp_path: Path) -> None:
    from benchmark.figures import figures_of

    outcome = small_outcome(tmp_path / "db")

    def digests(options: Options) -> dict[str, str]:
        analysis = replace(outcome.analysis, options=options)
        return {name: one.digest for name, one in figures_of(outcome.database, analysis).items()}

    before, after = digests(OPTIONS), digests(replace(OPTIONS, confidence=0.5))
    assert before == digests(OPTIONS)
    assert {name for name in before if before[name] != after[name]} == set(SCATTERS)
    assert len(set(before.values())) == len(before)
