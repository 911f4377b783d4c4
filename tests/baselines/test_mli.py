from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import Image, UndefinedScore, create


def flat(level: int) -> Image:
    return Image(np.full((8, 8), level, dtype=np.uint8))


@pytest.mark.parametrize(("fused", "expected"), [(80, 0.0), (100, 0.25), (60, 0.25), (0, 1.0), (240, 2.0)])
def test_departure_from_the_mean_of_the_sources(fused: int, expected: float) -> None:
    assert create("mli")(flat(fused), flat(100), flat(60)) == pytest.approx(expected, abs=1e-15)


def test_black_sources_have_no_brightness() -> None:
    with pytest.raises(UndefinedScore, match="both sources are black"):
        create("mli")(flat(9), flat(0), flat(0))
