"""Whatever is wrong with the bytes of a volume, it is one error of one line, and nothing else is printed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fusion_metrics import Image, InvalidImage
from tests.volumes import brain, write_frames, write_nifti, write_series


def write(kind: str, folder: Path) -> Path:
    if kind == "series":
        pytest.importorskip("pydicom")
        return write_series(folder, brain()[0]) / "IM000.dcm"
    if kind == "frames":
        pytest.importorskip("pydicom")
        return write_frames(folder / "x.dcm", brain()[0])
    return write_nifti(folder / kind, brain()[0])


@pytest.mark.parametrize("kind", ["x.nii", "x.nii.gz", "series", "frames"])
def test_changed_and_missing_bytes_are_read_or_refused(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(kind, tmp_path)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        content = bytearray(whole)
        for place in random.integers(0, 900 if random.random() < 0.8 else len(content), 4):
            content[min(int(place), len(content) - 1)] = int(random.integers(0, 256))
        path.write_bytes(content[: int(random.integers(0, len(content)))] if random.random() < 0.3 else content)
        try:
            Image.open(f"{path}#axis=2&slice=0", "minmax" if random.random() < 0.7 else "strict")
        except InvalidImage as error:
            assert "\n" not in str(error)
            refused += 1
    assert refused >= 15
    assert capfd.readouterr() == ("", "")
