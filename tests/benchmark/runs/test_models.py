"""Trained metrics on the command line: made, listed, shown, scored with, signed, computed again and removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.cli import main
from fusion_metrics import create
from fusion_metrics.trained.places import own_path
from tests.databases import write_database


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "small"
    write_database(folder, pairs=3)
    return folder


def said(*arguments: object, code: int = 0) -> str:
    found = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert found.exit_code == code, found.output
    return " ".join(found.output.split())


def test_a_trained_metric_is_used_by_name_everywhere(database: Path, tmp_path: Path) -> None:
    said("train", "bmpri", "--database", database, "--save-as", "eyes", "--jobs", "1")
    assert "bmpri+eyes small human own" in said("models", "list")
    shown = said("models", "show", "bmpri+eyes")
    assert "12 images of small with human scores, 3 source pairs" in shown
    assert "fmbench train bmpri --database path/to/small --seed 0 --save-as eyes" in shown
    table = tmp_path / "scores.csv"
    printed = said("score", database, "--metrics", "bmpri+eyes,en", "--jobs", "1", "--signature", "--out", table)
    assert "bmpri+eyes (small, human)" in printed
    assert create("bmpri+eyes").signature.partition("|fmbench")[0] in printed
    assert "all 2 metrics agree" in said("rerun", table, database)
    assert "BMPRI+eyes was fitted: to opinion scores of small" in said("cite", table)
    ran = said("run", database, "--metrics", "bmpri+eyes,en", "--jobs", "1", "--out", tmp_path / "run")
    assert "bmpri+eyes was trained on these very images" in ran
    compared = said("compare", database, "--metrics", "bmpri+eyes,en", "--jobs", "1")
    assert "bmpri+eyes (small, human)" in compared
    said("models", "remove", "bmpri+eyes")
    assert "bmpri+eyes" not in said("models", "list")
    assert "BMPRI" not in said("cite", "--metrics", "en")
    # What was learnt is gone, and who is cited is still known.
    assert "min2018" in said("cite", table)


def test_a_table_is_computed_again_with_the_file_of_what_was_learnt(database: Path, tmp_path: Path) -> None:
    said("train", "bmpri", "--database", database, "--out", tmp_path / "models", "--jobs", "1")
    file, table = tmp_path / "models" / "bmpri.safetensors", tmp_path / "scores.csv"
    said("score", database, "--metrics", file, "--jobs", "1", "--out", table)
    assert "needs the file of what was learnt" in said("rerun", table, database, code=1)
    assert "agrees" in said("rerun", table, database, "--model", file)


def test_pictures_far_from_the_training_are_counted_below_the_table(database: Path) -> None:
    printed = said("score", database, "--metrics", "bmpri+phantom", "--jobs", "1")
    assert "bmpri+phantom: 12 of 12 images are far from what it was trained on" in printed
    assert "n/a" in said("score", database, "--metrics", "bmpri+phantom", "--jobs", "1", "--far", "refuse")


def test_what_cannot_be_done_is_one_line(database: Path) -> None:
    said("train", "bmpri", "--database", database, "--save-as", "eyes", "--jobs", "1")
    again = said("train", "bmpri", "--database", database, "--save-as", "eyes", "--jobs", "1", code=2)
    assert "error: bmpri+eyes: is there already" in again
    assert "cannot be the name" in said("train", "bmpri", "--database", database, "--save-as", "a b", code=2)
    assert "give --save-as NAME" in said("train", "bmpri", "--database", database, code=2)
    assert "is shipped with its package" in said("models", "remove", "bmpri+phantom", code=2)
    assert "has no card" in said("models", "show", "qabf", code=2)
    assert "did you mean 'resnet50' or 'resnet34'" in said("models", "fetch", "resnet35", code=2)


def test_a_damaged_file_is_named_and_can_be_removed(database: Path) -> None:
    said("train", "bmpri", "--database", database, "--save-as", "eyes", "--jobs", "1")
    path = own_path("bmpri", "paper", "eyes")
    path.write_bytes(path.read_bytes()[:900])
    assert "bmpri+eyes cannot be used:" in said("models", "list")
    assert "is not a fitted metric" in said("score", database, "--metrics", "bmpri+eyes", code=2)
    said("models", "remove", "bmpri+eyes")
    assert not path.exists()
    assert "there is no such trained metric" in said("models", "remove", "bmpri+eyes", code=2)


def test_what_a_package_ships_can_be_built_again(database: Path, tmp_path: Path) -> None:
    out = tmp_path / "shipped"
    said("models", "build", database, "--metrics", "bmpri", "--test-on", database, "--out", out, "--jobs", "1")
    shown = said("models", "show", out / "small" / "bmpri.safetensors")
    assert "kept in" in shown
    assert "small (human scores), another database, 12 images" in shown
