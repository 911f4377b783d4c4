"""What is cited: the metric's work, the script's where a variant reproduces one, fmbench, and the tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import benchmark
from benchmark.cli import main
from benchmark.signed.citation import citation
from fusion_metrics import list_metrics
from fusion_metrics.references import references
from fusion_metrics.signature import parse_signature
from tests.databases import write_database


def cited(text: str) -> set[str]:
    return {key for keys in re.findall(r"\\cite\{([^}]*)\}", text) for key in keys.split(",")}


def entries(text: str) -> set[str]:
    return set(re.findall(r"^@\w+\{([^,]+),", text, re.MULTILINE))


@pytest.mark.parametrize("request_", ["all-variants", "@medical", "@tang", "Q^AB/F"])
def test_every_key_has_its_entry_and_every_entry_is_cited(request_: str) -> None:
    found = benchmark.cite(metrics=request_)
    assert cited(found.methods) == entries(found.bibtex)
    assert "fmbench2026" in entries(found.bibtex)
    assert not found.unknown


def test_a_variant_cites_the_metric_and_the_script() -> None:
    found = benchmark.cite(metrics="ssim:vifb")
    assert cited(found.methods) == {"fmbench2026", "wang2004ssim", "zhang2020vifb"}
    assert "as the mean over red, green and blue" in found.methods
    assert "VIFB" in found.methods


def test_every_metric_has_a_work() -> None:
    for spec in list_metrics():
        assert len(cited(benchmark.cite(metrics=spec.name).methods)) >= 2, spec.name


def test_the_version_stands_in_the_entry_of_the_project() -> None:
    found = citation([parse_signature("en:paper|v1|grey=rgb2gray|fmbench=7.8.9")])
    assert "note = {Version 7.8.9}" in found.bibtex
    assert "fmbench 7.8.9" in found.methods
    assert "note" not in references()["fmbench2026"].bibtex


def test_what_departs_from_the_declaration_is_said() -> None:
    text = "te:nava|v1|q=0.5|grey=opencv|reading=laid over black|fmbench=0.1.0"
    methods = citation([parse_signature(text)]).methods
    assert "variant nava, q = 0.5" in methods
    assert "(opencv)" in methods
    assert "laid over black" in methods


def test_a_fit_is_told() -> None:
    text = "bmpri:paper@pair|v1|channels=own|on=phantom|data=abc|folds=5|seed=0|fmbench=0.1.0"
    assert (
        "to opinion scores of phantom, in 5 folds (protocol pair), seed 0" in citation([parse_signature(text)]).methods
    )


def test_a_metric_that_is_not_installed_costs_only_itself() -> None:
    lines = ["en:paper|v1|grey=rgb2gray|fmbench=0.1.0", "mine:paper|v3|grey=rgb2gray|fmbench=0.1.0|own=2.0"]
    found = citation([parse_signature(line) for line in lines])
    assert found.unknown == ("mine",)
    assert "own 2.0" in found.methods
    assert "roberts2008" in found.bibtex


def test_the_tests_are_cited_for_a_comparison_and_not_for_scores(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=3, steps=3)
    runner = CliRunner()
    for command in ("score", "compare"):
        runner.invoke(main, [command, str(folder), "--metrics=en,ssim", "--jobs=1", f"--out={tmp_path / command}.csv"])
    tests = {"friedman1937", "iman1980", "nemenyi1963", "westfall1993", "hsu1984"}
    scored, compared = (runner.invoke(main, ["cite", str(tmp_path / f"{name}.csv")]) for name in ("score", "compare"))
    assert scored.exit_code == compared.exit_code == 0
    assert cited(scored.stdout) == {"fmbench2026", "roberts2008", "wang2004ssim"}
    assert cited(compared.stdout) == cited(scored.stdout) | tests == entries(compared.stdout)


def test_neither_or_both_is_refused(tmp_path: Path) -> None:
    for arguments in (["cite"], ["cite", str(tmp_path / "t.csv"), "--metrics", "en"]):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
