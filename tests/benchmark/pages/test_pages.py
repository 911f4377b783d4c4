"""Pages that are made from the registry are as the registry is; numbers may differ in their last digit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmark.cli import main
from benchmark.pages.metrics import metrics_page, number, without_tex
from benchmark.pages.which_script import which_script_page
from fusion_metrics import MetricSpec, list_metrics

DOCS = Path(__file__).parents[3] / "docs"
#: Numbers that stand alone, not in a name such as ``liu2012``.
NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?:e[+-]\d+)?(?![\w.])")
#: In flat windows their features are rounding errors, which differ between versions of numpy and are stretched to 0..1.
WAVELETS = "-wavelet`"


def specs(*names: str) -> list[MetricSpec]:
    return [spec for spec in list_metrics(variants=True) if spec.name in names]


@pytest.mark.parametrize("page", ["metrics", "which-script"])
def test_page_is_current(page: str) -> None:
    result = CliRunner().invoke(main, ["list", "--page", page])
    assert result.exit_code == 0
    written = (DOCS / f"{page}.md").read_text(encoding="utf-8").splitlines()
    made = result.stdout.splitlines()
    how = f"run: fmbench list --page {page} > docs/{page}.md"
    for old, new in zip(written, made, strict=False):
        assert NUMBER.sub("#", old) == NUMBER.sub("#", new), how
        numbers = [np.array(NUMBER.findall(line), dtype=float) for line in (old, new)]
        rtol = 0.1 if WAVELETS in old else 2e-3
        np.testing.assert_allclose(*numbers, rtol=rtol, atol=1e-9, err_msg=f"{new}\n{how}")
    assert len(written) == len(made), how


def test_every_variant_has_its_line() -> None:
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    for spec in list_metrics(variants=True):
        section = text.split(f"\n## {spec.name}\n")[1].split("\n## ")[0]
        assert f"| `{spec.variant}` |" in section


def test_metrics_page_says_what_was_tried() -> None:
    page = metrics_page(specs("nmi", "bmpri"))
    assert "2 metrics in 5 variants" in page
    assert "| [`nmi`](#nmi) | Q_MI | information | ↑ | 0 .. 2 | 2 | all | light, histograms | Hossny 2008 |" in page
    lines = {line.split(" | ")[0]: line for line in page.splitlines() if line.startswith("| `")}
    assert "| luminance | unchanged | 2 | 0 |" in page
    assert "| `mefb` | each | unchanged | 2 | – | – | – |" in lines["| `mefb`"]
    assert "- no value (liu2012, fused flat; mefb, fused flat): fused is constant" in page
    assert "    Q_MI = 2 ( I(A; F) / (H(A) + H(F)) + I(B; F) / (H(B) + H(F)) )." in page
    assert "It learns" in page.split("## bmpri")[1].split("\n## ")[0]


def test_which_script_page_compares_with_the_paper() -> None:
    page = which_script_page(specs("mi", "yang", "pc_sd"))
    assert "### pc_sd" not in page
    (row,) = (line for line in page.splitlines() if line.startswith("| [`mi`]"))
    assert row.split(" | ")[3] == "="  # the toolbox has the published value
    (row,) = (line for line in page.splitlines() if line.startswith("| [`yang`]"))
    assert row.split(" | ")[3:6] == ["–", "", create_value(page, "yang", "mefb")]
    assert "No value here: in" in page.split("### yang")[1]


def test_scripts_are_listed_with_their_columns() -> None:
    result = CliRunner().invoke(main, ["list", "--scripts"], env={"COLUMNS": "400"})
    assert result.exit_code == 0
    (line,) = (line for line in result.stdout.splitlines() if " cddfuse " in line)
    assert "EN SD SF AG MI MSE CC PSNR SCD VIFF Qabf SSIM" in line


def create_value(page: str, name: str, variant: str) -> str:
    line = next(line for line in page.split(f"### {name}\n")[1].splitlines() if line.startswith(f"- `{variant}`"))
    return line.split()[2].rstrip(":")


def test_metrics_page_says_where_a_metric_leaves_what_is_expected() -> None:
    page = metrics_page(specs("nabf"))
    named = "paper, ivif-zoo, kumar2013, kumar2013-nabf1, li2018, tang-2022, tang-python"
    assert f"- prefers blur ({named}): blur adds no edges" in page
    assert "- `edges`: which edges and details of the sources the fused image keeps, loses or adds" in page


def test_numbers() -> None:
    assert [number(value) for value in (None, float("inf"), 1e-17, -0.0, 12345.6, 0.5)] == [
        "–", "∞", "0", "0", "1.235e+04", "0.5",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"Petrovi{\'c}, V.", "Petrović, V."),
        (r"M{\"u}ller and Nov{\v{a}}k", "Müller and Novǎk"),
        (r"Fran\c{c}ois", "François"),
        ("{VIFB}: a benchmark", "VIFB: a benchmark"),
    ],
)
def test_bibtex_becomes_text(tex: str, plain: str) -> None:
    assert without_tex(tex) == plain
