"""The page ``docs/which-script.md``: what each script's definition says of one and the same picture, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmark.example_pictures import example
from benchmark.pages.metrics import number
from benchmark.tables import Cell, Table, heads, markdown_table
from fusion_metrics import Image, Metric, MetricSpec, Score
from fusion_metrics.scoring import evaluate
from fusion_metrics.scripts import Script
from fusion_metrics.spec import DEFAULT_VARIANT

SIZE = 256
#: Variants called after scripts, in the order of the columns.
SCRIPTS = (
    "liu2012",
    "vifb",
    "mefb",
    "tang",
    "tang-2022",
    "tang-python",
    "thfylsty",
    "cddfuse",
    "li2018",
    "ivif-zoo",
)
#: Relative difference up to which a script has the published value.
SAME = 1e-9

INTRODUCTION = """# Which script?

Made by `fmbench list --page which-script > docs/which-script.md`, a test holds it against the code.

One colour picture, {size}x{size} pixels (`benchmark.example_pictures`: two sources, each sharp in one half, and their
average), scored by the published definitions and as ten collections of scripts compute them. That these variants give
what the scripts print, to 1e-6 (2e-5 for `cddfuse`, `tang-python` and `ivif-zoo`, which compute with 32 bits), is
tested on other pictures (`tests/golden`). `=` stands for the value of the publication, an empty cell for a metric that
the script does not have, a dash for one that gives no value here. Colours are read as each script reads them: `vifb`
and `mefb` work on red, green and blue, the others on grey pictures: `cddfuse` by OpenCV's rule, `tang-python` and
`ivif-zoo` by Pillow's, the rest by MATLAB's.

`fmbench score path/to/database --metrics cddfuse` prints the table of a script, all its columns in its order; the same
with the names of the other columns here, and with `kumar2013`. Each has [a page of its own](scripts/index.md).

Numbers of a table whose script is not named: `fmbench identify table.csv path/to/database` says which variant printed
them.
"""


def which_script_page(specs: Sequence[MetricSpec], on_metric: Callable[[], None] = lambda: None) -> str:
    """Write the page.

    Parameters
    ----------
    specs : sequence of MetricSpec
        All variants; metrics that no script has are left out.
    on_metric : callable, optional
        Called after each variant that was scored.
    """
    triple = example(SIZE, colour=True)
    a, b, fused = (Image(pixels, name=name) for pixels, name in zip(triple, triple._fields, strict=True))
    metrics: dict[str, list[tuple[MetricSpec, Score]]] = {}
    for spec in specs:
        if spec.needs_reference:  # scripts of fusion know of none
            continue
        metrics.setdefault(spec.name, []).append((spec, evaluate(Metric(spec), fused, a, b)))
        on_metric()
    shown = {name: scored for name, scored in metrics.items() if _has_script([spec for spec, _ in scored])}
    lines = [INTRODUCTION.format(size=SIZE)]
    columns = ("metric", "name in the field", "paper", *(f"[{name}](scripts/{name}.md)" for name in SCRIPTS))
    lines += [markdown_table(columns, map(_row, shown.values()))]
    lines += ["", "## Why they differ", ""]
    lines += ["Other variants than those called after scripts are listed too.", ""]
    for name, scored in shown.items():
        (paper, published), *others = scored
        lines += [f"### {name}", "", f"- `paper` {number(published.value)}: {paper.variant_summary}"]
        for spec, score in others:
            lines += [f"- `{spec.variant}` {_against(score, published)}: {spec.variant_summary}"]
            if score.value is None:
                lines[-1] += f" No value here: {score.reason}."
        lines += [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def script_table(scripts: Sequence[Script]) -> Table:
    """Show the scripts whose tables can be printed: one row a script."""
    rows = tuple(
        tuple(Cell(text) for text in (script.name, script.title, script.state, " ".join(script.columns)))
        for script in scripts
    )
    return Table(f"{len(scripts)} scripts", heads("name", "what it is", "state", "columns", numbers=()), rows)


def _has_script(specs: Sequence[MetricSpec]) -> bool:
    return any(spec.variant in SCRIPTS for spec in specs)


def _row(scored: Sequence[tuple[MetricSpec, Score]]) -> tuple[str, ...]:
    by_variant = {spec.variant: score for spec, score in scored}
    published = by_variant[DEFAULT_VARIANT]
    cells = []
    for script in SCRIPTS:
        score = by_variant.get(script)
        cells.append("" if score is None else "=" if _is_same(score, published) else number(score.value))
    spec = scored[0][0]
    return (f"[`{spec.name}`](#{spec.name})", f"{spec.title} {spec.arrow}", number(published.value), *cells)


def _against(score: Score, published: Score) -> str:
    """Print a value, and by how much it departs from the published one."""
    if _is_same(score, published):
        return f"{number(score.value)} (the same)"
    if score.value is None or not published.value:
        return number(score.value)
    departure = score.value / published.value - 1.0
    return f"{number(score.value)} ({departure:+.2%})" if abs(departure) < 1.0 else number(score.value)


def _is_same(score: Score, published: Score) -> bool:
    if score.value is None or published.value is None:
        return score.value is published.value
    return abs(score.value - published.value) <= SAME * abs(published.value)
