"""Original layouts of public sets, made by the tests as far as they are known, and what becomes of them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from scipy.io import savemat

from benchmark.cli import main
from benchmark.csv_files import read_csv
from benchmark.databases.check import check_database
from benchmark.databases.folder import load_folder
from benchmark.databases.originals.convert import convert
from benchmark.databases.originals.pansharp import Tag
from benchmark.databases.originals.sets import public_set, public_sets
from benchmark.errors import BenchmarkError
from tests.databases import save

ALGORITHMS = ("Gu12", "Mertens07", "lsaverage")
#: Sequence as fused images are called, and the folder of its exposures.
SEQUENCES = {"Tower": "Tower_Jacques Joffre", "ChineseGarden": "Chinese_garden_Bartlomiej Okonek"}


def cell(values: list[str] | np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Make a cell array, filled column after column as MATLAB does."""
    return np.array(values, dtype=object).reshape(shape, order="F")


def noise(seed: int, level: int = 128) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(level, 20, (24, 24, 3)), 0, 255).astype(np.uint8)


def mefdatabase(folder: Path, shape: tuple[int, ...] = (6, 1), mos_shape: tuple[int, ...] | None = None) -> Path:
    """Lay out two sequences of three and four exposures, by three algorithms."""
    for number, place in enumerate(SEQUENCES.values()):
        for exposure in range(3 + number):
            # The file that comes first by name is the brightest one.
            save(folder / "source image sequences" / place / f"{exposure}.png", noise(exposure, 220 - 50 * exposure))
    names = [f"{sequence}_{algorithm}.png" for sequence in SEQUENCES for algorithm in ALGORITHMS]
    for seed, name in enumerate(names):
        save(folder / "fused images" / name, noise(10 + seed))
    savemat(folder / "imgName.mat", {"imgName": cell(names, shape)})
    mos = np.array([2.5, 7.25, 4.0, 9.0, 1.0, 10.0])
    savemat(folder / "MOS.mat", {"MOS": mos.reshape(mos_shape or shape, order="F")})
    return folder


def pansharp(folder: Path, *, raters: int = 3, kind: str = "variables", pan: bool = False) -> list[str]:
    """Lay out two scenes, three techniques, one of them also blurred; return the names in the order of the votes."""
    names = []
    for scene in ("PC_Coliseum", "TC_River"):
        for technique in ("REF_ND_ND", "EXP_UD", "IHS_UD", "HPF_UD", "MTF-GLP-CBD_AWGN_Level-2", "HPF_Blr_Level-1"):
            name = f"{scene}_{technique}"
            save(folder / "images" / f"{name}.png", noise(len(names)))
            names.append(name)
        if pan:
            save(folder / "images" / f"{scene}_PAN_UD.png", noise(99)[..., 0])
    (folder / "score").mkdir()
    for rater in range(1, raters + 1):
        votes = np.arange(len(names), dtype=np.float64)[:, None] * 5 + rater
        path = folder / "score" / f"{rater}.mat"
        if kind == "variables":
            savemat(path, {"images": cell(names, (len(names), 1)), "score": votes, "session": 1.0})
        elif kind == "columns":
            table = np.empty((len(names), 2), dtype=object)
            table[:, 0], table[:, 1] = names, votes[:, 0]
            savemat(path, {"result": table})
        else:
            savemat(path, {"score": votes})
    return names


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


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


def test_public_sets_have_an_address_and_a_licence_and_no_hash_without_an_archive() -> None:
    for known in public_sets().values():
        assert known.address.startswith("http")
        assert known.licence
        assert known.citation
        assert bool(known.archive) == bool(known.sha256)
        assert len(known.sha256) in (0, 64)


def test_a_set_of_unknown_hash_is_not_downloaded_but_unpacked_where_it_was_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    run = command("fetch", "mefdatabase")
    place = public_set("mefdatabase").place
    assert run.exit_code == 2
    assert "hash unknown" in run.output
    assert str(place) in run.output.replace("\n", "")
    mefdatabase(tmp_path / "made" / "MEFDatabase")
    place.mkdir(parents=True)
    shutil.make_archive(str(place / "MEFDatabase"), "zip", tmp_path / "made")
    run = command("fetch", "mefdatabase")
    assert run.exit_code == 0, run.output
    assert "nobody has vouched" in run.output
    folder = run.output.splitlines()[-1]
    convert(public_set("mefdatabase"), Path(folder), tmp_path / "mef")
    assert len(load_folder(tmp_path / "mef").fused) == 6


def test_names_of_sets_are_checked_and_listed() -> None:
    assert "mefdatabase" in command("sets").output
    assert "no public set of that name" in command("fetch", "mefdatabas").output
    assert command("fetch", "https://example.org/a.zip").exit_code == 2


def test_a_set_without_a_converter_says_so(tmp_path: Path) -> None:
    run = command("convert", "lwir", tmp_path, "--out", tmp_path / "x")
    assert run.exit_code == 2
    assert "nobody has written a converter" in run.output


def rows_of(path: Path, *columns: str) -> list[tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8") as file:
        return sorted(tuple(row[column] for column in columns) for row in csv.DictReader(file))


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
