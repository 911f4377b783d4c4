from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.databases.from_files import from_files
from benchmark.errors import BenchmarkError
from tests.databases import save
from tests.pictures import picture


def folder(root: Path, *stems: str) -> Path:
    for stem in stems:
        save(root / f"{stem}.png", picture((16, 16)))
    return root


def test_files_are_algorithms_of_one_pair(tmp_path: Path) -> None:
    a, b, x, y = (save(tmp_path / f"{name}.png", picture((16, 16))) for name in "abxy")
    database = from_files(a, b, [x, y])
    assert [(image.pair, image.algorithm) for image in database.fused] == [("a+b", "x"), ("a+b", "y")]
    assert database.scores == "none"


def test_folders_are_matched_by_stem_and_subfolders_are_algorithms(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", "1", "2"), folder(tmp_path / "b", "1", "2")
    folder(tmp_path / "fused" / "x", "1", "2")
    folder(tmp_path / "fused" / "y", "1", "2")
    database = from_files(a, b, [tmp_path / "fused"])
    assert [(image.algorithm, image.pair) for image in database.fused] == [
        ("x", "1"),
        ("x", "2"),
        ("y", "1"),
        ("y", "2"),
    ]
    assert not any(image.problem for image in database.fused)
    assert from_files(a, b, [tmp_path / "fused" / "x", tmp_path / "fused" / "y"]).fused == database.fused


def test_missing_partners_are_named(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", "1", "2", "3"), folder(tmp_path / "b", "1", "3")
    fused = folder(tmp_path / "x", "1", "2", "4")
    problems = {image.pair: image.problem for image in from_files(a, b, [fused]).fused}
    assert problems["1"] == ""
    assert problems["2"].endswith(f"no partner of stem '2' in {b}")
    assert problems["3"].endswith(f"no partner of stem '3' in {fused}")
    assert problems["4"].endswith(f"no partner of stem '4' in {a} and {b}")


def test_what_cannot_be_matched(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", "1"), folder(tmp_path / "b", "1")
    fused = folder(tmp_path / "fused" / "x", "1")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.txt").write_text("")
    double = folder(tmp_path / "double", "1")
    (double / "1.jpg").write_bytes(b"")
    other = folder(tmp_path / "other" / "x", "1")
    for arguments, message in [
        ((a, b, [tmp_path / "absent"]), "absent: no such file or folder"),
        ((a, b / "1.png", [fused]), "one is a folder, the other a file"),
        ((a, b, [a / "1.png"]), "is a file, but the sources are folders"),
        ((empty, b, [fused]), "empty: folder without images"),
        ((a, b, [empty]), "empty: folder without images"),
        ((double, b, [fused]), "1.png: 1.jpg has the same stem"),
        ((a, b, [fused, other]), "more than one folder is called 'x'"),
    ]:
        with pytest.raises(BenchmarkError, match=message):
            from_files(*arguments)


def test_a_folder_of_other_files_says_what_it_holds_and_what_is_read(tmp_path: Path) -> None:
    for name in ("01.mat", "02.mat", "notes.txt"):
        (tmp_path / name).write_text("x")
    with pytest.raises(
        BenchmarkError, match=r"folder without images, but with 2 \.mat files; what is read ends in .*png"
    ):
        from_files(tmp_path, tmp_path, [tmp_path])


def test_images_beside_a_folder_of_images_are_refused_and_other_folders_beside_them_are_passed_over(
    tmp_path: Path,
) -> None:
    a, b, fused = (folder(tmp_path / name, "1", "2") for name in ("a", "b", "fused"))
    (fused / "logs").mkdir()
    (fused / "logs" / "loss.txt").write_text("0.1")
    assert [image.algorithm for image in from_files(a, b, [fused]).fused] == ["fused", "fused"]
    folder(fused / "old", "1", "2")
    with pytest.raises(BenchmarkError, match=r"fused: holds images, and so does its folder old: decide it by"):
        from_files(a, b, [fused])
    assert [image.algorithm for image in from_files(a, b, [fused / "old"]).fused] == ["old", "old"]
