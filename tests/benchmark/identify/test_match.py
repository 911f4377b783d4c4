"""Which variant printed a column: digits, coincidences, undefined scores, bad lines, and the command itself."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmark.cli import main
from benchmark.databases import FusedImage
from benchmark.errors import BenchmarkError
from benchmark.identify.match import identify
from benchmark.identify.printed import Printed, read_printed
from benchmark.scoring.rows import ScoreRow
from tests.databases import write_database

IMAGES = ("fused/x/1.png", "fused/x/2.png", "fused/y/1.png")


def fmbench(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def score_rows(**scores: tuple[float | None, ...]) -> list[ScoreRow]:
    """Rows of variants called ``metric__variant``."""
    rows = []
    for name, values in scores.items():
        metric, _, variant = name.partition("__")
        for image, value in zip(IMAGES, values, strict=True):
            status = "ok" if value is not None else "undefined"
            rows.append(ScoreRow("db", "p", "x", image, metric, variant or "paper", value, status, "", 0.0))
    return rows


def column(*texts: str, name: str = "Q") -> list[Printed]:
    values = []
    for image, text in zip(IMAGES, texts, strict=True):
        decimals = len(text.partition(".")[2])
        number = float(text)
        half_unit = 0.5 * 10.0**-decimals if math.isfinite(number) else 0.0
        values.append(Printed(name, image, number if math.isfinite(number) else math.nan, half_unit))
    return values


def printed_file(folder: Path, *lines: str, header: str = "image,metric,value") -> Path:
    path = folder / "printed.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def fused_images() -> list[FusedImage]:
    return [FusedImage(image, Path(image), "p", "x") for image in IMAGES]


def test_all_digits_are_exact_and_coincident_variants_are_all_named() -> None:
    rows = score_rows(mi=(1.0, 2.0, 3.0), mi__liu2012=(1.0, 2.0, 3.0), nmi=(0.1, 0.2, 0.3), te=(1.0000004, 2.0, 3.0))
    (found,) = identify(column("1.00000001", "2.00000000", "3.00000000"), rows)
    assert found.verdict == "exact"
    assert [candidate.id for candidate in found.candidates] == ["mi", "mi:liu2012", "te"]
    assert found.candidates[0].error == pytest.approx(1e-8)
    assert found.candidates[2].relative == pytest.approx(3.9e-7, rel=1e-6)


def test_few_digits_cannot_say_more_than_they_show() -> None:
    rows = score_rows(qabf=(0.5149, 0.6051, 0.71), qabf__other=(0.5251, 0.605, 0.71), sf=(0.5, 0.6, 0.7))
    (found,) = identify(column("0.51", "0.61", "0.71"), rows)
    assert found.verdict == "to the printed digits"
    assert [candidate.id for candidate in found.candidates] == ["qabf"]
    assert found.candidates[0].fitting == 3


def test_a_half_that_was_rounded_either_way_fits() -> None:
    for text in ("0.12", "0.13"):
        (found,) = identify(column(text, "1.00", "2.00"), score_rows(q=(0.125, 1.0, 2.0)))
        assert found.verdict == "to the printed digits"


def test_one_wrong_cell_leaves_the_nearest_with_its_count() -> None:
    rows = score_rows(psnr=(20.0, 30.0, 40.0), psnr__tang=(68.1, 78.1, 88.1), psnr__same=(20.0, 30.0, 40.0))
    (found,) = identify(column("20.0000", "30.0000", "49.0000"), rows)
    assert found.verdict == "nearest"
    assert [(candidate.id, candidate.fitting) for candidate in found.candidates] == [("psnr", 2), ("psnr:same", 2)]
    assert found.candidates[0].error == pytest.approx(9)
    assert found.candidates[0].median == 0.0


def test_nothing_fits_and_no_scale_or_offset_is_fitted() -> None:
    rows = score_rows(psnr=(20.0, 30.0, 40.0))
    for texts in (("40.0", "60.0", "80.0"), ("68.1", "78.1", "88.1")):
        (found,) = identify(column(*texts), rows)
        assert found.verdict == "nothing fits"
        assert found.candidates[0].fitting == 0


def test_nan_agrees_with_a_variant_that_has_no_value_and_with_no_other() -> None:
    rows = score_rows(yang=(0.5, 0.6, 0.7), yang__liu2012=(0.5, None, 0.7), cvejic=(0.5, None, None))
    (found,) = identify(column("0.500000", "NaN", "0.700000"), rows)
    assert [candidate.id for candidate in found.candidates] == ["yang:liu2012"]
    (found,) = identify(column("0.500000", "0.600000", "0.700000"), rows)
    assert [candidate.id for candidate in found.candidates] == ["yang"]
    (found,) = identify(column("0.5", "0.6", "0.7"), score_rows(yang__liu2012=(0.5, None, 0.7)))
    assert (found.verdict, found.candidates[0].fitting, found.candidates[0].without) == ("nearest", 2, 1)
    assert found.candidates[0].error == math.inf


def test_a_printed_zero() -> None:
    rows = score_rows(nabf=(0.0, 1e-9, 2e-9), other=(0.0, 0.2, 0.3))
    (found,) = identify(column("0.000", "0.000", "0.000"), rows)
    assert [candidate.id for candidate in found.candidates] == ["nabf"]
    assert found.verdict == "to the printed digits"


def test_rounding_errors_of_a_zero_and_short_numbers_among_long_ones() -> None:
    rows = score_rows(yang=(0.0, 127.5, 0.1234567890), other=(2e-15, 127.5, 0.1234567890))
    values = column("0.00000000000000000000002686", "127.5", "0.1234567890")
    (found,) = identify(values, rows)
    assert found.verdict == "exact"
    assert [candidate.id for candidate in found.candidates] == ["yang"]


def test_columns_keep_their_order_and_their_own_images() -> None:
    rows = score_rows(a=(1.0, 2.0, 3.0), b=(1.0, 7.0, 8.0))
    found = identify(
        [*column("1.0", "7.0", "8.0", name="second"), *column("1.0", "2.0", "3.0", name="First")[:1]], rows
    )
    assert [(item.column, item.n) for item in found] == [("second", 3), ("First", 1)]
    assert [[candidate.id for candidate in item.candidates] for item in found] == [["b"], ["a", "b"]]


def test_images_go_by_any_last_part_of_their_path(tmp_path: Path) -> None:
    path = printed_file(tmp_path, "fused/x/1.png,Q,0.5", "y/1.png,Q,12", "2,Q,1.50e-3")
    values, problems = read_printed(path, fused_images())
    assert problems == []
    assert [value.image for value in values] == ["fused/x/1.png", "fused/y/1.png", "fused/x/2.png"]
    assert [value.value for value in values] == [0.5, 12.0, 0.0015]
    assert [value.half_unit for value in values] == pytest.approx([0.05, 0.5, 5e-6])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1.png,Q,0.5", "printed.csv:3: image '1.png' may be fused/x/1.png or fused/y/1.png"),
        ("fused/z/1.png,Q,0.5", "printed.csv:3: no fused image is called 'fused/z/1.png'; did you mean"),
        ("2.png,Q,n.a.", "printed.csv:3: value 'n.a.' is not a number"),
        ("2.png,Q,", "printed.csv:3: value '' is not a number"),
        ("2.png,,0.5", "printed.csv:3: no metric named"),
        ("fused/x/1.png,Q,0.6", "printed.csv:3: Q of fused/x/1.png is printed twice"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_left_out(tmp_path: Path, line: str, message: str) -> None:
    values, problems = read_printed(printed_file(tmp_path, "x/1.png,Q,0.5", line), fused_images())
    assert [value.value for value in values] == [0.5]
    assert len(problems) == 1
    assert message in problems[0]


def test_a_file_without_a_usable_line_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="no line below the header"):
        read_printed(printed_file(tmp_path), fused_images())
    with pytest.raises(BenchmarkError, match="column value missing"):
        read_printed(printed_file(tmp_path, header="image,metric,number"), fused_images())
    with pytest.raises(BenchmarkError, match="'five' is not a number"):
        read_printed(printed_file(tmp_path, "2.png,Q,five"), fused_images())


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
    assert "mi, mi:liu2012" in line
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["column"], row["metric"], row["variant"]) for row in rows] == [
        ("QABF", "qabf", "liu2012"), ("MI", "mi", "paper"), ("MI", "mi", "liu2012"),
    ]  # fmt: skip
    assert all(float(row["error"]) <= 5e-5 for row in rows)
    again = fmbench("identify", printed, folder, "--metrics", meant, "--jobs", 1)
    assert again.stdout == result.stdout
    assert "20 scores, 20 of them stored before" in again.stderr


def test_only_the_printed_images_are_scored(folder: Path, tmp_path: Path) -> None:
    printed = printed_file(tmp_path, "blur0/p1.png,X,0.1")
    result = fmbench("identify", printed, folder, "--metrics", "qabf", "--jobs", 1)
    assert "1 scores" in result.stderr
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
    assert "1/2" in result.stdout
