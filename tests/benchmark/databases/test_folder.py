from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmark.databases import open_database
from benchmark.errors import BenchmarkError
from tests.databases import write_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_database(tmp_path / "db")


def test_a_database_is_read_as_written(folder: Path) -> None:
    database = open_database(str(folder))
    assert (database.name, database.scores, database.score_min, database.score_max) == ("small", "human", 0.0, 100.0)
    assert list(database.pairs) == ["p0", "p1"]
    assert [image.mos for image in database.fused[:4]] == [90.0, 75.0, 60.0, 45.0]
    assert database.fused[0].path.is_file()
    assert database.votes == folder / "votes.csv"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("database.toml", "human", "guessed", 'must be "human", "simulated" or "none"'),
        ("database.toml", "score_max = 100", "", "needs score_min and score_max"),
        ("database.toml", "score_max = 100", "score_max = 0", "is not below score_max"),
        ("database.toml", "[database]", "[other]", "has no \\[database\\] table"),
        ("database.toml", "score_min = 0", "score_min = = 0", "is not TOML"),
        ("database.toml", 'name = "small"', "", "needs name = a text"),
        ("pairs.csv", "source_b", "source_c", "column source_b missing; found pair,modality,source_a,source_c,mask"),
        ("pairs.csv", "p1,grey", "p0,grey", "pairs.csv:3: pair 'p0' is listed twice"),
        ("fused.csv", "mos,", "score,", "column mos missing"),
        ("fused.csv", ",90,", ",good,", "fused.csv:2: mos 'good' is not a number"),
        ("fused.csv", ",90,", ",nan,", "fused.csv:2: mos 'nan' is not a finite number"),
        (
            "fused.csv",
            "fused/blur1/p0.png",
            "fused/blur0/p0.png",
            "fused.csv:3: image 'fused/blur0/p0.png' is listed twice",
        ),
        ("fused.csv", "fused/blur0/p0.png,p0,blur0,90,,2", "fused/blur0/p0.png,p0", "fused.csv:2: fewer cells"),
    ],
)
def test_an_unreadable_database_names_file_and_cause(folder: Path, file: str, old: str, new: str, message: str) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(BenchmarkError, match=message) as raised:
        open_database(str(folder))
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("file", ["pairs.csv", "fused.csv"])
def test_a_missing_table(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(BenchmarkError, match=f"{file}: no such file"):
        open_database(str(folder))


def test_tables_that_are_not_text(folder: Path) -> None:
    (folder / "fused.csv").write_bytes(b"\x80image")
    with pytest.raises(BenchmarkError, match="is not UTF-8"):
        open_database(str(folder))


def test_a_stray_quotation_mark_in_prose_is_a_warning(folder: Path) -> None:
    toml = folder / "database.toml"
    toml.write_text(toml.read_text() + 'citation = "see the author" papers"\nnote = "kept"\n')
    database = open_database(str(folder))
    assert (database.citation, database.note, database.score_max) == ("", "kept", 100.0)
    assert len(database.warnings) == 1
    assert "database.toml:7: citation is not TOML" in database.warnings[0]


def test_an_image_of_an_unlisted_pair_keeps_the_others(folder: Path) -> None:
    table = folder / "fused.csv"
    table.write_text(table.read_text().replace(",p1,blur0", ",p9,blur0"))
    problems = [image.problem for image in open_database(str(folder)).fused if image.problem]
    assert len(problems) == 1
    assert "pair 'p9' is not in pairs.csv" in problems[0]


def test_a_database_without_scores_needs_no_scale(tmp_path: Path) -> None:
    folder = write_database(tmp_path / "db", scores="none")
    (folder / "database.toml").write_text('[database]\nname = "x"\nscores = "none"\n')
    assert math.isnan(open_database(str(folder)).score_min)


def test_what_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name, message in [("absent", "no such folder"), ("file", "is a file"), ("", "has no database.toml")]:
        with pytest.raises(BenchmarkError, match=message):
            open_database(str(tmp_path / name))
    with pytest.raises(BenchmarkError, match="did you mean 'phantom'"):
        open_database("fantom")
