"""Tables made from rows: on the terminal, as Markdown and as LaTeX. Rounding happens here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from benchmark.databases import Database
from benchmark.scores import ScoreRow
from benchmark.splits import BEST
from fusion_metrics import Metric, MetricSpec
from fusion_metrics.scripts import column_names

if TYPE_CHECKING:  # what they import takes long to load, and a list of metrics needs none of it
    from benchmark.analysis import Analysis
    from benchmark.correlation import Correlation

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


def score_table(database: Database, rows: Sequence[ScoreRow], specs: Sequence[MetricSpec]) -> Table:
    """Algorithms against metrics: the mean score over an algorithm's images, best and second best marked.

    A mean exists only where every image of the algorithm has a score, and nothing is marked unless all algorithms fused
    the same pairs. Metrics become rows where they outnumber the algorithms.
    """
    pairs_of: dict[str, set[str]] = {}
    for row in rows:
        pairs_of.setdefault(row.algorithm, set()).add(row.pair)
    algorithms = list(pairs_of)
    comparable = all(pairs == pairs_of[algorithms[0]] for pairs in pairs_of.values())
    values: dict[tuple[str, str, str], list[float | None]] = {}
    for row in rows:
        values.setdefault((row.algorithm, row.metric, row.variant), []).append(row.value)
    columns = []
    for spec in specs:
        means = [_mean(values.get((algorithm, spec.name, spec.variant), [])) for algorithm in algorithms]
        columns.append(_ranked(means, spec, marked=comparable))
    names = column_names([spec.id for spec in specs]) or [spec.id for spec in specs]
    labels = [f"{name} {spec.arrow}" for name, spec in zip(names, specs, strict=True)]
    title = f"{database.title}: mean score of {len({row.pair for row in rows})} pairs"
    marks = "¹ best, ² second best" if comparable else "no best is marked: the algorithms did not fuse the same pairs"
    notes = [f"{marks}; ↑ higher is better, ↓ lower is better, →x nearer to x is better"]
    if any(cell.text == ABSENT for column in columns for cell in column):
        notes.append(f"{ABSENT}: not every image has a score, so there is no mean; the CSV file says why")
    notes += dict.fromkeys(said for spec in specs if not spec.learns and (said := Metric(spec).notes))
    if len(specs) > len(algorithms):
        body = tuple((Cell(label), *column) for label, column in zip(labels, columns, strict=True))
        return Table(title, ("metric", *algorithms), body, tuple(notes))
    body = tuple((Cell(name), *cells) for name, *cells in zip(algorithms, *columns, strict=True))
    return Table(title, ("algorithm", *labels), body, tuple(notes))


def correlation_table(database: Database, analysis: Analysis) -> Table:
    """Metrics against opinion scores, best SRCC first; metrics without a value last, with the reason."""
    arrows = {column.label: column.spec.arrow for column in analysis.columns}
    order = sorted(analysis.correlations, key=lambda item: (item.srcc is None, -(item.srcc or 0.0)))
    rows = []
    for item in order:
        cells = (
            f"{item.label} {arrows[item.label]}",
            str(item.n or ABSENT),
            _fixed(item.srcc),
            _range(item.srcc_low, item.srcc_high),
            _whole(item.cluster),
            _fixed(item.krcc),
            _fixed(item.plcc),
            _fixed(item.rmse),
            _fixed(item.mapped_plcc) + ("*" if item.mapping == "decreasing" else ""),
            _fixed(item.pair_srcc),
            _fixed(item.algorithm_srcc),
            _whole(item.algorithm_cluster),
        )
        rows.append(tuple(map(Cell, cells)))
    header = ("metric", "n", "SRCC", "95 %", "rank", "KRCC", "PLCC", "RMSE", "fitted", "per pair", "algorithms", "rank")
    title = f"{database.title} ({database.name}): agreement with {database.scores} scores"
    return Table(title, header, tuple(rows), tuple(_correlation_notes(analysis, order)))


def _correlation_notes(analysis: Analysis, order: Sequence[Correlation]) -> list[str]:
    opinions = analysis.opinions
    notes = [
        f"{len(opinions.q)} images, {len(set(opinions.pairs))} source pairs, {len(set(opinions.algorithms))} "
        "algorithms; positive: the metric agrees with the scores, whichever way it points",
        "95 %: interval of SRCC for other source pairs (bootstrap); rank: cluster by SRCC, of which no member is "
        "significantly worse than another (permutation test, Holm); fitted: PLCC after a logistic with "
        f"{analysis.options.parameters} parameters, fitted to the same images",
        "per pair: mean SRCC over the fused images of a source pair; algorithms: SRCC of the algorithms' means, with "
        "rank clusters from exchanging algorithms",
    ]
    if any(item.mapping == "decreasing" for item in order):
        notes.append("*: the fitted curve falls, so this PLCC hides that the metric disagrees")
    for level, name in (("global", "SRCC"), ("algorithm", "SRCC of algorithms")):
        ceiling = analysis.raters.ceilings.get(level)  # type: ignore[call-overload]
        if ceiling is not None:
            notes.append(
                f"noise ceiling, {name}: {ceiling.ceiling:.3f}, what a metric that knew the true opinion would reach "
                f"({ceiling.raters} raters; random halves of them correlate at {ceiling.half:.3f})"
            )
    if not analysis.raters.ceilings:
        notes.append(f"no noise ceiling: {analysis.raters.reason}")
    if analysis.raters.screening is not None:
        rejected = int(analysis.raters.screening.rejected.sum())
        notes.append(f"screening (ITU-R BT.500): {rejected} of {analysis.raters.raters} raters erratic; all are kept")
    comparisons = [compared.comparison for compared in analysis.compared.values()]
    notes += [found.warning for found in comparisons if found is not None and found.warning]
    if any("@" in item.variant for item in order):
        notes.append("@image, @pair: fitted on other images, or on images of other source pairs, than it is tested on")
    if any(BEST in item.variant.partition("@")[2] for item in order):
        notes.append("@image-best: as @image, but the epoch is kept that does best on what is then tested")
    if any("@external" in item.variant for item in order):
        notes.append("@external: fitted on another database")
    notes += dict.fromkeys(column.notes for column in analysis.columns if column.notes)
    said: dict[str, list[str]] = {}
    for item in order:
        for note in {item.note, item.reason} - {""}:
            said.setdefault(note, []).append(item.label)
    return notes + [note if len(who) == len(order) else f"{', '.join(who)}: {note}" for note, who in said.items()]


def metric_table(specs: Sequence[MetricSpec]) -> Table:
    """Show the catalogue: one row per metric and variant."""
    rows = tuple(
        tuple(
            Cell(text)
            for text in (spec.id, spec.title, spec.family, spec.arrow, interval(spec.bounds), spec.variant_summary)
        )
        for spec in specs
    )
    return Table(f"{len(specs)} metrics", ("name", "title", "family", "", "bounds", "what it computes"), rows)


def to_rich(table: Table) -> RichTable:
    """Form for the terminal; title and notes are left to the caller, who knows the width."""
    rich = RichTable(box=box.SIMPLE_HEAD)
    is_number = [
        all(_is_number(row[i].text) for row in table.rows) and bool(table.rows) for i in range(len(table.header))
    ]
    for name, right in zip(table.header, is_number, strict=True):
        rich.add_column(Text(name), justify="right" if right else "left", no_wrap=right or name in ("metric", "name"))
    for row in table.rows:
        rich.add_row(*(Text(cell.text + MARKS[cell.mark], style=STYLES[cell.mark]) for cell in row))
    return rich


def to_markdown(table: Table) -> str:
    """Form for README files."""
    lines = [f"**{table.title}**", "", markdown_row(table.header)]
    lines.append("|" + "|".join([" --- "] + [" ---: "] * (len(table.header) - 1)) + "|")
    lines += [markdown_row([cell.text + MARKS[cell.mark] for cell in row]) for row in table.rows]
    lines += ["", *(f"{note}  " for note in table.notes)]
    return "\n".join(lines) + "\n"


def to_latex(table: Table) -> str:
    """Form for papers (booktabs)."""
    wrap = {"": "{}", "best": r"\textbf{{{}}}", "second": r"\underline{{{}}}"}
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_latex(table.title)}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(table.header) - 1)}}}",
        r"\toprule",
        " & ".join(map(_latex, table.header)) + r" \\",
        r"\midrule",
        *(" & ".join(wrap[cell.mark].format(_latex(cell.text)) for cell in row) + r" \\" for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"% {note}" for note in table.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present and len(present) == len(values) else None


def _ranked(means: Sequence[float | None], spec: MetricSpec, *, marked: bool) -> list[Cell]:
    """Mark the two best among at least two algorithms; equal means share a mark."""
    texts = [ABSENT if mean is None else f"{mean:.4g}" for mean in means]
    levels = sorted({spec.orient(mean) for mean in means if mean is not None}, reverse=True)
    marks: dict[float, Mark] = {}
    if marked and len(levels) > 1:
        marks = {levels[0]: "best", levels[1]: "second"}
    return [
        Cell(text, "" if mean is None else marks.get(spec.orient(mean), ""))
        for text, mean in zip(texts, means, strict=True)
    ]


def _fixed(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.3f}"


def _whole(value: int | None) -> str:
    return ABSENT if value is None else str(value)


def _range(low: float | None, high: float | None) -> str:
    return ABSENT if low is None or high is None else f"{low:.2f} .. {high:.2f}"


def interval(bounds: tuple[float, float]) -> str:
    """Print bounds with four digits."""
    low, high = (f"{end:.4g}".replace("inf", "∞") for end in bounds)
    return f"{low} .. {high}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text == ABSENT
    return True


def markdown_row(cells: Sequence[str]) -> str:
    """Make one line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "_": r"\_",
    "#": r"\#",
    "$": r"\$",
    "^": r"\^{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "∞": r"$\infty$",
}


def _latex(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
