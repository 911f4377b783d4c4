"""Agreement among readers, as an intraclass correlation."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.databases.phantom.readers import icc
from benchmark.errors import BenchmarkError

EXAMPLE = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])


def test_icc_of_the_published_example() -> None:
    """Shrout & Fleiss 1979, Table 4: ICC(2,1) = .29."""
    assert icc(EXAMPLE) == pytest.approx(0.29, abs=0.005)


def test_icc_is_about_absolute_agreement() -> None:
    assert icc(np.stack([EXAMPLE[:, 0]] * 3, axis=1)) == pytest.approx(1)
    shifted = np.stack([EXAMPLE[:, 0], EXAMPLE[:, 0] + 3], axis=1)
    assert icc(shifted) < 0.5
    assert icc(EXAMPLE[::-1, ::-1]) == pytest.approx(icc(EXAMPLE))
    assert icc(2 * EXAMPLE + 5) == pytest.approx(icc(EXAMPLE))


@pytest.mark.parametrize("votes", [[[1, 2]], [[1], [2]], [1, 2], [[3, 3], [3, 3]]])
def test_icc_needs_something_to_share(votes) -> None:
    with pytest.raises(BenchmarkError):
        icc(votes)
