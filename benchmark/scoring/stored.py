"""Scores that a file has: ``scores.csv`` of a run, or what `fmbench score --out` wrote as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from benchmark.csv_files import header_of, parse_number, read_csv
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
        there = header_of(path)
        more = tuple(name for name in BESIDE if name in there)
        beside |= dict.fromkeys(more)
        for place, line in read_csv(path, NEEDED + more):
            try:
                value = parse_number(line["value"]) if line["value"] else None
            except BenchmarkError as error:
                if line["value"] not in ("inf", "-inf"):  # which is a score: that of a copy by PSNR
                    raise BenchmarkError(f"{place}: value {error}") from None
                value = float(line["value"])
            lines.append({**line, "value": value})
    found = pd.DataFrame(lines, columns=[*NEEDED, *beside])
    return found.fillna(dict.fromkeys(beside, ""))
