"""Variants against eleven columns printed from MATLAB itself in 2022: 32 fused images of eight pairs.

The table and its images are research data beside the project and not part of it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from fusion_metrics import Image, create
from fusion_metrics.scripts import find_script

#: SD, VIF and Qabf need integers of 8 bits, or an order of additions, to come out at all.
COLUMNS = ("SD", "PSNR", "MSE", "MI", "VIF", "AG", "CC", "SCD", "EN", "Qabf", "SF")
#: Relative; next to nothing is left of the sums that MI and VIF are differences of.
TOLERANCES = {"MI": 1e-11, "VIF": 2e-9}


@pytest.fixture(scope="module")
def printed(shared: Path) -> list[tuple[str, float, tuple[Image, ...]]]:
    """Column, value, and fused image with its sources, of every cell."""
    folder = shared / "golden" / "tno-printed"
    if not folder.is_dir():
        pytest.skip("needs the printed table beside the project (../shared/golden/tno-printed)")

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    pairs = {
        row["pair"]: [Image.open(folder / row[source]) for source in ("source_a", "source_b")]
        for row in rows("pairs.csv")
    }
    triples = {row["image"]: (Image.open(folder / row["image"]), *pairs[row["pair"]]) for row in rows("fused.csv")}
    return [(row["metric"], float(row["value"]), triples[row["image"]]) for row in rows("published.csv")]


@pytest.mark.parametrize("column", COLUMNS)
def test_script_of_2022_gives_what_matlab_printed(
    column: str, printed: list[tuple[str, float, tuple[Image, ...]]]
) -> None:
    metric = create(find_script("tang-2022").columns[column])
    cells = [(value, images) for name, value, images in printed if name == column]
    assert len(cells) == 32
    for value, images in cells:
        assert metric(*images) == pytest.approx(value, rel=TOLERANCES.get(column, 1e-12))
