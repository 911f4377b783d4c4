"""`fmbench score` on databases, folders and files."""

from __future__ import annotations

from pathlib import Path

from benchmark.scoring.frames import SCORE_COLUMNS
from tests.command import fmbench, rows_of


def test_score_a_database(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "scores.csv"
    result = fmbench("score", folder, "--metrics", "qabf,qcv", "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    assert "qabf ↑" in result.stdout
    assert "qcv ↓" in result.stdout
    rows = rows_of(out)
    assert tuple(rows[0]) == SCORE_COLUMNS
    assert (
        ",".join(rows[0])
        == "database,pair,algorithm,image,metric,variant,value,status,reason,seconds,signature,reading"
    )
    assert len(rows) == 16
    assert {row["status"] for row in rows} == {"ok"}
    body = [line for line in result.stdout.splitlines() if line.startswith("  blur")]
    assert len(body) == 4
    assert [sum(line.count(mark) for line in body) for mark in "¹²"] == [2, 2]


def test_a_script_is_asked_for_by_name_and_answers_in_its_own_words(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    result = fmbench("score", folder, "--metrics", "cddfuse", "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    names = [words[0] for words in lines if len(words) > 2 and words[1] in "↑↓"]
    assert names == ["EN", "SD", "SF", "AG", "MI", "MSE", "CC", "PSNR", "SCD", "VIFF", "Qabf", "SSIM"]
    assert [row["metric"] for row in rows_of(out)[:3]] == ["en", "sd", "sf"]
    assert {row["variant"] for row in rows_of(out)} == {"cddfuse"}


def test_score_folders(folder: Path, tmp_path: Path) -> None:
    for side in "ab":
        (tmp_path / side).mkdir()
        for pair in ("p0", "p1"):
            content = (folder / "sources" / f"{pair}_{side}.png").read_bytes()
            (tmp_path / side / f"{pair}.png").write_bytes(content)
    sources = ("--a", tmp_path / "a", "--b", tmp_path / "b")
    out = tmp_path / "scores.csv"
    result = fmbench("score", *sources, "--fused", folder / "fused", "--metrics", "mi", "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    by_folder = {(row["algorithm"], row["pair"]): row["value"] for row in rows_of(out)}
    fmbench("score", folder, "--metrics", "mi", "--jobs", 1, "--out", out)
    assert by_folder == {(row["algorithm"], row["pair"]): row["value"] for row in rows_of(out)}


def test_score_files(folder: Path) -> None:
    sources = ("--a", folder / "sources/p0_a.png", "--b", folder / "sources/p0_b.png")
    fused = ("--fused", folder / "fused/blur0/p0.png", "--fused", folder / "fused/blur1/p0.png")
    result = fmbench("score", *sources, *fused, "--metrics", "qabf", "--jobs", 1)
    assert result.exit_code == 0
    assert "blur0/p0" in result.stdout
    assert "blur1/p0" in result.stdout


def test_a_bad_image_is_reported_and_the_rest_is_written(folder: Path, tmp_path: Path) -> None:
    (folder / "fused/blur1/p1.png").write_bytes(b"")
    out = tmp_path / "scores.csv"
    result = fmbench("score", folder, "--metrics", "qabf,mi", "--jobs", 1, "--out", out)
    assert result.exit_code == 2
    assert len([line for line in result.stderr.splitlines() if line.startswith("error:")]) == 1
    assert "blur1/p1.png: is not an image" in result.stderr
    statuses = [row["status"] for row in rows_of(out)]
    assert (statuses.count("ok"), statuses.count("error")) == (14, 2)
    line = next(line for line in result.stdout.splitlines() if "blur1" in line)
    assert line.count("n/a") == 2


def test_a_metric_that_learns_says_so_where_there_is_nothing_to_learn_from(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    assert fmbench("score", folder, "--metrics", "bmpri", "--jobs", 1, "--out", out).exit_code == 0
    [(status, reason)] = {(row["status"], row["reason"]) for row in rows_of(out)}
    assert status == "undefined"
    assert reason.startswith("bmpri learns from scored images and has not been fitted")
    assert 'create("bmpri", trained="phantom")' in reason
