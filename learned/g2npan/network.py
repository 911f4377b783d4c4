"""What scores an image: the generator, and the assessor that sees what it made."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from learned.g2npan.assessor import Assessor
from learned.g2npan.config import Config
from learned.g2npan.generator import Generator


class Scored(NamedTuple):
    """What the network says of images.

    Attributes
    ----------
    score : Tensor, shape (B,)
        Q_pre; its sigmoid is q.
    attention : Tensor, shape (B, h, w)
        F_CAM, in 0..1.
    generated : Tensor, shape (B, C, H, W), or None
        I_hq, where there is a generator.
    """

    score: Tensor
    attention: Tensor
    generated: Tensor | None


class Network(nn.Module):
    """Generator and assessor, which equation 12 optimises as one.

    Parameters
    ----------
    config : Config
    load : bool
        Whether to start from ``config.weights``; weights that are about to be replaced need not be read.
    """

    def __init__(self, config: Config, *, load: bool = True) -> None:
        super().__init__()
        self.generator = Generator(config) if config.guided else None
        self.assessor = Assessor(config, load=load)
        self.feedback = config.perceptual
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, image: Tensor, generated: Tensor | None = None, features: Tensor | None = None) -> Scored:
        """Score images.

        Parameters
        ----------
        image : Tensor, shape (B, C, H, W)
            I_org in 0..1; C is ``config.channels``.
        generated, features : Tensor, optional
            What the generator made of the images, if it has been asked before.
        """
        if self.generator is None:
            score, attention = self.assessor(image)
            return Scored(score, attention, None)
        if generated is None or features is None:
            generated, features = self.generator(image)
        heard = (generated, features) if self.feedback else (generated.detach(), features.detach())
        score, attention = self.assessor(image, *heard)
        return Scored(score, attention, generated)
