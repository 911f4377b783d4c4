from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import UndefinedScore, create
from tests.pictures import multifocus


def test_product_of_kept_features_and_contrast() -> None:
    a, b, sharp = multifocus()
    kept, deviation = create("qp")(sharp, a, b), sharp.std() / 127.5
    assert create("pc_sd")(sharp, a, b) == pytest.approx(kept * deviation, rel=1e-12)
    squared = create("pc_sd", power_pc=2.0, power_sd=0.5)(sharp, a, b)
    assert squared == pytest.approx(kept**2 * deviation**0.5, rel=1e-12)


def test_flat_images() -> None:
    a, b, sharp = multifocus()
    grey = np.full_like(sharp, 9)
    assert create("pc_sd")(grey, a, b) == 0.0
    with pytest.raises(UndefinedScore, match="feature"):
        create("pc_sd")(sharp, grey, grey)
