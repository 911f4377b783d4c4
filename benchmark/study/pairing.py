"""Which two images are compared next: those whose comparison is expected to tell the most, given all that was said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from benchmark.statistics.preference import Comparisons, Strengths, fit_strengths
from benchmark.study.model import Study
from benchmark.study.orders import Slot
from benchmark.study.votes import Votes


def next_comparison(study: Study, votes: Votes, rater: int) -> Slot:
    """Choose the next comparison of a rater.

    Strengths are fitted to all votes, for each scene. Of all comparisons of two images of a scene that the rater has
    not made yet, the one is taken whose answer is expected to tell the most about the difference of the two
    (`Strengths.information`), where comparisons that others are looking at count as answered. The scene is another than
    that of the rater's last comparison. Who is left and who right is chance.
    """
    mine = votes.slots(rater)
    rng = np.random.default_rng([study.seed, 3, rater, len(mine)])
    trained = len(study.training) // 2
    if len(mine) < trained:
        return Slot("training", 2 * len(mine), 2 * len(mine) + 1)
    if (again := _again(study, mine, rng)) is not None:
        return again
    made = {frozenset((slot.item, slot.other)) for slot in mine if slot.kind == "item"}
    last = study.items[mine[-1].item].pair if len(mine) > trained else ""
    models = _models(study, votes)
    best: tuple[float, float, int, int] | None = None
    for name, (members, model) in models.items():
        if name == last and len(models) > 1:
            continue
        places = list(combinations(range(len(members)), 2))
        told = model.information([a for a, _ in places], [b for _, b in places])
        for (a, b), information in zip(places, told, strict=True):
            once = frozenset((members[a], members[b])) in made
            rank = (float(information) - (1e6 if once else 0.0), float(rng.random()), members[a], members[b])
            best = rank if best is None else max(best, rank)
    if best is None:
        raise ValueError("there is nothing to compare")
    _, _, left, right = best
    return Slot("item", left, right) if rng.random() < 0.5 else Slot("item", right, left)


def _again(study: Study, mine: Sequence[Slot], rng: np.random.Generator) -> Slot | None:
    """Now and then in the second half, show a comparison of the first once more, with sides exchanged."""
    asked = [slot for slot in mine if slot.kind != "training"]
    if len(asked) < study.comparisons / 2 or rng.random() >= 2.0 * study.repeat:
        return None
    repeated = {frozenset((slot.item, slot.other)) for slot in asked if slot.kind == "repeat"}
    early = [slot for slot in asked[: study.comparisons // 2 - 1] if frozenset((slot.item, slot.other)) not in repeated]
    if not early:
        return None
    slot = early[int(rng.integers(len(early)))]
    return Slot("repeat", slot.other if slot.other is not None else slot.item, slot.item)


def _models(study: Study, votes: Votes) -> dict[str, tuple[tuple[int, ...], Strengths]]:
    """Fit each scene that has anything to compare; what somebody was shown and has not answered is expected."""
    scenes = {name: members for name, members in study.scene_items().items() if len(members) > 1}
    said: dict[str, list[tuple[int, int, float]]] = {name: [] for name in scenes}
    open_: dict[str, list[tuple[int, int]]] = {name: [] for name in scenes}
    for number in votes.raters().values():
        known = votes.voted(number)
        for position, slot in enumerate(votes.slots(number)):
            if slot.kind == "training" or slot.other is None:
                continue
            name = study.items[slot.item].pair
            a, b = (scenes[name].index(item) for item in (slot.item, slot.other))
            if position in known:
                said[name].append((a, b, known[position][1]))
            else:
                open_[name].append((a, b))
    found = {}
    for name, members in scenes.items():
        model = fit_strengths(len(members), Comparisons.of(said[name]))
        for a, b in open_[name]:
            model = model.expecting(a, b)
        found[name] = (members, model)
    return found
