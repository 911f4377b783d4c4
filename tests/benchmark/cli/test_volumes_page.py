"""The page about volumes prints what its commands print."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from tests.command import fmbench
from tests.conftest import ROOT
from tests.test_documentation import FENCE
from tests.volumes import write_series

PAGE = ROOT / "docs" / "volumes.md"


def test_the_commands_of_the_page_print_what_stands_below_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pydicom")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    names: dict[str, object] = {}
    printed, ran = "", 0
    for language, body in FENCE.findall(PAGE.read_text(encoding="utf-8")):
        if language == "python":
            exec(compile(body, str(PAGE), "exec"), names)  # noqa: S102
            if not Path("mr").exists():
                _export()
        elif not language:
            [command] = body.splitlines()
            result = fmbench(*shlex.split(command)[1:], "--jobs", "1")
            errors = [line for line in result.stderr.splitlines() if line.startswith("error")]
            assert result.exit_code == (2 if errors else 0)
            lines = [line.rstrip() for line in result.stdout.splitlines()] + errors
            printed = "".join(f"{line}\n" for line in lines)
        else:
            ran += 1
            assert printed == body
    assert ran == 6


def _export() -> None:
    """Write the first patient as series, whose axes run to the left and to the back."""
    import nibabel

    for folder, name in (("mr", "T1"), ("pet", "PET"), ("mean", "fused/mean")):
        voxels = np.asarray(nibabel.load(f"{name}/p1.nii.gz").dataobj)
        write_series(Path(folder), np.ascontiguousarray(voxels[::-1, ::-1]))
