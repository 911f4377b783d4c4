"""The images on which methods differ most, sources beside them, and the place where they differ enlarged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import PALETTE, TITLE, brief
from benchmark.numbers import counted
from fusion_metrics.image import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Of the frame, and the share of a picture's sides that its inset takes.
FRAME, SIDE = PALETTE[1], 0.42


@dataclass(frozen=True)
class Place:
    """One source pair in all pictures.

    Attributes
    ----------
    name : str
    pictures : tuple of ndarray, each (H, W) or (H, W, 3)
        Sources and fused images, 0..255.
    row, column, size : int
        The square in which the fused images differ most.
    """

    name: str
    pictures: tuple[Array, ...]
    row: int
    column: int
    size: int


@dataclass(frozen=True)
class Insets(Drawing):
    """What a gallery of differences shows.

    Attributes
    ----------
    labels : tuple of str
        Of the columns: the two sources, then methods.
    places : tuple of Place
        One a line, the greatest difference first.
    searched : int
        Source pairs that these were found among.
    """

    labels: tuple[str, ...]
    places: tuple[Place, ...]
    searched: int

    @property
    def alt(self) -> str:
        """The figure in words."""
        names = ", ".join(place.name for place in self.places)
        return (
            f"The {len(self.places)} of {counted(self.searched, 'source pair')} on which {len(self.labels) - 2} "
            f"methods differ "
            f"most, {self.about}: {names}; sources and fused images, with the square in which they differ enlarged."
        )

    def draw(self) -> Figure:
        """Draw a line a source pair."""
        from matplotlib.figure import Figure

        rows, columns = len(self.places), len(self.labels)
        heights = [place.pictures[0].shape[0] / place.pictures[0].shape[1] for place in self.places]
        figure = Figure(figsize=(1.45 * columns + 0.3, 1.45 * sum(heights) + 0.75), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False, height_ratios=heights)
        for line, place in zip(grid, self.places, strict=True):
            for axes, picture in zip(line, place.pictures, strict=True):
                _show(axes, picture, place)
            line[0].set_ylabel(brief(place.name, 22), size=6.5)
        for axes, label in zip(grid[0], self.labels, strict=True):
            axes.set_title(brief(label, 18), size=7)
        size = " and ".join(sorted({f"{place.size}x{place.size}" for place in self.places}))
        figure.suptitle(
            f"Where methods differ most, found among {counted(self.searched, 'pair')}, {brief(self.about)}\n"
            f"framed and enlarged: the square of {size} pixels in which they differ most at equal mean and contrast",
            x=0.01,
            ha="left",
            size=TITLE - 1,
        )
        return figure


def _show(axes: Axes, picture: Array, place: Place) -> None:
    """Draw one picture, the frame in it, and its inset in the corner that is furthest from the frame."""
    from matplotlib.patches import Rectangle

    height, width = picture.shape[:2]
    shown = picture / 255
    axes.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    corner = place.column - 0.5, place.row - 0.5
    axes.add_patch(Rectangle(corner, place.size, place.size, fill=False, edgecolor=FRAME, linewidth=0.8))
    right = place.column + place.size / 2 < width / 2
    low = place.row + place.size / 2 < height / 2
    inset = axes.inset_axes(((1 - SIDE) * right, (1 - SIDE) * (not low), SIDE, SIDE))
    rows, columns = slice(place.row, place.row + place.size), slice(place.column, place.column + place.size)
    inset.imshow(shown[rows, columns], cmap="gray", vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    inset.set_xticks([])
    inset.set_yticks([])
    inset.spines[:].set(visible=True, color=FRAME, linewidth=0.8)
