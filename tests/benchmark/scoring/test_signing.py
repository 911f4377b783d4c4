"""Every row of scores and of correlations says on one line what was computed."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

import benchmark
import fusion_metrics
from benchmark.cli import main
from fusion_metrics import Metric, create
from fusion_metrics.signature import parse_signature
from tests.databases import write_database

END = f"fmbench={fusion_metrics.__version__}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_database(tmp_path / "db")


def turn(path: Path, orientation: int) -> None:
    """Say in a file's EXIF data that it is to be turned."""
    with Pillow.open(path) as picture:
        exif = picture.getexif()
        exif[0x0112] = orientation
        picture.save(path, exif=exif)


def signatures(path: Path) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            assert "signature" in row
            found.setdefault((row["metric"], row["variant"]), set()).add(row["signature"])
    return found


def test_score_prints_a_line_a_metric_and_writes_it_into_every_row(folder: Path, tmp_path: Path) -> None:
    arguments = ["score", str(folder), "--metrics", "te:nava,mse:cddfuse", "--jobs", "1"]
    out = tmp_path / "scores.csv"
    result = CliRunner().invoke(main, [*arguments, "--signature", "--out", str(out)])
    assert result.exit_code == 0
    expected = [f"te:nava|v1|grey=rgb2gray|{END}", f"mse:cddfuse|v1|grey=opencv-float|{END}"]
    assert result.stdout.splitlines()[-2:] == expected
    assert signatures(out) == {("te", "nava"): {expected[0]}, ("mse", "cddfuse"): {expected[1]}}
    assert "|v1|" not in CliRunner().invoke(main, arguments).stdout


def test_a_run_signs_scores_predictions_and_agreement(folder: Path, tmp_path: Path) -> None:
    metrics = [create("bmpri"), create("te", q=0.5)]
    learning = benchmark.Learning(folds=2, repeats=2, seed=3)
    result = benchmark.run(str(folder), metrics=metrics, learning=learning)
    result.write(tmp_path / "out", figures=False, subsets=2)
    te = f"te:paper|v1|q=0.5|grey=rgb2gray|{END}"
    scores = signatures(tmp_path / "out" / "scores.csv")
    assert scores["te", "paper"] == {te}
    [first], [second] = scores["bmpri", "paper@pair"], scores["bmpri", "paper@pair#2"]
    data = parse_signature(first).fitted["data"]
    assert first == f"bmpri:paper@pair|v1|channels=own|on=small|data={data}|folds=2|seed=3|{END}"
    assert second == first.replace("seed=3", "seed=4")
    assert signatures(tmp_path / "out" / "predictions.csv")["bmpri", "paper@pair"] == {first}
    for name in ("correlations", "estimates", "subsets"):
        agreement = signatures(tmp_path / "out" / f"{name}.csv")
        assert agreement["te", "paper"] == {te}
        assert agreement["bmpri", "paper@pair"] == {first.replace("seed=3", "seed=3,4")}
    assert set(result.scores["signature"]) == set().union(*scores.values())
    assert list(result.correlations["signature"])[-1] == te


def test_a_fit_elsewhere_names_the_other_database(folder: Path, tmp_path: Path) -> None:
    other = write_database(tmp_path / "other", pairs=3)
    about = other / "database.toml"
    about.write_text(about.read_text().replace('name = "small"', 'name = "other"'))
    [signature] = benchmark.run(str(folder), metrics="bmpri", train_on=str(other)).correlations["signature"]
    found = parse_signature(signature)
    assert (found.variant, found.fitted["on"], found.fitted["seed"]) == ("paper@external", "other", "0")
    assert "folds" not in found.fitted


def test_other_scores_are_another_fit(folder: Path) -> None:
    before = benchmark.run(str(folder), metrics="bmpri").correlations["signature"][0]
    table = folder / "fused.csv"
    table.write_text(table.read_text().replace(",p0,blur0,90", ",p0,blur0,91"))
    (folder / "votes.csv").unlink()
    after = benchmark.run(str(folder), metrics="bmpri").correlations["signature"][0]
    assert parse_signature(before).fitted["data"] != parse_signature(after).fitted["data"]


def test_how_a_file_was_read_is_signed_in_its_rows_and_below_the_table(folder: Path) -> None:
    turn(folder / "fused/blur1/p0.png", 3)
    turn(folder / "sources/p1_a.png", 2)
    for _ in range(2):  # computed, and then found in the store
        result = benchmark.score(str(folder), metrics="sd,cc")
        rows = {(row.image, row.metric): row.signature for row in result.rows}
        assert rows["fused/blur0/p0.png", "cc"] == f"cc:paper|v1|grey=rgb2gray|{END}"
        assert "|reading=EXIF orientation 3 applied|" in rows["fused/blur1/p0.png", "cc"]
        assert "|reading=EXIF orientation 3 applied|" in rows["fused/blur1/p0.png", "sd"]
        assert "|reading=EXIF orientation 2 applied|" in rows["fused/blur0/p1.png", "cc"]
        assert "reading" not in rows["fused/blur0/p1.png", "sd"]
    sd, cc = result.signatures
    assert sd == f"sd:paper|v1|grey=rgb2gray|reading=EXIF orientation 3 applied|{END}"
    assert set(parse_signature(cc).reading) == {"EXIF orientation 3 applied", "EXIF orientation 2 applied"}


def test_signed_scores_are_computed_again_from_their_signatures(folder: Path) -> None:
    first = benchmark.score(str(folder), metrics="@tang-2022,!fmi,!ms_ssim,!vif")
    again = benchmark.score(str(folder), metrics=[Metric.from_signature(text) for text in first.signatures])
    columns = ["image", "metric", "variant", "value", "signature"]
    pd.testing.assert_frame_equal(again.scores[columns], first.scores[columns])


def test_scores_without_a_signature_can_still_be_analysed(folder: Path) -> None:
    scores = benchmark.score(str(folder), metrics="sd,cc").scores
    signed = benchmark.analyse(str(folder), scores).correlations
    unsigned = benchmark.analyse(str(folder), scores.drop(columns="signature")).correlations
    assert list(signed["signature"]) == [create("sd").signature, create("cc").signature]
    assert list(unsigned["signature"]) == ["", ""]
    pd.testing.assert_frame_equal(signed.drop(columns="signature"), unsigned.drop(columns="signature"))
