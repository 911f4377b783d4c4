"""The model card: what a trained metric was trained on, by which command, and where it holds and does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from fusion_metrics.printable import printable

_SHOWN = 300
#: Texts, and results, that a card of anybody's may have.
_MOST = 64


@dataclass(frozen=True)
class Held:
    """How well predictions agree with opinion scores of pictures that took no part in the fit.

    Attributes
    ----------
    database, title : str
    scores : {"human", "simulated"}
        Whose opinions they are.
    images : int
    srcc, krcc, plcc, rmse : float
        Over all images; of a fit in folds, over what the folds held out.
    within_pairs : float
        Mean SRCC within source pairs.
    folds : tuple of float
        SRCC in each fold; empty where there was one fit.
    far : int
        Images that are far from the training, see `fusion_metrics.trained.familiar`.
    command : str
        Which gives these numbers.
    """

    database: str = ""
    title: str = ""
    scores: str = ""
    images: int = 0
    srcc: float = float("nan")
    krcc: float = float("nan")
    plcc: float = float("nan")
    rmse: float = float("nan")
    within_pairs: float = float("nan")
    folds: tuple[float, ...] = ()
    far: int = 0
    command: str = ""


@dataclass(frozen=True)
class Card:
    """What is to be known of a trained metric.

    Attributes
    ----------
    database, title : str
        What it was trained on.
    scores : {"human", "simulated"}
        Whose opinions it learnt.
    images, pairs : int
    data : str
        Digest of which images they are, and of their scores.
    seed : int
    command : str
        Which makes the file again.
    versions : mapping of str to str
        Of the packages that trained it.
    precision : str
        In which what was learnt is kept, such as ``float16``.
    rounding : float
        The most that any prediction for a training picture changes by that.
    held_out : Held or None
        A fit in folds of source pairs, on the same images.
    elsewhere : tuple of Held
        Other databases.
    """

    database: str = ""
    title: str = ""
    scores: str = ""
    images: int = 0
    pairs: int = 0
    data: str = ""
    seed: int = 0
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    precision: str = ""
    rounding: float = 0.0
    held_out: Held | None = None
    elsewhere: tuple[Held, ...] = ()

    def written(self) -> str:
        """Write it as JSON, for the metadata of a file."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Card:
        """Read a card, which may be anybody's: what it does not say properly, it does not say at all."""
        try:
            told = json.loads(text)
        except (ValueError, RecursionError, MemoryError):
            return cls()
        if not isinstance(told, dict):
            return cls()
        own = _known(cls, told)
        if isinstance(versions := told.get("versions"), dict):
            own["versions"] = {_text(k): _text(v) for k, v in list(versions.items())[:_MOST]}
        own["held_out"] = _held(told.get("held_out"))
        others = told.get("elsewhere")
        elsewhere = map(_held, others[:_MOST]) if isinstance(others, list) else ()
        return cls(**own, elsewhere=tuple(held for held in elsewhere if held is not None))

    @property
    def trained_on(self) -> str:
        """Say in half a sentence what was learnt.

        >>> Card("phantom", scores="simulated", images=1290).trained_on
        '1290 images of phantom with simulated scores'
        """
        if not self.database:
            return "pictures and scores that its file does not name"
        return f"{self.images} images of {self.database} with {self.scores} scores"


def _held(told: Any) -> Held | None:
    if not isinstance(told, dict):
        return None
    folds = told.get("folds")
    numbers = [each for each in folds[:_MOST] if isinstance(each, float | int)] if isinstance(folds, list) else []
    return Held(**_known(Held, told), folds=tuple(map(float, numbers)))


def _known(kind: type[Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Take the texts and numbers that are of the right type."""
    found: dict[str, Any] = {}
    for each in fields(kind):
        value = told.get(each.name)
        if each.type == "str" and isinstance(value, str):
            found[each.name] = _text(value)
        elif each.type in ("int", "float") and isinstance(value, float | int) and not isinstance(value, bool):
            found[each.name] = float(value) if each.type == "float" else int(value)
    return found


def _text(value: Any) -> str:
    return printable(str(value))[:_SHOWN]
