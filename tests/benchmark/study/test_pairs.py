"""A study of comparisons: what is compared next, and what comes out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("starlette", reason="needs starlette: pip install 'fmbench[study]'")

from benchmark.databases import open_database
from benchmark.study.export import export_study
from benchmark.study.model import CHOICES, Study
from benchmark.study.votes import Votes
from tests.benchmark.study.studies import Serving, Visitor, small_study


def step(study: Study, item: int) -> int:
    return int(study.items[item].algorithm.removeprefix("blur"))


def compare_all(votes: Votes, study: Study, name: str, visitor: Visitor, rng: np.random.Generator) -> None:
    """Prefer the sharper image, but not always; call images that are close a tie now and then."""
    rater = votes.raters()[name]
    for position in range(visitor.get("/api/state").json()["total"]):
        visitor.get(f"/api/slot/{position}")
        slot = votes.slots(rater)[position]
        among = study.training if slot.kind == "training" else study.items
        apart = int(among[slot.other or 0].algorithm[4:]) - int(among[slot.item].algorithm[4:])
        seen = apart + rng.normal(0, 0.7)
        answer = "tie" if abs(seen) < 0.4 else "left" if seen > 0 else "right"
        assert visitor.vote(position, answer).status_code == 200


@pytest.fixture
def compared(tmp_path: Path) -> tuple[Path, Study]:
    folder, study, tokens = small_study(tmp_path, design="pairs", comparisons=24, repeat=0.2)
    rng = np.random.default_rng(1)
    with Serving(folder) as serving:
        for name, token in tokens.items():
            compare_all(serving.votes, study, name, serving.visitor(token), rng)
    return folder, study


def test_scores_order_the_images_as_the_comparisons_did(tmp_path: Path, compared: tuple[Path, Study]) -> None:
    folder, _ = compared
    table, warnings = export_study(folder, tmp_path / "rated")
    assert warnings == []
    database = open_database(tmp_path / "rated")
    assert (database.score_min, database.score_max, database.votes) == (0.0, 1.0, None)
    for pair in database.pairs:
        scores = [image.mos for image in database.fused if image.pair == pair]
        assert scores == sorted(scores, reverse=True)  # blur 0 first
    assert len(table.rows) == 3


def test_comparisons_are_of_one_scene_and_the_next_is_of_another(compared: tuple[Path, Study]) -> None:
    folder, study = compared
    with Serving(folder) as serving:
        for number in serving.votes.raters().values():
            slots = [slot for slot in serving.votes.slots(number) if slot.kind != "training"]
            assert len(slots) == 24
            asked = [study.items[slot.item].pair for slot in slots]
            assert asked == [study.items[slot.other or 0].pair for slot in slots]
            chosen = [(a, b) for a, b in pairwise(slots) if b.kind == "item"]
            assert all(study.items[a.item].pair != study.items[b.item].pair for a, b in chosen)


def test_nobody_is_asked_for_the_same_two_again_but_for_repeats_with_sides_exchanged(
    compared: tuple[Path, Study],
) -> None:
    folder, _ = compared
    repeats = 0
    with Serving(folder) as serving:
        for number in serving.votes.raters().values():
            slots = serving.votes.slots(number)
            fresh = [(slot.item, slot.other) for slot in slots if slot.kind == "item"]
            # Three scenes of four images are 18 comparisons; beyond them some come again.
            assert len({frozenset(both) for both in fresh}) >= min(len(fresh), 17)
            for slot in slots:
                if slot.kind == "repeat":
                    repeats += 1
                    assert (slot.other, slot.item) in fresh
    assert repeats > 0


def test_close_images_are_compared_more_often_than_far_ones(tmp_path: Path) -> None:
    folder, study, tokens = small_study(
        tmp_path, design="pairs", comparisons=16, training=0, repeat=0.0, raters=tuple("abcdef")
    )
    rng = np.random.default_rng(2)
    asked = {1: 0, 3: 0}
    with Serving(folder) as serving:
        for name, token in tokens.items():
            compare_all(serving.votes, study, name, serving.visitor(token), rng)
        for number in serving.votes.raters().values():
            for slot in serving.votes.slots(number):
                apart = abs(step(study, slot.item) - step(study, slot.other or 0))
                asked[apart] = asked.get(apart, 0) + 1
    # Three pairs of neighbours and one of ends a scene: chance would ask three times as often for the first.
    assert asked[1] > 3 * asked[3]


def test_two_raters_at_once_are_asked_for_different_comparisons(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path, design="pairs", training=0)
    with Serving(folder) as serving:
        shown = set()
        for token in tokens.values():
            serving.visitor(token).get("/api/slot/0")
        for number in serving.votes.raters().values():
            [slot] = serving.votes.slots(number)
            shown.add(frozenset((slot.item, slot.other)))
    assert len(shown) == 3


def test_an_answer_that_is_none_of_three_is_refused(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path, design="pairs")
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        visitor.get("/api/slot/0")
        for answer in (1, 0.5, "LEFT", None, ["left"]):
            assert visitor.vote(0, answer).status_code == 400
        assert visitor.vote(0, "tie").status_code == 200
        assert visitor.get("/api/slot/0").json()["value"] == "tie"
    assert set(CHOICES) == {"left", "tie", "right"}
