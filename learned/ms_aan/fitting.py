"""MS-AAN fitted to scored images, and asked for scores."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d

from fusion_metrics.learning import Examples
from learned.ms_aan.config import Config, Readout
from learned.ms_aan.inputs import scales_of
from learned.ms_aan.losses import expected_score, likeliest_score
from learned.ms_aan.network import FrozenNetwork, Network
from learned.ms_aan.trainee import Classifier
from learned.training.regression import Inputs, PlainRegression


class Classification(PlainRegression[Config]):
    """Scales of images, or what frozen streams see in them, as classes of quality.

    Parameters
    ----------
    config : Config
    readout : {"expectation", "argmax"}
    """

    together = 64

    def __init__(self, config: Config, readout: Readout) -> None:
        super().__init__(
            config,
            lambda load: FrozenNetwork(config) if config.frozen else Network(config, load=load),
            partial(Classifier, config=config),
        )
        self.readout = readout

    def used(self, examples: Examples) -> Examples:
        """Keep lesion masks where attention is trained on them."""
        return examples if self.config.attention else super().used(examples)

    def stacked(self, inputs: Inputs) -> Tensor:
        """Stack what was prepared; of pixels, compute the scales once, in half precision."""
        if self.config.frozen:
            return super().stacked(inputs)
        scales = scales_of(self.config)
        size = self.config.size
        # Filled part by part: all scales of a database are hundreds of megabytes, to be held once.
        stacked = torch.empty(len(inputs), self.config.streams, 3, size, size, dtype=torch.float16)
        with torch.no_grad():
            for i in range(0, len(inputs), 16):
                images = super().stacked(inputs[i : i + 16]).float() / 255
                stacked[i : i + 16] = torch.stack(scales(images), dim=1)
        return stacked

    def targets(self, examples: Examples) -> dict[str, Tensor]:
        """Bring lesion masks to the size at which they are learnt from: a cell is lesion if any of its pixels is."""
        known = [mask is not None for mask in examples.masks]
        if not any(known):
            return super().targets(examples)
        fine = self.config.fine
        # Masks that move with their images are pixels, in bytes; those that don't are cells of the attention map.
        cells = torch.zeros(len(known), fine, fine, dtype=torch.bool if self.config.shift else torch.float32)
        for i, mask in enumerate(examples.masks):
            if mask is not None:
                cells[i] = adaptive_max_pool2d(torch.from_numpy(mask).float()[None], fine)[0]
        return {**super().targets(examples), "mask": cells, "masked": torch.tensor(known)}

    def read(self, found: Tensor) -> Tensor:
        """Read q from class scores."""
        score = expected_score if self.readout == "expectation" else likeliest_score
        return score(found.double())
