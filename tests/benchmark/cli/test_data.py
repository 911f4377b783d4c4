"""`fmbench data` and `fmbench fuse`: databases are checked, built and fetched, and pairs are fused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from benchmark.databases.folder import load_folder
from tests.command import fmbench


def test_check_finds_nothing_wrong_with_a_good_database(folder: Path) -> None:
    result = fmbench("data", "check", folder)
    assert result.exit_code == 0
    assert "2 pairs, 8 fused images, scores: human; no problems" in result.stdout


def test_check_says_everything_that_is_wrong(folder: Path) -> None:
    (folder / "fused/blur1/p1.png").write_bytes(b"")
    (folder / "sources/p0_a.png").unlink()
    fused = (folder / "fused.csv").read_text().replace(",p0,blur0,90", ",p0,blur0,190")
    (folder / "fused.csv").write_text(fused)
    votes = (folder / "votes.csv").read_text().replace("fused/blur2/p0.png,r1,55", "fused/blur2/p0.png,r1,15")
    (folder / "votes.csv").write_text(votes + "fused/other.png,r1,50\nfused/blur3/p0.png,r3,x\n")
    result = fmbench("data", "check", folder)
    assert result.exit_code == 2
    for message in [
        "blur1/p1.png: is not an image",
        "p0_a.png: no such file",
        "mos 190 is off the scale 0..100, fused/blur0/p0.png",
        "mean vote of fused/blur2/p0.png is 40.000, fused.csv says 60.000",
        "image 'fused/other.png' is not in fused.csv",
        "score 'x' is not a number",
    ]:
        assert message in result.stderr


@pytest.mark.usefixtures("one_embedded_database")
def test_embedded_databases_are_listed_and_built() -> None:
    assert fmbench("data", "list").stdout == "small\tSmall\n"
    folder = Path(fmbench("data", "build", "small").stdout.strip())
    assert (folder / "fused.csv").is_file()
    result = fmbench("data", "build", "smal")
    assert result.exit_code == 2
    assert "for your own pairs give --pairs-from" in result.stderr


def test_fused_images_for_ones_own_pairs(folder: Path, tmp_path: Path) -> None:
    built = tmp_path / "fused-here"
    arguments = ("data", "build", built, "--pairs-from", folder, "--algorithms", "average,laplacian", "--jobs", 1)
    assert fmbench(*arguments).exit_code == 0
    assert fmbench("data", "check", built).exit_code == 0
    database = load_folder(built)
    assert (database.name, database.scores, len(database.fused)) == ("fused-here", "none", 4)
    kept = built / "fused/average/p0.png"
    content = kept.read_bytes()
    kept.unlink()
    other = built / "fused/average/p1.png"
    marked = other.stat().st_mtime_ns
    assert fmbench(*arguments).exit_code == 0
    assert kept.read_bytes() == content
    assert other.stat().st_mtime_ns == marked


def test_a_pair_that_cannot_be_fused_is_left_out_and_named(folder: Path, tmp_path: Path) -> None:
    (folder / "sources/p1_a.png").write_bytes(b"")
    built = tmp_path / "built"
    result = fmbench("data", "build", built, "--pairs-from", folder, "--algorithms", "average", "--jobs", 1)
    assert result.exit_code == 2
    assert "p1: " in result.stderr
    assert list(load_folder(built).pairs) == ["p0"]
    assert fmbench("data", "build", tmp_path / "x", "--pairs-from", folder, "--algorithms", "avrage").exit_code == 2


def test_fuse_files_and_folders(folder: Path, tmp_path: Path) -> None:
    a, b = folder / "sources/p0_a.png", folder / "sources/p0_b.png"
    assert fmbench("fuse", "--a", a, "--b", b, "--algorithm", "average", "--out", tmp_path / "f.png").exit_code == 0
    with Pillow.open(tmp_path / "f.png") as fused, Pillow.open(a) as first, Pillow.open(b) as second:
        mean = (np.asarray(first, float) + np.asarray(second, float)) / 2
        assert np.abs(np.asarray(fused, float) - mean).max() <= 0.5
    assert (
        fmbench("fuse", "--a", folder / "sources", "--b", folder / "sources", "--out", tmp_path / "all").exit_code == 0
    )
    assert len(list((tmp_path / "all").iterdir())) == 4
    assert "laplacian" in fmbench("fuse", "--list").stdout
    assert fmbench("fuse").exit_code == 2


def test_fetch_refuses_what_it_cannot_trust() -> None:
    for arguments, message in [
        (("https://example.org/x.zip", "--sha256", "12"), "is not a SHA-256 hash"),
        (("https://example.org/x.rar", "--sha256", "0" * 64), "is neither a .zip nor a .tar file"),
    ]:
        result = fmbench("data", "fetch", *arguments)
        assert result.exit_code == 2
        assert message in result.stderr
