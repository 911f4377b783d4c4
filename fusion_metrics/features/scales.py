"""Half the resolution, as multi-scale structural similarity goes from one scale to the next."""

from __future__ import annotations

import numpy as np

from fusion_metrics.feature import feature
from fusion_metrics.image import Image


@feature
def halved(image: Image) -> Image:
    """Average the luminance over blocks of 2x2 pixels.

    An odd last row or column is averaged with itself, so that H rows become (H + 1) // 2.

    Examples
    --------
    >>> halved(Image(np.array([[0, 4, 7], [8, 12, 9]], dtype=np.uint8))).pixels
    array([[6., 8.]])
    """
    height, width = image.shape
    even = np.pad(image.luminance, ((0, height % 2), (0, width % 2)), mode="edge")
    mean = (even[::2, ::2] + even[::2, 1::2] + even[1::2, ::2] + even[1::2, 1::2]) / 4.0
    return Image(mean, data_range=255.0, name=f"{image.name}, halved")


def pyramid(image: Image, levels: int) -> list[Image]:
    """List the picture and its halves, `levels` pictures in all, finest first."""
    pictures = [image]
    while len(pictures) < levels:
        pictures.append(halved(pictures[-1]))
    return pictures
