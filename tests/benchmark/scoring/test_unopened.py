"""A second run opens no picture that has not changed, and every one that could have."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from benchmark.databases import open_database
from benchmark.scoring import unopened
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.score import score_database
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Image
from fusion_metrics.selection import select_metrics
from tests.databases import save, write_database

METRICS = "sd,sd:cddfuse,mi,mef_ssim"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(unopened, "SETTLED", -1)
    return write_database(tmp_path / "db")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are opened, in their order."""
    names: list[str] = []

    real = Image.open

    def watched(path: Path, *rest: Any) -> Image:
        names.append(path.name)
        return real(path, *rest)

    monkeypatch.setattr(Image, "open", watched)
    return names


def run(folder: Path, metrics: str = METRICS, *, fresh: bool = False) -> list[ScoreRow]:
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        return score_database(open_database(str(folder)), select_metrics(metrics), store=store, fresh=fresh).rows


def change(folder: Path, statement: str, *values: str) -> None:
    connection = sqlite3.connect(folder.parent / "scores.sqlite", isolation_level=None)
    connection.execute(statement, values)
    connection.close()


def test_a_second_run_opens_nothing_and_has_the_same_rows(folder: Path, opened: list[str]) -> None:
    first = run(folder)
    assert len(opened) == 2 * 2 + 2 * 4
    opened.clear()
    assert run(folder) == first
    assert opened == []


def test_colours_are_known_as_each_metric_sees_them(folder: Path, opened: list[str]) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    save(folder / "fused/blur0/p0.png", colours)
    first = run(folder)
    opened.clear()
    assert run(folder) == first
    assert opened == []
    assert first[0].value != first[1].value
    run(folder, "sd,sd:ivif-zoo,sd:vifb")  # of other grey rules
    assert "p0.png" in opened


def test_only_what_a_metric_lacks_is_opened(folder: Path, opened: list[str]) -> None:
    run(folder)
    run(folder, "sd,en")
    opened.clear()
    run(folder, "en,mi")
    assert opened == []
    run(folder, "en,mi,cc")
    assert len(opened) == 2 * 2 + 2 * 4


def test_other_pixels_in_a_file_of_the_same_size_and_time_are_noticed(folder: Path, opened: list[str]) -> None:
    path = folder / "fused/blur0/p0.bmp"
    pixels = np.array(Pillow.open(folder / "fused/blur0/p0.png"))
    save(path, pixels)
    table = folder / "fused.csv"
    table.write_text(table.read_text().replace("blur0/p0.png", "blur0/p0.bmp"))
    (folder / "votes.csv").unlink()
    before = run(folder)
    about = path.stat()
    save(path, pixels.T.copy() // 2)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert path.stat().st_size == about.st_size
    opened.clear()
    after = run(folder)
    assert opened == ["p0_a.png", "p0_b.png", "p0.bmp"]
    assert after[0].value != before[0].value
    assert after == run(folder, fresh=False)


def test_a_file_that_was_just_written_is_opened_again(
    folder: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unopened, "SETTLED", 3600 * 10**9)
    for _ in range(2):
        opened.clear()
        run(folder)
        assert len(opened) == 2 * 2 + 2 * 4


def test_fresh_opens_everything(folder: Path, opened: list[str]) -> None:
    run(folder)
    opened.clear()
    run(folder, fresh=True)
    assert len(opened) == 2 * 2 + 2 * 4


@pytest.mark.parametrize(
    "known", ["", "[]", "{}", "null", json.dumps([[48], False, [], {}]), json.dumps([[48, 48], False, 0, {}])]
)
def test_what_is_known_may_be_damaged(folder: Path, opened: list[str], known: str) -> None:
    first = run(folder)
    change(folder, "UPDATE file SET known = ?", known)
    opened.clear()
    assert run(folder) == first
    assert len(opened) == 2 * 2 + 2 * 4


def test_another_decoder_may_give_other_pixels(
    folder: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder)
    opened.clear()
    monkeypatch.setattr(unopened, "_decoders", lambda: "another")
    run(folder)
    assert len(opened) == 2 * 2 + 2 * 4


def test_a_damaged_score_is_computed_again_of_the_picture(folder: Path, opened: list[str]) -> None:
    first = run(folder)
    change(folder, "UPDATE score SET value = 'x' WHERE metric = 'mi'")
    opened.clear()
    again = run(folder)
    assert [row.value for row in again] == [row.value for row in first]
    assert len(opened) == 2 * 2 + 2 * 4


def test_pictures_of_other_sizes_are_refused_as_before(folder: Path) -> None:
    save(folder / "fused/blur0/p0.png", np.zeros((40, 48), dtype=np.uint8))
    first, second = run(folder), run(folder)
    assert first == second
    assert "sizes differ" in first[2].reason
