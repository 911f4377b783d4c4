"""Metrics of colour pictures by channel: what scripts do that know red, green and blue instead of luminance."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from fusion_metrics.image import Image


def by_channel(metric: Callable[..., float], *images: Image) -> float:
    """Average a metric over the channels of the pictures; a grey picture stands in for each of its channels.

    Parameters
    ----------
    metric : callable
        ``metric(a, b, fused)`` of three grey images, or ``metric(fused)`` of one.
    *images : Image
        What it takes; grey or colour, in any mixture.

    Returns
    -------
    float
        The mean of three scores, or the one score of grey pictures.

    Examples
    --------
    >>> import numpy as np
    >>> grey = Image(np.zeros((4, 4), dtype=np.uint8))
    >>> colour = Image(np.full((4, 4, 3), [10, 20, 60], dtype=np.uint8))
    >>> by_channel(lambda a, b, fused: fused.pixels.mean(), grey, grey, colour)
    30.0
    """
    count = max(len(image.channels) for image in images)
    scores = [metric(*(image.channels[c if image.is_colour else 0] for image in images)) for c in range(count)]
    # Exact: three equal channels score as the grey picture does, to the last bit.
    return float(statistics.mean(scores))
