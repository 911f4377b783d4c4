"""What `fmbench --help` says of the commands."""

from __future__ import annotations

import click
import pytest

from benchmark.cli.group import ORDER, main
from tests.command import fmbench


@pytest.mark.parametrize("arguments", [(), ("data",)])
def test_every_command_has_one_whole_line_on_eighty_columns(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = fmbench(*arguments, "--help")
    commands = main.commands["data"] if arguments else main
    assert isinstance(commands, click.Group)
    listed = result.stdout.partition("Commands:\n")[2].strip().splitlines()
    assert {line.split()[0] for line in listed} == set(commands.commands)
    assert not [line for line in listed if not line.endswith(".") or line.endswith("...")]


def test_commands_stand_in_the_order_in_which_they_are_met() -> None:
    assert main.list_commands(click.Context(main)) == list(ORDER)
