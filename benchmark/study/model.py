"""What a study is: its design, its items and its pictures, as `study.json` in the study's folder says it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from benchmark.csv_files import read_text
from benchmark.errors import BenchmarkError

#: Raised when a study of before cannot be served any more.
VERSION = 1
FORMAT = "fmbench-study"
DESCRIPTION, VOTES, PICTURES = "study.json", "votes.sqlite", "pictures"

Design = Literal["rating", "pairs"]
Origin = Literal["human", "simulated"]


@dataclass(frozen=True)
class Scale:
    """A scale on which a picture is rated.

    Attributes
    ----------
    low, high : float
        Its ends.
    step : float
        The distance of two answers.
    labels : mapping of float to str
        The words that stand at some of its points.
    """

    low: float
    high: float
    step: float
    labels: Mapping[float, str]

    def has(self, value: float) -> bool:
        """Whether a value is one of the answers.

        >>> SCALES["acr"].has(3), SCALES["acr"].has(3.5), SCALES["slider"].has(101)
        (True, False, False)
        """
        return self.low <= value <= self.high and (value - self.low) % self.step == 0


#: The five words of the quality scale of ITU-R BT.500-15 and of the absolute category rating of ITU-T P.910. The slider
#: has them at equal distances, as the continuous scale of BT.500 has.
SCALES: Mapping[str, Scale] = {
    "acr": Scale(1, 5, 1, {1: "Bad", 2: "Poor", 3: "Fair", 4: "Good", 5: "Excellent"}),
    "ten": Scale(1, 10, 1, {1: "Bad", 10: "Excellent"}),
    "slider": Scale(0, 100, 1, {10: "Bad", 30: "Poor", 50: "Fair", 70: "Good", 90: "Excellent"}),
}
#: The answers of a comparison, and what they are worth to the picture on the left.
CHOICES: Mapping[str, float] = {"left": 1.0, "tie": 0.5, "right": 0.0}


@dataclass(frozen=True)
class Picture:
    """A picture of the study.

    Attributes
    ----------
    sha256 : str
        Of its file.
    width, height : int
    grey : bool
    """

    sha256: str
    width: int
    height: int
    grey: bool


@dataclass(frozen=True)
class Scene:
    """A group of source images.

    Attributes
    ----------
    modality : str
    sources : tuple of str
        Names of their pictures, in the order of the database.
    labels : tuple of str
        What each is called on the page.
    two : (int, int)
        Which of them a metric for exactly two takes.
    unseen : mapping of str to str
        Pictures that are exported but not shown, by their column: mask, reference.
    """

    modality: str
    sources: tuple[str, ...]
    labels: tuple[str, ...]
    two: tuple[int, int]
    unseen: Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """A fused image that is judged.

    Attributes
    ----------
    image : str
        Its path in the database that the study was made of.
    pair, algorithm : str
    picture : str
    """

    image: str
    pair: str
    algorithm: str
    picture: str


@dataclass(frozen=True)
class Study:
    """Everything about a study but who judged what.

    Attributes
    ----------
    id : str
        Random; the votes know which study they belong to.
    name, title, question : str
    design : {"rating", "pairs"}
    scale : str
        Of `SCALES`; of no account in a study of pairs.
    scores : {"human", "simulated"}
        What its votes are; a study whose raters are scripts says so, and so does everything made of it.
    seed : int
        Of all orders.
    repeat : float
        The share of items that every rater meets a second time.
    comparisons : int
        Of every rater, in a study of pairs.
    pause : int
        After how many items a break is proposed.
    sources : {"beside", "below", "none"}
        Where source images are shown.
    zoom : {"whole", "exact"}
        How large a picture is when it appears: the largest whole number of screen pixels to a pixel of it at which it
        is seen as a whole, or one.
    notes : bool
        Whether raters may write a note about an item.
    created, package : str
    database : mapping of str to str
        What the study was made of: name, title, citation, licence, reading.
    scenes : mapping of str to Scene
    items : tuple of Item
    training : tuple of Item
        Shown first; what is said of them is not exported.
    pictures : mapping of str to Picture
    """

    id: str
    name: str
    title: str
    question: str
    design: Design
    scale: str
    scores: Origin
    seed: int
    repeat: float
    comparisons: int
    pause: int
    sources: str
    zoom: str
    notes: bool
    created: str
    package: str
    database: Mapping[str, str]
    scenes: Mapping[str, Scene]
    items: tuple[Item, ...]
    training: tuple[Item, ...]
    pictures: Mapping[str, Picture]

    def scene_items(self) -> Mapping[str, tuple[int, ...]]:
        """Return the numbers of the items of each scene."""
        return {
            name: tuple(number for number, item in enumerate(self.items) if item.pair == name)
            for name in dict.fromkeys(item.pair for item in self.items)
        }


def write_study(study: Study) -> str:
    """Return the text of ``study.json``."""
    return json.dumps({"format": FORMAT, "version": VERSION, **asdict(study)}, indent=1, ensure_ascii=False) + "\n"


def read_study(folder: Path) -> tuple[Study, str]:
    """Read the description of a study.

    Returns
    -------
    Study
    str
        The hash of its file, by which the votes know it.

    Raises
    ------
    BenchmarkError
        No study, one of another version, or one that was damaged.
    """
    path = folder / DESCRIPTION
    if not path.exists():
        raise BenchmarkError(f"{folder}: is not a study, it has no {DESCRIPTION}; fmbench study create makes one")
    text = read_text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BenchmarkError(f"{path}: is damaged ({type(error).__name__}); restore it from a copy") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BenchmarkError(f"{path}: does not describe a study of fmbench")
    if content.get("version") != VERSION:
        raise BenchmarkError(
            f"{path}: is a study of version {content.get('version')!r}, but this fmbench knows version {VERSION}; "
            f"use the release that made it ({content.get('package', 'not stated')})"
        )
    try:
        study = _from_json(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BenchmarkError(f"{path}: is damaged ({error!r}); restore it from a copy") from None
    return study, hashlib.sha256(text.encode()).hexdigest()


def _from_json(content: Mapping[str, Any]) -> Study:
    given = {field.name: content[field.name] for field in fields(Study)}
    given["scenes"] = {
        name: Scene(
            scene["modality"],
            tuple(scene["sources"]),
            tuple(scene["labels"]),
            (scene["two"][0], scene["two"][1]),
            dict(scene["unseen"]),
        )
        for name, scene in content["scenes"].items()
    }
    given["items"] = tuple(Item(**item) for item in content["items"])
    given["training"] = tuple(Item(**item) for item in content["training"])
    given["pictures"] = {name: Picture(**picture) for name, picture in content["pictures"].items()}
    if given["design"] not in ("rating", "pairs") or given["scale"] not in SCALES:
        raise ValueError("unknown design or scale")
    if given["scores"] not in ("human", "simulated"):
        raise ValueError("scores are neither human nor simulated")
    return Study(**given)
