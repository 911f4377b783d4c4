"""Filters have the numbers and the support of the published ones."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from fusion_metrics.nsct import nsct, wedge_responses


def kernel(response: np.ndarray, n: int) -> tuple[np.ndarray, int]:
    """Return the zero-phase kernel of a response on an n x n real FFT, and the side of its support."""
    taps = np.fft.fftshift(np.fft.irfft2(response, s=(n, n)))
    return taps, 2 * int(np.abs(np.argwhere(np.abs(taps) > 1e-13) - n // 2).max()) + 1


@pytest.mark.parametrize(
    ("pyramid", "sides", "corner", "centre"),
    [
        # Corner and centre of the low-pass kernel as the toolbox's `atrousfilters` lists them (suxh19/nsct_toolbox
        # 8c8fa2d); it has no number for 9-7 that could be had.
        ("maxflat", (13, 19), -7.900496718847182e-07, 0.3177420190660832),
        ("pyr", (5, 7), -0.003236043456039806, 0.3406092167691145),
        ("9-7", (9, 7), None, None),
    ],
)
def test_pyramid_kernels(pyramid, sides, corner, centre) -> None:
    n = 63
    impulse = np.zeros((n, n))
    impulse[n // 2, n // 2] = 1
    subbands = nsct(impulse, (0,), pyramid=pyramid, border="periodic")
    for band, side in zip((subbands.low, subbands.bands[0][0]), sides, strict=True):
        assert kernel(np.fft.rfft2(np.fft.ifftshift(band)), n)[1] == side
    if corner is not None:
        edge = n // 2 - sides[0] // 2
        assert subbands.low[edge, edge] == pytest.approx(corner, rel=1e-8)
        assert subbands.low[n // 2, n // 2] == pytest.approx(centre, rel=1e-14)


@pytest.mark.parametrize(
    ("directions", "sides"),
    [("dmaxflat7", (29, 39)), ("pkva", (23, 45))],  # dmaxflat7 high: 43, of which the outermost taps are below 1e-13
)
def test_fan_kernels_have_the_support_of_the_published_filters(directions, sides) -> None:
    responses = wedge_responses((63, 63), 1, directions)
    assert tuple(kernel(response, 63)[1] for response in responses) == sides


def test_toolbox_mode_has_the_toolbox_numbers(shared: Path) -> None:
    with (shared / "golden" / "values.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["script"] == "nsct" and "PR" not in row["metric"]]
    assert len(rows) == 144
    computed = {}
    for row in rows:
        levels = tuple(map(int, re.findall(r"\d+", row["parameters"].split("]")[0])))
        key = row["triple"], levels
        if key not in computed:
            with PillowImage.open(shared / "golden" / "images" / f"{row['triple']}.png") as file:
                computed[key] = nsct(np.asarray(file, dtype=float), levels, border="toolbox")
        subbands, expected = computed[key], float(row["value"])
        found = re.fullmatch(r"NSCT_(lowpass|band\{(\d+)\}\{(\d+)\})_?(sum|energy|\((\d+);(\d+)\))", row["metric"])
        assert found, row["metric"]
        band = subbands.low if found[1] == "lowpass" else subbands.bands[int(found[2]) - 2][int(found[3]) - 1]
        if found[4] == "sum":
            assert band.sum() == pytest.approx(expected, rel=1e-12)
        elif found[4] == "energy":
            assert (band**2).sum() == pytest.approx(expected, rel=1e-12)
        else:
            assert band[int(found[5]) - 1, int(found[6]) - 1] == pytest.approx(expected, abs=1e-12)
