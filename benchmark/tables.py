"""Tables on the terminal, as Markdown, LaTeX and HTML; what is in them is made elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Literal

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from benchmark.escaping import latex, markdown
from fusion_metrics import MetricSpec
from fusion_metrics.printable import printable

Mark = Literal["", "best", "second"]
MARKS = {"": "", "best": "¹", "second": "²"}
STYLES = {"": "", "best": "bold green", "second": "green"}
ABSENT = "n/a"
#: Ends a cell of a Markdown table, unless it is escaped.
_BAR = re.compile(r"(?<!\\)\|")
_PADDING, _EMPTY = re.compile(r" {2,}(?=\|)|(?<=\|) {2,}"), re.compile(r"(?<=\|) (?=\|)")
_RULE = re.compile("-{4,}")


@dataclass(frozen=True)
class Bar:
    """An interval drawn in a cell; places from 0 to 100.

    Attributes
    ----------
    value, low, high, zero : float
    ceiling : float or None
    """

    value: float
    low: float
    high: float
    zero: float
    ceiling: float | None


@dataclass(frozen=True)
class Cell:
    """One cell of a table, whatever it is printed as.

    Attributes
    ----------
    text : str
    mark : {"", "best", "second"}
        Whether it is the best or second best of its comparison.
    sort : str
        What a reader sorts by; a cell without it always comes last.
    bar : Bar or None
        An interval to draw beside the text.
    target : str
        Id of what the cell leads to, within its chapter of a report.
    note : str
        What a report says below the text.
    shade : float
        How strongly a report colours the cell, -1 to 1.
    """

    text: str
    mark: Mark = ""
    sort: str = ""
    bar: Bar | None = None
    target: str = ""
    note: str = ""
    shade: float = 0.0


@dataclass(frozen=True)
class Head:
    """Head of a column.

    Attributes
    ----------
    text, title : str
        The title explains.
    numeric : bool
    first : {"ascending", "descending"}
        What the first click of a reader sorts by.
    order : {"none", "descending"}
        How the table is sorted by this column when it is opened.
    wide : bool
        Whether the column is shown only where there is room: in notebooks and reports.
    spare : int
        Columns with the greatest number are the first that a terminal without room for all leaves out; 0: never.
    """

    text: str
    title: str = ""
    numeric: bool = True
    first: str = "descending"
    order: str = "none"
    wide: bool = False
    spare: int = 0


def heads(*names: str, numbers: Collection[str] | None = None) -> tuple[Head, ...]:
    """Make the heads of a plain table; all columns but the first hold numbers, unless it is said which do."""
    numeric = names[1:] if numbers is None else numbers
    return tuple(Head(name, numeric=name in numeric) for name in names)


@dataclass(frozen=True)
class Table:
    """A table ready to be printed in any format; the first cell of each row names it.

    Attributes
    ----------
    title : str
    heads : tuple of Head
    rows : tuple of tuple of Cell
    notes : tuple of str
        What has to be said below it.
    signatures : tuple of str
        A line a metric that says what was computed, see `fusion_metrics.signature`: in files, not on a terminal.
    finding : str
        What it shows, in one sentence that comes before everything else.
    """

    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    finding: str = ""

    @property
    def header(self) -> tuple[str, ...]:
        """The texts of the heads."""
        return tuple(head.text for head in self.heads)

    @property
    def narrow(self) -> Table:
        """The table without the columns that want more room than a terminal or a page has."""
        return self._with(k for k, head in enumerate(self.heads) if not head.wide)

    def without(self, names: Collection[str]) -> Table:
        """Leave out columns."""
        return self._with(k for k, head in enumerate(self.heads) if head.text not in names)

    @property
    def filled(self) -> Table:
        """The table without columns of numbers of which none is known."""
        return self._with(
            k
            for k, head in enumerate(self.heads)
            if not head.numeric or head.order != "none" or any(row[k].text != ABSENT for row in self.rows)
        )

    def _with(self, columns: Iterable[int]) -> Table:
        kept = tuple(columns)
        rows = tuple(tuple(row[k] for k in kept) for row in self.rows)
        return replace(self, heads=tuple(self.heads[k] for k in kept), rows=rows)

    def _repr_html_(self) -> str:
        return to_html(self)


#: What an arrow behind the name of a metric says.
WAYS = (("↑", "↑ higher is better"), ("↓", "↓ lower is better"), ("→", "→x nearer to x is better"))


def ways_in(specs: Iterable[MetricSpec]) -> str:
    """Explain those arrows that the names of some metrics have."""
    arrows = [spec.arrow for spec in specs]
    return ", ".join(text for sign, text in WAYS if any(arrow.startswith(sign) for arrow in arrows))


def number(value: float | None, mark: str = "", digits: int = 3) -> Cell:
    """Print a number, and remember all its digits to sort by."""
    return Cell(ABSENT) if value is None else Cell(f"{value:.{digits}f}{mark}", sort=repr(value))


def count(value: int | None) -> Cell:
    """Print a whole number."""
    return Cell(ABSENT) if value is None else Cell(str(value), sort=str(value))


def to_rich(table: Table) -> RichTable:
    """Form for the terminal; title and notes are left to the caller, who knows the width."""
    table = table.narrow
    rich = RichTable(box=box.SIMPLE_HEAD)
    for head in table.heads:
        rich.add_column(
            Text(printable(head.text)),
            justify="right" if head.numeric else "left",
            no_wrap=head.numeric or head.text in ("metric", "name"),
        )
    for row in table.rows:
        rich.add_row(*(Text(printable(cell.text) + MARKS[cell.mark], style=STYLES[cell.mark]) for cell in row))
    return rich


def to_markdown(table: Table) -> str:
    """Form for README files."""
    table = table.narrow
    rows = [[markdown(cell.text + MARKS[cell.mark]) for cell in row] for row in table.rows]
    body = markdown_table(list(map(markdown, table.header)), rows, [head.numeric for head in table.heads])
    notes = [f"{markdown(note)}  " for note in table.notes]
    finding = [markdown(table.finding), ""] if table.finding else []
    signed = ["", *(f"- {_code(line)}" for line in table.signatures)] if table.signatures else []
    return "\n".join([*finding, f"**{markdown(table.title)}**", "", body, "", *notes, *signed]) + "\n"


def _code(line: str) -> str:
    """Print a signature as code, in which Markdown takes nothing for a sign of its own but the backtick."""
    text = printable(line)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool] = ()) -> str:
    """Lay out cells that are Markdown themselves; columns of numbers are aligned to the right.

    Cells are not padded: a number that changes would otherwise change every line of a page that is kept.
    """
    from tabulate import tabulate

    align = ["right" if right else "left" for right in numeric] or ["left"] * len(header)
    body = [[_BAR.sub(r"\\|", cell) for cell in row] for row in rows]
    padded = tabulate(body, list(header), tablefmt="pipe", colalign=align if body else None, disable_numparse=True)
    head, rule, *lines = (_EMPTY.sub("  ", _PADDING.sub(" ", line)) for line in padded.splitlines())
    return "\n".join([head, _RULE.sub("---", rule), *lines])


def to_latex(table: Table) -> str:
    """Form for papers (booktabs)."""
    from pandas import DataFrame

    table = table.narrow
    wrap = {"": "{}", "best": r"\textbf{{{}}}", "second": r"\underline{{{}}}"}
    cells = [[wrap[cell.mark].format(latex(cell.text)) for cell in row] for row in table.rows]
    styled = DataFrame(cells, columns=list(map(latex, table.header))).style.hide(axis="index")
    body = styled.to_latex(
        column_format="".join("r" if head.numeric else "l" for head in table.heads),
        caption=latex(table.title),
        hrules=True,
        position_float="centering",
    )
    notes = "".join(f"% {latex(note)}\n" for note in table.notes)
    head = "% needs \\usepackage{booktabs}\n" + latex_signatures(table.signatures)
    if table.finding:
        head = f"% {latex(table.finding)}\n{head}"
    return head + body.replace("\\end{table}", notes + "\\end{table}")


def latex_signatures(signatures: Iterable[str]) -> str:
    """Print signatures as comments, as they are, so that they can be copied."""
    return "".join(f"% {printable(line)}\n" for line in signatures)


def to_html(table: Table) -> str:
    """Form for notebooks and pages: the best in bold, the second best underlined."""
    table = table.filled
    wrap = {"": "{}", "best": "<b>{}</b>", "second": "<u>{}</u>"}
    head = "".join(f'<th title="{escape(one.title)}">{escape(one.text)}</th>' for one in table.heads)
    sides = ["right" if one.numeric else "left" for one in table.heads]
    rows = (
        "".join(
            f'<td style="text-align: {side}">{wrap[cell.mark].format(escape(cell.text))}</td>'
            for side, cell in zip(sides, row, strict=True)
        )
        for row in table.rows
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    notes = "<br>".join(map(escape, table.notes))
    caption = f"<caption><b>{escape(table.title)}</b></caption>"
    finding = f"<p>{escape(table.finding)}</p>" if table.finding else ""
    signed = "<br>".join(f"<code>{escape(printable(line))}</code>" for line in table.signatures)
    signed = f"<details><summary>signatures</summary><small>{signed}</small></details>" if signed else ""
    shown = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"{finding}{shown}<small>{notes}</small>{signed}"


def interval(bounds: tuple[float, float]) -> str:
    """Print bounds with four digits."""
    low, high = (f"{end:.4g}".replace("inf", "∞") for end in bounds)
    return f"{low} .. {high}"
