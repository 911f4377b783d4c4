"""A rater at the study: how far they are, what they see next, and whether what they say can be right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmark.study.model import CHOICES, SCALES, Item, Study
from benchmark.study.orders import Slot
from benchmark.study.pairing import next_comparison
from benchmark.study.votes import Conflict, Votes

#: Characters of a note, and of an answer about viewing conditions.
LONGEST_NOTE, LONGEST_ANSWER = 1000, 60
#: After how long somebody is asked again where they sit.
ASK_AGAIN = timedelta(hours=8)
#: Items beyond the one that is to be judged which a page may load ahead.
AHEAD = 1
#: What is asked, and how a picture was looked at.
QUESTIONS = ("room", "display", "sight", "colours", "dark", "bright", "screen", "pixels", "pointer")
DETAILS = ("ms", "zoom", "window", "level", "switches", "width", "height", "ratio")


class Refused(Exception):
    """A request that makes no sense; the status is one of HTTP."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Sitting:
    """One rater.

    Attributes
    ----------
    study : Study
    votes : Votes
    rater : int
    name : str
    csrf : str
    """

    study: Study
    votes: Votes
    rater: int
    name: str
    csrf: str

    @property
    def trained(self) -> int:
        """How many items are for training."""
        return len(self.study.training) // (1 if self.study.design == "rating" else 2)

    def total(self, slots: list[Slot]) -> int:
        """Return how long the sequence is, training included."""
        return len(slots) if self.study.design == "rating" else self.trained + self.study.comparisons

    def state(self) -> dict[str, Any]:
        """Return what the page needs to begin with."""
        study, scale = self.study, SCALES[self.study.scale]
        slots = self.votes.slots(self.rater)
        return {
            "study": {
                "id": study.id,
                "title": study.title,
                "question": study.question,
                "design": study.design,
                "kind": study.scale,
                "scale": {"low": scale.low, "high": scale.high, "labels": [[k, v] for k, v in scale.labels.items()]},
                "simulated": study.scores == "simulated",
                "pause": study.pause,
                "sources": study.sources,
                "zoom": study.zoom,
                "notes": study.notes,
                "colour": any(not picture.grey for picture in study.pictures.values()),
            },
            "rater": self.name,
            "csrf": self.csrf,
            "training": self.trained,
            "total": self.total(slots),
            "next": self._next(),
            "ask": self._must_ask(),
        }

    def slot(self, position: int) -> dict[str, Any]:
        """Return what is shown at a position, and what was said there."""
        slots = self.votes.slots(self.rater)
        upcoming = self._next()
        if not 0 <= position < self.total(slots):
            raise Refused(404, "there is no such item")
        if position > upcoming + AHEAD:
            raise Refused(409, "this item comes later")
        if position >= len(slots):
            slot = slots[-1] if slots else None
            for place in range(len(slots), position + 1):
                slot = self.votes.append(self.rater, place, next_comparison(self.study, self.votes, self.rater))
            slots = self.votes.slots(self.rater)
        slot = slots[position]
        among = self.study.training if slot.kind == "training" else self.study.items
        shown = [among[slot.item]] if slot.other is None else [among[slot.item], among[slot.other]]
        attempt, value, note = self.votes.voted(self.rater).get(position, (0, None, ""))
        scene = self.study.scenes[shown[0].pair]
        sources = zip(scene.labels, scene.sources, strict=True) if self.study.sources != "none" else ()
        return {
            "position": position,
            "training": slot.kind == "training",
            "fused": [self._seen(item) for item in shown],
            "sources": [{"label": label, **self._picture(name)} for label, name in sources],
            "attempt": attempt,
            "value": value if self.study.design == "rating" else _choice(value),
            "note": note,
        }

    def _seen(self, item: Item) -> dict[str, Any]:
        return self._picture(item.picture)

    def _picture(self, name: str) -> dict[str, Any]:
        picture = self.study.pictures[name]
        return {"picture": name, "width": picture.width, "height": picture.height, "grey": picture.grey}

    def vote(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Write a vote down, and say which item is next."""
        position, attempt = _whole(said.get("position")), _whole(said.get("attempt"))
        value = self._value(said.get("value"))
        note = said.get("note", "")
        if not isinstance(note, str) or len(note) > LONGEST_NOTE or (note and not self.study.notes):
            raise Refused(400, "the note cannot be stored")
        if position > self._next() or position >= len(self.votes.slots(self.rater)):
            raise Refused(409, "this item was not shown yet")
        try:
            self.votes.vote(self.rater, position, attempt, value, note, _numbers(said.get("details")))
        except Conflict:
            raise Refused(409, "this item was rated in another window") from None
        return {"next": self._next()}

    def _value(self, value: object) -> float:
        if self.study.design == "pairs":
            if not isinstance(value, str) or value not in CHOICES:
                raise Refused(400, "this is no answer")
            return CHOICES[value]
        if isinstance(value, bool) or not isinstance(value, int | float) or not SCALES[self.study.scale].has(value):
            raise Refused(400, "this is not on the scale")
        return float(value)

    def say_conditions(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Write down where somebody sits and what the screen shows."""
        kept = {}
        for name in QUESTIONS:
            answer = said.get(name)
            if isinstance(answer, int | float | str) and not isinstance(answer, bool):
                kept[name] = answer[:LONGEST_ANSWER] if isinstance(answer, str) else _finite(answer)
        self.votes.say_conditions(self.rater, kept)
        return {}

    def _next(self) -> int:
        known = self.votes.voted(self.rater)
        return next(position for position in range(len(known) + 1) if position not in known)

    def _must_ask(self) -> bool:
        times = [at for name, _, at in self.votes.conditions() if name == self.name]
        return not times or datetime.now(UTC) - datetime.fromisoformat(times[-1]) > ASK_AGAIN


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1_000_000:
        raise Refused(400, "this is not understood")
    return value


def _choice(value: float | None) -> str | None:
    return next((name for name, worth in CHOICES.items() if worth == value), None)


def _numbers(details: object) -> dict[str, float]:
    """Keep the numbers that are known, and nothing else."""
    given = details if isinstance(details, dict) else {}
    known = {name: given.get(name) for name in DETAILS}
    return {
        name: _finite(value)
        for name, value in known.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _finite(value: float) -> float:
    try:
        return float(value) if math.isfinite(value) else 0.0
    except OverflowError:
        return 0.0
