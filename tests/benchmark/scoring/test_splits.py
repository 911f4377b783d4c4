from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.databases import open_database
from benchmark.errors import BenchmarkError
from benchmark.scoring.folds import Learning, predict_external, predict_out_of_fold
from benchmark.scoring.material import Material
from benchmark.scoring.splits import TRAINED_ON, deal, parse_protocol, read_split, write_split
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Metric, create
from fusion_metrics.image import Array
from fusion_metrics.learning import Examples
from tests.databases import save, write_database

IMAGES = [f"{pair}{i}" for pair in "abcdefg" for i in range(10)]
PAIRS = [image[0] for image in IMAGES]


@given(st.integers(0, 2**31), st.integers(2, 7))
def test_pairs_stay_together_and_images_are_dealt_evenly(seed: int, folds: int) -> None:
    by_pair = deal(IMAGES, PAIRS, "pair", folds=folds, seed=seed)
    assert len({(pair, fold) for pair, fold in zip(PAIRS, by_pair.folds, strict=True)}) == 7
    by_image = deal(IMAGES, PAIRS, "image", folds=folds, seed=seed)
    for split in (by_pair, by_image):
        assert set(split.folds) == set(range(folds))
    sizes = Counter(by_image.folds).values()
    assert max(sizes) - min(sizes) <= 1


def test_the_seed_decides() -> None:
    first, again, other = (deal(IMAGES, PAIRS, "image", seed=seed).folds for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_fewer_pairs_than_folds() -> None:
    assert deal(IMAGES[:40], PAIRS[:40], "pair", folds=5).n_folds == 4
    with pytest.raises(BenchmarkError, match="at least two pairs, got 1"):
        deal(IMAGES[:10], PAIRS[:10], "pair")


def test_splits_are_kept_as_text(tmp_path: Path) -> None:
    split = deal(IMAGES, PAIRS, "pair", seed=5)
    path = tmp_path / "phantom-pair-seed5.csv"
    write_split(path, split)
    assert path.read_text().startswith("image,pair,fold\na0,a,")
    found = read_split(path)
    assert (found.protocol, found.seed) == ("pair", 5)
    assert (found.images, found.pairs) == (split.images, split.pairs)
    np.testing.assert_array_equal(found.folds, split.folds)


@given(st.sampled_from(["image", "pair"]), st.integers(2, 8), st.integers(0, 2**31))
def test_a_share_is_trained_on_and_the_rest_is_tested(unit: str, tenths: int, seed: int) -> None:
    split = deal(IMAGES[:100], PAIRS[:100], f"{unit}{10 * tenths}", seed=seed)
    trained = split.folds == TRAINED_ON
    assert set(split.folds) == {TRAINED_ON, 0}
    assert split.n_folds == 1
    if unit == "image":
        assert trained.sum() == 7 * tenths
    else:
        assert {pair for pair, of in zip(PAIRS, trained, strict=True) if of}.isdisjoint(
            pair for pair, of in zip(PAIRS, trained, strict=True) if not of
        )
        assert trained.sum() == 10 * round(0.7 * tenths)


@pytest.mark.parametrize(
    "protocol", ["", "images", "best", "image-best-best", "image0", "pair100", "image-20", "image2.5", "trained"]
)
def test_unknown_protocols_are_refused(protocol: str) -> None:
    with pytest.raises(BenchmarkError, match="no protocol"):
        parse_protocol(protocol)


def test_both_sides_need_an_image() -> None:
    with pytest.raises(BenchmarkError, match="got 2, with one on each side"):
        deal(IMAGES[:20], PAIRS[:20], "pair20")


class Recorder(Metric):
    """Remembers what it was fitted to."""

    def __init__(self) -> None:
        super().__init__(create("bmpri").spec)
        self.fits: list[tuple[list[float], list[str]]] = []
        self.judges: list[list[float] | None] = []

    def fit_prepared(self, examples: Examples, *, seed: int = 0, judge: Examples | None = None) -> Metric:
        self.fits.append(([float(x[0]) for x in examples.inputs], list(examples.groups)))
        self.judges.append(None if judge is None else [float(x[0]) for x in judge.inputs])
        return self

    def predict_prepared(self, inputs) -> Array:  # type: ignore[no-untyped-def]
        return np.array([x[0] for x in inputs])


@pytest.mark.parametrize("protocol", ["image", "pair"])
def test_no_image_is_predicted_by_what_has_seen_it(tmp_path: Path, protocol: str) -> None:
    database = open_database(str(write_database(tmp_path / "db", pairs=4)))
    prepared: list[Array | None] = [np.array([float(i)]) for i in range(len(database.fused))]
    prepared[2] = None
    metric, material = Recorder(), Material.of(database, prepared)
    assert list(material.places) == [0, 1, *range(3, 16)]
    [prediction] = predict_out_of_fold(metric, material, Learning(protocols=(protocol,)))
    assert prediction.split is not None
    assert len(metric.fits) == prediction.split.n_folds == (5 if protocol == "image" else 4)
    for fold, (seen, groups) in enumerate(metric.fits):
        held_out = {
            name for name, of in zip(prediction.split.images, prediction.split.folds, strict=True) if of == fold
        }
        assert held_out.isdisjoint(database.fused[int(i)].image for i in seen)
        assert len(seen) + len(held_out) == len(database.fused) - 1
        if protocol == "pair":
            assert len(set(groups)) == 3
    np.testing.assert_array_equal(prediction.values, np.delete(np.arange(16.0), 2))


def test_a_fold_is_fitted_once_and_again_when_anything_about_it_changes(tmp_path: Path) -> None:
    database = open_database(str(write_database(tmp_path / "db", pairs=4)))
    prepared: list[Array | None] = [np.array([float(i)]) for i in range(len(database.fused))]
    metric, learning = Recorder(), Learning(protocols=("pair",))
    with ScoreStore(tmp_path / "scores.sqlite") as store:
        for count in (4, 4):
            [prediction] = predict_out_of_fold(metric, Material.of(database, prepared), learning, store)
            assert len(metric.fits) == count
            np.testing.assert_array_equal(prediction.values, np.arange(16.0))
        prepared[0] = np.array([99.0])
        [prediction] = predict_out_of_fold(metric, Material.of(database, prepared), learning, store)
        assert len(metric.fits) == 8
        assert prediction.values[0] == 99.0


@pytest.mark.parametrize("protocol", ["image", "pair"])
def test_only_best_protocols_show_what_is_held_out(tmp_path: Path, protocol: str) -> None:
    database = open_database(str(write_database(tmp_path / "db", pairs=4)))
    material = Material.of(database, [np.array([float(i)]) for i in range(16)])
    honest, papers = Recorder(), Recorder()
    with ScoreStore(tmp_path / "scores.sqlite") as store:
        [expected] = predict_out_of_fold(honest, material, Learning((protocol,)), store)
        [prediction] = predict_out_of_fold(papers, material, Learning((f"{protocol}-best",)), store)
    assert honest.judges == [None] * len(honest.fits)
    assert papers.fits == honest.fits
    for (seen, _), judge in zip(papers.fits, papers.judges, strict=True):
        assert judge is not None
        assert sorted(seen + judge) == [float(i) for i in range(16)]
    assert str(prediction.identity(create("bmpri"))) == f"paper@{protocol}-best"
    np.testing.assert_array_equal(prediction.split.folds, expected.split.folds)  # type: ignore[union-attr]


def test_folds_fitted_side_by_side_give_the_same(tmp_path: Path) -> None:
    database = open_database(str(write_database(tmp_path / "db", pairs=4)))
    features = np.random.default_rng(0).random((16, 20))
    material, metric = Material.of(database, list(features)), create("bmpri")
    alone = list(predict_out_of_fold(metric, material, Learning()))
    together = list(predict_out_of_fold(metric, material, Learning(), jobs=2))
    for one, other in zip(alone, together, strict=True):
        assert one.protocol == other.protocol
        np.testing.assert_array_equal(one.values, other.values)


def test_a_share_is_predicted_and_the_rest_is_not(tmp_path: Path) -> None:
    database = open_database(str(write_database(tmp_path / "db", pairs=4)))
    metric = Recorder()
    material = Material.of(database, [np.array([float(i)]) for i in range(16)])
    [prediction] = predict_out_of_fold(metric, material, Learning(protocols=("image25",)))
    [(seen, _)] = metric.fits
    assert len(seen) == 4
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(prediction.values)), sorted(seen))


def test_external_fits_to_all_of_one_database_and_predicts_all_of_another(tmp_path: Path) -> None:
    here = open_database(str(write_database(tmp_path / "here", pairs=4)))
    there = open_database(str(write_database(tmp_path / "there", pairs=3)))
    metric = Recorder()
    training = Material.of(there, [np.array([100.0 + i]) for i in range(12)])
    tested = Material.of(here, [np.array([float(i)]) for i in range(16)])
    prediction = predict_external(metric, training, tested, Learning())
    assert [seen for seen, _ in metric.fits] == [[100.0 + i for i in range(12)]]
    np.testing.assert_array_equal(prediction.values, np.arange(16.0))
    assert str(prediction.identity(create("bmpri"))) == "paper@external"


def test_masks_travel_with_their_images(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", pairs=2)
    mask = np.zeros((48, 48), dtype=np.uint8)
    mask[10:20, 5:9] = 255
    save(folder / "masks" / "p1.png", mask)
    pairs = folder / "pairs.csv"
    pairs.write_text(pairs.read_text().replace("p1_b.png,", "p1_b.png,masks/p1.png"))
    material = Material.of(open_database(str(folder)), [np.array([float(i)]) for i in range(8)])
    for pair, found in zip(material.groups, material.masks, strict=True):
        if pair == "p0":
            assert found is None
        else:
            assert found is not None
            assert found.sum() == 40


@pytest.mark.parametrize(
    ("name", "protocol", "seed"),
    [
        ("my-db-image-seed3.csv", "image", 3),
        ("db-pair20-best-seed0.csv", "pair20-best", 0),
        ("hospital-seed4.csv", "hospital", 4),
        ("two sites.csv", "two-sites", 9),
    ],
)
def test_a_split_is_called_as_its_file(tmp_path: Path, name: str, protocol: str, seed: int) -> None:
    (tmp_path / name).write_text("image,pair,fold\na,p,0\nb,p,1\n")
    found = read_split(tmp_path / name, seed=9)
    assert (found.protocol, found.seed) == (protocol, seed)


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        ("a,p,0\nb,p,2\n", "without a gap"),
        ("a,p,0\nb,p,0\n", "nothing is left to train on"),
        ("a,p,0\na,p,1\n", "listed twice"),
        ("a,p,0\nb,p,1.5\n", "not the number of a fold"),
        ("a,p,-1\nb,p,-1\n", "found none"),
    ],
)
def test_a_file_that_is_no_split_says_why(tmp_path: Path, lines: str, cause: str) -> None:
    (tmp_path / "split.csv").write_text("image,pair,fold\n" + lines)
    with pytest.raises(BenchmarkError, match=cause) as raised:
        read_split(tmp_path / "split.csv")
    assert str(raised.value).startswith(str(tmp_path / "split.csv"))


def test_a_split_must_deal_out_just_the_scored_images(tmp_path: Path) -> None:
    database = open_database(str(write_database(tmp_path / "db", pairs=2, steps=2)))
    path = tmp_path / "split.csv"
    rows = [f"{image.image},{image.pair},{i % 2}" for i, image in enumerate(database.fused)]
    for changed, cause in (
        (rows[1:], "1 scored images of small are missing"),
        ([*rows, "fused/x.png,p0,0"], "is not one of small"),
        ([rows[0].replace(",p0,", ",p1,"), *rows[1:]], "is of pair 'p0'"),
    ):
        path.write_text("\n".join(["image,pair,fold", *changed]))
        with pytest.raises(BenchmarkError, match=cause):
            read_split(path).check(database)
    path.write_text("\n".join(["image,pair,fold", *rows]))
    read_split(path).check(database)


def test_a_stored_split_predicts_what_the_deal_predicted(tmp_path: Path) -> None:
    database = open_database(str(write_database(tmp_path / "db", pairs=4)))
    names, pairs = [image.image for image in database.fused], [image.pair for image in database.fused]
    dealt = deal(names, pairs, "pair", seed=3)
    write_split(path := tmp_path / "small-pair-seed3.csv", dealt)
    stored = read_split(path)
    stored.check(database)
    turned = stored.of(names[::-1])
    np.testing.assert_array_equal(turned.folds[::-1], dealt.folds)
    assert (turned.protocol, turned.seed, turned.pairs[::-1]) == ("pair", 3, tuple(pairs))
