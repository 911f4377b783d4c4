from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from benchmark.databases import open_database
from benchmark.databases.contact_sheet import draw_contact_sheet
from benchmark.errors import BenchmarkError
from tests.databases import write_database


def test_a_row_per_pair_and_a_column_per_image(tmp_path: Path) -> None:
    database = open_database(str(write_database(tmp_path / "db")))
    sizes = []
    for pairs in ((), ("p0", "p1")):
        draw_contact_sheet(tmp_path / "sheet.png", database, pairs)
        with Pillow.open(tmp_path / "sheet.png") as sheet:
            sizes.append(sheet.size)
            assert np.asarray(sheet.convert("L")).std() > 20
    assert sizes[0][0] == sizes[1][0]
    assert sizes[1][1] > 1.5 * sizes[0][1]
    with pytest.raises(BenchmarkError, match="no pair 'p7'; did you mean"):
        draw_contact_sheet(tmp_path / "sheet.png", database, ["p7"])
