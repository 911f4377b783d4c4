"""The discriminator, which tells pictures that readers scored high from generated ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from learned.g2npan.config import Config
from learned.g2npan.generator import conv_block


class Discriminator(nn.Module):
    """Four convolution blocks at stride 2, each a quarter of the area before, and one convolution that classifies.

    How the last map becomes one probability is not stated: its mean goes through a sigmoid, which works at any size
    and needs fewer weights than a kernel of the map's size.

    Parameters
    ----------
    config : Config
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        width = config.channels
        for channels in config.discriminator:
            blocks.append(conv_block(width, channels, config.slope, stride=2))
            width = channels
        self.blocks = nn.Sequential(*blocks)
        self.classify = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        """Give the probability that an image, shape (B, C, H, W) in 0..1, is real: shape (B,)."""
        return torch.sigmoid(self.classify(self.blocks(image)).float().mean(dim=(1, 2, 3)))
