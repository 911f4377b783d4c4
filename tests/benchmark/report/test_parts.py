"""What a report is put together from."""

from __future__ import annotations

import platform
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.databases.folder import load_folder
from benchmark.report.disagreements import disagreements
from benchmark.report.licence import keeps_pictures_here
from benchmark.report.pictures import SIZE, Album
from benchmark.report.provenance import database_digest, machine, split_digest, versions
from benchmark.scoring.splits import deal
from tests.databases import save, write_database


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from("abc")), min_size=1, max_size=30))
def test_disagreements_are_the_largest_differences_of_rank(images: list[tuple[int, int, str]]) -> None:
    x, q = (np.array(values, dtype=float) for values in list(zip(*images, strict=True))[:2])
    pairs = [pair for *_, pair in images]
    high, low = disagreements(x, q, pairs, 2)
    for found, sign in ((high, 1), (low, -1)):
        gains = [sign * (one.opinion_rank - one.rank) for one in found]
        assert gains == sorted(gains, reverse=True)
        assert all(gain > 0 for gain in gains)
        shown = [pairs[one.place] for one in found]
        assert len(set(shown)) == len(shown) <= 2
    best = (
        max(one.opinion_rank - one.rank for one in disagreements(x, q, range(len(x)), len(x))[0] or high) if high else 0
    )
    assert (high[0].opinion_rank - high[0].rank if high else 0) == best


def test_a_perfect_metric_has_no_disagreements() -> None:
    assert disagreements(np.arange(5.0), np.arange(5.0) ** 2, "abcde") == ([], [])


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("CC BY 4.0", False),
        ("CC-BY-NC-SA 4.0, for non-commercial use", False),
        ("generated; MNI152: permissive, with the notice of its authors", False),
        ("see scikit-image, data/README.txt", False),
        ("public domain, may be redistributed freely", False),
        ("not stated by the authors: for local measurement only, never redistribute or commit", True),
        ("terms not stated", True),
        ("for research only; no redistribution", True),
        ("Images may not be distributed to others", True),
        ("must not be shared", True),
        ("All rights reserved", True),
        ("unknown", True),
        (" ", True),
    ],
)
def test_licence_lines(line: str, kept: bool) -> None:
    assert keeps_pictures_here(line) is kept


def test_an_album_embeds_each_picture_once_and_keeps_to_its_budget(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    files = [save(tmp_path / f"{i}.png", rng.integers(0, 255, (300, 200), dtype=np.uint8)) for i in range(4)]
    album = Album("d0", 10**6)
    first = album.add(files[0], files[1], files[0])
    assert first == (first[0], first[1], first[0])
    assert (first[0].width, first[0].height) == (SIZE * 2 // 3, SIZE)
    assert len(album.pictures) == 2
    assert album.budget == 10**6 - sum(len(picture.uri) for picture in first[:2])
    small = Album("d0", len(first[0].uri) + 10)
    assert small.add(files[0]) == first[:1]
    assert small.add(files[1]) == ()
    assert small.add(files[0]) == ()
    assert Album("d0", 0).add(files[0]) == ()


def test_pictures_that_cannot_be_read_are_not_shown(tmp_path: Path) -> None:
    good = save(tmp_path / "good.png", np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8))
    bad = tmp_path / "bad.png"
    bad.write_bytes(good.read_bytes()[:500])
    album = Album("d0", 10**6)
    assert album.add(good, bad, good) == ()
    assert album.add(good, tmp_path / "none.png", good) == ()
    assert album.pictures == {}
    assert len(album.add(good)) == 1


def test_the_hash_of_a_database_is_that_of_its_content(tmp_path: Path) -> None:
    first = write_database(tmp_path / "first", pairs=2, size=24)
    digest = database_digest(load_folder(first))
    other = tmp_path / "other"
    shutil.copytree(first, other)
    assert database_digest(load_folder(other)) == digest
    picture = other / "fused" / "blur1" / "p1.png"
    picture.write_bytes((other / "fused" / "blur2" / "p1.png").read_bytes())
    assert database_digest(load_folder(other)) != digest
    part = load_folder(first)
    assert database_digest(replace(part, fused=part.fused[1:])) != digest


def test_the_hash_of_a_split_is_that_of_its_folds() -> None:
    images, pairs = [f"i{i}" for i in range(12)], [f"p{i // 3}" for i in range(12)]
    first, same, other = (deal(images, pairs, "pair", folds=2, seed=seed) for seed in (0, 0, 1))
    assert split_digest(first) == split_digest(same)
    assert (split_digest(first) == split_digest(other)) == bool((first.folds == other.folds).all())


def test_provenance_names_versions_and_no_host() -> None:
    found = dict(versions())
    assert found["numpy"] == np.__version__
    assert found["Python"] == platform.python_version()
    assert dict(machine())["processor"]
    if len(platform.node()) > 3:
        assert platform.node() not in " ".join(value for _, value in machine())
