"""How tables name networks: what they start from is asked for where the publication has it learnt before."""

from __future__ import annotations

import pytest

from fusion_metrics import Metric, create, list_metrics
from learned.backbones.weights import IMAGENET, RANDOM

NETWORKS = [spec for spec in list_metrics(variants=True) if spec.function.__module__.startswith("learned.")]


@pytest.mark.parametrize("name", ["ms_aan", "aga", "pnqc_like"])
def test_a_quick_network_is_not_named_like_the_published_one(name: str) -> None:
    assert create(name, weights=IMAGENET).qualifier == "quick"
    assert create(name, weights=RANDOM).qualifier == "quick, random"


def test_random_weights_are_named_only_where_the_publication_has_others() -> None:
    assert create("ms_aan:baseline").qualifier == "quick"
    assert create("g2npan").qualifier == "quick"
    assert create("g2npan", preset="paper").qualifier == ""
    assert create("g2npan:aqa-vgg11-pre", weights=RANDOM).qualifier == "quick, random"
    assert create("qcnn", weights=RANDOM).qualifier == "random"
    assert create("qcnn", weights=IMAGENET).qualifier == ""


def test_of_two_networks_the_one_in_use_is_named() -> None:
    assert create("aga", weights=IMAGENET, transformer=RANDOM).qualifier == "quick"
    assert create("aga", preset="paper", weights=IMAGENET, transformer=RANDOM).qualifier == "random"


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.id)
def test_every_network_says_what_it_starts_from(spec: object) -> None:
    found = create(spec.id)  # type: ignore[attr-defined]
    try:
        starts_from = found._new_learner().starts_from if found.learns else found.params["weights"]
    except ValueError:
        assert "do not fit the narrow network" in found.obstacle
        return
    assert starts_from in {IMAGENET, RANDOM}
    assert isinstance(found, Metric)


@pytest.mark.parametrize("name", ["aga", "pnqc_like"])
def test_a_network_without_a_compact_preset_says_which_it_has(name: str) -> None:
    found = create(name, preset="compact", weights=RANDOM)
    assert found.obstacle == "this network has no preset 'compact': choose one of paper, quick, standard"


def test_a_compact_network_starts_from_random_weights_and_lacks_none() -> None:
    assert create("ms_aan", preset="compact", weights=RANDOM).qualifier == "compact"
    assert create("g2npan", preset="compact").qualifier == "compact"
