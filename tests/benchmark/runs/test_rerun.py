"""A signed table computed again: what agrees, what differs and where, and what cannot be computed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pillow

import benchmark
from benchmark.errors import BenchmarkError
from fusion_metrics import create
from tests.command import fmbench
from tests.databases import write_database


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database and the tables that were made of it."""
    home = tmp_path_factory.mktemp("rerun")
    folder = write_database(home / "small", pairs=4, steps=3)
    for command, name in (("score", "scores.csv"), ("score", "scores.json"), ("score", "scores.xlsx")):
        assert fmbench(command, folder, "--metrics=en,psnr:tang,qabf", "--jobs=1", "--out", home / name).exit_code == 0
    for name in ("means.csv", "means.json"):
        options = ("--metrics=en,qabf,rsfe", "--names=blur1=One", "--ours=One", "--jobs=1", "--permutations=99")
        assert fmbench("compare", folder, *options, "--out", home / name).exit_code == 0
    return home


def changed(home: Path, tmp_path: Path, name: str, column: str, row: int, value: object) -> Path:
    frame = pd.read_csv(home / name)
    frame[column] = frame[column].astype(object)
    frame.loc[row, column] = value
    frame.to_csv(tmp_path / name, index=False)
    return tmp_path / name


@pytest.mark.parametrize("name", ["scores.csv", "scores.json", "scores.xlsx", "means.csv", "means.json"])
def test_what_was_written_comes_out_again(home: Path, name: str) -> None:
    result = fmbench("rerun", home / name, home / "small", "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert "all 3 metrics agree" in result.stdout


def test_a_database_beside_the_table_is_found_by_its_name(home: Path) -> None:
    assert fmbench("rerun", home / "scores.csv", "--jobs", 1).exit_code == 0


def test_three_folders_of_sources_come_out_again(home: Path, tmp_path: Path) -> None:
    sources = []
    for number, side in enumerate("aba"):
        folder = tmp_path / f"source{number}"
        folder.mkdir()
        for path in (home / "small" / "sources").glob(f"*_{side}.png"):
            (folder / f"{path.stem.removesuffix(f'_{side}')}.png").write_bytes(path.read_bytes())
        sources += ["--source", folder]
    images = [*sources, "--fused", home / "small" / "fused", "--jobs", 1]
    scores, means = tmp_path / "scores.csv", tmp_path / "means.csv"
    assert fmbench("score", *images, "--metrics=mi,nabf", "--out", scores).exit_code == 0
    assert fmbench("compare", *images, "--metrics=mi,nabf", "--permutations=99", "--out", means).exit_code == 0
    assert {"mi:paper|v1|grey=rgb2gray|sources=3", "nabf:paper|v1|grey=rgb2gray|sources=2 of 3"} == {
        text.rpartition("|")[0] for text in pd.read_csv(scores)["signature"]
    }
    for table in (scores, means):
        result = fmbench("rerun", table, *images)
        assert result.exit_code == 0, result.output
        assert "all 2 metrics agree" in result.stdout
        fewer = fmbench("rerun", table, *images[2:])
        assert fewer.exit_code == 2
        assert "the table was made with 3 sources of an image, and here 2 are looked at" in fewer.output
    assert fmbench("score", *images, "--two-sources", "--metrics=mi,nabf", "--out", scores).exit_code == 0
    result = fmbench("rerun", scores, *images)
    assert result.exit_code == 0, result.output


def test_volumes_are_read_as_for_the_table(tmp_path: Path) -> None:
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(3)
    for name in ("a", "b", "fused"):
        voxels = rng.integers(0, 3000, (24, 20, 4)).astype(np.int16)
        nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), tmp_path / f"{name}.nii.gz")
    images = [each for name in ("a", "b", "fused") for each in (f"--{name}", tmp_path / f"{name}.nii.gz")]
    options = [*images, "--jobs", 1]
    table = tmp_path / "scores.csv"
    assert fmbench("score", *options, "--metrics=en,mi", "--reading=0..4095", "--out", table).exit_code == 0
    result = fmbench("rerun", table, *options)
    assert result.exit_code == 0, result.output
    assert "all 2 metrics agree" in result.stdout
    assert fmbench("rerun", table, *options, "--reading=minmax").exit_code == 1


def test_scores_are_written_to_every_file_that_is_named(home: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("scores.csv", "scores.json")]
    outs = [each for path in files for each in ("--out", path)]
    assert fmbench("score", home / "small", "--metrics=en", "--jobs=1", *outs).exit_code == 0
    for path in files:
        assert fmbench("rerun", path, home / "small", "--jobs", 1).exit_code == 0


def test_a_changed_score_is_named_with_its_image_and_the_metric(home: Path, tmp_path: Path) -> None:
    image = pd.read_csv(home / "scores.csv").loc[3, "image"]
    table = changed(home, tmp_path, "scores.csv", "value", 3, 9.5)
    result = fmbench("rerun", table, home / "small", "--jobs", 1, "--out", tmp_path / "numbers.csv")
    assert result.exit_code == 1
    assert f"1 number of 12 not as stated: {image} (9.5, now" in result.stdout
    assert "2 metrics agree (psnr:tang and qabf), 1 metric differs (en)" in " ".join(result.stdout.split())
    numbers = pd.read_csv(tmp_path / "numbers.csv")
    assert len(numbers) == 36
    assert list(numbers.loc[numbers["relative"] > 1e-6, "stated"]) == [9.5]


def test_a_changed_mean_is_named_with_its_method(home: Path, tmp_path: Path) -> None:
    table = changed(home, tmp_path, "means.csv", "sd", 3, 123.0)
    row = pd.read_csv(table).loc[3]
    result = fmbench("rerun", table, home / "small", "--jobs", 1)
    assert result.exit_code == 1
    assert f"sd of {row['method']} (123, now" in result.stdout


def test_the_tolerance_decides(home: Path, tmp_path: Path) -> None:
    value = pd.read_csv(home / "scores.csv").loc[0, "value"]
    table = changed(home, tmp_path, "scores.csv", "value", 0, value * (1 + 1e-4))
    assert not benchmark.rerun(table, home / "small").agrees
    found = benchmark.rerun(table, home / "small", tolerance=1e-3)
    assert found.agrees
    assert found.metrics[0].largest == pytest.approx(1e-4, rel=1e-2)


def test_another_version_of_a_metric_is_said_plainly(home: Path, tmp_path: Path) -> None:
    text = (home / "scores.csv").read_text().replace("en:paper|v1|", "en:paper|v77|")
    (tmp_path / "scores.csv").write_text(text)
    result = fmbench("rerun", tmp_path / "scores.csv", home / "small", "--jobs", 1)
    assert result.exit_code == 1
    assert "en: the signature is of version 77" in " ".join(result.stdout.split())
    assert "2 metrics agree" in result.stdout
    assert "1 metric was not computed again (en)" in result.stdout


def test_a_missing_score_agrees_only_with_a_missing_score(home: Path, tmp_path: Path) -> None:
    table = changed(home, tmp_path, "scores.csv", "value", 0, None)
    [found] = [one for one in benchmark.rerun(table, home / "small").metrics if one.metric == "en"]
    assert [number.stated for number in found.differing] == [None]


def test_folders_of_files_are_found_by_pair_and_method(home: Path, tmp_path: Path) -> None:
    for side in "ab":
        (tmp_path / side).mkdir()
        for source in (home / "small" / "sources").glob(f"*_{side}.png"):
            shutil.copy(source, tmp_path / side / f"{source.stem[:-2]}.png")
    files = ("--a", tmp_path / "a", "--b", tmp_path / "b")
    table = tmp_path / "t.csv"
    fused = home / "small" / "fused"
    assert fmbench("score", *files, "--fused", fused, "--metrics=en", "--jobs=1", "--out", table).exit_code == 0
    result = fmbench("rerun", table)
    assert result.exit_code == 2
    assert "does not say where the images of 'files' are: give --a, --b and --fused" in result.stderr
    shutil.copytree(fused, tmp_path / "moved")
    assert fmbench("rerun", table, *files, "--fused", tmp_path / "moved", "--jobs", 1).exit_code == 0


def test_a_comparison_on_common_images_and_of_several_data_sets_comes_out_again(tmp_path: Path) -> None:
    folders = [write_database(tmp_path / name, pairs=3, steps=3) for name in ("one", "two")]
    for folder, name in zip(folders, ("one", "two"), strict=True):
        toml = folder / "database.toml"
        toml.write_text(toml.read_text().replace('"small"', f'"{name}"'))
    (folders[0] / "fused/blur1/p2.png").unlink()
    for common in ([], ["--common"]):
        table = tmp_path / "t.csv"
        fmbench("compare", *folders, "--metrics=en,sd", "--jobs=1", "--permutations=99", *common, "--out", table)
        result = fmbench("rerun", table, *folders, "--jobs", 1)
        assert "all 2 metrics agree" in result.stdout
        assert result.exit_code == 2  # an image is missing, as it was
        assert "p2.png" in result.stderr
        assert pd.read_csv(table)["dataset"].nunique() == 3


def test_the_reading_of_the_table_is_used(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=2, steps=2)
    for path in (folder / "fused").rglob("*.png"):
        picture = Pillow.open(path).convert("RGBA")
        picture.putalpha(200)
        picture.save(path)
    table = tmp_path / "t.csv"
    options = ("--metrics=mli", "--jobs=1", "--reading", "alpha=over-white", "--out", table)
    assert fmbench("score", folder, *options).exit_code == 0
    assert fmbench("rerun", table, folder, "--jobs", 1).exit_code == 0
    assert fmbench("rerun", table, folder, "--jobs", 1, "--reading", "alpha=over-black").exit_code == 1
    means = tmp_path / "means.csv"
    assert fmbench("compare", folder, "--permutations=9", *options[:-1], means).exit_code == 0
    assert fmbench("rerun", means, folder, "--jobs", 1).exit_code == 0


def test_printed_digits_are_left_to_identify(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.md"
    fmbench("compare", home / "small", "--metrics=en", "--jobs=1", "--permutations=99", "--out", table)
    with pytest.raises(BenchmarkError, match="fmbench identify"):
        benchmark.rerun(table, home / "small")


def test_a_fitted_metric_is_only_computed_with_its_file(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=3, steps=3, size=64)
    database = benchmark.open_database(folder)
    fitted = create("bmpri").fit(
        [image.path for image in database.fused], [0.1 * k for k in range(9)], [image.pair for image in database.fused]
    )
    fitted.save(tmp_path / "bmpri.safetensors")
    lines = [
        {
            "database": "small", "pair": one.pair, "algorithm": one.algorithm, "image": one.image, "metric": "bmpri",
            "variant": "paper", "value": fitted(one.path), "signature": fitted.signature,
        }
        for one in database.fused
    ]  # fmt: skip
    table = tmp_path / "t.csv"
    pd.DataFrame(lines).to_csv(table, index=False)
    without = fmbench("rerun", table, folder, "--jobs", 1)
    assert without.exit_code == 1
    assert "give it by --model" in without.stdout
    assert fmbench("rerun", table, folder, "--model", tmp_path / "bmpri.safetensors").exit_code == 0


def test_scores_that_were_predicted_in_folds_are_left_to_run(home: Path, tmp_path: Path) -> None:
    line = (
        pd.read_csv(home / "scores.csv")
        .iloc[[0]]
        .assign(
            metric="bmpri",
            variant="paper@pair",
            signature="bmpri:paper@pair|v1|channels=own|on=small|data=abc|folds=5|seed=0|fmbench=0.1.0",
        )
    )
    line.to_csv(tmp_path / "t.csv", index=False)
    [found] = benchmark.rerun(tmp_path / "t.csv", home / "small").metrics
    assert found.verdict == "not computed again"
