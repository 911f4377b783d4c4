"""Numbers of other programs on the command line: in every table, and never a traceback for what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import fmbench
from tests.databases import write_database


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("foreign") / "small", pairs=2)


@pytest.fixture(scope="module")
def other(folder: Path) -> Path:
    lines = (folder / "fused.csv").read_text().splitlines()[1:]
    rows = [f"{line.split(',')[0]},{line.split(',')[3]},{k},x" for k, line in enumerate(lines)]
    path = folder / "other.csv"
    path.write_text("\n".join(["image,mAP↑,niqe,remark", *rows[:-1], "gone.png,1,2,x"]) + "\n")
    return path


DIRECTIONS = ("--direction", "niqe=lower, remark=ignore")


def test_columns_of_a_file_stand_beside_metrics_everywhere(folder: Path, other: Path, tmp_path: Path) -> None:
    given = (folder, "--metrics", "sd", "--jobs", 1, "--scores", other, *DIRECTIONS)
    scored = fmbench("score", *given, "--signature", "--out", tmp_path / "scores.csv")
    assert scored.exit_code == 0
    assert "mAP (other.csv) ↑" in scored.stdout
    assert "niqe (other.csv) ↓" in scored.stdout
    assert "foreign:niqe|lower|file=other.csv|sha256=" in scored.stdout
    assert scored.stderr.count("other.csv: 1 of its 8 images are not in small, such as 'gone.png'") == 1
    lines = (tmp_path / "scores.csv").read_text().splitlines()
    assert sum(",mAP (other.csv),foreign-higher," in line for line in lines) == 8
    assert sum("undefined,other.csv has no line of this image" in line for line in lines) == 2
    compared = fmbench("compare", *given, "--common", "--out", tmp_path / "t.tex")
    assert compared.exit_code == 0
    assert r"mAP (other.csv) $\uparrow$" in (tmp_path / "t.tex").read_text()
    stored = fmbench("compare", "--scores", tmp_path / "scores.csv", "--scores", other, *DIRECTIONS, "--common")
    assert stored.exit_code == 0
    assert stored.stdout.splitlines()[2] == compared.stdout.splitlines()[2]
    both = fmbench("compare", folder, "--scores", tmp_path / "scores.csv")
    assert both.exit_code == 2
    assert "give a scores.csv or images, not both" in both.stderr
    run = fmbench("run", *given, "--no-figures", "--out", tmp_path / "run")
    assert "mAP (other.csv)" in (tmp_path / "run" / "correlations.md").read_text()
    assert run.exit_code == 0
    report = fmbench("report", *given, "--no-pictures", "--out", tmp_path / "r.html")
    assert report.exit_code == 0
    assert "foreign:mAP|higher|file=other.csv" in (tmp_path / "r.html").read_text()


HOSTILE = {
    "directory": (None, "is a folder"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0", "is not UTF-8 text"),
    "latin-1": ("image,mAP↑\nü.png,1\n".replace("↑", ":higher").encode("latin-1"), "is not UTF-8 text"),
    "NUL": (b"image,mAP:higher\nx\0,1\n", "has a NUL character"),
    "UTF-16": ("image,mAP:higher\n".encode("utf-16"), "UTF-16"),
    "empty": (b"", "is empty"),
    "no column": (b"name,mAP:higher\nx,1\n", "column image missing"),
    "text": (b"image,mAP:higher\nx,high\n", ":2: mAP:higher 'high' is not a number"),
    "nan": (b"image,mAP:higher\nx,NaN\n", ":2: mAP:higher 'NaN' is not a finite number"),
    "twice": (b"image,mAP:higher\nx,1\nx,1\n", ":3: image 'x' is there twice"),
    "no direction": (b"image,mAP\nx,1\n", "--direction 'mAP=higher'"),
    "escapes": (b"image,m\x1b[31mAP\nx,1\n", "does not say which direction"),
}


@pytest.mark.parametrize("command", ["score", "run", "compare", "report"])
@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_one_line_and_exit_2_and_nothing_is_written(
    folder: Path, tmp_path: Path, what: str, command: str
) -> None:
    content, message = HOSTILE[what]
    path = tmp_path / "o.csv"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    out = tmp_path / {"run": "out", "report": "out.html"}.get(command, "out.csv")
    result = fmbench(command, folder, "--metrics", "sd", "--scores", path, "--out", out)
    assert result.exit_code == 2
    [line] = result.stderr.splitlines()
    assert message in line
    assert "o.csv" in line
    assert "\x1b" not in line
    assert not out.exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--direction", "mAP"], "'mAP' is no direction; write NAME=higher"),
        (["--direction", "mAP=lower"], "no scores of another program"),
        (["--direction", "mAP=lower,mAP=higher"], "direction of 'mAP' is given twice"),
        (["--scores", "missing.csv"], "missing.csv: no such file"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(folder: Path, given: list[str], message: str) -> None:
    result = fmbench("score", folder, "--metrics", "sd", *given)
    assert result.exit_code == 2
    assert message in result.stderr


def test_the_page_about_methods_and_a_run_over_two_databases_have_them_too(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = write_database(tmp_path / name, pairs=3, steps=3)
        toml = folder / "database.toml"
        toml.write_text(toml.read_text().replace('"small"', f'"{name}"'))
    bare = write_database(tmp_path / "bare", pairs=3, steps=3, scores="none")
    images = [line.split(",")[0] for line in (bare / "fused.csv").read_text().splitlines()[1:]]
    other = tmp_path / "o.csv"
    other.write_text("\n".join(["image,mAP:higher", *(f"{image},{k % 7}" for k, image in enumerate(images))]) + "\n")
    page = tmp_path / "page.html"
    given = ("--metrics", "sd,mse", "--scores", other, "--jobs", 1)
    assert fmbench("report", bare, *given, "--no-pictures", "--out", page).exit_code == 0
    assert "mAP (o.csv)" in page.read_text()
    run = fmbench("run", tmp_path / "one", tmp_path / "two", *given, "--no-figures", "--out", tmp_path / "run")
    assert run.exit_code == 0
    lines = (tmp_path / "run" / "correlations.csv").read_text().splitlines()
    assert sum(",mAP (o.csv),foreign-higher," in line for line in lines) == 2
