"""What a colour picture is to a metric: its luminance, its channels one by one, or its channels side by side."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import numpy as np

from fusion_metrics.image import Image
from fusion_metrics.spec import Channels


def score_colours(formula: Callable[..., float], images: list[Image], channels: Channels) -> float:
    """Apply a formula for grey pictures to pictures that may have colours.

    Parameters
    ----------
    formula : callable
        ``formula(a, b, fused)`` of three images, or ``formula(fused)`` of one.
    images : list of Image
        What it takes; grey or colour, in any mixture.
    channels : str
        One of `fusion_metrics.spec.CHANNELS`. With ``"luminance"`` and ``"colours"`` the formula gets the images as
        they are, and reads `Image.luminance` or `Image.pixels`.

    Returns
    -------
    float
        With ``"each"`` the mean of three scores, in which a grey picture stands in for each of its channels, or the
        one score of grey pictures.

    Examples
    --------
    >>> grey = Image(np.zeros((4, 4), dtype=np.uint8))
    >>> colour = Image(np.full((4, 4, 3), [10, 20, 60], dtype=np.uint8))
    >>> score_colours(lambda a, b, fused: fused.luminance.mean(), [grey, grey, colour], "each")
    30.0
    """
    if channels == "side by side":
        return float(formula(*map(_side_by_side, images)))
    if channels in ("luminance", "colours"):
        return float(formula(*images))
    count = max(len(image.channels) for image in images)
    scores = [formula(*(image.channels[c if image.is_colour else 0] for image in images)) for c in range(count)]
    # Exact: three equal channels score as the grey picture does, to the last bit.
    return float(statistics.mean(scores))


def _side_by_side(image: Image) -> Image:
    """Lay red, green and blue next to each other as one grey picture; a grey picture is one already."""
    if not image.is_colour:
        return image
    return Image(np.hstack([channel.luminance for channel in image.channels]), data_range=255.0, name=image.name)
