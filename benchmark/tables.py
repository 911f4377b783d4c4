"""Tables on the terminal, as Markdown, LaTeX and HTML; what is in them is made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from benchmark.escaping import latex, markdown
from fusion_metrics.printable import printable

Mark = Literal["", "best", "second"]
MARKS = {"": "", "best": "¹", "second": "²"}
STYLES = {"": "", "best": "bold green", "second": "green"}
ABSENT = "n/a"


@dataclass(frozen=True)
class Cell:
    """A printed cell, and whether it is the best or second best of its comparison."""

    text: str
    mark: Mark = ""


@dataclass(frozen=True)
class Table:
    """A table ready to be printed in any format; the first column is text, the others are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        return to_html(self)


def to_rich(table: Table) -> RichTable:
    """Form for the terminal; title and notes are left to the caller, who knows the width."""
    rich = RichTable(box=box.SIMPLE_HEAD)
    is_number = [
        all(_is_number(row[i].text) for row in table.rows) and bool(table.rows) for i in range(len(table.header))
    ]
    for name, right in zip(table.header, is_number, strict=True):
        rich.add_column(
            Text(printable(name)), justify="right" if right else "left", no_wrap=right or name in ("metric", "name")
        )
    for row in table.rows:
        rich.add_row(*(Text(printable(cell.text) + MARKS[cell.mark], style=STYLES[cell.mark]) for cell in row))
    return rich


def to_markdown(table: Table) -> str:
    """Form for README files."""
    lines = [f"**{markdown(table.title)}**", "", _markdown_row(table.header)]
    lines.append("|" + "|".join([" --- "] + [" ---: "] * (len(table.header) - 1)) + "|")
    lines += [_markdown_row([cell.text + MARKS[cell.mark] for cell in row]) for row in table.rows]
    lines += ["", *(f"{markdown(note)}  " for note in table.notes)]
    return "\n".join(lines) + "\n"


def to_latex(table: Table) -> str:
    """Form for papers (booktabs)."""
    wrap = {"": "{}", "best": r"\textbf{{{}}}", "second": r"\underline{{{}}}"}
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex(table.title)}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(table.header) - 1)}}}",
        r"\toprule",
        " & ".join(map(latex, table.header)) + r" \\",
        r"\midrule",
        *(" & ".join(wrap[cell.mark].format(latex(cell.text)) for cell in row) + r" \\" for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"% {latex(note)}" for note in table.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def to_html(table: Table) -> str:
    """Form for notebooks and pages: the best in bold, the second best underlined."""
    wrap = {"": "{}", "best": "<b>{}</b>", "second": "<u>{}</u>"}
    head = "".join(f"<th>{escape(name)}</th>" for name in table.header)
    rows = (
        "".join(
            f'<td style="text-align: {"right" if i else "left"}">{wrap[cell.mark].format(escape(cell.text))}</td>'
            for i, cell in enumerate(row)
        )
        for row in table.rows
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    notes = "<br>".join(map(escape, table.notes))
    caption = f"<caption><b>{escape(table.title)}</b></caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><small>{notes}</small>"


def interval(bounds: tuple[float, float]) -> str:
    """Print bounds with four digits."""
    low, high = (f"{end:.4g}".replace("inf", "∞") for end in bounds)
    return f"{low} .. {high}"


def _is_number(text: str) -> bool:
    """Whether a cell begins with a number, a spread and marks behind it notwithstanding."""
    number = text.partition(" ± ")[0].rstrip("†³")
    try:
        float(number)
    except ValueError:
        return text == ABSENT
    return True


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(markdown, cells)) + " |"


def markdown_row(cells: Sequence[str]) -> str:
    """Make one line of a Markdown table of cells that are Markdown themselves."""
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
