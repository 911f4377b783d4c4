"""What learners get: scored images as one value, and the names of networks that are not the published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from fusion_metrics import Examples, FusionMetricsError, Image, Learner, Metric, Variant, create
from fusion_metrics.image import Array
from fusion_metrics.registry import _specs, metric

MASK = np.eye(2, dtype=bool)


def examples() -> Examples:
    inputs = tuple(np.full(3, float(i)) for i in range(4))
    return Examples(inputs, np.linspace(0, 1, 4), ("p", "p", "r", "r"), (None, MASK, None, MASK))


def test_a_part_has_the_chosen_rows_of_every_field() -> None:
    part = examples().part(np.array([False, True, True, False]))
    assert [x[0] for x in part.inputs] == [1, 2]
    np.testing.assert_allclose(part.q, [1 / 3, 2 / 3])
    assert part.groups == ("p", "r")
    assert part.masks == (MASK, None)
    assert part.digests == examples().digests[1:3]


def test_fields_that_are_not_equally_long_are_refused() -> None:
    found = examples()
    with pytest.raises(FusionMetricsError, match=r"^4 images, 3 scores and 4 groups do not fit$"):
        Examples(found.inputs, found.q[:3], found.groups)
    with pytest.raises(FusionMetricsError, match=r"^4 images and 1 masks do not fit$"):
        Examples(found.inputs, found.q, found.groups, (MASK,))


def test_unknown_masks_need_not_be_listed() -> None:
    found = examples()
    short = Examples(found.inputs, found.q, found.groups)
    assert short.masks == (None,) * 4
    assert short.digests == Examples(found.inputs, found.q, found.groups, (None,) * 4).digests


def test_a_metric_is_not_fitted_to_scores_beyond_the_scale() -> None:
    found = examples()
    with pytest.raises(FusionMetricsError, match=r"bmpri is fitted to scores in 0..1"):
        create("bmpri").fit_prepared(Examples(found.inputs, found.q + 0.5, found.groups))


class Guess(Learner):
    """A network that was published with weights learnt elsewhere."""

    def __init__(self, *, preset: str = "quick", weights: str = "random") -> None:
        self.weights = weights

    @property
    def starts_from(self) -> str:
        return self.weights

    def prepare(self, fused: Image) -> Array:
        return fused.luminance[0]

    def fit(self, examples: Examples, *, seed: int, judge: Examples | None = None) -> None: ...

    def predict(self, inputs: Sequence[Array]) -> Array:
        return np.zeros(len(inputs))

    def state(self) -> dict[str, Array]:
        return {}

    def restore(self, state: Mapping[str, Array]) -> None: ...


@pytest.fixture
def guess(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("fusion_metrics.registry._specs", dict(_specs))
    metric(
        "guess",
        title="Guess",
        family="opinion",
        higher_is_better=True,
        bounds=(0.0, 1.0),
        cites="min2018",
        pretrained=True,
        variants={
            "paper": Variant("As published."),
            "untrained": Variant("From random weights.", {"weights": "random"}, pretrained=False),
        },
    )(Guess)
    return "guess"


def test_a_name_says_where_the_network_is_not_the_published_one(guess: str) -> None:
    def qualifier(identifier: str, **params: str) -> str:
        found: Metric = create(identifier, **params)
        return found.qualifier

    assert qualifier(guess) == "quick, random"
    assert qualifier(guess, weights="imagenet") == "quick"
    assert qualifier(guess, preset="paper") == "random"
    assert qualifier(guess, preset="paper", weights="imagenet") == ""
    assert qualifier(f"{guess}:untrained") == "quick"
    assert qualifier("qabf") == qualifier("bmpri") == ""
