"""What a command writes: never in place of what it reads, and never under a name that promises another format."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command import fmbench
from tests.databases import write_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_database(tmp_path / "db")


def refused(*arguments: object, lost: Path) -> None:
    before = lost.read_bytes()
    result = fmbench(*arguments)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert f"{lost}: is read here, and is not written over; name another file with --out" in result.stderr
    assert lost.read_bytes() == before


def test_a_source_is_never_fused_away(folder: Path, tmp_path: Path) -> None:
    a, b = folder / "sources/p0_a.png", folder / "sources/p0_b.png"
    refused("fuse", "--a", a, "--b", b, "--algorithm", "average", "--out", a, lost=a)
    link = tmp_path / "link.png"
    link.symlink_to(b)
    refused("fuse", "--a", a, "--b", b, "--algorithm", "average", "--out", link, lost=link)
    own = tmp_path / "own"
    shutil.copytree(folder / "fused/blur0", own)
    refused("fuse", "--a", own, "--b", folder / "fused/blur1", "--out", own, lost=own / "p0.png")


def test_a_table_is_never_written_over_the_scores_it_is_made_of(folder: Path, tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    assert fmbench("score", folder, "--metrics", "sd", "--jobs", 1, "--out", scores).exit_code == 0
    refused("compare", "--scores", scores, "--out", scores, lost=scores)
    refused("rerun", scores, folder, "--out", scores, lost=scores)
    refused("identify", scores, folder, "--out", scores, lost=scores)
    refused("identify", scores, folder, "--out", tmp_path / "db/../scores.csv", lost=tmp_path / "db/../scores.csv")


def test_maps_of_attention_are_never_drawn_over_the_picture(folder: Path) -> None:
    picture = folder / "fused/blur0/p0.png"
    for out in (picture, picture.with_suffix("")):
        result = fmbench("attend", picture, "--model", "g2npan+phantom", "--out", out)
        assert result.exit_code == 2
        assert f"{picture}: is read here, and is not written over" in result.stderr


def test_attention_is_drawn_of_a_trained_metric_by_its_name(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    picture, out = folder / "fused/blur0/p0.png", tmp_path / "seen"
    result = fmbench("attend", picture, "--model", "ms_aan+phantom", "--out", out)
    assert (result.exit_code, out.with_suffix(".png").exists()) == (0, True)
    result = fmbench("attend", picture, "--model", "ms_aan+mine", "--out", out)
    assert "no ms_aan was trained under the name 'mine'; there is ms_aan+phantom" in result.stderr


def test_names_that_promise_another_format_are_refused_before_anything_is_computed(
    folder: Path, tmp_path: Path
) -> None:
    a, b = folder / "sources/p0_a.png", folder / "sources/p0_b.png"
    result = fmbench("fuse", "--a", a, "--b", b, "--out", tmp_path / "fused.jpg")
    assert result.exit_code == 2
    assert f"fused.jpg: a fused image is written as PNG; name it {tmp_path / 'fused.png'} with --out" in result.stderr
    result = fmbench("report", folder, "--metrics", "sd", "--out", tmp_path / "page.pdf")
    assert result.exit_code == 2
    assert f"page.pdf: the page is HTML; name it {tmp_path / 'page.html'} with --out" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["db"]


def test_fusing_says_what_was_written_what_had_no_partner_and_which_pair_does_not_fit(
    folder: Path, tmp_path: Path
) -> None:
    few = tmp_path / "few"
    few.mkdir()
    shutil.copy(folder / "fused/blur0/p0.png", few / "p0.png")
    out = tmp_path / "out"
    result = fmbench("fuse", "--a", few, "--b", folder / "fused/blur1", "--algorithm", "average", "--out", out)
    assert result.exit_code == 0
    assert f"{out}: 1 fused image\n" in result.stderr
    assert f"{folder / 'fused/blur1'}: 1 image without partner, not fused: p1.png\n" in result.stderr
    other = write_database(tmp_path / "other", size=64) / "fused/blur1"
    result = fmbench("fuse", "--a", few, "--b", other, "--algorithm", "average", "--out", out)
    assert result.exit_code == 2
    assert f"error: {few / 'p0.png'} and {other / 'p0.png'}: source a is 48 x 48, source b is 64 x 64" in result.stderr
    result = fmbench("fuse", "--a", few, "--b", other, "--algorithm", "avrage", "--out", out)
    assert result.stderr.startswith("error: unknown fusion algorithm 'avrage'; did you mean 'average'")


def test_a_pattern_that_the_shell_has_made_several_files_of_is_answered_with_the_folder(folder: Path) -> None:
    first, second = folder / "sources/p0_a.png", folder / "sources/p1_a.png"
    result = fmbench("score", "--a", first, second, "--b", folder / "sources/p0_b.png", "--fused", folder / "fused")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {second}: give a database or --a, --b and --fused, not both; of several")
