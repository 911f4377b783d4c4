"""Pictures and configurations that several tests of MS-AAN take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fusion_metrics import Image
from fusion_metrics.learning import Examples, Mask
from learned.ms_aan.config import Config, configure
from learned.ms_aan.fitting import Classification
from learned.training.kept import State, Task
from learned.training.regression import fit
from tests.pictures import picture

PAPER = configure("paper", backbone="resnet34", weights="random", multiscale=True, attention=True)
#: End to end, but small enough for a test.
SMALL = replace(PAPER, backbone="resnet18", size=32, stages=1, sizes=(32,) * 4, width=16, epochs=3, batch_size=8)
QUICK = configure("quick", backbone="resnet18", weights="random", multiscale=True, attention=True)
TINY_QUICK = replace(QUICK, size=32, sizes=(16, 16, 16, 32), stages=1)


def colour(seed: int, size: int = 32) -> np.ndarray:
    return np.dstack([picture((size, size), seed + channel) for channel in range(3)])


def scored(count: int) -> tuple[list[Image], np.ndarray, list[str]]:
    """The noisier, the worse."""
    images, scores, groups = [], [], []
    for i in range(count):
        noise = np.random.default_rng(i).standard_normal((32, 32, 3))
        images.append(Image(np.clip(np.rint(colour(i // 4) + 15 * (i % 4) * noise), 0, 255).astype(np.uint8)))
        scores.append(1 - (i % 4) / 4)
        groups.append(f"p{i // 4}")
    return images, np.array(scores), groups


def learnt(config: Config, examples: Examples, *, seed: int = 0, judge: Examples | None = None) -> State:
    """Train a network that is configured so."""
    return fit(Classification(config, "expectation"), Task(repr(config), examples, seed, judge))


def examples_of(
    inputs: list[np.ndarray], q: np.ndarray, groups: list[str], masks: tuple[Mask | None, ...] = ()
) -> Examples:
    """Put together what is learnt from."""
    return Examples(tuple(inputs), q, tuple(groups), masks)
