"""`--source`, given again for each of any number of sources, and `--two-sources`."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from fusion_metrics import create
from tests.command import fmbench
from tests.databases import save
from tests.pictures import multifocus


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for seed, name in enumerate(("p", "q")):
        a, b, sharp = multifocus((64, 60), seed=seed)
        middle = ((a.astype(int) + sharp) // 2).astype(np.uint8)
        for folder, pixels in (("e0", a), ("e1", middle), ("e2", b), ("out/mine", sharp)):
            save(tmp_path / folder / f"{name}.png", pixels)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scores(path: Path) -> dict[tuple[str, str], tuple[float, str]]:
    with path.open(newline="") as file:
        return {(row["pair"], row["metric"]): (float(row["value"]), row["signature"]) for row in csv.DictReader(file)}


def test_one_folder_a_source(stack: Path) -> None:
    options = "--source e0 --source e1 --source e2 --fused out --metrics mef_ssim,scd --jobs 1 --out s.csv"
    result = fmbench("score", *options.split())
    assert result.exit_code == 0, result.output
    assert "of them, a and b alone are looked at by scd" in result.output
    found = scores(stack / "s.csv")
    paths = [stack / f"e{number}" / "q.png" for number in range(3)]
    assert found["q", "mef_ssim"][0] == create("mef_ssim")(stack / "out/mine/q.png", *paths)
    assert "|sources=3|" in found["q", "mef_ssim"][1]
    assert found["q", "scd"][0] == create("scd")(stack / "out/mine/q.png", paths[0], paths[2])


def test_single_files(stack: Path) -> None:
    sources = [option for number in range(3) for option in ("--source", f"e{number}/p.png")]
    result = fmbench(
        "score", *sources, "--fused", "out/mine/p.png", "--metrics", "mse", "--jobs", "1", "--out", "s.csv"
    )
    assert result.exit_code == 0, result.output
    paths = [stack / f"e{number}" / "p.png" for number in range(3)]
    assert [value for value, _ in scores(stack / "s.csv").values()] == [create("mse")(stack / "out/mine/p.png", *paths)]


def test_two_of_them_on_request_are_the_first_and_the_last(stack: Path) -> None:
    common = ["--fused", "out", "--metrics", "mef_ssim", "--jobs", "1", "--out"]
    fmbench("score", "--source", "e0", "--source", "e1", "--source", "e2", "--two-sources", *common, "two.csv")
    fmbench("score", "--a", "e0", "--b", "e2", *common, "ab.csv")
    two, ab = scores(stack / "two.csv"), scores(stack / "ab.csv")
    assert [value for value, _ in two.values()] == [value for value, _ in ab.values()]
    assert all("|sources=2 of 3|" in signature for _, signature in two.values())


def test_the_plan_shows_the_folders(stack: Path) -> None:
    (stack / "e1" / "q.png").unlink()
    result = fmbench("score", "--source", "e0", "--source", "e1", "--source", "e2", "--fused", "out", "--plan")
    assert result.exit_code == 2
    assert "p.png (3)" in result.output
    assert "sources: e0, e1, e2" in result.output
    assert "q.png: no partner of stem 'q' in e1" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--source e0 --fused out", "error: e0: is the only --source; a fused image has two or more"),
        ("--source e0 --source e1 --a e2 --fused out", "error: give --a and --b, or --source for each"),
        ("--source e0 --source e1/p.png --source e2 --fused out", "e0 and e1/p.png: one is a folder, the other a file"),
        ("--source e0 --source nowhere --source e2 --fused out", "error: nowhere: no such file or folder"),
        ("--source e0 --source e1", "nothing to score"),
        ("--source e0 --source out/mine --source e2 --fused out", "out: folder without images"),
        ("--source e0 --source other --source e2 --fused out", "e0 and other: no file stem in common"),
    ],
)
def test_what_is_refused_is_said_in_one_line(stack: Path, options: str, message: str) -> None:
    save(stack / "other" / "z.png", multifocus((64, 60))[0])
    result = fmbench("score", *options.split())
    assert result.exit_code == 2
    [line] = [line for line in result.output.splitlines() if line.startswith("error")]
    assert message in line


def test_methods_are_compared_on_all_sources(stack: Path) -> None:
    for name in ("p", "q"):
        save(stack / "out" / "theirs" / f"{name}.png", multifocus((64, 60), seed=7)[0])
    sources = [option for number in range(3) for option in ("--source", f"e{number}")]
    result = fmbench("compare", *sources, "--fused", "out", "--metrics", "mef_ssim", "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert "mine" in result.output
