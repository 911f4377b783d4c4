"""The gallery of a comparison: source pairs on which methods differ most, to be looked at beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.comparison.differences import places_of
from benchmark.databases import Database
from benchmark.figures.insets import Place
from benchmark.report.pictures import Picture, large

#: Source pairs that are shown, as far as their pictures fit into the page.
SHOWN = 6
SOURCES = ("source A", "source B")


@dataclass(frozen=True)
class Scene:
    """One source pair in all pictures.

    Attributes
    ----------
    id, name : str
    labels : tuple of str
        The two sources, then methods.
    pictures : tuple of Picture
        In the same order.
    box : tuple of float
        Left, top, width and height of the square in which methods differ most, in pixels of the pictures as shown.
    size : int
        Side of that square in pixels of the files.
    reduced : bool
        Whether the pictures are smaller than their files.
    """

    id: str
    name: str
    labels: tuple[str, ...]
    pictures: tuple[Picture, ...]
    box: tuple[float, float, float, float]
    size: int
    reduced: bool


@dataclass(frozen=True)
class Gallery:
    """All that is shown of the pictures of one database.

    Attributes
    ----------
    scenes : tuple of Scene
        The greatest difference first.
    searched : int
        Source pairs among which they were found.
    first : tuple of int
        Which two pictures lie on each other when the page is opened.
    reason : str
        Why there are no pictures.
    """

    scenes: tuple[Scene, ...]
    searched: int = 0
    first: tuple[int, int] = (0, 1)
    reason: str = ""


def gallery_of(
    database: Database, printed: Mapping[str, str], best: tuple[str, str], prefix: str, budget: int
) -> Gallery:
    """Find the source pairs, and copy their pictures.

    Parameters
    ----------
    database : Database
    printed : mapping of str to str
        Printed names of the methods, in order, by the names in the database.
    best : tuple of str
        The two methods, as they are printed, that lie on each other when the page is opened.
    prefix : str
        Of the ids.
    budget : int
        Bytes of pictures; 0 for none.
    """
    if budget <= 0:
        return Gallery((), reason="pictures were left out")
    places, searched = places_of(database, tuple(printed), SHOWN)
    if not places:
        return Gallery((), reason="no source pair has one readable image of each method")
    labels = (*SOURCES, *printed.values())
    scenes: list[Scene] = []
    for place in places:
        scene = _scene(place, labels, f"{prefix}-s{len(scenes)}")
        budget -= sum(len(picture.uri) for picture in scene.pictures)
        if budget < 0:
            break
        scenes.append(scene)
    reason = "" if scenes else "the pictures are too large for a page"
    first, second = (labels.index(name, len(SOURCES)) for name in best)
    return Gallery(tuple(scenes), searched, (first, second), reason)


def _scene(place: Place, labels: tuple[str, ...], name: str) -> Scene:
    pictures = tuple(large(pixels, f"{name}-p{number}") for number, pixels in enumerate(place.pictures))
    height, width = place.pictures[0].shape[:2]
    across, down = pictures[0].width / width, pictures[0].height / height
    box = (place.column * across, place.row * down, place.size * across, place.size * down)
    return Scene(name, place.name, labels, pictures, box, place.size, reduced=pictures[0].width < width)
