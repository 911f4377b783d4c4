"""Ground truths: found by the names of pairs, compared with under names of their own, and said where there are none."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pillow

import benchmark
from benchmark import BenchmarkError, Computing, Options
from benchmark.databases.check import check_database
from benchmark.databases.folder import load_folder
from benchmark.databases.from_files import from_files
from benchmark.databases.matching import Match
from benchmark.databases.references import with_references
from fusion_metrics import create
from tests.command import fmbench
from tests.databases import save, write_database
from tests.pictures import pansharpened

HERE = Computing(jobs=1)
OPTIONS = Options(replicates=20, permutations=19)
TRUTH, PAN, FUSED = pansharpened()
#: Rows and columns of the parts that are used.
SIDE = 48


def part(pixels: np.ndarray, number: int) -> np.ndarray:
    return pixels[SIDE * number : SIDE * (number + 1), :SIDE]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Multispectral and panchromatic pictures, the scene behind them, and what three methods make of them."""
    folder = tmp_path_factory.mktemp("pansharpened")
    for number in range(2):
        for name, pixels in {"ms": FUSED["coarse"], "pan": PAN, "truth": TRUTH}.items():
            save(folder / name / f"s{number}.png", part(pixels, number))
        for method, pixels in FUSED.items():
            save(folder / "out" / method / f"s{number}.png", part(pixels, number))
    return folder


def options(files: Path, *more: object) -> list[object]:
    given = {"--a": "ms", "--b": "pan", "--fused": "out"}
    return ["score", *(word for option, name in given.items() for word in (option, files / name)), "--jobs", 1, *more]


def values(path: Path) -> dict[tuple[str, str, str], str]:
    with path.open(newline="") as file:
        return {
            (row["algorithm"], row["pair"], row["metric"]): row["value"] or row["reason"]
            for row in csv.DictReader(file)
        }


def test_folders_are_scored_against_a_folder_of_truths(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.csv"
    request = ("--metrics", "sam,ergas,psnr:reference,psnr")
    result = fmbench(*options(files, "--reference", files / "truth", *request, "--out", out, "--signature"))
    assert result.exit_code == 0
    assert "psnr:reference ↑" in result.stdout
    assert "psnr:reference|v1|channels=colours|fmbench=" in result.stdout
    scores = pd.read_csv(out)
    assert set(scores["status"]) == {"ok"}
    found = scores.set_index(["algorithm", "pair", "metric", "variant"])["value"]
    again = fmbench("rerun", out, *options(files)[1:7], "--reference", files / "truth", "--jobs", 1)
    assert again.exit_code == 0
    assert "4 metrics agree" in again.output
    for method, pixels in FUSED.items():
        for number in range(2):
            fused, truth = part(pixels, number), part(TRUTH, number)
            for name, variant in (("sam", "paper"), ("ergas", "paper"), ("psnr", "reference")):
                identifier = name if variant == "paper" else f"{name}:{variant}"
                # Sums may be ordered otherwise where pixels lie otherwise in memory.
                expected = pytest.approx(create(identifier)(fused, truth), rel=1e-12)
                assert found[method, f"s{number}", name, variant] == expected
            against_sources = create("psnr")(fused, part(FUSED["coarse"], number), part(PAN, number))
            assert found[method, f"s{number}", "psnr", "paper"] == against_sources


def test_python_scores_and_compares_by_the_truth(files: Path, tmp_path: Path) -> None:
    given = {"a": files / "ms", "b": files / "pan", "fused": files / "out", "reference": files / "truth"}
    scored = benchmark.score(**given, metrics="@reference,!ms_ssim", computing=HERE)  # type: ignore[arg-type]
    assert set(scored.scores["status"]) == {"ok"}
    assert scored.means["ergas"].idxmax() == "coarse"
    compared = benchmark.compare(**given, metrics="sam,psnr:reference", computing=HERE)  # type: ignore[arg-type]
    pd.testing.assert_series_equal(
        compared.means["sam"].sort_index(), scored.means["sam"].sort_index(), check_names=False
    )
    compared.write(tmp_path / "t.tex")
    assert "PSNR (reference)" in (tmp_path / "t.tex").read_text()


def test_all_leaves_out_what_needs_a_reference_and_says_so_once(files: Path, tmp_path: Path) -> None:
    request = "all,!*an,!aga,!bmpri,!*like,!nsct_pcnn,!q*,!f*,!v*,!p*,!m*,!c*,!y*,!n*,!t*,!l*,!r*"
    without = fmbench(*options(files, "--metrics", request, "--out", tmp_path / "without.csv"))
    assert without.exit_code == 0
    assert without.stderr.count("left out: uiqi, ergas, sam: there is no reference") == 1
    within = fmbench(
        *options(files, "--metrics", request, "--reference", files / "truth", "--out", tmp_path / "within.csv")
    )
    assert "there is no reference" not in within.stderr
    names = [{metric for _, _, metric in values(tmp_path / f"{name}.csv")} for name in ("without", "within")]
    assert names[1] - names[0] == {"uiqi", "ergas", "sam"}


def test_what_was_asked_for_by_name_has_no_value_and_one_line_that_names_the_option(
    files: Path, tmp_path: Path
) -> None:
    result = fmbench(*options(files, "--metrics", "sd,psnr:reference,sam", "--out", tmp_path / "s.csv"))
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if line.startswith("error")]
    assert lines == ["error: there is no reference: name one by --reference"]
    found = values(tmp_path / "s.csv")
    assert found["brovey", "s0", "sam"] == "there is no reference: name one by --reference"
    assert float(found["brovey", "s0", "sd"]) > 0
    only = fmbench(*options(files, "--metrics", "all,![a-df-rt-z]*,!e[in]*,!s[cdfs]*"))
    assert only.exit_code == 2
    assert "there is no reference, with which to compare by ergas, sam; see --reference" in only.stderr


def test_pairs_without_a_reference_have_no_value_and_the_others_do(files: Path, tmp_path: Path) -> None:
    save(tmp_path / "truth" / "s1.png", part(TRUTH, 1))
    out = tmp_path / "s.csv"
    result = fmbench(*options(files, "--reference", tmp_path / "truth", "--metrics", "sam", "--out", out))
    assert result.exit_code == 0
    assert values(out)["brovey", "s0", "sam"] == "pair 's0' has no reference"
    assert float(values(out)["brovey", "s1", "sam"]) > 0


def test_a_reference_that_cannot_be_read_costs_only_what_is_compared_with_it(files: Path, tmp_path: Path) -> None:
    save(tmp_path / "truth" / "s0.png", part(TRUTH, 0)[:-3])
    (tmp_path / "truth" / "s1.png").write_bytes(b"no picture")
    out = tmp_path / "s.csv"
    result = fmbench(*options(files, "--reference", tmp_path / "truth", "--metrics", "sam,psnr", "--out", out))
    assert result.exit_code == 2
    found = values(out)
    assert "sizes differ" in found["brovey", "s0", "sam"]
    assert "s1.png" in found["brovey", "s1", "sam"]
    assert all(float(found["brovey", pair, "psnr"]) > 0 for pair in ("s0", "s1"))


def test_a_fused_image_that_was_cropped_is_compared_with_the_cropped_reference(files: Path, tmp_path: Path) -> None:
    for number in range(2):
        save(tmp_path / "out" / f"s{number}.png", part(FUSED["brovey"], number)[:40, :44])
    given = {"a": files / "ms", "b": files / "pan", "fused": tmp_path / "out", "reference": files / "truth"}
    found = benchmark.score(**given, metrics="sam,psnr,en", fit="crop", computing=HERE).scores  # type: ignore[arg-type]
    assert set(found["status"]) == {"ok"}
    by_hand = create("sam")(part(FUSED["brovey"], 0)[:40, :44], part(TRUTH, 0)[:40, :44])
    assert found.query("metric == 'sam' and pair == 's0'")["value"].item() == by_hand
    assert "a, reference: cropped" in found["reading"].iloc[0]
    refused = benchmark.score(**given, metrics="sam,en", computing=HERE).scores  # type: ignore[arg-type]
    assert refused.query("metric == 'sam'")["reason"].str.contains("decide it by --fit crop").all()
    assert (refused.query("metric == 'en'")["status"] == "ok").all()


def test_one_file_is_the_reference_of_one_pair(files: Path) -> None:
    single = {"a": files / "ms/s0.png", "b": files / "pan/s0.png", "fused": files / "out/brovey/s0.png"}
    found = benchmark.score(**single, reference=files / "truth/s0.png", metrics="sam", computing=HERE)  # type: ignore[arg-type]
    assert found.scores["value"].item() == pytest.approx(
        create("sam")(part(FUSED["brovey"], 0), part(TRUTH, 0)), rel=1e-12
    )
    several = from_files(files / "ms", files / "pan", [files / "out"])
    with pytest.raises(BenchmarkError, match=r"s0\.png: is one reference, but there are 2 pairs; give a folder"):
        with_references(several, files / "truth/s0.png")


@pytest.mark.parametrize(
    ("reference", "message"),
    [("nowhere", "nowhere: no such file or folder"), ("out", "no reference has the name of a pair .*pairs: s0, s1")],
)
def test_a_folder_that_cannot_be_meant_is_one_line(files: Path, reference: str, message: str) -> None:
    with pytest.raises(BenchmarkError, match=message):
        with_references(from_files(files / "ms", files / "pan", [files / "out"]), files / reference)


def test_references_follow_the_rule_of_the_sources_and_the_folders_of_datasets(tmp_path: Path) -> None:
    for name in ("x", "y"):
        for role in ("ir", "vi", "fused", "gt"):
            save(tmp_path / role / f"{name}_{role}.png", part(PAN, 0))
        for folder in ("a", "b", "out/net", "truth"):
            save(tmp_path / "sets" / folder / "TNO" / f"{name}.png", part(PAN, 0))
            save(tmp_path / "sets" / folder / "MSRS" / f"{name}.png", part(PAN, 0))
    match = Match.parse("suffix:_ir,_vi,_fused")
    database = from_files(tmp_path / "ir", tmp_path / "vi", [tmp_path / "fused"], match)
    with pytest.raises(BenchmarkError, match="references: x_gt, y_gt; pairs: x, y"):
        with_references(database, tmp_path / "gt", match)
    assert with_references(database, tmp_path / "ir", match).pairs["y"].reference == tmp_path / "ir" / "y_ir.png"
    sets = tmp_path / "sets"
    several = from_files(sets / "a", sets / "b", [sets / "out"])
    found = with_references(several, sets / "truth").pairs
    assert found["TNO/x"].reference == sets / "truth" / "TNO" / "x.png"
    assert found["MSRS/y"].reference == sets / "truth" / "MSRS" / "y.png"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with a reference for each pair: its sharpest fused image, a little brighter."""
    folder = write_database(tmp_path / "small", pairs=3)
    lines = (folder / "pairs.csv").read_text().splitlines()
    rows = [f"{line},sources/p{number}_truth.png" for number, line in enumerate(lines[1:])]
    (folder / "pairs.csv").write_text("\n".join([lines[0] + ",reference", *rows]) + "\n")
    for number in range(3):
        with Pillow.open(folder / "fused" / "blur0" / f"p{number}.png") as picture:
            pixels = np.array(picture)
        save(folder / "sources" / f"p{number}_truth.png", (pixels.astype(int) + (pixels < 255)).astype(np.uint8))
    return folder


def test_a_database_names_its_references(database: Path) -> None:
    assert list(check_database(load_folder(database))) == []
    found = benchmark.run(str(database), metrics="psnr:reference,uiqi,psnr", options=OPTIONS, computing=HERE)
    table = found.correlations.set_index(["metric", "variant"])
    assert table.loc[("psnr", "reference"), "srcc"] > 0.9
    assert table.loc[("uiqi", "paper"), "algorithm_srcc"] == pytest.approx(1.0)
    assert table.loc[("psnr", "reference"), "srcc"] != table.loc[("psnr", "paper"), "srcc"]


def test_a_missing_reference_is_found_by_the_check(database: Path) -> None:
    (database / "sources" / "p1_truth.png").unlink()
    [problem] = check_database(load_folder(database))
    assert "p1_truth.png" in problem
    scored = benchmark.score(str(database), metrics="uiqi", computing=HERE)
    assert len(scored.problems) == 4
    assert set(scored.problems) == {problem}


def test_a_run_without_references_says_where_one_is_named(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "small", pairs=3)
    result = fmbench("run", folder, "--metrics", "sd,uiqi", "--no-figures", "--jobs", 1, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "error: small has no reference: name one by a column reference in pairs.csv, or --reference" in result.stderr
    assert (tmp_path / "out" / "correlations.csv").is_file()
