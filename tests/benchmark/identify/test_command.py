"""The command: databases and folders, wide and mean tables, other greys and crops, the script of a table, errors."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image as Pillow

from fusion_metrics import Image, create
from tests.command import fmbench
from tests.databases import save, write_database
from tests.pictures import multifocus


def printed_file(folder: Path, *lines: str, header: str = "image,metric,value") -> Path:
    path = folder / "printed.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def line_of(result: Result, column: str) -> str:
    (line,) = (line for line in result.stdout.splitlines() if line.split()[:1] == [column])
    return line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("identify") / "db", pairs=2, steps=2)


def print_scores(folder: Path, out: Path, metrics: str, digits: str) -> Path:
    """Print a table as a paper would: own names, few digits."""
    scores = out / "scores.csv"
    assert fmbench("score", folder, "--metrics", metrics, "--jobs", 1, "--out", scores).exit_code == 0
    with scores.open(newline="") as file:
        lines = [
            f"{row['image']},{row['metric'].upper()},{float(row['value']):{digits}}" for row in csv.DictReader(file)
        ]
    return printed_file(out, *lines)


def test_the_command_on_a_database_twice(folder: Path, tmp_path: Path) -> None:
    printed = print_scores(folder, tmp_path, "qabf:liu2012,mi", ".4f")
    out = tmp_path / "found" / "identified.csv"
    meant = "qabf,qabf:liu2012,qabf:wrapped,mi,mi:liu2012,bmpri"
    result = fmbench("identify", printed, folder, "--metrics", meant, "--jobs", 1, "--out", out)
    assert result.exit_code == 0
    (line,) = (line for line in result.stdout.splitlines() if line.split()[:1] == ["QABF"])
    assert "qabf:liu2012 " in line
    assert "4/4" in line
    assert "to the printed digits" in line
    (line,) = (line for line in result.stdout.splitlines() if line.split()[:1] == ["MI"])
    assert " mi:liu2012 " in line  # the same number as mi, and from the script that the other column comes from
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["column"], row["metric"], row["variant"]) for row in rows] == [
        ("QABF", "qabf", "liu2012"), ("MI", "mi", "liu2012"), ("MI", "mi", "paper"),
    ]  # fmt: skip
    assert all(float(row["error"]) <= 5e-5 for row in rows)
    again = fmbench("identify", printed, folder, "--metrics", meant, "--jobs", 1)
    assert again.stdout == result.stdout
    assert "14 scores, 14 of them stored before" in again.stderr


def test_only_the_printed_images_are_read(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=2, steps=2)
    (folder / "fused/blur1/p0.png").write_bytes(b"")
    printed = printed_file(tmp_path, "blur0/p1.png,X,0.1")
    result = fmbench("identify", printed, folder, "--metrics", "qabf", "--jobs", 1)
    assert "nothing fits" in result.stdout
    assert result.exit_code == 0


def test_the_command_on_three_folders(folder: Path, tmp_path: Path) -> None:
    printed = print_scores(folder, tmp_path, "mi", ".12f")
    for side in "ab":
        (tmp_path / side).mkdir()
        for pair in ("p0", "p1"):
            content = (folder / "sources" / f"{pair}_{side}.png").read_bytes()
            (tmp_path / side / f"{pair}.png").write_bytes(content)
    images = ("--a", tmp_path / "a", "--b", tmp_path / "b", "--fused", folder / "fused")
    result = fmbench("identify", printed, *images, "--metrics", "mi,nmi", "--jobs", 1)
    assert result.exit_code == 0
    assert "exact" in result.stdout
    three = ("--source", tmp_path / "a", "--source", tmp_path / "b", "--source", tmp_path / "a")
    options = ("--fused", folder / "fused", "--jobs", 1)
    found = fmbench("identify", printed, *three, *options, "--metrics", "mi,nmi")
    assert "No column is a number of any metric here" in found.stdout
    assert fmbench("score", *three, *options, "--metrics", "mi", "--out", tmp_path / "three.csv").exit_code == 0
    found = fmbench("identify", tmp_path / "three.csv", *three, *options, "--metrics", "mi,nmi")
    assert "exact" in found.stdout.partition("exact: equal")[0]
    two = fmbench("identify", printed, *three[:4], *options, "--metrics", "mi,nmi")
    assert "exact" in two.stdout.partition("exact: equal")[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.csv", "{db}"], "absent.csv: no such file"),
        (["{csv}"], "nothing to score"),
        (["{csv}", "{db}", "--a", "x"], "not both"),
        (["{csv}", "absent"], "absent: no such folder"),
        (["{csv}", "{db}", "--metrics", "qabff"], "did you mean 'qabf'"),
        (["{csv}", "{db}", "--metrics", "bmpri"], "no metric to compare with"),
    ],
)
def test_bad_requests_are_one_line_and_exit_code_2(
    folder: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    path = printed_file(tmp_path, "blur0/p1.png,X,0.1")
    result = fmbench("identify", *(argument.format(db=folder, csv=path) for argument in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert len([line for line in result.stderr.splitlines() if line.startswith("error:")]) == 1


def test_bad_lines_and_bad_images_are_reported_beside_the_table(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=1, steps=2)
    printed = print_scores(folder, tmp_path, "mi", ".6f")
    with printed.open("a") as file:
        file.write("blur0/p0.png,Y,none\nblur7/p0.png,Y,1\n")
    (folder / "fused/blur1/p0.png").write_bytes(b"")
    result = fmbench("identify", printed, folder, "--metrics", "mi,nmi", "--jobs", 1)
    assert result.exit_code == 2
    errors = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 3
    assert "printed.csv:4: value 'none' is not a number" in errors[0]
    assert "printed.csv:5: no fused image is called 'blur7/p0.png'" in errors[1]
    assert "blur1/p0.png: is not an image" in errors[2]
    assert "1/1" in line_of(result, "MI")


def values_of(folder: Path, names: str, prepare: Callable[[np.ndarray], np.ndarray] = np.asarray) -> list[list[str]]:
    """A wide table of a database's images: stem and method, then a column a metric."""
    metrics = [create(name) for name in names.split(",")]
    lines = [["file", "method", *(metric.spec.name.upper() for metric in metrics)]]
    for path in sorted(folder.glob("fused/*/*.png")):
        files = (path, *(folder / "sources" / f"{path.stem}_{side}.png" for side in "ab"))
        images = [Image(prepare(np.asarray(Pillow.open(file)))) for file in files]
        lines.append([path.stem, path.parent.name, *(f"{metric(*images):.8f}" for metric in metrics)])
    return lines


def write_table(folder: Path, lines: list[list[str]], separator: str = ",") -> Path:
    path = folder / "wide.csv"
    path.write_text("\n".join(map(separator.join, lines)) + "\n")
    return path


def test_a_wide_table_and_the_script_that_made_it(folder: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path, values_of(folder, "psnr:tang,sf:tang,ssim:tang,en:tang,qabf:liu2012"), ";")
    result = fmbench("identify", table, folder, "--jobs", 1)
    assert result.exit_code == 0
    for column in ("psnr", "sf", "ssim", "en"):
        assert f" {column}:tang " in line_of(result, column.upper())
    assert "4 of 5 columns are what tang (" in result.stdout
    assert "not QABF." in result.stdout


def test_a_table_of_means_needs_every_image_of_its_methods(folder: Path, tmp_path: Path) -> None:
    _, *lines = values_of(folder, "psnr:vifb,mi")
    table = ["| Method | PSNR | MI |", "| --- | --- | --- |"]
    for method in ("blur0", "blur1"):
        numbers = np.array([[float(cell) for cell in line[2:]] for line in lines if line[1] == method])
        table.append(f"| {method.upper()} [1] | {numbers.mean(0)[0]:.3f} dB | **{numbers.mean(0)[1]:.4f}** |")
    path = tmp_path / "means.md"
    path.write_text("\n".join(table) + "\n")
    result = fmbench("identify", path, folder, "--jobs", 1)
    assert result.exit_code == 0
    assert " psnr:vifb " in line_of(result, "PSNR")
    assert "to the printed digits" in line_of(result, "MI")
    assert "2/2" in line_of(result, "MI")


def test_only_what_may_be_meant_is_computed_unless_everything_is_asked_for(folder: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path, values_of(folder, "psnr"))
    meant = "psnr,psnr:tang,psnr:vifb,mi,en"
    quick = fmbench("identify", table, folder, "--jobs", 1, "--metrics", meant, "--fresh")
    assert "4 scores" in quick.stderr  # the bounds of the others, 24 and 48 dB, leave these numbers out
    everything = fmbench("identify", table, folder, "--jobs", 1, "--metrics", meant, "--fresh", "--exhaustive")
    assert int(everything.stderr.split("small: ")[1].split()[0]) > 4
    assert " psnr " in line_of(everything, "PSNR")


def colour_database(folder: Path) -> Path:
    """A colour database: pictures whose three channels differ."""
    write_database(folder, pairs=2, steps=2, size=52)
    for path in (*folder.glob("sources/*.png"), *folder.glob("fused/*/*.png")):
        grey = np.asarray(Pillow.open(path)).astype(float)
        other = multifocus(grey.shape, seed=9)[2].astype(float)
        colour = np.stack([grey, 0.8 * grey + 0.2 * other, 255.0 - 0.5 * grey], axis=-1)
        save(path, np.rint(colour).astype(np.uint8))
    return folder


@pytest.mark.parametrize(
    ("label", "prepare"),
    [
        ("grey: pillow", lambda pixels: np.asarray(Pillow.fromarray(pixels).convert("L"))),
        ("grey: blue", lambda pixels: pixels[..., 2]),
        ("without 6 pixels along every side", lambda pixels: pixels[6:-6, 6:-6]),
        ("cut to a multiple of 16 pixels", lambda pixels: pixels[:48, :48]),
    ],
)
def test_other_greys_and_crops_are_found(
    tmp_path: Path, label: str, prepare: Callable[[np.ndarray], np.ndarray]
) -> None:
    folder = colour_database(tmp_path / "colour")
    table = write_table(tmp_path, values_of(folder, "psnr,sf", prepare))
    result = fmbench("identify", table, folder, "--jobs", 1, "--metrics", "psnr,sf,sf:tang")
    assert result.exit_code == 0
    assert f"psnr ({label})" in line_of(result, "PSNR")
    assert f"sf ({label})" in line_of(result, "SF")
    assert f"In 2 of them the pictures were prepared: {label}." in result.stdout


def test_a_heading_that_says_nothing_costs_time_and_no_answer(folder: Path, tmp_path: Path) -> None:
    lines = values_of(folder, "scd")
    table = write_table(tmp_path, [["file", "method", "X17"], *lines[1:]])
    result = fmbench("identify", table, folder, "--jobs", 1, "--metrics", "mi,en,scd,cc,psnr")
    assert " scd " in line_of(result, "X17")
    assert "exact" in line_of(result, "X17")


def test_two_slips_of_a_table_do_not_hide_the_metric(folder: Path, tmp_path: Path) -> None:
    for wrong in (1, 2, 4):  # the first and the second number tried are among them
        lines = values_of(folder, "sf")
        lines[wrong][2] = "99.0"
        result = fmbench("identify", write_table(tmp_path, lines), folder, "--jobs", 1)
        assert " sf " in line_of(result, "SF")
        assert "3/4" in line_of(result, "SF")
        assert "nearest" in line_of(result, "SF")


def test_the_printed_tables_beside_the_project(shared: Path, tmp_path: Path) -> None:
    """Tables printed from MATLAB by their authors: every column of one, and the mean of each method of it."""
    folder = shared / "golden" / "printed"
    result = fmbench("identify", folder / "published.csv", folder, "--jobs", 1, "--out", tmp_path / "found.csv")
    assert result.exit_code == 0
    with (tmp_path / "found.csv").open(newline="") as file:
        meant = {row["column"]: row for row in csv.DictReader(file) if row["role"] == "meant"}
    assert len(meant) == 14
    assert {row["verdict"] for row in meant.values()} == {"exact"}
    assert meant["MS_SSIM"]["metric"] == "ms_ssim"
