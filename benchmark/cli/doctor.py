"""`fmbench doctor`: the first command when something does not work."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from benchmark.cli.console import output_console, print_line
from benchmark.cli.group import main
from benchmark.cli.screen import show_progress
from fusion_metrics.printable import printable

if TYPE_CHECKING:
    from fusion_metrics.health import Finding

#: Exit code where something is wrong with the machine, not with what was typed.
UNWELL = 1
SIGNS = {"well": ("✓", "green"), "note": ("•", "yellow"), "wrong": ("✗", "bold red")}


@main.command("doctor", short_help="Say what is well and what is wrong with fmbench here.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def doctor_command(as_json: bool) -> None:
    """Say what is well and what is wrong with fmbench here, and what mends it.

    Versions, extras, plug-ins, cores, memory, the cache, embedded databases, weights, and five numbers that must come
    out; it takes seconds and no network. Exits with 0 if all is well, and with 1 if something is wrong.
    """
    from benchmark.doctor.examine import examine
    from benchmark.formats.files import as_json as to_json

    with show_progress("looking", None) as advance:
        found = examine(lambda topic: advance(1))
    if as_json:
        click.echo(to_json(found.as_json()), nl=False)
        sys.exit(UNWELL if found.wrong else 0)
    console = output_console()
    for topic, findings in found.topics.items():
        if findings:
            print_line(console, topic, "bold")
            console.print(Padding(_grid(findings), (0, 0, 1, 2)))
    print_line(console, found.verdict, "bold red" if found.wrong else "bold green")
    sys.exit(UNWELL if found.wrong else 0)


def _grid(findings: tuple[Finding, ...]) -> RichTable:
    """Lay out findings in three columns: a sign, what it is about, and what was found with what mends it."""
    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, min_width=16)
    grid.add_column(overflow="fold")
    for one in findings:
        sign, style = SIGNS[one.state]
        text = Text(printable(one.text), style="" if one.state != "wrong" else "red")
        if one.mend:
            text.append(f"\n→ {printable(one.mend)}", style="dim" if one.state == "well" else "cyan")
        grid.add_row(Text(sign, style=style), Text(printable(one.about), style="bold"), text)
    return grid
