"""What is printed on terminals of any width."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.console import Console

from benchmark.cli import screen
from benchmark.tables import Cell, Head, Table

HEADS = (Head("metric", numeric=False), Head("SRCC"), Head("error", spare=1), Head("n", spare=2))
TABLE = Table("Agreement", HEADS, ((Cell("qabf"), Cell("0.123456"), Cell("0.654321"), Cell("1290")),), ("a note",))


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[Table, int], str]:
    def at(table: Table, width: int) -> str:
        monkeypatch.setattr(screen, "output_console", lambda: Console(width=width))
        screen.print_table(table)
        return capsys.readouterr().out

    return at


def test_all_columns_are_shown_where_there_is_room(printed: Callable[[Table, int], str]) -> None:
    text = printed(TABLE, 60)
    assert all(one in text for one in ("SRCC", "error", "1290", "a note"))
    assert "left out" not in text


def test_a_narrow_terminal_has_fewer_columns_and_whole_numbers(printed: Callable[[Table, int], str]) -> None:
    text = printed(TABLE, 37)
    assert "0.123456" in text
    assert "0.654321" in text
    assert "1290" not in text
    assert "left out, as this terminal has no room for them: n\n" in text
    text = printed(TABLE, 25)
    assert "0.123456" in text
    assert "no room for them: n, error" in text.replace("\n", " ")


def test_what_cannot_be_spared_stays(printed: Callable[[Table, int], str]) -> None:
    assert "SR…" in printed(TABLE, 12)


def test_what_was_found_comes_first(printed: Callable[[Table, int], str]) -> None:
    found = Table("Agreement", HEADS, TABLE.rows, (), finding="qabf agrees best.")
    assert printed(found, 80).startswith("qabf agrees best.\nAgreement\n")
