"""Scores that other programs computed are read strictly, named after their file, and matched to images exactly."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

import benchmark
from benchmark import BenchmarkError, Computing, Options
from benchmark.scoring.foreign import foreign_to
from benchmark.scoring.foreign_file import read_foreign
from fusion_metrics import FusionMetricsError, Metric
from fusion_metrics.signature import common_signatures, parse_signature
from tests.databases import write_database

HERE = Computing(jobs=1)
OPTIONS = Options(replicates=20, permutations=19)


class Image(NamedTuple):
    image: str
    pair: str
    algorithm: str


IMAGES = [Image("fused/x/p0.png", "p0", "x"), Image("fused/x/p1.png", "p1", "x"), Image("fused/y/p0.png", "p0", "y")]


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(path: Path, **directions: str) -> dict[tuple[str, str], float | None]:
    [scores] = read_foreign([path], directions)
    return {(row.metric, row.image): row.value for row in scores.rows_of("db", IMAGES)}


@pytest.mark.parametrize(
    ("header", "directions", "variant"),
    [
        ("mAP↑", {}, "foreign-higher"),
        ("mAP ↓", {}, "foreign-lower"),
        ("mAP:higher", {}, "foreign-higher"),
        ("mAP : Lower", {}, "foreign-lower"),
        ("mAP", {"mAP": "lower"}, "foreign-lower"),
        ("mAP", {"mAP": "↑"}, "foreign-higher"),
    ],
)
def test_the_direction_stands_in_the_header_or_is_given(
    tmp_path: Path, header: str, directions: dict[str, str], variant: str
) -> None:
    [scores] = read_foreign([write(tmp_path / "o.csv", f"image,{header}", "fused/x/p0.png,1")], directions)
    [spec] = scores.specs
    assert (spec.id, spec.variant) == ("mAP (o.csv)", variant)
    assert spec.higher_is_better is (variant == "foreign-higher")
    assert {row.variant for row in scores.rows_of("db", IMAGES)} == {variant}


def test_images_are_matched_by_their_path_and_those_without_a_line_say_so(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", "image;mAP↑;n", "./fused//x/p1.png;-1.5e-1;7", "fused/y/p0.png;;8")
    found = read_foreign([path], {"n": "ignore"})[0].rows_of("db", IMAGES)
    assert [(row.value, row.status) for row in found] == [(None, "undefined"), (-0.15, "ok"), (None, "undefined")]
    assert found[0].reason == "o.csv has no line of this image"
    assert found[2].reason == f"{path}:3: mAP↑ is empty"
    assert [row.image for row in found] == [image.image for image in IMAGES]


def test_without_a_column_image_pair_and_algorithm_name_it(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", "algorithm,mAP↑,pair", "y,3,p0", "x,1,p0")
    assert rows(path) == {
        ("mAP (o.csv)", "fused/x/p0.png"): 1.0,
        ("mAP (o.csv)", "fused/x/p1.png"): None,
        ("mAP (o.csv)", "fused/y/p0.png"): 3.0,
    }
    [scores] = read_foreign([path])
    with pytest.raises(BenchmarkError, match=r"o\.csv:2: db has 2 images of pair 'p0' and algorithm 'y'; a column im"):
        scores.rows_of("db", [*IMAGES, Image("fused/y/p0-again.png", "p0", "y")])


def test_unknown_images_are_one_warning_with_a_count_and_only_unknown_ones_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", "image,mAP↑", "fused/x/p0.png,1", "z.png,2", "w.png,2")
    said: list[str] = []
    found = foreign_to(read_foreign([path]), "db", IMAGES, said.append)
    assert len(found.rows) == 3
    assert said == ["o.csv: 2 of its 3 images are not in db, such as 'z.png'"]
    path = write(tmp_path / "o.csv", "image,mAP↑", "q0.png,1")
    with pytest.raises(
        BenchmarkError, match=r"none of its 1 images, such as 'q0\.png', is in db, which has 'fused/x/p0"
    ):
        foreign_to(read_foreign([path]), "db", IMAGES)


def test_the_end_of_a_path_names_an_image_where_only_one_ends_so(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", "image,mAP↑", "x\\p0.png,1", "p1.png,2", "y/p0.png,3")
    assert list(rows(path).values()) == [1.0, 2.0, 3.0]
    [scores] = read_foreign([write(tmp_path / "o.csv", "image,mAP↑", "p0.png,1")])
    with pytest.raises(BenchmarkError, match=r"o\.csv:2: 'p0\.png' is the end of 2 images of db, such as 'fused/x/p0"):
        scores.rows_of("db", IMAGES)
    [scores] = read_foreign([write(tmp_path / "o.csv", "image,mAP↑", "p1.png,1", "fused/x/p1.png,2")])
    with pytest.raises(BenchmarkError, match=r"o\.csv:3: is the same image of db as .*o\.csv:2"):
        scores.rows_of("db", IMAGES)


def test_lines_of_other_databases_take_no_part(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", "database,image,mAP↑", "db,fused/x/p0.png,1", "other,fused/x/p0.png,2")
    files = read_foreign([path])
    values = {
        name: [row.value for row in foreign_to(files, name, IMAGES[:1]).rows] for name in ("db", "other", "third")
    }
    assert values == {"db": [1.0], "other": [2.0], "third": []}


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    paths = [write(tmp_path / name / "o.csv", "image,psnr↑", "i.png,1") for name in ("first", "second")]
    assert [spec.id for file in read_foreign(paths) for spec in file.specs] == [
        "psnr (first/o.csv)",
        "psnr (second/o.csv)",
    ]
    with pytest.raises(BenchmarkError, match="given twice"):
        read_foreign([paths[0], paths[0]])


BAD = {
    "no direction": (["image,mAP", "x,1"], r"o\.csv: column mAP does not say which .* --direction 'mAP=higher'"),
    "nothing to match by": (["file,mAP↑", "x,1"], r"o\.csv: column image missing, or .* pair and algorithm; found fi"),
    "half of what to match by": (["pair,mAP↑", "x,1"], r"column image missing, or in its place pair and algorithm"),
    "no scores": (["image,pair", "x,p"], r"has no column of scores beside image, pair"),
    "only a header": (["image,mAP↑"], r"o\.csv: has no line below its header"),
    "text": (["image,mAP↑", "x,good"], r"o\.csv:2: mAP↑ 'good' is not a number"),
    "not a number": (["image,mAP↑", "x,nan"], r"o\.csv:2: mAP↑ 'nan' is not a finite number; leave the cell empty"),
    "infinite": (["image,mAP↑", "x,inf"], r"o\.csv:2: mAP↑ 'inf' is not a finite number"),
    "decimal comma": (["image;mAP↑", "x;1,5"], r"o\.csv:2: mAP↑ '1,5' is not a number: it has a decimal comma"),
    "an image twice": (["image,mAP↑", "x,1", "./x,2"], r"o\.csv:3: image 'x' is there twice, first in line 2"),
    "no image": (["image,mAP↑", ",1"], r"o\.csv:2: image is empty"),
    "a column twice": (["image,mAP↑,mAP:lower", "x,1,2"], r"o\.csv: column mAP is there twice"),
    "a header twice": (["image,mAP↑,mAP↑", "x,1,2"], r"column mAP.? is there twice"),
    "too many cells": (["image,mAP↑", "x,1,2"], r"o\.csv:2: more cells than columns"),
    "an open quotation mark": (["image,mAP↑", '"x,1'], r"o\.csv:\d: is not a CSV file"),
    "an empty line first": (["", "image,mAP↑"], r"is empty, or begins with an empty line"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_one_line_that_names_file_and_cause(tmp_path: Path, what: str) -> None:
    lines, message = BAD[what]
    with pytest.raises(BenchmarkError, match=message) as caught:
        read_foreign([write(tmp_path / "o.csv", *lines)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("directions", "message"),
    [
        ({"mAP": "up"}, r"direction 'up' of 'mAP' is not understood"),
        ({"map": "higher"}, r"no column 'map' that could have a direction; there are mAP"),
        ({"mAP": "lower"}, r"column mAP↑ says ↑, but --direction says lower"),
    ],
)
def test_a_direction_that_cannot_be_meant_is_refused(tmp_path: Path, directions: dict[str, str], message: str) -> None:
    with pytest.raises(BenchmarkError, match=message):
        read_foreign([write(tmp_path / "o.csv", "image,mAP↑", "x,1")], directions)
    with pytest.raises(BenchmarkError, match="no scores of another program"):
        read_foreign([], directions if directions == {"mAP": "lower"} else {"mAP": "higher"})


def test_a_foreign_score_is_signed_by_its_file_and_nothing_runs_it_again(tmp_path: Path) -> None:
    path = write(tmp_path / "o.csv", "image,m|P↑", "fused/x/p0.png,1")
    signature = read_foreign([path])[0].rows_of("db", IMAGES)[0].signature
    assert signature.startswith("foreign:m%7CP|higher|file=o.csv|sha256=")
    own = [f"psnr:paper|v1|grey=rgb2gray|reading={name}|fmbench=0.1.0" for name in ("x", "y")]
    assert common_signatures([signature, *own]) == [own[0].replace("reading=x", "reading=x;y"), signature]
    with pytest.raises(FusionMetricsError, match="another program computed"):
        parse_signature(signature)
    with pytest.raises(FusionMetricsError, match="another program computed"):
        Metric(read_foreign([path])[0].specs[0])(pd.DataFrame([[0.0]]).to_numpy("uint8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("foreign") / "small", pairs=3)


@pytest.fixture(scope="module")
def scores(folder: Path) -> Path:
    """A file that is right about every image: numbers that fall as the opinion does, and a falling one that rises."""
    fused = pd.read_csv(folder / "fused.csv")
    fused = fused.assign(**{"good↑": fused["mos"], "bad:lower": -fused["mos"]})
    fused[["image", "good↑", "bad:lower"]].to_csv(folder / "other.csv", index=False)
    return folder / "other.csv"


def test_a_run_holds_foreign_scores_against_opinions_in_their_own_direction(folder: Path, scores: Path) -> None:
    found = benchmark.run(str(folder), metrics="sd", scores=[scores], options=OPTIONS, computing=HERE)
    srcc = found.correlations.set_index("metric")["srcc"]
    assert srcc["good (other.csv)"] == srcc["bad (other.csv)"] == pytest.approx(1.0)
    assert {"scatter/good-other.csv-", "scatter/sd"} <= set(_figures(found))
    assert found.compare("good (other.csv)", "sd")["difference"].iloc[0] > 0
    part = benchmark.run(
        str(folder), metrics="sd", scores=[scores], algorithms="blur0,blur1", options=OPTIONS, computing=HERE
    )
    assert part.correlations.set_index("metric")["n"]["good (other.csv)"] == 6


def _figures(found: benchmark.RunResult) -> dict[str, object]:
    from benchmark.figures.contents import figures_of

    [outcome] = found.outcomes
    return dict(figures_of(outcome.database, outcome.analysis))


def test_stored_foreign_scores_are_analysed_and_compared_as_before(folder: Path, scores: Path) -> None:
    scored = benchmark.score(str(folder), metrics="sd", scores=[scores], computing=HERE)
    assert list(scored.means.columns) == ["sd", "good (other.csv)", "bad (other.csv)"]
    stored = scored.scores.drop(columns=["signature", "reading"])
    again = benchmark.analyse(str(folder), stored, options=OPTIONS, computing=HERE)
    assert again.correlations.set_index("metric")["srcc"]["bad (other.csv)"] == pytest.approx(1.0)
    compared = benchmark.compare_scores(stored)
    assert compared.means.loc["blur0"].to_dict() == scored.means.loc["blur0"].to_dict()
    joined = benchmark.compare_scores(stored[stored["metric"] == "sd"], foreign=[scores])
    pd.testing.assert_frame_equal(joined.means, compared.means)
    pd.testing.assert_frame_equal(benchmark.compare_scores(stored, foreign=[scores]).means, compared.means)


def test_methods_are_compared_by_foreign_scores(folder: Path, scores: Path) -> None:
    found = benchmark.compare(str(folder), metrics="sd", scores=[scores], algorithms="blur0,blur1", computing=HERE)
    cells = found.cells.query("metric == 'bad (other.csv)'").set_index("method")
    assert cells["mean"].to_dict() == {"blur0": -90.0, "blur1": -75.0}
    assert "good (other.csv) ↑" in found.grids[0].columns[1].heading
    assert "curves/good-other.csv-" in found.figures


@pytest.mark.parametrize("call", [benchmark.score, benchmark.compare])
def test_files_are_matched_and_fitted_as_asked(folder: Path, call: object) -> None:
    sources, fused = folder / "sources", folder / "fused"
    given = {"a": sources, "b": sources, "fused": fused, "metrics": "mse", "computing": HERE}
    found = call(**given, match="suffix:_a,_b", fit="crop")  # type: ignore[operator]
    assert len(found.scores) == 12
    with pytest.raises(BenchmarkError, match="a database says that itself"):
        call(str(folder), match="order")  # type: ignore[operator]
    with pytest.raises(BenchmarkError, match="no fit 'crob'; there are refuse, crop, "):
        call(**given, match="suffix:_a,_b", fit="crob")  # type: ignore[operator]
