"""Variants against a table that its author printed from MATLAB itself: 16 fused brain images, 15 to 17 digits.

The table and its images are research data beside the project and not part of it. Its scripts are Tang's or descend from
them; colour was made grey by `rgb2gray`.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from fusion_metrics import Image, create

#: Which variant printed a column.
COLUMNS = {
    "EN": "en:tang",
    "MI": "mi",
    "SCD": "scd:tang",
    "Qabf": "qabf:kumar2013",
    "SF": "sf:tang",
    "SD": "sd:tang",
    "AG": "ag:tang",
    "PSNR": "psnr:tang",
    "SSIM": "ssim:tang",
    "MS_SSIM": "ms_ssim:tang",
    "VIF": "vif:tang",
    "VIFF": "viff:thfylsty",
    "FMI": "fmi:tang",
    "MLI": "mli",
}


@pytest.fixture(scope="module")
def printed(shared: Path) -> list[tuple[str, float, tuple[Image, Image, Image]]]:
    """Column, value, and fused image with its sources, of every cell."""
    folder = shared / "golden" / "printed"
    if not folder.is_dir():
        pytest.skip("needs the printed table beside the project (../shared/golden/printed)")

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    pairs = {row["pair"]: row for row in rows("pairs.csv")}
    triples = {}
    for row in rows("fused.csv"):
        pair = pairs[row["pair"]]
        sources = [pair["source_a"], pair["source_b"]]
        if pair["modality"] == "MR/CT":
            # Sources came in the order of their folders' names, and VIFF depends on it.
            sources.reverse()
        triples[row["image"]] = tuple(Image.open(folder / name) for name in (row["image"], *sources))
    return [(row["metric"], float(row["value"]), triples[row["image"]]) for row in rows("published.csv")]


@pytest.mark.parametrize("column", COLUMNS)
def test_variant_gives_what_was_printed(
    column: str, printed: list[tuple[str, float, tuple[Image, Image, Image]]]
) -> None:
    metric = create(COLUMNS[column])
    cells = [(value, images) for name, value, images in printed if name == column]
    assert len(cells) == 16
    for value, (fused, a, b) in cells:
        assert metric(fused, a, b) == pytest.approx(value, rel=1e-11)
