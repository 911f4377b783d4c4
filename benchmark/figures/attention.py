"""Fused images above their attention maps, as Figure 4 of the MS-AAN paper shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import TITLE, brief
from benchmark.numbers import counted
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Share of the attention's colour in the overlay, where it is strongest.
STRENGTH = 0.55


@dataclass(frozen=True)
class AttentionFigure(Drawing):
    """Images, and where a metric looks in them.

    Attributes
    ----------
    labels : tuple of str, length n
    pixels : tuple of ndarray, each (H, W) or (H, W, 3)
        0..255.
    attention : tuple of ndarray, each (H, W)
        0..1.
    """

    labels: tuple[str, ...]
    pixels: tuple[Array, ...]
    attention: tuple[Array, ...]

    @property
    def alt(self) -> str:
        """The figure in words."""
        return (
            f"{counted(len(self.labels), 'fused image')} and where {self.about} looks in them: "
            f"{', '.join(self.labels)}."
        )

    def draw(self) -> Figure:
        """Draw two rows: images, and the same under their attention."""
        from matplotlib.figure import Figure

        count = len(self.labels)
        figure = Figure(figsize=(1.6 * count + 0.4, 3.7), layout="constrained", facecolor="white")
        grid = figure.subplots(2, count, squeeze=False)
        shown = None
        for column, (label, pixels, attention) in enumerate(zip(self.labels, self.pixels, self.attention, strict=True)):
            for row in (0, 1):
                axes = grid[row, column]
                axes.set_axis_off()
                axes.imshow(pixels / 255, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            grid[0, column].set_title(brief(label, 30))
            shown = grid[1, column].imshow(
                attention, cmap="viridis", vmin=0, vmax=1, alpha=STRENGTH * attention, interpolation="bilinear"
            )
        if shown is not None:
            figure.colorbar(shown, ax=grid[1, :].tolist(), shrink=0.8, label="attention", alpha=1)
        figure.suptitle(brief(self.about), fontsize=TITLE)
        return figure
