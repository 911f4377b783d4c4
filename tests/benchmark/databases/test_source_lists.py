"""`sources.csv`: more than two sources a pair, in order, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.databases import open_database
from benchmark.databases.check import check_database
from benchmark.databases.contact_sheet import draw_contact_sheet
from benchmark.databases.folder import write_tables
from benchmark.databases.matching_table import matching_table
from benchmark.errors import BenchmarkError
from benchmark.report.provenance import database_digest
from tests.databases import save, write_database
from tests.pictures import picture

LISTED = """pair,order,source,taken
p0,2,sources/p0_b.png,late
p0,10,sources/p0_c.png,last
p0,1,./sources/p0_a.png,first
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = write_database(tmp_path / "db")
    save(made / "sources" / "p0_c.png", picture((48, 48), 5))
    (made / "sources.csv").write_text(LISTED)
    return made


def test_sources_come_in_their_order(folder: Path) -> None:
    pairs = open_database(str(folder)).pairs
    assert [path.name for path in pairs["p0"].sources] == ["p0_a.png", "p0_b.png", "p0_c.png"]
    assert pairs["p0"].sources[:2] == (pairs["p0"].source_a, pairs["p0"].source_b)
    assert pairs["p1"].sources == (pairs["p1"].source_a, pairs["p1"].source_b)


def test_the_older_name_is_read_but_not_beside_the_other(folder: Path) -> None:
    (folder / "sources.csv").rename(folder / "sequences.csv")
    assert len(open_database(str(folder)).pairs["p0"].sources) == 3
    (folder / "sources.csv").write_text(LISTED)
    with pytest.raises(BenchmarkError, match=r"sequences.csv: sources.csv lists all sources too; keep one"):
        open_database(str(folder))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("p0,2", "p7,2", r"sources.csv:2: pair 'p7' is not in pairs.csv"),
        ("p0,10", "p0,2", r"sources.csv:3: order 2 of pair 'p0' is there twice"),
        ("p0,10", "p0,last", r"sources.csv:3: order 'last' is not a number"),
        ("p0_c", "p0_b", r"sources.csv:3: source 'sources/p0_b.png' of pair 'p0' is there twice"),
        ("p0,2,sources/p0_b.png,late\n", "", r"sources of pair 'p0' lack .*p0_b.png, its source_b in pairs.csv"),
        ("sources/p0_c.png", "../p0_c.png", r"sources.csv:3: source '../p0_c.png' leaves the folder; --allow-outside"),
        ("sources/p0_c.png", "", r"sources.csv:3: source is empty, but it must be a path"),
        ("pair,order", "pair,number", r"sources.csv: column order missing; found pair,number,source,taken"),
    ],
)
def test_a_list_that_cannot_be_meant_names_the_line(folder: Path, old: str, new: str, message: str) -> None:
    (folder / "sources.csv").write_text(LISTED.replace(old, new))
    with pytest.raises(BenchmarkError, match=message) as raised:
        open_database(str(folder))
    assert "\n" not in str(raised.value)


def test_the_check_opens_every_source_and_the_reference(folder: Path) -> None:
    save(folder / "sources" / "p0_c.png", picture((40, 48), 5))
    pairs = (folder / "pairs.csv").read_text().replace("mask\n", "mask,reference\n").replace(".png,\n", ".png,,r.png\n")
    (folder / "pairs.csv").write_text(pairs)
    database = open_database(str(folder))
    assert database.pairs["p1"].reference == folder / "r.png"
    problems = list(check_database(database))
    assert any("p0_a.png is 48x48 but" in problem and "p0_c.png is 40x48" in problem for problem in problems)
    assert sum("r.png: no such file" in problem for problem in problems) == 2


def test_a_list_is_written_as_it_is_read(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    rows = [{"pair": "p", "order": number, "source": f"{number}.png"} for number in (0, 1, 2)]
    pair = {"pair": "p", "source_a": "0.png", "source_b": "2.png", "reference": "truth.png"}
    write_tables(copy, {"name": "copy", "scores": "none"}, [pair], [], sources=rows)
    read = open_database(str(copy)).pairs["p"]
    assert [path.name for path in read.sources] == ["0.png", "1.png", "2.png"]
    assert read.reference == copy / "truth.png"
    write_tables(copy / "two", {"name": "two", "scores": "none"}, [{**pair, "reference": ""}], [])
    assert (copy / "two" / "pairs.csv").read_text().startswith("pair,modality,source_a,source_b,mask\n")
    assert not (copy / "two" / "sources.csv").exists()


def test_what_is_drawn_and_planned_says_how_many_there_are(folder: Path, tmp_path: Path) -> None:
    database = open_database(str(folder))
    draw_contact_sheet(tmp_path / "sheet.png", database)
    assert (tmp_path / "sheet.png").stat().st_size > 1000
    table = matching_table(database)
    assert table.header[:4] == ("pair", "algorithm", "sources", "fused")
    assert table.rows[0][2].text == "p0_a.png, p0_b.png, p0_c.png (3)"
    assert table.rows[-1][2].text == "p1_a.png, p1_b.png (2)"


def test_a_third_source_belongs_to_what_a_report_hashes(folder: Path) -> None:
    before = database_digest(open_database(str(folder)))
    save(folder / "sources" / "p0_c.png", np.roll(picture((48, 48), 5), 1))
    assert database_digest(open_database(str(folder))) != before
