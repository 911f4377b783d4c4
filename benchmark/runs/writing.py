"""The files that a run leaves behind: its frames as CSV, its tables as Markdown and LaTeX, and its splits."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.analysis.subsets import over_subsets, write_subsets
from benchmark.csv_files import write_frame
from benchmark.escaping import file_name
from benchmark.scoring.splits import write_split
from benchmark.tables import to_latex, to_markdown
from fusion_metrics.files import write_text

if TYPE_CHECKING:
    from benchmark.runs.results import RunResult

FRAMES = ("scores", "predictions", "correlations", "estimates", "comparisons")


def write_run(folder: Path, result: RunResult, *, subsets: int = 0) -> None:
    """Write everything about a run but its figures into a folder.

    Parameters
    ----------
    folder : Path
        Gets, over all databases, the frames of `RunResult` as CSV files of their names, ``correlations.md`` and
        ``.tex``, and the splits under which metrics that learn were fitted.
    result : RunResult
    subsets : int
        Also agreement on so many random fifths of the images: ``subsets.csv``.
    """
    for name in FRAMES:
        write_frame(folder / f"{name}.csv", getattr(result, name))
    write_text(folder / "correlations.md", "\n".join(map(to_markdown, result.tables)))
    write_text(folder / "correlations.tex", "\n".join(map(to_latex, result.tables)))
    for outcome in result.outcomes:
        for split in outcome.splits:
            name = f"{file_name(outcome.database.name)}-{file_name(split.protocol)}-seed{split.seed}.csv"
            write_split(folder / "splits" / name, split)
    if subsets:
        found = (
            over_subsets(one.database, one.analysis, subsets, one.analysis.options.seed) for one in result.outcomes
        )
        write_subsets(folder / "subsets.csv", chain.from_iterable(found))
