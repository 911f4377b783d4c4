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
        with torch.no_grad():
            parts = [
                torch.stack(scales(super(Classification, self).stacked(inputs[i : i + 16]).float() / 255), dim=1).half()
                for i in range(0, len(inputs), 16)
            ]
        return torch.cat(parts)

    def targets(self, examples: Examples) -> dict[str, Tensor]:
        """Bring lesion masks to the grid of the attention map: a cell is lesion if any of its pixels is."""
        known = [mask is not None for mask in examples.masks]
        if not any(known):
            return super().targets(examples)
        cells = torch.zeros(len(known), self.config.grid, self.config.grid)
        for i, mask in enumerate(examples.masks):
            if mask is not None:
                cells[i] = adaptive_max_pool2d(torch.from_numpy(mask).float()[None], self.config.grid)[0]
        return {**super().targets(examples), "mask": cells, "masked": torch.tensor(known)}

    def read(self, found: Tensor) -> Tensor:
        """Read q from class scores."""
        score = expected_score if self.readout == "expectation" else likeliest_score
        return score(found.double())
