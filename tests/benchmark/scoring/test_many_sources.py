"""Scores of a database whose pairs list more than two sources: who gets which, under which key, and what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import benchmark
from benchmark.databases import open_database
from benchmark.errors import BenchmarkError
from benchmark.runs.compare import compare_scores
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.score import score_database
from benchmark.scoring.store import ScoreStore, key_of
from benchmark.scoring.table import score_table
from fusion_metrics import Image, create
from fusion_metrics.selection import select_metrics
from tests.databases import save, write_database
from tests.pictures import picture

METRICS = "mef_ssim,mse,mse:tang,scd,sd"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_database(tmp_path / "db", pairs=2, steps=2)
    lines = ["pair,order,source"]
    for number in range(2):
        save(made / "sources" / f"p{number}_m.png", picture((48, 48), 20 + number))
        lines += [f"p{number},{order},sources/p{number}_{side}.png" for order, side in enumerate("amb")]
    (made / "sources.csv").write_text("\n".join(lines) + "\n")
    return made


def run(folder: Path, *, only_two: bool = False) -> tuple[dict[tuple[str, str], ScoreRow], int]:
    found = 0

    def count(known: int, stored: int) -> None:
        nonlocal found
        found += stored

    database = replace(open_database(str(folder)), only_two=only_two)
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        rows = score_database(database, select_metrics(METRICS), store=store, on_progress=count).rows
    return {(row.image, f"{row.metric}:{row.variant}"): row for row in rows}, found


def test_a_metric_gets_all_sources_or_the_two_that_are_named(folder: Path) -> None:
    rows, _ = run(folder)
    a, b, middle = (folder / "sources" / f"p1_{side}.png" for side in "abm")
    for path in ("fused/blur0/p1.png", "fused/blur1/p1.png"):
        fused = folder / path
        assert rows[path, "mef_ssim:paper"].value == create("mef_ssim")(fused, a, middle, b)
        assert rows[path, "mse:paper"].value == create("mse")(fused, a, middle, b)
        assert rows[path, "mse:tang"].value == create("mse:tang")(fused, a, b)
        assert rows[path, "scd:paper"].value == create("scd")(fused, a, b)
        taken = [rows[path, name].signature.partition("sources=")[2][:6] for _, name in rows if _ == path]
        assert taken == ["3|fmbe", "3|fmbe", "2 of 3", "2 of 3", ""]


def test_what_is_stored_is_found_again_and_two_sources_keep_their_key(folder: Path) -> None:
    first, stored = run(folder)
    assert stored == 0
    again, stored = run(folder)
    assert stored == len(again) == 20
    assert [row.value for row in again.values()] == [row.value for row in first.values()]
    _, stored = run(folder, only_two=True)
    assert stored == 12  # all but mef_ssim and mse, which had three
    (folder / "sources.csv").unlink()
    two, stored = run(folder)
    assert stored == 20
    assert not any("sources=" in row.signature for row in two.values())


def test_the_key_of_three_sources_depends_on_each(folder: Path) -> None:
    fused, a, b, c = (Image(picture((48, 48), seed)) for seed in range(4))
    qabf, scd = create("qabf"), create("scd")
    two = key_of(qabf, fused, a, b)
    assert (two.fused, two.a, two.b) == (fused.digest, a.digest, b.digest)
    keys = {key_of(qabf, fused, *sources) for sources in ((a, b), (a, b, c), (a, c, b), (c, b, a), (a, b, b))}
    assert len(keys) == 5
    assert key_of(scd, fused, a, b).b == b.digest
    alone = key_of(create("sd"), fused, a, b, c)
    assert (alone.a, alone.b) == ("", "")


def test_two_sources_alone_on_request(folder: Path) -> None:
    rows, _ = run(folder, only_two=True)
    sources = [folder / "sources" / f"p0_{side}.png" for side in "ab"]
    row = rows["fused/blur1/p0.png", "mef_ssim:paper"]
    assert row.value == create("mef_ssim")(folder / row.image, *sources)
    assert "|sources=2 of 3|" in row.signature


def test_a_broken_third_source_costs_only_metrics_that_take_it(folder: Path) -> None:
    before, _ = run(folder)
    (folder / "sources" / "p0_m.png").write_bytes(b"no picture")
    rows, _ = run(folder)
    for (path, name), row in rows.items():
        takes = path.endswith("p0.png") and name in ("mef_ssim:paper", "mse:paper")
        assert row.status == ("error" if takes else "ok")
        assert ("p0_m.png" in row.reason) == takes
        if not takes:
            assert row.value == before[path, name].value


def test_a_third_source_of_another_size_is_named(folder: Path) -> None:
    save(folder / "sources" / "p0_m.png", picture((40, 48), 3))
    rows, _ = run(folder)
    row = rows["fused/blur0/p0.png", "mef_ssim:paper"]
    assert row.status == "error"
    assert "p0_a.png is 48x48 but" in row.reason
    assert "p0_m.png is 40x48" in row.reason


def test_cropped_sources_are_cropped_alike(folder: Path) -> None:
    for number in range(2):
        path = folder / "fused" / "blur0" / f"p{number}.png"
        save(path, np.ascontiguousarray(Image.open(path).pixels[:44, :].astype(np.uint8)))
    database = replace(open_database(str(folder)), fit="crop")
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        [row, *_] = score_database(database, select_metrics("mse"), store=store).rows
    cut = [Image.open(folder / "sources" / f"p0_{side}.png").pixels[:44].astype(np.uint8) for side in "amb"]
    assert row.value == create("mse")(folder / row.image, *cut)
    assert "source 1, source 2, source 3: cropped" in row.reading


def test_a_table_says_who_looks_at_two(folder: Path) -> None:
    database = open_database(str(folder))
    rows, _ = run(folder)
    specs = [metric.spec for metric in select_metrics(METRICS)]
    notes = score_table(database, list(rows.values()), specs).notes
    assert "3 sources were fused; of them, a and b alone are looked at by mse:tang, scd" in notes
    two = replace(database, only_two=True)
    assert any("looked at by all metrics" in note for note in score_table(two, list(rows.values()), specs).notes)
    plain = replace(database, pairs={name: replace(pair, sources=()) for name, pair in database.pairs.items()})
    assert not any("sources" in note for note in score_table(plain, list(rows.values()), specs).notes)


def test_python_takes_any_number_of_sources(folder: Path, tmp_path: Path) -> None:
    exposures = []
    for side in "amb":
        source = Image.open(folder / "sources" / f"p0_{side}.png").pixels.astype(np.uint8)
        exposures.append(save(tmp_path / side / "p0.png", source).parent)
    fused = folder / "fused" / "blur1"
    for extra in fused.glob("p1.png"):
        extra.unlink()
    found = benchmark.score(sources=exposures, fused=fused, metrics="mef_ssim,scd")
    values = dict(zip(found.scores["metric"], found.scores["value"], strict=True))
    paths = [folder_of / "p0.png" for folder_of in exposures]
    assert values["mef_ssim"] == create("mef_ssim")(fused / "p0.png", *paths)
    assert values["scd"] == create("scd")(fused / "p0.png", paths[0], paths[-1])
    with pytest.raises(BenchmarkError, match="a and b, or sources, not both"):
        benchmark.score(sources=exposures, a=exposures[0], fused=fused)
    with pytest.raises(BenchmarkError, match="two or more sources"):
        benchmark.score(sources=exposures[:1], fused=fused)


def test_a_comparison_says_who_looks_at_two_of_images_and_of_stored_scores_alike(folder: Path) -> None:
    said = "3 sources were fused; of them, a and b alone are looked at by scd"
    compared = benchmark.compare(str(folder), metrics="mef_ssim,scd,sd")
    assert said in compared.tables[0].notes
    stored = benchmark.score(str(folder), metrics="mef_ssim,scd,sd").scores
    assert said in compare_scores(stored).tables[0].notes
    assert not [note for note in compare_scores(stored, metrics="sd").tables[0].notes if "sources" in note]
