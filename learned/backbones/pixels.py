"""Images as networks take them: one size, three channels, 8 bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from fusion_metrics import Image, feature
from learned.backbones.weights import MEAN, STD


@feature
def pixels(image: Image, *, size: int) -> npt.NDArray[np.uint8]:
    """Bring an image to one size: shape (3, size, size), 8 bits; grey becomes three equal channels.

    Other sizes are resampled linearly, averaging where that makes the image smaller.
    """
    channels = np.broadcast_to(image.pixels[..., None] if image.pixels.ndim == 2 else image.pixels, (*image.shape, 3))
    stack = torch.from_numpy(np.ascontiguousarray(channels.transpose(2, 0, 1), dtype=np.float32))
    if image.shape != (size, size):
        stack = interpolate(stack[None], (size, size), mode="bilinear", antialias=True)[0]
    rounded: npt.NDArray[np.uint8] = stack.round().clamp(0, 255).to(torch.uint8).numpy()
    return rounded


def standardised(x: Tensor, mean: tuple[float, ...] = MEAN, std: tuple[float, ...] = STD) -> Tensor:
    """Bring stacked pixels (B, 3, H, W), 8 bits, to the range that a network expects, ``(x / 255 - mean) / std``."""
    scale, shift = (torch.tensor(values, device=x.device)[:, None, None] for values in (std, mean))
    return (x.float() / 255 - shift) / scale
