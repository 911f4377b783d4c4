"""Figures of a benchmark as a CSV file, with the machine and the day that they are of."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmark.csv_files import cell, write_csv

FOLDER = Path(__file__).parents[1] / "results" / "timing"


def keep(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """Write ``results/timing/NAME.csv``."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.csv"
    told = [processor(), os.cpu_count(), f"{datetime.now(UTC):%Y-%m-%d}"]
    write_csv(path, [*columns, "processor", "cores", "date"], [[*map(cell, row), *told] for row in rows])
    return path


def processor() -> str:
    """Name the processor."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()
