"""The command line as tests call it, and the tables that it writes."""

from __future__ import annotations

import csv
from pathlib import Path

from click.testing import CliRunner, Result

from benchmark.cli import main


def fmbench(*arguments: object) -> Result:
    """Run a command in this process; what it does not answer for itself is raised."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
