"""Strips of rows: a picture is worked on in parts that the processor's cache holds.

What every operation of a formula writes into memory of its own costs more to ask the system for than to compute, once
pictures are large. In strips that memory stays small and is used again.
"""

from __future__ import annotations

from collections.abc import Iterator

#: A strip has about so many pixels.
PIXELS = 2**15


def strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """Cut a picture of some rows and columns into slices of its rows, from top to bottom.

    Examples
    --------
    >>> [(rows.start, rows.stop) for rows in strips((20, 2048))]
    [(0, 16), (16, 20)]
    """
    height = max(PIXELS // shape[1], 1)
    return (slice(top, min(top + height, shape[0])) for top in range(0, shape[0], height))
