"""What stands below the figures of a comparison on a page, where titles and legends are text of the page."""

from __future__ import annotations

from benchmark.figures.critical_difference import CriticalDifference
from benchmark.figures.curves import SortedCurves
from benchmark.figures.dendrogram import Dendrogram
from benchmark.figures.drawing import Drawing
from benchmark.figures.duel import Duel
from benchmark.figures.heat import NORMALISED, Heat, Radar
from benchmark.figures.spread import Spread


def caption(drawing: Drawing) -> tuple[str, str]:
    """Return the title of a figure, and what has to be known to read it."""
    if isinstance(drawing, CriticalDifference):
        return "Mean ranks", _sentence(drawing.legend.replace("\n", "; "))
    if isinstance(drawing, SortedCurves):
        return "Sorted curves", "A point (x, y): a share x of the images has a value of at most y."
    if isinstance(drawing, Spread):
        return "Spread", "Box: quartiles; line: median; diamond: mean; shade: how values are spread, from 10 images on."
    if isinstance(drawing, Duel):
        return f"{drawing.first} against {drawing.second}", f"{drawing.counts}; {drawing.verdict}."
    if isinstance(drawing, Heat):
        return "Methods by metrics", f"The more colour, the better: {NORMALISED}. No colour: the worst."
    if isinstance(drawing, Radar):
        return "Radar", f"{_sentence(NORMALISED)} Areas have no meaning: they depend on the order of the metrics."
    if isinstance(drawing, Dendrogram):
        return "Which metrics say the same", _sentence(drawing.legend.replace("\n", "; "))
    return "", _sentence(drawing.alt.rstrip("."))


def _sentence(text: str) -> str:
    """Make a sentence of words that have no beginning and no end."""
    return f"{text[:1].upper()}{text[1:]}."
