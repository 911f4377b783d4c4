"""Every algorithm under the same questions, and what sets a good one apart from a poor one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from skimage import data

from benchmark.fusion import PHANTOM_ALGORITHMS, fuse, list_algorithms

NAMES = [algorithm.name for algorithm in list_algorithms()]
#: Largest error of an image fused with itself, in grey levels RMS: 0 where the algorithm promises the image back.
#: Sparse codes only approximate: `csr` by its penalty, `sr` by its residual (0.1 in a patch of 64 is 3.2 levels) and by
#: its largest number of atoms.
SELF_ERROR = dict.fromkeys(NAMES, 0.0) | {"csr": 2.5, "sr": 3.5}

every_algorithm = pytest.mark.parametrize("name", NAMES)


def rmse(x, y):
    return float(np.sqrt(np.mean((x.astype(float) - y) ** 2)))


def multifocus(side):
    """Return the camera picture in focus, with the left and with the right half blurred."""
    factor = 512 // side
    sharp = data.camera().reshape(side, factor, side, factor).mean(axis=(1, 3))
    blurred = ndimage.gaussian_filter(sharp, 2, mode="nearest")
    left = np.arange(side) < side // 2
    pictures = sharp, np.where(left, blurred, sharp), np.where(left, sharp, blurred)
    return tuple(np.rint(picture).astype(np.uint8) for picture in pictures)


def pair(height, width):
    """Two pictures of things that have nothing in common."""
    return data.camera()[100 : 100 + height, 200 : 200 + width], data.coins()[:height, 50 : 50 + width]


@every_algorithm
def test_an_image_fused_with_itself_comes_back(name) -> None:
    image = data.camera()[60:124, 180:251]
    assert rmse(fuse(image, image, name), image) <= SELF_ERROR[name]


@every_algorithm
@pytest.mark.parametrize("shape", [(127, 131), (32, 32), (16, 37)], ids=str)
def test_any_size(name, shape) -> None:
    a, b = pair(*shape)
    fused = fuse(a, b, name)
    assert fused.dtype == np.uint8
    assert fused.shape == shape
    assert fused.std() > 5  # something is there


@every_algorithm
def test_the_same_pixels_every_time_and_the_sources_untouched(name) -> None:
    a, b = (image.copy() for image in pair(48, 40))
    first = fuse(a, b, name)
    np.testing.assert_array_equal(fuse(a, b, name), first)
    np.testing.assert_array_equal((a, b), pair(48, 40))


@every_algorithm
@pytest.mark.parametrize("level", [0, 77, 255])
def test_flat_images(name, level) -> None:
    flat = np.full((32, 35), level, np.uint8)
    np.testing.assert_array_equal(fuse(flat, flat, name), flat)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "gtf"])  # it would take its black from there
def test_an_empty_source_does_not_erase_the_other(name) -> None:
    image, empty = data.camera()[60:124, 180:244], np.zeros((64, 64), np.uint8)
    fused = fuse(image, empty, name)
    assert np.corrcoef(fused.ravel(), image.ravel())[0, 1] > 0.7


def test_good_algorithms_come_nearer_to_the_picture_in_focus_than_the_average() -> None:
    sharp, left, right = multifocus(128)
    error = {name: rmse(fuse(left, right, name), sharp) for name in NAMES if name != "gtf"}

    # PCA cannot tell the halves apart. All others tell them apart in some way.
    assert error["pca"] == pytest.approx(error["average"], rel=0.05)
    for name in error.keys() - {"pca", "average"}:
        assert error[name] < 0.6 * error["average"], name
    # Shift-invariant and oriented is better than shift-invariant, and that is better than decimated.
    assert error["nsct"] < error["laplacian"] < error["dwt"]
    # Switching coefficients is better than switching pixels, and codes lose fine texture.
    assert max(error["nsct_pcnn"], error["nsst_papcnn"]) < min(error["dtm_pcnn"], error["csr"], error["sr"])


def test_gradient_transfer_takes_the_gradients_of_one_and_the_intensities_of_the_other() -> None:
    a, b = pair(64, 64)
    fused = fuse(a, b, "gtf").astype(float)

    def steps(image):
        return np.diff(image.astype(float), axis=1).ravel()

    assert np.corrcoef(steps(fused), steps(a))[0, 1] > 0.9
    assert abs(np.median(fused) - np.median(b)) < abs(np.median(fused) - np.median(a))
    assert (fuse(b, a, "gtf") != fuse(a, b, "gtf")).any()


def test_the_ten_differ_from_one_another() -> None:
    a, b = pair(64, 64)
    fused = [fuse(a, b, name) for name in PHANTOM_ALGORITHMS]
    for i, first in enumerate(fused):
        for second in fused[:i]:
            assert rmse(first, second) > 0.5
