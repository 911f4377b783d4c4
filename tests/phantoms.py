"""Embedded pairs of every kind, their fused images and how they are read; each is made once a process."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from benchmark.databases.phantom import Pair, draw_pair, render_pair
from benchmark.databases.phantom.readers import Reading
from benchmark.fusion import fuse

needs_anatomy = pytest.mark.skipif(find_spec("nilearn") is None, reason="the MNI152 maps come with nilearn")

SPECT, PET, CT, T1T2 = 4, 104, 121, 127  # pairs with a tumour (SPECT, PET, CT) or an old haemorrhage
HEALTHY = 75
EVERY_KIND = (SPECT, PET, CT, T1T2)
QUICK = ("csr", "dtm_pcnn", "dwt", "gff", "laplacian", "pca", "average")


@cache
def rendered(index: int, **options: bool) -> Pair:
    return render_pair(draw_pair("phantom", index), **options)


@cache
def fused(index: int, algorithm: str = "laplacian") -> np.ndarray:
    pair = rendered(index)
    return fuse(pair.a, pair.b, algorithm)


@cache
def reading(index: int) -> Reading:
    return Reading(rendered(index))


def per_channel(image: np.ndarray, function) -> np.ndarray:
    planes = image.reshape(*image.shape[:2], -1).astype(float)
    changed = np.stack([function(planes[..., c]) for c in range(planes.shape[-1])], axis=-1)
    return np.rint(np.clip(changed, 0, 255)).astype(np.uint8).reshape(image.shape)


def blocks(plane: np.ndarray, size: int = 8) -> np.ndarray:
    h, w = (side // size for side in plane.shape)
    return np.kron(plane.reshape(h, size, w, size).mean(axis=(1, 3)), np.ones((size, size)))
