"""The exposure fusion set of Waterloo in its original layout, and what becomes of it."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from benchmark.csv_files import read_csv
from benchmark.databases.check import check_database
from benchmark.databases.folder import load_folder
from benchmark.databases.originals.convert import convert
from benchmark.databases.originals.sets import public_set
from benchmark.errors import BenchmarkError
from tests.command import fmbench
from tests.databases import save
from tests.originals import SEQUENCES, cell, mefdatabase, noise, rows_of

command = partial(fmbench, "data")


def test_the_archive_of_waterloo_becomes_a_database_without_problems(tmp_path: Path) -> None:
    mefdatabase(tmp_path / "MEFDatabase")
    run = command("convert", "mefdatabase", tmp_path / "MEFDatabase", "--out", tmp_path / "mef")
    assert run.exit_code == 0, run.output
    database = load_folder(tmp_path / "mef")
    assert list(check_database(database)) == []
    assert (database.scores, database.score_min, database.score_max) == ("human", 1, 10)
    assert "University of Waterloo" in database.licence
    found = {(image.pair, image.algorithm): image.mos for image in database.fused}
    assert found[("Tower", "Gu12")] == 2.5
    assert found[("Tower", "Mertens07")] == 7.25
    assert found[("ChineseGarden", "lsaverage")] == 10
    assert len(found) == 6


def test_every_exposure_is_listed_from_dark_to_bright(tmp_path: Path) -> None:
    convert(public_set("mefdatabase"), mefdatabase(tmp_path / "original"), tmp_path / "mef")
    rows = [row for _, row in read_csv(tmp_path / "mef" / "sources.csv", ("pair", "order", "source"))]
    assert [(row["pair"], row["order"]) for row in rows] == [
        *(("Tower", str(order)) for order in range(3)),
        *(("ChineseGarden", str(order)) for order in range(4)),
    ]
    database = load_folder(tmp_path / "mef")
    for name, pair in database.pairs.items():
        mine = [tmp_path / "mef" / row["source"] for row in rows if row["pair"] == name]
        assert (pair.source_a, pair.source_b) == (mine[0], mine[-1])
    darkest = tmp_path / "original" / "source image sequences" / "Tower_Jacques Joffre" / "2.png"
    assert database.pairs["Tower"].source_a.read_bytes() == darkest.read_bytes()


@pytest.mark.parametrize("shape", [(6, 1), (1, 6), (3, 2), (6,)])
def test_names_and_scores_of_one_shape_belong_together(tmp_path: Path, shape: tuple[int, ...]) -> None:
    convert(public_set("mefdatabase"), mefdatabase(tmp_path / "original", shape), tmp_path / "mef")
    found = {image.image: image.mos for image in load_folder(tmp_path / "mef").fused}
    assert found["fused/Mertens07/Tower.png"] == 7.25


def test_names_in_a_row_and_scores_in_a_column_belong_together(tmp_path: Path) -> None:
    convert(public_set("mefdatabase"), mefdatabase(tmp_path / "original", (1, 6), (6, 1)), tmp_path / "mef")
    assert load_folder(tmp_path / "mef").fused[1].mos == 7.25


def test_scores_that_lie_otherwise_than_names_are_refused(tmp_path: Path) -> None:
    mefdatabase(tmp_path / "original", (3, 2), (2, 3))
    with pytest.raises(BenchmarkError, match=r"MOS.mat: scores lie 2 x 3, names in imgName.mat 3 x 2"):
        convert(public_set("mefdatabase"), tmp_path / "original", tmp_path / "mef")
    assert not (tmp_path / "mef").exists()


def damage(folder: Path, how: str) -> None:
    """Spoil a layout of Waterloo in one way."""
    if how == "no scores":
        (folder / "MOS.mat").unlink()
    elif how == "no archive":
        (folder / "MOS.mat").write_bytes(b"not a MATLAB file at all")
    elif how == "crash":
        content = bytearray((folder / "MOS.mat").read_bytes())
        content[177] = 3  # the type of the numbers: scipy's reader does not survive one that there is none of
        (folder / "MOS.mat").write_bytes(content)
    elif how == "other format":
        (folder / "MOS.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + b"\x89HDF\r\n")
    elif how == "fewer scores":
        savemat(folder / "MOS.mat", {"MOS": np.ones((5, 1))})
    elif how == "off the scale":
        savemat(folder / "MOS.mat", {"MOS": np.full((6, 1), 11.0)})
    elif how == "texts":
        savemat(folder / "MOS.mat", {"MOS": cell(list("abcdef"), (6, 1))})
    elif how == "two variables":
        savemat(folder / "MOS.mat", {"mean": np.ones((6, 1)), "deviation": np.ones((6, 1))})
    elif how == "no sequence":
        shutil.rmtree(folder / "source image sequences" / SEQUENCES["Tower"])
    elif how == "no fused":
        shutil.rmtree(folder / "fused images")
    elif how == "names":
        savemat(folder / "imgName.mat", {"imgName": cell(["a", "b", "c", "d", "e", "f"], (6, 1))})
    elif how == "twice":
        savemat(folder / "imgName.mat", {"imgName": cell(["Tower_Gu12"] * 6, (6, 1))})


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("no scores", "has no MOS.mat"),
        ("no archive", "MOS.mat: is no .mat file that can be read"),
        ("crash", "MOS.mat: is no .mat file that can be read"),
        ("other format", "MOS.mat: is of MATLAB 7.3; save it in MATLAB"),
        ("fewer scores", "MOS.mat: 5 scores for 6 names in imgName.mat"),
        ("off the scale", "MOS.mat: scores from 11 to 11, not from 1 to 10"),
        ("texts", "MOS.mat: holds no numbers"),
        ("two variables", "MOS.mat: no variable MOS in it; there are mean, deviation"),
        ("no sequence", "no folder for the sequence Tower"),
        ("no fused", "has no folder of fused images"),
        ("names", "'a' is not called SEQUENCE_ALGORITHM"),
        ("twice", "names Tower_Gu12 more than once"),
    ],
)
def test_another_layout_is_one_clear_line_and_leaves_nothing(tmp_path: Path, how: str, why: str) -> None:
    damage(mefdatabase(tmp_path / "original"), how)
    run = command("convert", "mefdatabase", tmp_path / "original", "--out", tmp_path / "out" / "mef")
    assert run.exit_code == 2
    [line] = [line for line in run.output.splitlines() if line.startswith("error")]
    assert why in line
    assert list((tmp_path / "out").iterdir()) == []


def test_a_score_without_a_picture_is_left_out_and_named(tmp_path: Path) -> None:
    original = mefdatabase(tmp_path / "original")
    (original / "fused images" / "Tower_Gu12.png").unlink()
    [note] = convert(public_set("mefdatabase"), original, tmp_path / "mef")
    assert "no picture called Tower_Gu12" in note
    assert len(load_folder(tmp_path / "mef").fused) == 5


def test_an_archive_with_one_folder_around_everything_is_understood(tmp_path: Path) -> None:
    mefdatabase(tmp_path / "unpacked" / "MEFDatabase")
    convert(public_set("mefdatabase"), tmp_path / "unpacked", tmp_path / "mef")
    assert len(load_folder(tmp_path / "mef").fused) == 6


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    original = mefdatabase(tmp_path / "original")
    save(tmp_path / "mef" / "mine.png", noise(0))
    run = command("convert", "mefdatabase", original, "--out", tmp_path / "mef")
    assert run.exit_code == 2
    assert "is there already and is not empty" in run.output
    assert [path.name for path in (tmp_path / "mef").iterdir()] == ["mine.png"]


def test_the_real_sequences_laid_out_as_in_their_archive_come_back(shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "mef-waterloo"
    if not data.is_dir():
        pytest.skip("needs ../shared/data/mef-waterloo")
    original = tmp_path / "MEFDatabase"
    for _, row in read_csv(data / "sequences.csv", ("source", "original")):
        (original / "source image sequences" / row["original"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(data / row["source"], original / "source image sequences" / row["original"])
    (original / "fused images").mkdir()
    names, mos = [], []
    for _, row in read_csv(data / "fused.csv", ("image", "pair", "algorithm", "mos")):
        names.append(f"{row['pair']}_{row['algorithm']}")
        mos.append(float(row["mos"]))
        shutil.copyfile(data / row["image"], original / "fused images" / f"{names[-1]}.png")
    savemat(original / "imgName.mat", {"imgName": cell(names, (len(names), 1))})
    savemat(original / "MOS.mat", {"MOS": np.array(mos)[:, None]})
    convert(public_set("mefdatabase"), original, tmp_path / "mef")
    columns = ("image", "pair", "algorithm", "mos")
    mine, theirs = (rows_of(folder / "fused.csv", *columns) for folder in (tmp_path / "mef", data))
    assert [row[:3] for row in mine] == [row[:3] for row in theirs]
    assert [float(row[3]) for row in mine] == [float(row[3]) for row in theirs]
    columns = ("pair", "order")
    assert rows_of(tmp_path / "mef" / "sources.csv", *columns) == rows_of(data / "sequences.csv", *columns)
    for (name, pair), (_, like) in zip(
        sorted(load_folder(tmp_path / "mef").pairs.items()), sorted(load_folder(data).pairs.items()), strict=True
    ):
        assert pair.source_a.read_bytes() == like.source_a.read_bytes(), name
        assert pair.source_b.read_bytes() == like.source_b.read_bytes(), name
