"""Pictures of half the resolution."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from fusion_metrics import Image
from fusion_metrics.features.scales import halved, pyramid
from tests.pictures import picture


def test_odd_sizes_are_mirrored() -> None:
    for size in ((8, 6), (9, 6), (8, 7), (9, 7), (1, 1)):
        scene = picture((12, 12))[: size[0], : size[1]]
        expected = ndimage.uniform_filter(scene.astype(float), 2, mode="reflect", origin=-1)[::2, ::2]
        np.testing.assert_allclose(halved(Image(scene)).pixels, expected, rtol=1e-14)


def test_pyramid() -> None:
    image = Image(picture((20, 9)))
    pictures = pyramid(image, 4)
    assert pictures[0] is image
    assert [smaller.shape for smaller in pictures] == [(20, 9), (10, 5), (5, 3), (3, 2)]
    assert pyramid(image, 4)[3] is pictures[3]
