"""What a table says below itself of images for which a metric has no value."""

from __future__ import annotations

from pathlib import Path

import benchmark
from benchmark.databases.folder import load_folder
from benchmark.runs.request import refusing_far
from tests.databases import write_database


def test_a_metric_without_value_says_why_below_the_table(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db")
    database = load_folder(folder)
    found = benchmark.score(database, metrics="sam,sd,psnr:reference", reference=folder / "fused/blur0")
    notes = found.tables[0].notes
    assert "sam: no value for 8 of 8 images: neither picture has colours, so that there are no angles" in notes
    assert not [note for note in notes if note.startswith("sd:")]
    equal = "psnr:reference: no value for 2 of 8 images; the first of them: "
    assert any(note.startswith(equal) and "no noise to divide by" in note for note in notes)


def test_pictures_that_are_refused_as_far_are_not_said_to_have_scores(tmp_path: Path) -> None:
    database = load_folder(write_database(tmp_path / "db", pairs=1, steps=1))
    warned = benchmark.score(database, metrics="bmpri+phantom").tables[0].notes
    assert "bmpri+phantom: 1 of 1 images are far from what it was trained on, and their scores may say little" in warned
    refused = benchmark.score(database, metrics=refusing_far("bmpri+phantom")).tables[0].notes
    assert "bmpri+phantom: 1 of 1 images are far from what it was trained on" in refused
    assert any(
        note.startswith("bmpri+phantom: no value for 1 of 1 images: the picture is far from") for note in refused
    )
