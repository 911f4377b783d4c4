"""Rules that match file names, and the rules that are suggested where nothing matches."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.databases.from_files import from_files
from benchmark.databases.matching import Match, suggest, suggest_within
from benchmark.errors import BenchmarkError
from tests.databases import save
from tests.pictures import picture


def folder(root: Path, *stems: str) -> Path:
    for stem in stems:
        save(root / f"{stem}.png", picture((16, 16)))
    return root


@pytest.mark.parametrize(
    "text", ["stem", "order", "suffix:_fused", "suffix:_ir,_vi", "prefix:a_,b_,f_", r"regex:(?P<pair>\d+)_x"]
)
def test_a_rule_is_parsed_and_printed_alike(text: str) -> None:
    assert str(Match.parse(text)) == text
    assert Match.parse(str(Match.parse(text))) == Match.parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stems", "known: stem, suffix"),
        ("suffix:", "known: stem"),
        ("suffix:a,b,c,d", "more than three"),
        ("regex:(", "is not a regular expression"),
        (r"regex:\d+", "has no group"),
    ],
)
def test_what_is_no_rule_says_why(text: str, says: str) -> None:
    with pytest.raises(BenchmarkError, match=says):
        Match.parse(text)


@pytest.mark.parametrize(
    ("a", "b", "fused", "rule"),
    [
        (["p_ir", "q_ir"], ["p_vi", "q_vi"], ["p_fused", "q_fused"], "suffix:_ir,_vi,_fused"),
        (["01", "11"], ["01", "11"], ["01_fused", "11_fused"], "suffix:_fused"),
        (["ir_1", "ir_2"], ["vis_1", "vis_2"], ["f_1", "f_2"], "prefix:ir_,vis_,f_"),
        (["IR1", "IR2"], ["VIS1", "VIS2"], ["1", "2"], "prefix:IR,VIS"),
        (["a7x", "b8x"], ["c7y", "d8y"], ["e7", "f8"], r"regex:(?P<pair>\d+)"),
        (["left", "right"], ["north", "south"], ["x", "y"], "order"),
    ],
)
def test_the_rule_that_would_match_is_named(
    tmp_path: Path, a: list[str], b: list[str], fused: list[str], rule: str
) -> None:
    assert str(suggest({"a": a, "b": b, "fused": fused})) == rule
    where = [folder(tmp_path / name, *stems) for name, stems in (("a", a), ("b", b), ("x", fused))]
    with pytest.raises(BenchmarkError) as raised:
        from_files(where[0], where[1], [where[2]])
    assert str(raised.value).endswith(f"decide it by --match '{rule}'")
    assert a[0] in str(raised.value)
    database = from_files(where[0], where[1], [where[2]], Match.parse(rule))
    assert len(database.pairs) == 2
    assert [image.problem for image in database.fused] == ["", ""]


def test_nothing_is_suggested_where_nothing_would_match() -> None:
    assert suggest({"a": ["left", "right"], "b": ["north"], "fused": ["x", "y"]}) is None
    assert suggest_within(["x", "y"]) is None


def test_order_counts_as_people_do_and_needs_equal_numbers(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", "i2", "i10"), folder(tmp_path / "b", "v002", "v010")
    pairs = from_files(a, b, [folder(tmp_path / "x", "2", "10")], Match.parse("order")).pairs
    assert [(pair.source_a.stem, pair.source_b.stem) for pair in pairs.values()] == [("i2", "v002"), ("i10", "v010")]
    with pytest.raises(BenchmarkError, match="3 images cannot be matched to 2 pairs"):
        from_files(a, b, [folder(tmp_path / "y", "1", "2", "3")], Match.parse("order"))


def test_two_files_of_one_pair_are_an_error(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", "1_x", "1_y"), folder(tmp_path / "b", "1")
    with pytest.raises(BenchmarkError, match="belongs to '1' too, by --match regex"):
        from_files(a, b, [b], Match.parse(r"regex:(?P<pair>\d+)"))


def test_two_sources_in_one_folder_are_told_apart_by_their_ending(tmp_path: Path) -> None:
    both = folder(tmp_path / "both", "x-ir", "x-vis", "y-ir", "y-vis")
    fused = folder(tmp_path / "fused", "x", "y")
    with pytest.raises(BenchmarkError, match="decide which is which by --match 'suffix:-ir,-vis'"):
        from_files(both, both, [fused])
    pairs = from_files(both, both, [fused], Match.parse("suffix:-ir,-vis")).pairs
    assert {name: (pair.source_a.stem, pair.source_b.stem) for name, pair in pairs.items()} == {
        "x": ("x-ir", "x-vis"),
        "y": ("y-ir", "y-vis"),
    }


def test_the_algorithm_may_be_told_by_file_names(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "a", "1", "2"), folder(tmp_path / "b", "1", "2")
    fused = folder(tmp_path / "f", "1_gff", "2_gff", "1_csr", "2_csr")
    database = from_files(a, b, [fused], Match.parse(r"regex:^(?P<pair>\d+)(_(?P<algorithm>.+))?$"))
    assert {(image.pair, image.algorithm) for image in database.fused} == {
        *(("1", "gff"), ("2", "gff"), ("1", "csr"), ("2", "csr"))
    }
