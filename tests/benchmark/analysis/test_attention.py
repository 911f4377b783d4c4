"""Where a metric looks, against lesion masks whose places are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from benchmark.analysis.attention import LesionShare, held_out_looks, lesion_share, share_inside, with_large_lesions
from benchmark.databases import Database, FusedImage
from benchmark.databases.folder import load_folder
from benchmark.errors import BenchmarkError
from benchmark.scoring.folds import fit_folds
from benchmark.scoring.material import gather
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Image, Metric, create
from fusion_metrics.cache import cache_folder
from tests.databases import save, with_masks, write_database


def test_share_of_attention_inside_a_mask() -> None:
    attention = np.array([[0.5, 0.25], [0.25, 0.0]])
    assert share_inside(attention, np.array([[True, True], [False, False]])) == 0.75
    assert np.isnan(share_inside(np.zeros((2, 2)), np.ones((2, 2), bool)))


class Stub:
    """A metric that looks at the left half, or nowhere."""

    needs_sources = False
    spec = create("ms_aan").spec

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def attend(self, fused: Image) -> np.ndarray:
        seen = np.zeros(fused.shape)
        seen[:, : fused.shape[1] // 2] = self.strength
        return seen


def looks(strength: float, database: Database) -> list[tuple[Metric, FusedImage]]:
    return [(cast(Metric, Stub(strength)), image) for image in database.fused]


def test_attention_inside_lesions_against_chance(tmp_path: Path) -> None:
    database = load_folder(with_masks(write_database(tmp_path / "small")))
    found = lesion_share(looks(1.0, database), database)
    assert (found.share, found.chance) == (0.5, 0.25)  # half of the left half, a quarter of the image
    assert found.head == pytest.approx(0.25, abs=0.01)  # hardly a pixel of these pictures is black
    assert (found.pairs, found.above, found.images, found.blind) == (1, 1, 4, 0)
    assert found.pointing == 0.5  # of the most attended places, all alike
    assert "50.0% of the attention lies inside lesions, which cover 25.0% of the image" in str(found)
    with pytest.raises(BenchmarkError, match="looks nowhere"):
        lesion_share(looks(0.0, database), database)
    other = load_folder(write_database(tmp_path / "other"))
    with pytest.raises(BenchmarkError, match="has no lesion masks"):
        lesion_share(looks(1.0, other), other)


def test_every_image_is_looked_at_by_what_has_not_seen_its_pair(tmp_path: Path) -> None:
    database, metric = load_folder(write_database(tmp_path / "small", pairs=3)), create("bmpri")
    with ScoreStore(cache_folder() / "scores.sqlite") as store:
        material = gather(database, metric, store=store)
    folds = list(fit_folds(metric, material, "pair", folds=3, seed=0))
    found = list(held_out_looks(folds, material, database))
    assert sorted(image.image for _, image in found) == sorted(image.image for image in database.fused)
    for fold in folds:
        members = {image.pair for fitted, image in found if fitted is fold.metric}
        assert members == {material.groups[i] for i in fold.held}


def test_the_largest_lesions_of_every_modality_are_shown(tmp_path: Path) -> None:
    database = load_folder(write_database(tmp_path / "small", pairs=5))
    sizes, modalities = (3, 30, 20, 10, 0), ("PET", "PET", "PET", "CT", "CT")
    pairs = {}
    for (name, pair), size, modality in zip(database.pairs.items(), sizes, modalities, strict=True):
        mask = np.zeros((48, 48), np.uint8)
        mask[:size, 0] = 255
        save(tmp_path / f"{name}.png", mask)
        pairs[name] = replace(pair, mask=tmp_path / f"{name}.png", modality=modality)
    shown = with_large_lesions(replace(database, pairs=pairs), 4)
    assert [image.pair for image in shown] == ["p1", "p3", "p2", "p0"]
    assert with_large_lesions(replace(database, pairs=pairs), 2) == shown[:2]
    for image in shown:
        assert image.mos == max(other.mos or 0 for other in database.fused if other.pair == image.pair)


def test_shares_as_text() -> None:
    text = str(LesionShare(share=0.12, chance=0.03, head=0.06, pairs=9, above=7, pointing=0.25, images=80, blind=10))
    assert "4.00 times chance, 2.00 times that of the head; above that of the head in 7 of 9 pairs" in text
    assert text.endswith("place lies inside in 25.0% (80 images; 10 images with a blank map left out)")


def test_lesions_that_are_black_are_not_held_against_the_head() -> None:
    found = LesionShare(share=0.12, chance=0.03, head=0.0, pairs=9, above=9, pointing=0.25, images=80, blind=0)
    assert "0.0% of the head: 4.00 times chance; above that of the head in 9 of 9 pairs" in str(found)


def test_the_best_scored_image_has_a_score_even_if_that_is_zero(tmp_path: Path) -> None:
    database = load_folder(with_masks(write_database(tmp_path / "small")))
    scores = {"blur0": None, "blur1": -1.0, "blur2": 0.0, "blur3": -2.0}
    fused = tuple(replace(image, mos=scores[image.algorithm]) for image in database.fused)
    assert [image.algorithm for image in with_large_lesions(replace(database, fused=fused), 1)] == ["blur2"]
    unscored = tuple(replace(image, mos=None) for image in database.fused)
    assert with_large_lesions(replace(database, fused=unscored), 1) == []


def test_images_of_pairs_without_a_lesion_say_nothing_about_attention(tmp_path: Path) -> None:
    database = load_folder(with_masks(write_database(tmp_path / "small")))
    with pytest.raises(BenchmarkError, match="small: none of the images looked at is of a pair with a lesion"):
        lesion_share([look for look in looks(1.0, database) if look[1].pair != "p0"], database)


def test_a_mask_of_another_size_is_one_clear_line(tmp_path: Path) -> None:
    folder = with_masks(write_database(tmp_path / "small"))
    save(folder / "sources" / "p0_mask.png", np.full((24, 48), 255, np.uint8))
    database = load_folder(folder)
    with pytest.raises(BenchmarkError, match=r"p0\.png: is 48x48, but the lesion mask of its pair is 24x48"):
        lesion_share(looks(1.0, database), database)
