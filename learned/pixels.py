"""Images as networks take them: one size, three channels, 8 bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import interpolate

from fusion_metrics import Image, feature


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
