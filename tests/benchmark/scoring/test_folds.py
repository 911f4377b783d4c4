"""`fmbench train` and `fmbench attend`, with a metric of 20 features and a network of frozen streams."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

from benchmark.analysis.attention import LesionShare, held_out_looks, lesion_share, share_inside, with_large_lesions
from benchmark.cli import main
from benchmark.databases import Database, FusedImage
from benchmark.databases.folder import load_folder
from benchmark.errors import BenchmarkError
from benchmark.scoring.folds import fit_folds
from benchmark.scoring.material import gather
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Image, Metric, create, load
from fusion_metrics.cache import cache_folder
from tests.databases import save, write_database


def fmbench(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def with_masks(folder: Path, count: int = 1) -> Path:
    """Add a lesion to the first pairs of a database: the upper left quarter."""
    mask = np.zeros((48, 48), np.uint8)
    mask[:24, :24] = 255
    pairs = folder / "pairs.csv"
    for name in (f"p{number}" for number in range(count)):
        save(folder / "sources" / f"{name}_mask.png", mask)
        pairs.write_text(pairs.read_text().replace(f"{name}_b.png,", f"{name}_b.png,sources/{name}_mask.png"))
    return folder


def test_a_model_of_a_whole_database(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "small", pairs=3)
    done = fmbench("train", "bmpri", "--database", folder, "--out", tmp_path / "models", "--jobs", 1)
    assert done.exit_code == 0, done.output
    path = tmp_path / "models" / "bmpri.safetensors"
    assert str(path) in done.output
    image = folder / "fused" / "blur1" / "p0.png"
    database = load_folder(folder)
    images = [Image.open(fused.path) for fused in database.fused]
    q = [database.q(fused.mos or 0) for fused in database.fused]
    assert load(path)(image) == create("bmpri").fit(images, q, [fused.pair for fused in database.fused])(image)


def test_a_model_of_every_fold(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "small", pairs=3)
    done = fmbench("train", "bmpri", "--database", folder, "--split", "pair", "--out", tmp_path / "out", "--jobs", 1)
    assert done.exit_code == 0, done.output
    assert "bmpri@pair on small (human scores), 12 images: SRCC" in done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *(f"bmpri-pair-fold{number}.safetensors" for number in range(3)),
        "predictions-pair.csv",
    ]
    with (tmp_path / "out" / "predictions-pair.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["image"] for row in rows} == {fused.image for fused in load_folder(folder).fused}
    for row in rows:
        fitted = load(tmp_path / "out" / f"bmpri-pair-fold{row['fold']}.safetensors")
        assert fitted(folder / row["image"]) == pytest.approx(float(row["predicted"]), rel=1e-9)


def test_folds_are_those_of_a_run(tmp_path: Path) -> None:
    from benchmark.scoring.folds import Learning, predict_out_of_fold

    database, metric = load_folder(write_database(tmp_path / "small", pairs=3)), create("bmpri")
    with ScoreStore(cache_folder() / "scores.sqlite") as store:
        material = gather(database, metric, store=store)
    predicted = np.empty(len(material.q))
    for fold in fit_folds(metric, material, "image", folds=4, seed=2):
        predicted[fold.held] = fold.predicted
    [expected] = predict_out_of_fold(metric, material, Learning(("image",), folds=4, seed=2))
    np.testing.assert_array_equal(predicted, expected.values)


def test_what_cannot_be_trained(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "small")
    done = fmbench("train", "qabf", "--database", folder, "--out", tmp_path)
    assert (done.exit_code, done.stderr.strip()) == (
        2,
        "error: qabf does not learn, so there is nothing to train",
    )
    done = fmbench("train", "bmpri", "--preset", "paper", "--database", folder, "--out", tmp_path)
    assert done.exit_code == 2
    assert "unknown parameter of bmpri 'preset'" in done.stderr
    unscored = write_database(tmp_path / "unscored", scores="none")
    assert "no opinion scores" in fmbench("train", "bmpri", "--database", unscored, "--out", tmp_path).stderr


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


def test_attention_is_drawn_and_measured(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    folder = with_masks(write_database(tmp_path / "small"))
    trained = fmbench("train", "ms_aan", "--database", folder, "--out", tmp_path, "--jobs", 1)
    assert trained.exit_code == 0, trained.output
    assert re.search(r"epoch 20/20: classes \d", trained.output)
    model, images = tmp_path / "ms_aan.safetensors", [folder / "fused" / f"blur{i}" / "p0.png" for i in (0, 3)]
    drawn = fmbench("attend", *images, "--model", model, "--out", tmp_path / "figure", "--database", folder)
    assert drawn.exit_code == 0, drawn.output
    assert "of the attention lies inside lesions" in drawn.output
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
    with Pillow.open(tmp_path / "figure.png") as picture:
        assert min(picture.size) > 200


def test_the_figure_of_attention_is_of_pairs_held_out(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    folder = with_masks(write_database(tmp_path / "small", pairs=3), 3)
    done = fmbench("reproduce", "ms-aan", "--table", "fig4", "--database", folder, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "MS-AAN, Figure 4: ms_aan@pair on small, the best image of each pair: " in done.output
    assert "of 3 pairs; the most attended place lies inside in" in done.output
    assert "(3 images" in done.output
    assert (tmp_path / "out" / "small-ms-aan-fig4.png").is_file()
    without = write_database(tmp_path / "without", pairs=2)
    done = fmbench("reproduce", "ms-aan", "--table", "fig4", "--database", without, "--out", tmp_path / "other")
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "other").exists()


def test_what_cannot_attend(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "small")
    fmbench("train", "bmpri", "--database", folder, "--out", tmp_path, "--jobs", 1)
    image = folder / "fused" / "blur0" / "p0.png"
    done = fmbench("attend", image, "--model", tmp_path / "bmpri.safetensors", "--out", tmp_path / "figure")
    assert (done.exit_code, done.stderr.strip()) == (2, "error: BMPRI does not show where it looks")
    done = fmbench("attend", "--model", tmp_path / "bmpri.safetensors")
    assert "nothing to look at" in done.stderr
    assert "no such file" in fmbench("attend", image, "--model", tmp_path / "absent").stderr
