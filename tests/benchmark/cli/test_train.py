"""`fmbench train`: estimates, accelerators that are not there, and a kill in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.cli import main
from tests.databases import write_database

pytest.importorskip("torch")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return write_database(tmp_path / "small", pairs=2, steps=2)


def said(*arguments: object, code: int = 0) -> str:
    found = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert found.exit_code == code, found.output
    return " ".join(found.output.split())


def test_an_estimate_says_what_was_measured_and_leaves_nothing_behind(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    asked = ("train", "ms_aan", "--database", database, "--preset", "compact", "--split", "pair", "--jobs", "1")
    found = said(*asked, "--estimate", "--out", tmp_path / "models")
    assert "MS-AAN, preset compact: 4 x resnet18, 4 times narrower than published, from random weights" in found
    assert "ms_aan (compact) under pair on small: 4 scored images; a fit learns from 2 of them, in 12 epochs" in found
    assert "on the processor, 1 thread, 32-true, not compiled" in found
    assert "of 2 images" in found
    assert "1 step an epoch, 12 epochs" in found
    assert "preparing all images, once: under 1 s, in one process" in found
    assert "2 fits one after another" in found
    assert not (tmp_path / "models").exists()
    assert not (tmp_path / "cache").exists()


def test_what_cannot_be_estimated_is_one_line(database: Path) -> None:
    train = ("train", "bmpri", "--database", database)
    assert "error: bmpri: learns without epochs" in said(*train, "--estimate", code=2)
    assert "en does not learn" in said("train", "en", "--database", database, "--estimate", code=2)
    assert "leave out --devices" in said(*train, "--estimate", "--devices", "2", code=2)
    assert "give --save-as NAME" in said(*train, code=2)


def test_an_accelerator_that_is_not_there_is_said_before_anything_is_done(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is an accelerator")
    for more in (("--out", tmp_path / "models"), ("--save-as", "mine"), ("--estimate",)):
        paper = ("train", "ms_aan", "--preset", "paper", "--accelerator", "cuda", "--database", tmp_path / "nowhere")
        found = said(*paper, *more, code=2)
        assert found.startswith("error: ms_aan: --accelerator cuda: this machine has no such accelerator")


def test_a_training_that_was_killed_ends_with_the_same_digits(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = ["train", "ms_aan", "--preset", "compact", "--database", str(database), "--jobs", "1", "--out"]
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "whole"))
    assert "epoch 1/12" in said(*train, tmp_path / "a")
    cut = tmp_path / "cut"
    monkeypatch.setenv("FMBENCH_CACHE", str(cut))
    command = [sys.executable, "-m", "benchmark", *train, str(tmp_path / "b")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch 2/12"):
                process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert len(list((cut / "fitted").glob("*.training"))) == 1
    assert not (tmp_path / "b").exists()
    resumed = said(*train, tmp_path / "b")
    assert "epoch 2/12" not in resumed
    assert "epoch 12/12" in resumed
    one, other = (tmp_path / name / "ms_aan.safetensors" for name in "ab")
    assert one.read_bytes() == other.read_bytes()
    assert not list((cut / "fitted").glob("*.training"))
