"""One picture of all sub-bands, for reports and READMEs."""

from __future__ import annotations

import numpy as np

from fusion_metrics.image import Array
from fusion_metrics.nsct.subbands import Subbands

GAP = 2


def mosaic(subbands: Subbands, columns: int = 8) -> Array:
    """Lay out the sub-bands as tiles of one picture.

    The low band comes first, stretched from its smallest to its largest value. Each level, coarse to fine, starts a
    new row; grey is zero, and what reaches the 99.5th percentile of a level's magnitudes is black or white.

    Parameters
    ----------
    subbands : Subbands
        From `nsct`.
    columns : int
        Tiles in a row, at least 1.

    Returns
    -------
    ndarray, shape (rows, columns[, channels])
        In [0, 1]. Tiles are two pixels apart; gaps and empty places are 1.

    Examples
    --------
    >>> from fusion_metrics.nsct import nsct
    >>> picture = mosaic(nsct(np.eye(30), levels=(1, 2)), columns=4)
    >>> picture.shape  # a row for the low band and one for each level
    (94, 126)
    """
    if columns < 1:
        raise ValueError(f"a mosaic has at least 1 column, got {columns}")
    rows = [[_stretched(subbands.low)]]
    for level in subbands.bands:
        scale = 2 * np.percentile(np.abs(level), 99.5) or 1.0
        tiles = np.clip(0.5 + level / scale, 0, 1)
        rows += [list(tiles[k : k + columns]) for k in range(0, len(tiles), columns)]
    height, width = (n + GAP for n in subbands.low.shape[:2])
    across = max(map(len, rows))
    canvas = np.ones((len(rows) * height - GAP, across * width - GAP, *subbands.low.shape[2:]))
    for r, row in enumerate(rows):
        for c, tile in enumerate(row):
            canvas[r * height : (r + 1) * height - GAP, c * width : (c + 1) * width - GAP] = tile
    return canvas


def _stretched(x: Array) -> Array:
    span = np.ptp(x)
    return (x - x.min()) / span if span > 0 else np.full_like(x, 0.5)
