"""Figures as part of a page: SVG that follows its colours, light or dark, and carries its own description."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from markupsafe import Markup

from benchmark.figures.drawing import Drawing
from benchmark.figures.formats import to_svg
from benchmark.figures.heat import Heat
from benchmark.figures.style import FAINT, INK, PALETTE
from benchmark.parallel import run_tasks

#: CSS pixels in a point.
POINT = 4 / 3
#: Inches of the widest figure that a telephone shows with text that can be read.
WIDEST = 4.0
#: What stands for colours on a page that may be dark; the last two would be too dark there.
COLOURS = {INK: "--ink", FAINT: "--line"}
BRIGHTER = {PALETTE[0]: "--first", PALETTE[6]: "--seventh"}


@dataclass(frozen=True)
class Inline:
    """A figure ready to be put into HTML.

    Attributes
    ----------
    svg : Markup
    width : int
        CSS pixels at which its text has the size of small print.
    """

    svg: Markup
    width: int


@dataclass(frozen=True)
class _Task:
    name: str
    drawing: Drawing
    widest: float | None


def draw_inline(
    drawings: Mapping[str, Drawing],
    prefix: str,
    *,
    jobs: int = 1,
    on_figure: Callable[[], None] = lambda: None,
    widest: float | None = None,
) -> dict[str, Inline]:
    """Draw figures for a page.

    Parameters
    ----------
    drawings : mapping of str to Drawing
        By name.
    prefix : str
        It keeps the ids of different databases apart.
    jobs : int
        Processes that draw.
    on_figure : callable, optional
        Called after each figure.
    widest : float, optional
        Without titles, and at most so many inches wide; see `to_svg`.
    """
    found = {}
    order = list(drawings)
    tasks = (_Task(name, drawing, widest) for name, drawing in drawings.items())
    for name, svg in run_tasks(_draw, tasks, jobs=jobs):
        drawing = drawings[name]
        # White numbers stand on the colours of cells, which must therefore stay dark.
        colours = COLOURS if isinstance(drawing, Heat) else COLOURS | BRIGHTER
        found[name] = _inline(svg, f"{prefix}-f{order.index(name)}", drawing.alt, colours)
        on_figure()
    return found


def _draw(task: _Task) -> tuple[str, str]:
    return task.name, to_svg(task.drawing, widest=task.widest)


def _inline(svg: str, prefix: str, alt: str, colours: Mapping[str, str]) -> Inline:
    """Strip what a page does not need, make ids unique, and let the page choose the colours of text and lines."""
    root = ET.fromstring(svg)  # noqa: S314 - written by matplotlib a moment ago
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = {_local(name): value for name, value in element.attrib.items()}
        element.tail = None
        if element.tag != "text":
            element.text = None
    _prune(root)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', ET.tostring(root, encoding="unicode")))
    for element in root.iter():
        _simplify(element, used, prefix)
    width = float(root.attrib["viewBox"].split()[2])
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": alt}
    text = ET.tostring(root, encoding="unicode")
    for colour, name in colours.items():
        text = text.replace(colour, f"var({name})")
    return Inline(Markup(text), round(width * POINT))  # noqa: S704 - all text in it is escaped


def _local(name: str) -> str:
    """Leave out the namespace, which HTML does without."""
    return name.rpartition("}")[2]


def _prune(element: Element) -> None:
    """Take out metadata, styles (they would hold for the whole page), and groups that only have a name."""
    kept: list[Element] = []
    for child in element:
        if child.tag in ("metadata", "style"):
            continue
        _prune(child)
        nothing = child.tag in ("g", "defs") and not len(child)
        if child.tag == "g" and not child.attrib.keys() - {"id"}:
            kept += child
        elif not nothing:
            kept.append(child)
    element[:] = kept


def _simplify(element: Element, used: set[str], prefix: str) -> None:
    for name, value in list(element.attrib.items()):
        if name in ("d", "x", "y", "width", "height", "transform"):
            value = " ".join(re.sub(r"(\.\d\d)\d+", r"\1", value).split())  # hundredths of a point
        if name == "href" and value.startswith("#"):
            value = f"#{prefix}-{value[1:]}"
        element.attrib[name] = value.replace("url(#", f"url(#{prefix}-").replace("font-family: 'DejaVu Sans'; ", "")
    if element.get("id") in used:
        element.set("id", f"{prefix}-{element.get('id')}")
    else:
        element.attrib.pop("id", None)
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
