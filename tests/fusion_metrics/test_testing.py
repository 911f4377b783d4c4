"""The suite that is shipped: a metric of another project is put to it, and so is one that lies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fusion_metrics import FusionMetricsError, Image, Variant, create, list_metrics, metric, registry
from fusion_metrics.spec import FAMILIES
from fusion_metrics.testing import NonConformance, check_metric, conformance_checks

MODULE = '''
"""Metrics of somebody else's project."""
from fusion_metrics import Image, Variant, metric


def smoothness(fused):
    """Minus the mean squared difference of horizontal neighbours; blur is best."""
    return -float(((fused.luminance[:, 1:] - fused.luminance[:, :-1]) ** 2).mean()) if fused.shape[1] > 1 else 0.0


def declare(name, exceptions):
    @metric(
        name,
        title=name,
        family="activity",
        higher_is_better=True,
        bounds=(-(255.0**2), 0.0),
        cites="@misc{me2026, title = {My metric}, author = {Me}, year = {2026}}",
        exceptions=exceptions,
        variants={"paper": Variant("As published in 2026.")},
    )
    def mine(fused: Image) -> float:
        """Smoothness.

        References
        ----------
        me2026
        """
        return smoothness(fused)


declare("honest", {"prefers blur": "it measures how smooth a picture is"})
'''
SILENT = MODULE.replace('"honest", {"prefers blur": "it measures how smooth a picture is"}', '"silent", {}')
LIAR = MODULE.replace('"honest", {', '"liar", {"prefers noise": "it says so", ')
TESTS = """
import pytest
import {module}
from fusion_metrics.testing import conformance_checks


@pytest.mark.parametrize("check", conformance_checks("{name}"))
def test_mine(check):
    check()
"""


@pytest.fixture(autouse=True)
def declarations_end_with_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    list_metrics()
    monkeypatch.setattr(registry, "_specs", dict(registry._specs))


def run_elsewhere(folder: Path, name: str, module: str) -> str:
    """Run a project of one metric and one test in a process of its own; return what pytest printed."""
    (folder / f"module_of_{name}.py").write_text(module)
    (folder / f"test_{name}.py").write_text(TESTS.format(module=f"module_of_{name}", name=name))
    path = os.pathsep.join([str(folder), *sys.path])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_{name}.py"]
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    ).stdout.rstrip("\n")


def test_a_foreign_metric_that_says_that_it_prefers_blur_conforms(tmp_path: Path) -> None:
    printed = run_elsewhere(tmp_path, "honest", MODULE)
    assert " passed" in printed.splitlines()[-1]
    assert "failed" not in printed


def test_a_foreign_metric_that_prefers_blur_in_silence_fails(tmp_path: Path) -> None:
    printed = run_elsewhere(tmp_path, "silent", SILENT)
    assert "1 failed" in printed.splitlines()[-1]
    assert "silent prefers a blurred picture: declare exceptions={'prefers blur': 'the reason'} if meant" in printed


def test_a_foreign_metric_whose_exception_does_not_hold_fails(tmp_path: Path) -> None:
    printed = run_elsewhere(tmp_path, "liar", LIAR)
    assert "1 failed" in printed.splitlines()[-1]
    assert "liar prefers the clean one: so 'prefers noise' is not true of it" in printed


def declare(name: str, score: float, **options: object) -> None:
    @metric(
        name,
        title=name,
        family=options.pop("family", "activity"),  # type: ignore[arg-type]
        higher_is_better=True,
        bounds=(0.0, 1.0),
        cites="liu2012",
        variants={"paper": Variant("As published.")},
        **options,  # type: ignore[arg-type]
    )
    def constant(fused: Image) -> float:
        """Constant.

        References
        ----------
        liu2012
        """
        return score


def test_a_value_beyond_the_bounds_is_found() -> None:
    declare("beyond", 2.0)
    with pytest.raises(NonConformance, match=r"beyond gave 2\.0, which leaves its bounds"):
        check_metric("beyond")


def test_what_is_measured_is_one_of_the_families() -> None:
    assert {spec.family for spec in list_metrics()} == set(FAMILIES)
    declare("odd", 0.5, family="beauty")
    with pytest.raises(NonConformance, match="odd measures 'beauty', none of information, edges"):
        check_metric("odd")


def test_checks_that_do_not_concern_a_metric_are_not_listed() -> None:
    blind = {case.id for case in conformance_checks("sd:vifb")}
    assert "sd:vifb-blur_is_worse" in blind
    assert not {name for name in blind if "exchange" in name or "luminance" in name}
    assert "qabf-exchange_of_sources" in {case.id for case in conformance_checks("qabf")}
    assert "qabf:tang-black" in {case.id for case in conformance_checks("qabf")}
    never = {case.id for case in conformance_checks("piella:liu2012-qe")}
    assert "piella:liu2012-qe-blur_is_worse" not in never


def test_an_unknown_exception_or_policy_cannot_be_declared() -> None:
    with pytest.raises(FusionMetricsError, match=r"no exception {'prefers red'}; known: prefers blur"):
        declare("red", 0.5, exceptions={"prefers red": "it is red"})
    with pytest.raises(FusionMetricsError, match="channels cannot be 'hue'"):
        declare("hue", 0.5, channels="hue")


def test_colours_are_part_of_the_key_of_a_score() -> None:
    keys = {name: create(name).parameters for name in ("en", "en:vifb", "sf", "sf:vifb")}
    assert keys["en"] == "[('offset', 0.0), ('single', False)]"
    assert keys["en:vifb"] == "[('channels', 'each'), ('offset', 0.0), ('single', False)]"
    assert "('channels', 'side by side')" in keys["sf:vifb"]
    assert "channels" not in keys["sf"]


def test_a_policy_may_not_be_shadowed_by_a_parameter() -> None:
    with pytest.raises(FusionMetricsError, match="a parameter cannot be called channels"):

        @metric(
            "shadow",
            title="",
            family="activity",
            higher_is_better=True,
            bounds=(0, 1),
            cites="",
            variants={"paper": Variant("")},
        )
        def shadow(fused: Image, *, channels: str = "each") -> float:
            return float(np.mean(fused.pixels))
