"""When two grids agree, and what is said where they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fusion_metrics.volumes.geometry import Geometry
from tests.volumes import AFFINE, SHAPE, SPACING

GRID = Geometry(SHAPE, SPACING, AFFINE)


def moved(*millimetres: float) -> Geometry:
    affine = AFFINE.copy()
    affine[:3, 3] += millimetres
    return replace(GRID, affine=affine)


def turned(degrees: float) -> Geometry:
    angle = np.radians(degrees)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return replace(GRID, affine=turn @ AFFINE)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (GRID, ""),
        (moved(0.005, 0, 0), ""),
        (moved(0.02, 0, 0), "position of the first voxel (12, 21, -30) and (12.02, 21, -30) mm"),
        (turned(0.01), ""),
        (turned(0.1), "orientation: affine [-1 0 0 12; "),
        (replace(GRID, shape=(24, 28, 5)), "shape 24x28x6 and 24x28x5"),
        (replace(GRID, spacing=(1.0, 1.5, 3.1)), "spacing 1x1.5x3 mm and 1x1.5x3.1 mm"),
        (replace(GRID, affine=None), ""),
        (replace(GRID, affine=None, spacing=(1.0, 1.0, 1.0)), ""),
        (replace(GRID, affine=None, spacing=(1.0, 1.0, 2.0)), "spacing 1x1.5x3 mm and 1x1x2 mm"),
    ],
)
def test_grids_agree_within_a_hundredth_of_a_millimetre_at_every_corner(other: Geometry, says: str) -> None:
    found = GRID.difference(other)
    assert found.startswith(says) if says else not found


def test_a_small_voxel_has_a_small_tolerance() -> None:
    small = Geometry(SHAPE, (0.1, 0.1, 0.1), np.diag([0.1, 0.1, 0.1, 1.0]))
    shifted = np.diag([0.1, 0.1, 0.1, 1.0])
    shifted[0, 3] = 0.005
    assert small.difference(replace(small, affine=shifted)).startswith("position")


def test_axes_in_another_order_are_the_same_grid_along_a_name_and_another_one_as_stored() -> None:
    order = np.array([[0, 0, 1.0, 0], [1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1.0]])
    other = Geometry((SHAPE[1], SHAPE[2], SHAPE[0]), (SPACING[1], SPACING[2], SPACING[0]), AFFINE @ order)
    assert GRID.along("coronal").difference(other.along("coronal")) == ""
    assert GRID.along("2").difference(other.along("2")).startswith("shape")
