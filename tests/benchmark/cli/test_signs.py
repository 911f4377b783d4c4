"""What a command says beside its results: progress in files, log records, warnings, and what signals do."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from benchmark.cli import main, signs
from benchmark.cli.screen import show_progress
from benchmark.messages import LOGGER
from benchmark.parallel import run_tasks
from fusion_metrics.files import UnwritableFile
from tests.conftest import ROOT
from tests.databases import write_database


def speaking(number: int) -> int:
    warnings.warn("a library\nspeaks", UserWarning, stacklevel=1)
    LOGGER.info("task %d", number)
    return number


def fmbench(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> str:
    """A command that does what a test asks for."""

    @click.command("speak")
    @click.option("--jobs", default=1)
    def speak(jobs: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            click.echo(sum(run_tasks(speaking, iter(range(4)), jobs=jobs)))

    monkeypatch.setitem(main.commands, "speak", speak)
    return "speak"


def test_a_warning_is_one_line_and_is_said_once(command: str) -> None:
    assert fmbench(command) == (0, "6\n", "warning: a library speaks\n")


def test_warnings_and_records_of_other_processes_are_said_here(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMBENCH_LOG", "info")
    monkeypatch.setenv("PYTHONWARNINGS", "always")
    code, out, err = fmbench(command, "--jobs", 2)
    assert (code, out) == (0, "6\n")
    assert sorted(err.splitlines()) == [*(f"info: task {number}" for number in range(4)), "warning: a library speaks"]


def test_an_unknown_level_is_refused(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMBENCH_LOG", "loud")
    code, out, err = fmbench(command)
    assert (code, out) == (2, "")
    assert err == "error: FMBENCH_LOG=loud: is no level; there are debug, info, warning, error\n"


def test_a_long_command_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(signs, "EVERY", 0.05)
    with show_progress("scoring small", 10) as advance:
        advance(4)
        time.sleep(0.3)
        advance(6)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("scoring small: 4 of 10, about ")
    assert lines[0].endswith(" left")
    assert lines[-1].startswith("scoring small: 10 of 10, done after ")


def test_a_short_command_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress("scoring small", 10) as advance:
        advance(10)
    assert capsys.readouterr().err == ""


def test_an_output_that_cannot_be_written_is_refused_before_anything_is_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_database(tmp_path / "small", pairs=1, steps=1)
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("benchmark.databases.open_database", lambda *_: pytest.fail("was opened"))
    for command, out in (
        ("score", tmp_path / "file" / "scores.csv"),
        ("run", tmp_path / "file" / "results"),
        ("report", tmp_path / "file" / "report.html"),
    ):
        code, _, err = fmbench(command, folder, "--out", out)
        assert code == 2
        assert err == f"error: {out}: cannot be written, {tmp_path / 'file'} is not a folder\n"


def test_a_full_device_as_output_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    folder = write_database(tmp_path / "small", pairs=1, steps=1)
    code, _, err = fmbench("score", folder, "--metrics", "en", "--jobs", 1, "--out", "/dev/full")
    assert code == 2
    assert err.splitlines()[-1] == "error: /dev/full: cannot be written (No space left on device)"


@pytest.mark.skipif(os.name != "posix", reason="other systems have other signals")
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "inter")]
)
def test_a_signal_ends_a_run_with_one_line(tmp_path: Path, number: signal.Signals, code: int, word: str) -> None:
    program = (
        "import signal, sys, time, benchmark.cli.score as module\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in the background of a script
        "from benchmark.cli import main\n"
        "def wait(*_):\n    print('at work', flush=True); time.sleep(60)\n"
        "module.open_images = wait\n"
        "main()"
    )
    folder = write_database(tmp_path / "small", pairs=1, steps=1)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", program, "score", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "at work\n"
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err.startswith(f"error: {word}")
    assert len(err.splitlines()) == 1


def test_an_error_of_a_worker_arrives_whole() -> None:
    with pytest.raises(UnwritableFile, match=r"^a: b$"):
        list(run_tasks(failing, iter("ab"), jobs=2))


def failing(task: str) -> None:
    raise UnwritableFile("a: b")


@pytest.mark.parametrize("heard", [True, False])
def test_a_keyboard_interrupt_during_imports_is_no_traceback(heard: bool) -> None:
    """The process ends at once; where SIGINT is ignored, as in the background of a script, it goes on."""
    script = """
import os, signal, sys
class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "benchmark.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Impatient())
signal.signal(signal.SIGINT, signal.default_int_handler if HEARD == "yes" else signal.SIG_IGN)
sys.argv = ["fmbench", "--version"]
from benchmark.__main__ import main
main()
""".replace("HEARD", repr("yes" if heard else "no"))
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.stderr == ""
    assert (ended.returncode, bool(ended.stdout)) == ((-signal.SIGINT, False) if heard else (0, True))


def test_what_is_done_is_not_taken_for_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr("benchmark.cli.screen.error_console", lambda: screen)
    with show_progress("scoring [/red]", 1) as advance:
        advance(1)
    assert "scoring [/red]" in screen.file.getvalue()
