"""`python -m tests.hostile.inputs`: the command line on hostile inputs, as a Markdown table; fails if one ends badly.

Each command runs in a process of its own and has ten seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmark.escaping import markdown
from tests.hostile.case import Case, folder_name
from tests.hostile.cases import CASES

SECONDS = 10
HERE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    case: Case
    command: str
    code: int | None
    line: str
    traceback: bool

    @property
    def is_wrong(self) -> bool:
        """Whether the exit code or what was said is not what it must be, although the command ended."""
        return self.code is not None and (self.code != self.case.code or self.case.says not in self.line)


def run(case: Case, root: Path) -> Outcome:
    """Make an input, and run its command."""
    folder = root / folder_name(case)
    folder.mkdir()
    arguments = case.make(folder)
    environment = os.environ | {"FMBENCH_CACHE": str(folder / "cache"), "PYTHONPATH": str(HERE), "COLUMNS": "200"}
    command = [sys.executable, "-m", "benchmark", *arguments]
    try:
        ended = subprocess.run(
            command, capture_output=True, timeout=SECONDS, env=environment, stdin=subprocess.DEVNULL, cwd=folder
        )
    except subprocess.TimeoutExpired:
        return Outcome(case, _short(arguments, folder), None, "", traceback=False)
    error, output = (text.decode(errors="backslashreplace") for text in (ended.stderr, ended.stdout))
    lines = [line for line in [*error.splitlines(), *output.splitlines()] if line.strip()]
    line = next((line for line in lines if case.says in line), lines[0] if lines else "")
    is_bad = "Traceback" in error or "Warning:" in error
    return Outcome(case, _short(arguments, folder), ended.returncode, line.replace(f"{folder}/", ""), is_bad)


def _short(arguments: list[str], folder: Path) -> str:
    return "fmbench " + " ".join(arguments).replace(f"{folder}/", "").encode(errors="backslashreplace").decode()


def main() -> int:
    """Print the table and the counts; return the exit status."""
    with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda case: run(case, Path(root)), CASES))
    print("| input | command | exit | what it said |\n| --- | --- | ---: | --- |")
    for outcome in outcomes:
        code = "hangs" if outcome.code is None else str(outcome.code)
        wrong = f" (expected {outcome.case.code}: {outcome.case.says})" if outcome.is_wrong else ""
        words = (outcome.case.name, outcome.command, code + wrong, outcome.line.strip())
        print("| " + " | ".join(map(markdown, words)) + " |")
    hangs = sum(outcome.code is None for outcome in outcomes)
    tracebacks, wrong_codes = (sum(getattr(o, name) for o in outcomes) for name in ("traceback", "is_wrong"))
    print(
        f"\n{len(outcomes)} inputs: {tracebacks} tracebacks or warnings, {hangs} hangs over {SECONDS} s, "
        f"{wrong_codes} wrong exit codes or words"
    )
    return int(bool(tracebacks or hangs or wrong_codes))


if __name__ == "__main__":
    sys.exit(main())
