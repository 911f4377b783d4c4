"""Files of pictures: what is applied to them, and what is refused."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from fusion_metrics import Image


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_and_recorded(tmp_path: Path, orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    Pillow.fromarray(np.arange(35, dtype=np.uint8).reshape(5, 7)).save(path, exif=exif.tobytes())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = Image.open(path)
    with Pillow.open(path) as file:
        np.testing.assert_array_equal(image.pixels, np.asarray(ImageOps.exif_transpose(file)))
    recorded = () if orientation == 1 else (f"EXIF orientation {orientation} applied",)
    assert image.decisions == pickle.loads(pickle.dumps(image)).decisions == recorded
