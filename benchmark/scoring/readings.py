"""How the pictures of one score were read, in words: what its row and its signature tell."""

from __future__ import annotations

from typing import Protocol

from benchmark.scoring.colours import COLOUR
from fusion_metrics.reading import Reading


class Picture(Protocol):
    """What is said of a picture in a row: that of an `Image`, or of a file that is known unopened."""

    @property
    def decisions(self) -> tuple[str, ...]:
        """What was decided when it was read."""

    @property
    def is_colour(self) -> bool:
        """Whether it has three channels."""


def decisions_of(*images: Picture | None) -> tuple[str, ...]:
    """Collect what was decided when the files of some images were read; of those that could not be read, nothing."""
    return tuple(dict.fromkeys(each for image in images if image is not None for each in image.decisions))


def describe_reading(reading: Reading, **images: Picture | None) -> str:
    """Say how pictures were read: the reading itself, then what was decided about each.

    Examples
    --------
    >>> import numpy as np
    >>> from fusion_metrics import Image
    >>> part = Image(np.zeros((4, 4), dtype=np.uint8)).derived(np.zeros((2, 4)), "cropped to 2x4")
    >>> describe_reading(Reading(alpha="over-black"), fused=part)
    'alpha=over-black; fused: cropped to 2x4'
    """
    roles: dict[tuple[str, ...], list[str]] = {}
    for role, image in images.items():
        if image is not None and (told := (*image.decisions, *((COLOUR,) if image.is_colour else ()))):
            roles.setdefault(told, []).append(role)
    decided = [f"{', '.join(alike)}: {', '.join(decisions)}" for decisions, alike in roles.items()]
    return "; ".join([str(reading), *decided])
