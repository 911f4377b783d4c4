"""`fmbench compare`, and the formats of --out, as a user types them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pillow

import benchmark
from benchmark.comparison.asked import Asked
from tests.command import fmbench
from tests.databases import write_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_database(tmp_path / "db", pairs=6, scores="none")


def folders_of(database: Path, into: Path) -> list[object]:
    for side in "ab":
        (into / side).mkdir(parents=True)
        for source in (database / "sources").glob(f"*_{side}.png"):
            (into / side / f"{source.stem[:-2]}.png").write_bytes(source.read_bytes())
    return ["--a", into / "a", "--b", into / "b", "--fused", database / "fused"]


def test_from_three_folders_to_a_table_in_latex(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "paper" / "t.tex"
    options = ("--metrics", "SSIM,en,qcv", "--jobs", 1, "--ours", "blur0", "--caption", "Mine", "--out", out)
    result = fmbench("compare", *folders_of(folder, tmp_path / "three"), *options)
    assert result.exit_code == 0
    assert "mean of 6 pairs" in result.stdout
    text = out.read_text()
    assert r"\caption{Mine." in text
    assert text.index("SSIM") < text.index("EN") < text.index(r"$Q_{\mathrm{CV}}$")
    assert "blur0 (ours) & " in text


def test_a_database_with_opinions_is_compared_like_one_without(tmp_path: Path, folder: Path) -> None:
    with_opinions = write_database(tmp_path / "opinions", pairs=6)
    results = [
        fmbench("compare", database, "--metrics", "en,ssim", "--jobs", 1).stdout for database in (with_opinions, folder)
    ]
    assert results[0] == results[1]


def test_stored_scores_give_the_same_table(folder: Path, tmp_path: Path) -> None:
    scores, first, second = (tmp_path / name for name in ("scores.csv", "first.csv", "second.csv"))
    assert fmbench("score", folder, "--metrics", "en,ssim", "--jobs", 1, "--out", scores).exit_code == 0
    assert fmbench("compare", folder, "--metrics", "ssim,en", "--jobs", 1, "--out", first).exit_code == 0
    assert fmbench("compare", "--scores", scores, "--metrics", "ssim,en", "--out", second).exit_code == 0
    assert first.read_bytes() == second.read_bytes()


def test_a_score_that_is_no_number_is_named_with_its_line(tmp_path: Path) -> None:
    head = "database,pair,algorithm,image,metric,variant,value"
    path = tmp_path / "scores.csv"
    path.write_text(f"{head}\nd,p,a,x.png,en,paper,1.0\nd,p,b,y.png,en,paper,1,5\n")
    assert "scores.csv:3" in fmbench("compare", "--scores", path).stderr
    path.write_text(f"{head}\nd,p,a,x.png,en,paper,1.0\nd,p,b,y.png,en,paper,high\n")
    result = fmbench("compare", "--scores", path)
    assert result.exit_code == 2
    assert "scores.csv:3: value 'high' is not a number" in result.stderr


def test_a_missing_image_spoils_no_table(folder: Path, tmp_path: Path) -> None:
    (folder / "fused/blur3/p2.png").unlink()
    three = folders_of(folder, tmp_path / "three")
    out = tmp_path / "t.csv"
    result = fmbench("compare", *three, "--metrics", "en", "--jobs", 1, "--out", out)
    assert result.exit_code == 2
    assert "p2" in result.stderr
    means = pd.read_csv(out).set_index("method")["mean"]
    assert means.isna().to_dict() == {"blur0": False, "blur1": False, "blur2": False, "blur3": True}
    result = fmbench("compare", *three, "--metrics", "en", "--jobs", 1, "--out", out, "--common")
    assert not pd.read_csv(out)["mean"].isna().any()
    assert "compared on the 5 images that all methods have; left out: p2" in result.stdout


def test_a_missing_source_costs_its_pair_and_no_table(folder: Path, tmp_path: Path) -> None:
    three = folders_of(folder, tmp_path / "three")
    (tmp_path / "three" / "a" / "p2.png").unlink()
    out = tmp_path / "t.csv"
    result = fmbench("compare", *three, "--metrics", "en,Q^AB/F", "--jobs", 1, "--out", out)
    assert result.exit_code == 2
    assert "p2.png: no partner" in result.stderr
    assert "mean of 5 pairs" in result.stdout
    assert "left out, because no image of it could be scored: p2" in result.stdout
    assert not pd.read_csv(out)["mean"].isna().any()


def test_colour_that_is_scored_on_its_luminance_is_told_also_of_stored_scores(folder: Path, tmp_path: Path) -> None:
    for path in (folder / "fused").rglob("*.png"):
        Pillow.open(path).convert("RGB").save(path)
        colour = np.asarray(Pillow.open(path)).copy()
        colour[:4, :4] = [200, 20, 90]
        Pillow.fromarray(colour).save(path)
    scores = tmp_path / "scores.csv"
    told = "colour pictures were scored on their luminance (rgb2gray) by qabf"
    scored = fmbench("score", folder, "--metrics", "qabf,qabf:vifb", "--jobs", 1, "--out", scores)
    assert told in scored.stdout
    assert told in fmbench("compare", "--scores", scores).stdout


def test_a_script_has_its_own_names_of_columns(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "t.tex"
    result = fmbench("compare", folder, "--metrics", "@kumar2013", "--jobs", 1, "--out", out)
    assert all(name in result.stdout for name in ("QABF ↑", "LABF ↓", "NABF ↓", "NABF1 ↓"))
    assert r"NABF1 $\downarrow$" in out.read_text()


def test_figures_are_drawn_once(folder: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    command = ("compare", folder, "--metrics", "en,ssim", "--jobs", 1, "--figures", figures)
    assert fmbench(*command).exit_code == 0
    names = {str(path.relative_to(figures)) for path in figures.rglob("*.png")}
    assert {"heat.png", "redundancy.png", "differences.png", "curves/en.png", "spread/ssim.png"} <= names
    assert {"duel/en.png", "critical-difference/ssim.png"} <= names
    before = (figures / "heat.png").stat().st_mtime_ns
    assert fmbench(*command).exit_code == 0
    assert (figures / "heat.png").stat().st_mtime_ns == before


def test_python_gives_what_the_command_gives(folder: Path) -> None:
    found = benchmark.compare(str(folder), metrics="en,qcv", asked=Asked(permutations=99))
    assert list(found.means.columns) == ["en", "qcv"]
    assert found.cells.query("metric == 'qcv' and rank == 1")["method"].tolist() == ["blur0"]
    assert found.figure("curves/en").axes
    with pytest.raises(benchmark.BenchmarkError, match="no figure 'curve'"):
        found.figure("curve")
    assert repr(found) == f"Comparison(small: 2 metrics, {len(found.values[0].methods)} methods, 6 images)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare"], "nothing to compare"),
        (["compare", "{db}", "--a", "x"], "not both"),
        (["compare", "{db}", "--scores", "{db}/pairs.csv"], "column image missing"),
        (["compare", "--scores", "{db}/pairs.csv"], "column"),
        (["compare", "{db}", "{db}"], "another data set is called"),
        (["compare", "{db}", "--metrics", "@medicine"], "did you mean 'medical'"),
        (["compare", "{db}", "--metrics", "bmpri"], "is fitted to opinion scores"),
        (["compare", "{db}", "--metrics", "en", "--ours", "x"], "no method 'x' that could be ours"),
        (["compare", "{db}", "--metrics", "en", "--names", "blur0"], "write OLD=NEW"),
        (["compare", "{db}", "--metrics", "en", "--algorithms", "blur0"], "only one method"),
        (["compare", "{db}", "--alpha", "2"], "no probability"),
        (["compare", "{db}", "--out", "{db}/t.txt"], "no format belongs to the ending .txt"),
        (["score", "{db}", "--out", "{db}/t.txt"], "no format belongs to the ending .txt"),
        (["identify", "t.csv", "{db}", "--out", "{db}/t.doc"], "no format belongs to the ending .doc"),
        (["bench", "--out", "{db}/t"], "without an ending there is no format"),
        (["run", "{db}", "--out", "{db}/t.xlsx"], "is a folder here, not a file"),
    ],
)
def test_bad_requests_are_one_line_and_nothing_is_computed(folder: Path, arguments: list[str], message: str) -> None:
    result = fmbench(*(argument.format(db=folder) for argument in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert [line for line in result.stderr.splitlines() if not line.startswith(("left out", "warning"))] == [
        result.stderr.splitlines()[-1]
    ]
    assert result.stderr.splitlines()[-1].startswith("error:")
    assert "Traceback" not in result.output
    assert "known:" not in result.stderr or "there are" not in result.stderr


def test_scores_and_costs_are_written_in_the_format_of_the_ending(folder: Path, tmp_path: Path) -> None:
    excel, text = tmp_path / "scores.xlsx", tmp_path / "cost.md"
    assert fmbench("score", folder, "--metrics", "en", "--jobs", 1, "--out", excel).exit_code == 0
    assert len(pd.read_excel(excel)) == 24
    assert fmbench("bench", "--metrics", "en", "--size", 32, "--repeats", 1, "--out", text).exit_code == 0
    assert text.read_text().startswith("**Cost on 32x32 pixels**")
