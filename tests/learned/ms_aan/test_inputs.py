"""MS-AAN: what it makes of an image before anything is learnt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fusion_metrics import Image
from fusion_metrics.nsct import nsct
from learned.backbones.pixels import pixels
from learned.backbones.weights import MEAN, STD
from learned.ms_aan.inputs import frozen_maps, scales_of, vector
from tests.learned.ms_aan.pictures import PAPER, TINY_QUICK, colour


@pytest.mark.parametrize("collapse", ["strongest", "together"])
def test_scales_are_those_of_the_contourlet_transform(collapse) -> None:
    config = replace(PAPER, size=24, collapse=collapse)
    images = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(0))
    scales = scales_of(config)(images)
    assert [tuple(scale.shape) for scale in scales] == [(1, 3, 24, 24)] * 4
    for c in range(3):
        expected = nsct(images[0, c].double().numpy(), (2, 3, 3) if collapse == "strongest" else (0, 0, 0))
        np.testing.assert_allclose(scales[0][0, c], (expected.low - MEAN[c]) / STD[c], atol=1e-5)
        for scale, bands, gain in zip(scales[1:], expected.bands, config.gains, strict=True):
            strongest = np.take_along_axis(bands, np.abs(bands).argmax(axis=0)[None], axis=0)[0]
            np.testing.assert_allclose(scale[0, c], strongest * gain / STD[c], atol=1e-4)


def test_one_scale_is_the_image() -> None:
    images = torch.rand(1, 3, 8, 8)
    [scale] = scales_of(replace(PAPER, multiscale=False))(images)
    torch.testing.assert_close(scale[0, 1], (images[0, 1] - MEAN[1]) / STD[1])


def test_pixels_keep_an_image_of_the_right_size_and_resample_others() -> None:
    image = colour(1)
    np.testing.assert_array_equal(pixels(Image(image), size=32), image.transpose(2, 0, 1))
    grey = pixels(Image(image[..., 0]), size=32)
    np.testing.assert_array_equal(grey, np.broadcast_to(image[..., 0], (3, 32, 32)))
    flat = pixels(Image(np.full((100, 50, 3), (9, 90, 200), np.uint8)), size=32)
    np.testing.assert_array_equal(flat, np.broadcast_to(np.array([9, 90, 200])[:, None, None], (3, 32, 32)))


def test_frozen_streams_give_one_vector() -> None:
    image = Image(colour(2))
    found = vector(image, config=TINY_QUICK)
    assert (found.shape, found.dtype) == ((4 * 64,), np.float16)
    maps = frozen_maps(torch.tensor(pixels(image, size=32))[None], TINY_QUICK)
    assert [tuple(stream.shape[1:]) for stream in maps] == [(64, 4, 4)] * 3 + [(64, 8, 8)]
    np.testing.assert_allclose(found[-64:], maps[-1].mean(dim=(2, 3))[0].detach(), rtol=2e-3)
