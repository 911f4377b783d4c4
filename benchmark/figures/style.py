"""What all figures look like: sizes, fonts, and colours that colour-blind readers can tell apart."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

#: Of text, lines and ticks; a report replaces these two by colours of the page, which may be dark.
INK = "#1b1e24"
FAINT = "#d3d6dd"
WHITE = "#ffffff"
#: Okabe and Ito, Color universal design, 2008, without yellow (too light on paper) and black (the ink).
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f6a93")
#: Size of titles. There is no bold and no arrow: every further font, and every subset of a font, that goes into a PDF
#: costs longer than the rest of a figure.
TITLE = 8.5
#: So that colours are never the only difference.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
#: Where there are more curves than colours.
LINES = ("-", "--", ":", "-.")
BETTER, WORSE = PALETTE[0], PALETTE[1]

#: Settings of matplotlib.
RC: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 7.5,
    "text.parse_math": False,  # names of databases and metrics may hold a dollar sign
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlesize": 7.5,
    "axes.titlelocation": "left",
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "grid.color": FAINT,
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 6.5,
    "pdf.fonttype": 42,  # TrueType: publishers refuse the default, Type 3
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "fmbench",  # the same figure has the same bytes
}


def look(number: int) -> tuple[str, str, str]:
    """Return colour, marker and line of a curve: no two of the first 28 are alike.

    >>> look(0), look(7)
    (('#0072b2', 'o', '-'), ('#0072b2', 'o', '--'))
    """
    place, turn = number % len(PALETTE), number // len(PALETTE)
    return PALETTE[place], MARKERS[place], LINES[turn % len(LINES)]


def brief(text: str, width: int = 64) -> str:
    """Cut what would not fit; names are anybody's.

    >>> brief("a very long name", 10)
    'a very …'
    """
    return shorten(text, width, placeholder=" …") if len(text) > width else text
