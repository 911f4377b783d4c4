"""Weights that a run misses: offered on a terminal, once, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.cli import weights
from benchmark.cli.weights import offer_weights, with_weights
from benchmark.runs.request import Request
from fusion_metrics import FusionMetricsError, Metric, create
from tests.databases import write_database


@pytest.fixture(autouse=True)
def none_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No weights, a terminal, and no network."""
    folder = tmp_path / "weights"
    monkeypatch.setattr("learned.backbones.weights.folders", lambda: [folder])
    monkeypatch.setattr("learned.backbones.weights.downloads", lambda: folder)
    monkeypatch.setattr("learned.backbones.weights.download", refuse)
    monkeypatch.setattr(weights, "on_a_terminal", lambda: True)
    for name in ("ms_aan", "pnqc_like", "qcnn"):
        start_from_random_weights(monkeypatch, name)
    return folder


def start_from_random_weights(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Declare a metric as it is declared where no weights were found."""
    for parameter, value in (("backbone", "resnet34"), ("weights", "random")):
        monkeypatch.setitem(create(name).spec.params, parameter, value)


def refuse(backbone: str) -> Path:
    raise FusionMetricsError(f"https://example.org/{backbone}.pth: cannot be downloaded (no network)")


class Asked:
    """Answers every question in one way, and remembers them."""

    def __init__(self, answer: bool) -> None:
        self.answer, self.questions = answer, []

    def __call__(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer


def test_all_that_is_missed_is_one_question(none_here: Path) -> None:
    ask = Asked(False)
    assert offer_weights("ms_aan,pnqc_like,qabf,g2npan,bmpri,qcnn", None, ask) == frozenset()
    assert ask.questions == [
        "Weights of resnet34 are not on this machine: ms_aan, pnqc_like and qcnn would start from random weights. "
        "Fetch them (83 MB) now?"
    ]


def test_what_was_declined_is_not_offered_again(none_here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask = Asked(False)
    for _ in range(2):
        offer_weights("ms_aan", None, ask)
    assert len(ask.questions) == 1
    assert "not asked again; later: fmbench models fetch resnet34" in capsys.readouterr().err
    offer_weights("g2npan:aqa-vgg11-pre,ms_aan", "standard", ask)
    assert ask.questions[1:] == [
        "Weights of vgg11 are not on this machine: g2npan:aqa-vgg11-pre would be left out. Fetch them (507 MB) now?"
    ]


@pytest.mark.parametrize(
    ("metrics", "preset"), [("ms_aan:baseline,g2npan,bmpri,qabf", None), ("ms_aan", "compact"), ("aga", "paper")]
)
def test_what_needs_none_or_cannot_have_any_is_not_asked_about(metrics: str, preset: str | None) -> None:
    ask = Asked(True)
    assert offer_weights(metrics, preset, ask) == frozenset()
    assert ask.questions == []


def test_without_a_terminal_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "on_a_terminal", lambda: False)
    ask = Asked(True)
    assert offer_weights("ms_aan", None, ask) == frozenset()
    assert ask.questions == []


def test_a_download_that_fails_is_one_line_and_the_run_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert offer_weights("ms_aan", None, Asked(True)) == frozenset()
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == (
        "warning: https://example.org/resnet34.pth: cannot be downloaded (no network); goes on without them"
    )
    # Not declined: the next run asks again.
    ask = Asked(False)
    offer_weights("ms_aan", None, ask)
    assert len(ask.questions) == 1


def test_what_was_fetched_is_started_from_in_the_same_run(none_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(backbone: str) -> Path:
        none_here.mkdir()
        path = none_here / "resnet34-b627a593.pth"
        path.write_bytes(b"")
        return path

    monkeypatch.setattr("learned.backbones.weights.download", fetch)
    fetched = offer_weights("ms_aan,ms_aan:baseline,qcnn", None, Asked(True))
    assert fetched == {"resnet34"}
    request = Request((), tuple(create(name) for name in ("ms_aan", "ms_aan:baseline", "qcnn", "qabf")))
    found: dict[str, Metric] = {metric.spec.id: metric for metric in with_weights(request, fetched).metrics}
    assert found["ms_aan"].qualifier == "quick"
    assert found["ms_aan"].written["weights"] == "imagenet.resnet34-b627a593.pth"
    assert found["qcnn"].params["weights"] == "imagenet"
    assert found["ms_aan:baseline"].params["weights"] == "random"
    assert found["qabf"].signature == create("qabf").signature


def test_a_preset_that_no_weights_fit_is_not_told_to_fetch_any() -> None:
    assert "fmbench models fetch resnet34" in create("ms_aan").notes
    assert "fetch" not in create("ms_aan", preset="compact").notes
    assert "fetch" not in create("ms_aan:pretrained", preset="compact").notes


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_the_question_is_asked_and_return_means_no(tmp_path: Path) -> None:
    import pty

    database = write_database(tmp_path / "db")
    nowhere = {"FMBENCH_WEIGHTS": "", "TORCH_HOME": str(tmp_path), "FMBENCH_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "benchmark", "run", str(database), "--no-figures", "--jobs", "1"]
    command += ["--metrics", "qcnn", "--out", str(tmp_path / "out")]
    master, slave = pty.openpty()
    with subprocess.Popen(
        command, stdin=slave, stderr=slave, stdout=subprocess.DEVNULL, env={**os.environ, **nowhere}
    ) as process:
        os.close(slave)
        seen, end = b"", time.monotonic() + 300
        while b"[y/N]" not in seen and time.monotonic() < end and process.poll() is None:
            seen += os.read(master, 4096)
        os.write(master, b"\n")
        while b"not asked again" not in seen and time.monotonic() < end:
            seen += os.read(master, 4096)
        process.terminate()
    os.close(master)
    assert b"Weights of resnet34 are not on this machine: qcnn would start from random weights." in seen
    assert (tmp_path / "cache" / "weights" / "declined.txt").read_text() == "resnet34\n"
