"""Scores that a file has: ``scores.csv`` of a run, or what `fmbench score --out` wrote as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from benchmark.csv_files import parse_number, read_csv, read_header
from benchmark.errors import BenchmarkError
from benchmark.scoring.frames import SCORE_COLUMNS

#: What scores must say, and what they may say beside it.
NEEDED = SCORE_COLUMNS[:7]
BESIDE = ("status", "reason", "signature", "reading")


def read_scores(paths: Iterable[Path]) -> pd.DataFrame:
    """Read files of scores, one after the other.

    Raises
    ------
    BenchmarkError
        Naming the file, the line and what is wrong with it.
    """
    lines: list[dict[str, object]] = []
    beside: dict[str, None] = {}
    for path in paths:
        beside |= dict.fromkeys(name for name in read_header(path, NEEDED) if name in BESIDE)
        for place, line in read_csv(path, NEEDED, BESIDE):
            try:
                value = parse_number(line["value"]) if line["value"] else None
            except BenchmarkError as error:
                if line["value"] not in ("inf", "-inf"):  # which is a score: that of a copy by PSNR
                    raise BenchmarkError(f"{place}: value {error}") from None
                value = float(line["value"])
            lines.append({**line, "value": value})
    return pd.DataFrame(lines, columns=[*NEEDED, *beside])
