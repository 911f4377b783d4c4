"""The table as a paper carries it: booktabs, over both columns, no wider than they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.comparison.asked import Asked
from benchmark.comparison.table import DAGGER, Grid, Printed
from benchmark.comparison.values import Column
from benchmark.escaping import file_name, latex, latex_title
from benchmark.tables import ABSENT, latex_signatures

#: What LaTeX without further packages has no letter for.
SIGNS = {"±": r"$\pm$", DAGGER: r"$^{\dagger}$", "¹": "$^{1}$", "²": "$^{2}$", "³": "$^{3}$", "…": r"\dots{}"}
PLACES = {0: "{}", 1: r"\textbf{{{}}}", 2: r"\underline{{{}}}", 3: r"\textit{{{}}}"}
LOOKS = {1: "best in bold", 2: "second best underlined", 3: "third best in italics"}


@dataclass(frozen=True)
class Float:
    """What stands around a table.

    Attributes
    ----------
    caption, label : str
        In place of those that are made up; a label gets the name of the data set if there are several.
    one_column : bool
        Not over both columns.
    """

    caption: str = ""
    label: str = ""
    one_column: bool = False


def to_latex(grids: Sequence[Grid], asked: Asked, around: Float | None = None) -> str:
    """Print tables, one a data set, as a file that a paper reads in."""
    frame = around or Float()
    head = "% needs \\usepackage{booktabs} and \\usepackage{graphicx}\n"
    several = len(grids) > 1
    head += latex_signatures(dict.fromkeys(line for grid in grids for line in grid.signatures))
    return head + "\n".join(_float(grid, asked, frame, several=several) for grid in grids)


def _float(grid: Grid, asked: Asked, frame: Float, *, several: bool) -> str:
    environment = "table" if frame.one_column else "table*"
    name = f"{frame.label or 'tab:comparison'}{'-' + file_name(grid.name) if several else ''}"
    lines = [
        rf"\begin{{{environment}}}[tb]",
        r"\centering",
        r"\setlength{\belowcaptionskip}{4pt}",
        rf"\caption{{{_caption(grid, asked, frame, several=several)}}}",
        rf"\label{{{re.sub(r'[^A-Za-z0-9:._+-]', '-', name)}}}",
        # As wide as the text at the most, and never blown up to it.
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{l{'c' * len(grid.columns)}}}",
        r"\toprule",
        " & ".join(["Method", *map(heading, grid.columns)]) + r" \\",
        r"\midrule",
    ]
    for method, cells in zip(grid.methods, grid.cells, strict=True):
        if method == grid.own:
            lines.append(r"\midrule")
        lines.append(" & ".join([escaped(grid.called(method)), *map(_cell, cells)]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}}", *(f"% {_comment(line)}" for line in grid.notes + grid.findings)]
    return "\n".join([*lines, rf"\end{{{environment}}}", ""])


def _caption(grid: Grid, asked: Asked, frame: Float, *, several: bool) -> str:
    """Say what is shown, and what the marks mean: under a caption of one's own, too, no mark goes without a meaning."""
    title = frame.caption or grid.title
    parts = [f"{title} ({grid.title})" if frame.caption and several else title]
    looks = [look for place, look in LOOKS.items() if grid.has(place)]
    if looks:
        parts.append(", ".join(looks).capitalize())
    if grid.daggers:
        parts.append(f"{DAGGER}: not significantly worse than the best (p > {asked.alpha:g})")
    return ". ".join(escaped(part.rstrip(".")) for part in parts) + "."


def heading(column: Column) -> str:
    r"""Print the name of a metric as the field writes it, with its direction.

    >>> from fusion_metrics import create
    >>> heading(Column("qabf", create("qabf").spec)), heading(Column("psnr:vifb", create("psnr:vifb").spec))
    ('$Q^{AB/F}$ $\\uparrow$', 'PSNR (vifb) $\\uparrow$')
    """
    spec = column.spec
    if column.script:
        return escaped(column.heading)
    variant = column.label.removeprefix(spec.name).lstrip(":@")
    return f"{latex_title(spec.title)}{f' ({escaped(variant)})' if variant else ''} {escaped(spec.arrow)}"


def _cell(printed: Printed) -> str:
    if printed.text == ABSENT:
        return "--"
    text = PLACES[printed.place].format(_number(printed.text))
    spread = rf" $\pm$ {_number(printed.spread)}" if printed.spread else ""
    return text + spread + (rf"\rlap{{{SIGNS[DAGGER]}}}" if printed.near else "")


def _number(text: str) -> str:
    """Give a number the minus sign of mathematics, and a power of ten."""
    base, e, power = text.partition("e")
    found = base.replace("-", "$-$").replace("∞", r"$\infty$")
    return rf"{found}$\times10^{{{int(power)}}}$" if e else found


def escaped(text: str) -> str:
    """Escape what LaTeX would take for a command or has no letter for."""
    found = latex(text)
    for sign, command in SIGNS.items():
        found = found.replace(sign, command)
    return found


def _comment(text: str) -> str:
    return " ".join(text.split())
