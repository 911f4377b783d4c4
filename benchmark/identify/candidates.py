"""What may have printed a column: a metric in a variant, of pictures as they are or prepared in some way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fusion_metrics import Image, Metric
from fusion_metrics.grey import GREY_RULES, to_grey

#: Pixels left out along every side: scripts that evaluate ``7:m-6`` leave out 6.
BORDER = 6
#: Networks that halve a picture four times crop it to a multiple of this first.
MULTIPLE = 16
CROPS = {
    "": "",
    "border": f"without {BORDER} pixels along every side",
    "multiple": f"cut to a multiple of {MULTIPLE} pixels",
}


@dataclass(frozen=True)
class Preparation:
    """What a script does to a picture before a metric sees it.

    Attributes
    ----------
    grey : str
        A name in `GREY_RULES`; empty for the picture with its colours, of which each metric makes what it declares.
    crop : str
        A key of `CROPS`.
    """

    grey: str = ""
    crop: str = ""

    @property
    def label(self) -> str:
        """What is said of it in a table; empty for a picture as it is."""
        greys = f"grey: {self.grey}" if self.grey else ""
        return ", ".join(part for part in (greys, CROPS[self.crop]) if part)

    def apply(self, image: Image) -> Image:
        """Prepare a picture; one that is not changed is returned itself, with all that it remembers."""
        if self.grey:
            image = to_grey(image, GREY_RULES[self.grey])
        rows, columns = image.shape
        if self.crop == "border" and min(rows, columns) > 2 * BORDER:
            return _part(image, BORDER, rows - BORDER, columns - BORDER)
        if self.crop == "multiple" and min(rows, columns) >= MULTIPLE and (rows % MULTIPLE or columns % MULTIPLE):
            return _part(image, 0, rows - rows % MULTIPLE, columns - columns % MULTIPLE)
        return image


AS_IS = Preparation()
GREYS = tuple(Preparation(grey=name) for name in GREY_RULES)
CROPPED = (Preparation(crop="border"), Preparation(crop="multiple"))


@dataclass(frozen=True)
class Candidate:
    """A metric in a variant, of pictures prepared in one way."""

    metric: Metric
    preparation: Preparation = AS_IS

    @cached_property
    def key(self) -> tuple[str, str, str]:
        """What tells candidates apart."""
        return self.metric.spec.id, self.metric.parameters, self.preparation.label

    @property
    def id(self) -> str:
        """Name as `create` understands it, with the preparation behind it."""
        label = self.preparation.label
        return f"{self.metric.spec.id} ({label})" if label else self.metric.spec.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Candidate) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def candidates(metrics: Sequence[Metric], preparations: Sequence[Preparation] = (AS_IS,)) -> list[Candidate]:
    """Combine metrics with preparations."""
    return [Candidate(metric, preparation) for preparation in preparations for metric in metrics]


def _part(image: Image, start: int, end_row: int, end_column: int) -> Image:
    part = image.derived(image.pixels[start:end_row, start:end_column], "cropped")
    part.name = f"{image.name} (cropped)"
    return part
