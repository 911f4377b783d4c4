"""`fmbench train` and `fmbench attend`, with a metric of 20 features and a network of frozen streams."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from benchmark.databases.folder import load_folder
from benchmark.scoring.folds import fit_folds
from benchmark.scoring.material import gather
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Image, create, load
from fusion_metrics.cache import cache_folder
from tests.command import fmbench
from tests.databases import with_masks, write_database


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
