"""From what a figure shows to files: PDF and PNG for papers and slides, SVG for a page."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.drawing import Drawing
from benchmark.figures.style import RC
from fusion_metrics.files import whole

if TYPE_CHECKING:
    from matplotlib.collections import Collection
    from matplotlib.figure import Figure

SUFFIXES = (".pdf", ".png")
#: Dots per inch: of PNG files, and of pictures within SVG.
PNG_DPI, SVG_DPI = 150, 130
#: More points or cells than this are drawn as a picture within SVG, where each would take a hundred bytes.
MANY = 400


def write_files(drawing: Drawing, stem: Path) -> None:
    """Write ``STEM.pdf`` and ``STEM.png``; the same data give the same bytes."""
    pdf, png = (stem.with_name(stem.name + suffix) for suffix in SUFFIXES)
    with styled(), _no_search_for_cycles():
        figure = drawing.draw()
        with whole(pdf) as scratch:
            figure.savefig(scratch, format="pdf", metadata={"CreationDate": None})
        with whole(png) as scratch:
            figure.savefig(scratch, format="png", dpi=PNG_DPI)


def to_svg(drawing: Drawing, *, widest: float | None = None) -> str:
    """Draw as SVG, with text as text and no background.

    Parameters
    ----------
    drawing : Drawing
    widest : float, optional
        For a page that has its own titles and captions: no title and no legend below the axes, and at most so many
        inches wide, so that the text can be read on a telephone.
    """
    from matplotlib.collections import Collection

    file = StringIO()
    with styled():
        figure = drawing.draw()
        if widest is not None:
            _narrow(figure, drawing.legend, widest)
        found = [item for item in figure.findobj(Collection) if isinstance(item, Collection) and _size(item) > 1]
        if sum(map(_size, found)) > MANY:
            for collection in found:
                collection.set_rasterized(True)
        empty = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", dpi=SVG_DPI, transparent=True, metadata=empty)
    return file.getvalue()


def _narrow(figure: Figure, legend: str, widest: float) -> None:
    figure.suptitle("")
    for axes in figure.axes:
        if legend and axes.get_xlabel() == legend:
            axes.set_xlabel("")
    width, height = figure.get_size_inches()
    figure.set_size_inches(min(width, widest), height)


def _size(collection: Collection) -> int:
    """Count points, or cells of a matrix of colours."""
    colours = collection.get_array()
    cells = 0 if colours is None else np.size(colours) // 4
    return int(max(np.shape(collection.get_offsets())[0], cells))


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Have Python look for unreachable objects later: a font in a PDF is 100,000 objects, and none of them is, yet."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@contextmanager
def styled() -> Iterator[None]:
    """Set the style in which every figure is drawn."""
    import matplotlib as mpl

    with mpl.rc_context(RC), warnings.catch_warnings():
        # Names in a script that the font lacks are drawn as boxes; that is no reason to stop.
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        yield
