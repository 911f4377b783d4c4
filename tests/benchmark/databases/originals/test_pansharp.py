"""The pansharpening set in its original layout, and what becomes of it."""

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
from benchmark.databases.originals.pansharp import Tag
from benchmark.databases.originals.sets import public_set
from benchmark.errors import BenchmarkError
from tests.command import fmbench
from tests.originals import cell, pansharp, rows_of

command = partial(fmbench, "data")


@pytest.mark.parametrize("kind", ["variables", "columns", "numbers"])
def test_votes_of_each_rater_become_a_database_without_problems(tmp_path: Path, kind: str) -> None:
    names = pansharp(tmp_path / "original", kind=kind)
    options: list[object] = []
    if kind == "numbers":
        (tmp_path / "names.txt").write_text("\n".join(names) + "\n")
        options = ["--names", tmp_path / "names.txt"]
    run = command("convert", "pansharp", tmp_path / "original", "--out", tmp_path / "ps", *options)
    assert run.exit_code == 0, run.output
    database = load_folder(tmp_path / "ps")
    assert list(check_database(database)) == []
    algorithms = {image.algorithm for image in database.fused}
    assert algorithms == {"HPF", "HPF+Blr1", "MTF-GLP-CBD+AWGN2"}
    [image] = [one for one in database.fused if (one.pair, one.algorithm) == ("TC_River", "HPF")]
    # The tenth name; raters 1 to 3 gave 45 and their number.
    assert (image.mos, image.mos_std, image.n_votes) == (47, 1, 3)
    votes = {
        row["rater"]: row["score"] for _, row in read_csv(tmp_path / "ps" / "votes.csv", ("image", "rater", "score"))
    }
    assert set(votes) == {"1", "2", "3"}
    assert "stands in for the panchromatic one" in run.output


def test_a_panchromatic_picture_leaves_the_ihs_image_in(tmp_path: Path) -> None:
    pansharp(tmp_path / "original", pan=True)
    convert(public_set("pansharp"), tmp_path / "original", tmp_path / "ps")
    database = load_folder(tmp_path / "ps")
    assert "IHS" in {image.algorithm for image in database.fused}
    pan = tmp_path / "original" / "images" / "PC_Coliseum_PAN_UD.png"
    assert database.pairs["PC_Coliseum"].source_b.read_bytes() == pan.read_bytes()


def test_votes_without_names_ask_for_them(tmp_path: Path) -> None:
    pansharp(tmp_path / "original", kind="numbers")
    run = command("convert", "pansharp", tmp_path / "original", "--out", tmp_path / "ps")
    assert run.exit_code == 2
    assert "1.mat: has no names of images; --names FILE gives them" in run.output


def test_a_vote_off_the_scale_is_refused(tmp_path: Path) -> None:
    names = pansharp(tmp_path / "original")
    votes = np.full((len(names), 1), 101.0)
    savemat(tmp_path / "original" / "score" / "2.mat", {"images": cell(names, (len(names), 1)), "score": votes})
    with pytest.raises(BenchmarkError, match=r"2.mat: the vote 101 for PC_Coliseum_REF_ND_ND is off the scale 0..100"):
        convert(public_set("pansharp"), tmp_path / "original", tmp_path / "ps")


@pytest.mark.parametrize(
    ("name", "pair", "algorithm"),
    [
        ("PC_Coliseum_MTF-GLP-CBD_AWGN_Level-2", "PC_Coliseum", "MTF-GLP-CBD+AWGN2"),
        ("TC_River_HPF_UD.tif", "TC_River", "HPF"),
        (r"images\TC_River_PCA_Blr_3.png", "TC_River", "PCA+Blr3"),
        ("TC_River_PCA_Blr3", "TC_River", "PCA+Blr3"),
    ],
)
def test_what_a_name_says(name: str, pair: str, algorithm: str) -> None:
    tag = Tag.of(name)
    assert tag is not None
    assert (tag.pair, tag.algorithm) == (pair, algorithm)


@pytest.mark.parametrize("name", ["notes", "XX_River_HPF_UD", "PC_..", "PC_.._.._UD", ""])
def test_other_names_say_nothing(name: str) -> None:
    assert Tag.of(name) is None


def test_the_real_votes_laid_out_as_in_their_repository_come_back(shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "pansharp"
    if not data.is_dir():
        pytest.skip("needs ../shared/data/pansharp")
    original = tmp_path / "Pansharpening-IQA"
    (original / "images").mkdir(parents=True)
    (original / "score").mkdir()
    for name, pair in load_folder(data).pairs.items():
        shutil.copyfile(pair.source_a, original / "images" / f"{name}_EXP_UD.png")
        shutil.copyfile(pair.source_b, original / "images" / f"{name}_PAN_UD.png")
    called = {}
    for _, row in read_csv(data / "fused.csv", ("image", "pair", "algorithm")):
        technique, _, distortion = row["algorithm"].partition("+")
        tail = f"{distortion[:-1]}_Level-{distortion[-1]}" if distortion else "UD"
        called[row["image"]] = f"{row['pair']}_{technique}_{tail}"
        shutil.copyfile(data / row["image"], original / "images" / f"{called[row['image']]}.png")
    votes: dict[str, list[tuple[str, float]]] = {}
    for _, row in read_csv(data / "votes.csv", ("image", "rater", "score")):
        votes.setdefault(row["rater"], []).append((called[row["image"]], float(row["score"])))
    for rater, given in votes.items():
        names, scores = zip(*given, strict=True)
        savemat(
            original / "score" / f"{rater}.mat",
            {"names": cell(list(names), (len(names), 1)), "scores": np.array(scores)[:, None]},
        )
    convert(public_set("pansharp"), original, tmp_path / "ps")
    mine, theirs = (
        {(one.pair, one.algorithm): one for one in load_folder(folder).fused} for folder in (tmp_path / "ps", data)
    )
    assert set(mine) == set(theirs)
    for key, one in theirs.items():
        assert mine[key].mos == pytest.approx(one.mos, abs=6e-4)
        assert mine[key].mos_std == pytest.approx(one.mos_std, abs=6e-4)
        assert mine[key].n_votes == one.n_votes
    assert len(rows_of(tmp_path / "ps" / "votes.csv", "image")) == len(rows_of(data / "votes.csv", "image"))
