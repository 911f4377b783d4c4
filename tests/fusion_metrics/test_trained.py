"""Metrics that were trained beforehand: names, files, cards, and pictures far from their training."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from fusion_metrics import FusionMetricsError, Image, Metric, NotFitted, UndefinedScore, UnknownMetric, create, score
from fusion_metrics.selection import select, select_metrics
from fusion_metrics.testing import check_metric
from fusion_metrics.trained.card import Card, Held
from fusion_metrics.trained.familiar import Familiar, description
from fusion_metrics.trained.model import CARD, FAMILIAR, FAR
from fusion_metrics.trained.places import own_path, places, taken_apart
from tests.pictures import picture

PICTURES = [Image(picture((32, 32), seed=seed)) for seed in range(12)]
PAIRS = [f"p{number // 2}" for number in range(12)]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))


def keep(path: Path, *, turned: bool = False, database: str = "mine") -> Path:
    """Fit `bmpri` to a few pictures, and keep it with a card."""
    scores = [number / 11 for number in range(12)]
    fitted = create("bmpri").fit(PICTURES, scores[::-1] if turned else scores, PAIRS)
    familiar = Familiar.of(np.stack([description(image) for image in PICTURES]), PAIRS)
    card = Card(database, scores="human", images=12, held_out=Held(database, scores="human", srcc=0.5, folds=(0.25,)))
    fitted.save(path, told={CARD: card.written(), FAMILIAR: familiar.written()})
    return path


def test_a_metric_kept_under_a_name_scores_wherever_a_name_does() -> None:
    path = keep(own_path("bmpri", "paper", "eyes"))
    expected = create(str(path))(PICTURES[3])
    metric = create("bmpri", trained="eyes")
    assert metric(PICTURES[3]) == create("bmpri+eyes")(PICTURES[3]) == expected
    assert [found.spec.id for found in select_metrics("BMPRI+eyes, en")] == ["bmpri+eyes", "en"]
    assert not metric.learns
    assert metric.qualifier == "mine, human"
    assert "12 images of mine with human scores" in metric.notes
    [found] = score(PICTURES[3], metrics="bmpri+eyes")
    assert found.value == expected
    assert found.signature == metric.signature


def test_what_was_learnt_is_in_key_and_signature() -> None:
    keep(own_path("bmpri", "paper", "one"))
    keep(own_path("bmpri", "paper", "two"), turned=True)
    one, two = create("bmpri+one"), create("bmpri+two")
    assert one.parameters != two.parameters
    assert f"state={one.spec.fitted['state']}" in one.signature
    assert Metric.from_signature(one.signature)(PICTURES[0]) == one(PICTURES[0])
    with pytest.raises(FusionMetricsError, match="what is called so here has"):
        Metric.from_signature(one.signature.replace(one.spec.fitted["state"], two.spec.fitted["state"]))


def test_a_file_is_called_after_itself_or_else_after_what_it_learnt(tmp_path: Path) -> None:
    pretty, plain = keep(tmp_path / "pretty.safetensors"), keep(tmp_path / "bmpri.safetensors")
    assert create(str(pretty)).spec.name == "bmpri+pretty"
    metric = create(str(plain))
    assert metric.spec.name == f"bmpri+{metric.spec.fitted['state'][:6]}"
    keep(tmp_path / "other" / "pretty.safetensors", turned=True)
    with pytest.raises(UnknownMetric, match="two different metrics are called"):
        select(f"{pretty},{tmp_path / 'other' / 'pretty.safetensors'}")


def test_a_metric_with_what_it_learnt_travels_to_another_process() -> None:
    keep(own_path("bmpri", "paper", "eyes"))
    metric = create("bmpri+eyes")
    again = pickle.loads(pickle.dumps(metric))
    assert again(PICTURES[1]) == metric(PICTURES[1])
    assert again.parameters == metric.parameters


def test_a_file_that_changed_since_it_was_asked_for_is_refused() -> None:
    path = own_path("bmpri", "paper", "eyes")
    keep(path)
    metric = create("bmpri+eyes")
    keep(path, turned=True)
    with pytest.raises(FusionMetricsError, match="has changed since"):
        metric(PICTURES[1])


def test_an_unknown_training_names_those_that_there_are() -> None:
    keep(own_path("bmpri", "paper", "eyes"))
    with pytest.raises(UnknownMetric, match=r"'ears'.*bmpri\+eyes"):
        create("bmpri+ears")
    with pytest.raises(UnknownMetric, match="did you mean"):
        create("bmpry+eyes")
    with pytest.raises(
        NotFitted,
        match=r'create\("bmpri", trained="eyes"\).*fmbench train bmpri --database FOLDER --save-as NAME or load',
    ):
        create("bmpri")(PICTURES[0])


@pytest.mark.parametrize("name", ["", "../up", "a b", "-x", "a+b", "a:b"])
def test_names_that_could_not_be_asked_for_are_refused(name: str) -> None:
    with pytest.raises(FusionMetricsError, match="cannot be the name"):
        own_path("bmpri", "paper", name)


def test_a_name_is_taken_apart_wherever_the_variant_stands() -> None:
    assert taken_apart("ms_aan:argmax+mine") == taken_apart("ms_aan+mine:argmax") == ("ms_aan", "argmax", "mine")


def test_a_picture_unlike_the_training_is_scored_with_a_remark_or_refused() -> None:
    keep(own_path("bmpri", "paper", "eyes"))
    white = Image(np.full((32, 32), 255, np.uint8))
    metric = create("bmpri+eyes")
    assert metric.remark(PICTURES[3]) == ""
    assert metric.remark(white).startswith(FAR)
    [found] = score(white, metrics=[metric])
    assert found.status == "ok"
    assert found.reason == metric.remark(white)
    strict = create("bmpri+eyes", far="refuse")
    assert strict(PICTURES[3]) == metric(PICTURES[3])
    with pytest.raises(UndefinedScore, match=FAR):
        strict(white)
    with pytest.raises(FusionMetricsError, match="warn or refuse"):
        create("bmpri+eyes", far="perhaps")(white)


def test_one_in_a_hundred_held_out_pictures_is_beyond_the_threshold() -> None:
    random = np.random.default_rng(0)
    described = random.normal(size=(2000, 10)) * 30 + 100
    familiar = Familiar.of(described, [str(number // 10) for number in range(2000)])
    new = random.normal(size=(5000, 10)) * 30 + 100
    assert np.mean(familiar.distance(new) > familiar.threshold) == pytest.approx(0.01, abs=0.006)
    # Squared distances of normal numbers are chi-squared: 99 % of ten degrees of freedom are below 23.2.
    assert familiar.threshold**2 == pytest.approx(23.2, rel=0.1)


def test_a_card_comes_back_and_a_foreign_one_says_nothing() -> None:
    card = Card("mine", "Mine", "human", 12, 6, seed=3, versions={"numpy": "2"}, elsewhere=(Held("other", far=4),))
    assert Card.read(card.written()) == card or "NaN" in card.written()
    assert Card.read(card.written()).elsewhere[0].far == 4
    for text in ("", "[1]", "{", '{"images": "many", "versions": 3, "held_out": [], "elsewhere": {}}', "[" * 5000):
        assert Card.read(text) == Card()
    assert Card.read(json.dumps({"database": "a\x1b[31m\nb"})).database.isprintable()
    for text in ("", "{}", '{"mean": [1], "scale": [1], "inverse": [[1]], "threshold": 1}', "null"):
        assert Familiar.read(text) is None


def test_every_shipped_metric_keeps_its_promises() -> None:
    shipped = [place for place in places() if place.shipped]
    assert {"bmpri+phantom", "g2npan+phantom", "ms_aan+phantom"} <= {place.id for place in shipped}
    # What every installation carries; 3.4 MB, of which g2npan is 1.5, since it is four times narrower and not eight.
    assert sum(place.path.stat().st_size for place in shipped) < 3.5e6
    for place in shipped:
        spec = create(place.id).spec
        assert spec.fitted["on"] == place.name
        card = create(place.id).spec.function.card  # type: ignore[attr-defined]
        assert card.scores == "simulated"
        assert card.held_out is not None
        assert {held.scores for held in card.elsewhere} == {"human"}
        assert card.rounding < 2e-3
        if not spec.missing:
            check_metric(place.id)
