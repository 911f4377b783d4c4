"""Scripts that time and simulate: they can be started, and what they take hold of in the packages is there."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

OWN = ("baselines", "benchmark", "benchmarks", "fusion_metrics", "learned")
SCRIPTS = sorted((ROOT / "benchmarks").rglob("*.py"))


def module_of(script: Path) -> str:
    return ".".join(script.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.skipif(os.name != "posix", reason="scripts ask Linux what a process has spent")
@pytest.mark.parametrize("script", [pytest.param(script, id=script.stem) for script in SCRIPTS])
def test_every_script_finds_what_it_imports(script: Path) -> None:
    try:
        importlib.import_module(module_of(script))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OWN:
            raise
        pytest.skip(f"needs {error.name}")


@pytest.mark.parametrize("script", [pytest.param(script, id=script.stem) for script in SCRIPTS])
def test_every_script_says_how_it_is_called(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    about = ast.get_docstring(ast.parse(text)) or ""
    assert about
    if '__name__ == "__main__"' in text:
        assert f"python -m {module_of(script)}`" in about or f"python -m {module_of(script)} " in about


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_the_script_about_a_first_run_calls_stages_are_functions() -> None:
    code = "from benchmarks.cold import Stages, name_stages; name_stages(Stages())"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=ROOT)
