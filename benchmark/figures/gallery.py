"""Drawing the figures of a folder that would look different from before; those of a database, and any others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark.analysis.analyse import Analysis
from benchmark.databases import Database
from benchmark.figures.contents import figures_of
from benchmark.figures.drawing import Drawing
from benchmark.figures.formats import SUFFIXES, write_files
from benchmark.parallel import run_tasks
from fusion_metrics.files import write_text

#: Beside the figures: name and hash of each, and a line a metric that says what was computed.
DRAWN, SIGNED = "drawn.json", "signatures.txt"
#: Starting processes takes longer than drawing this many.
FEW = 4


def draw_figures(
    folder: Path,
    database: Database,
    analysis: Analysis,
    jobs: int = 1,
    on_figure: Callable[[], None] = lambda: None,
) -> None:
    """Draw all figures of a database; see `draw_all`."""
    signatures = [item.entry.signature for item in analysis.correlations]
    draw_all(folder, figures_of(database, analysis), jobs, on_figure, signatures=signatures)


def draw_all(
    folder: Path,
    wanted: Mapping[str, Drawing],
    jobs: int = 1,
    on_figure: Callable[[], None] = lambda: None,
    *,
    signatures: Iterable[str] = (),
) -> None:
    """Draw figures, except those that are there already and show the same.

    Parameters
    ----------
    folder : Path
        Gets every figure as PDF and PNG. Figures that an earlier call drew there, and that no longer belong to the
        results, are deleted.
    wanted : mapping of str to Drawing
        By name; a slash in it makes a folder.
    jobs : int
        Processes.
    on_figure : callable, optional
        Called after each figure.
    signatures : iterable of str
        What was computed, a line a metric; they are written beside the figures.
    """
    digests = {name: drawing.digest for name, drawing in wanted.items()}
    drawn = _read(folder / DRAWN)
    for name in set(drawn) - set(wanted):
        for path in _files(folder, name):
            path.unlink(missing_ok=True)
    kept = {
        name: digest
        for name, digest in digests.items()
        if drawn.get(name) == digest and all(path.exists() for path in _files(folder, name))
    }
    for _ in kept:
        on_figure()
    tasks = [_Task(name, drawing, folder) for name, drawing in wanted.items() if name not in kept]
    try:
        for name in run_tasks(_run_task, iter(tasks), jobs=jobs if len(tasks) > FEW else 1):
            kept[name] = digests[name]
            on_figure()
    finally:
        if kept or drawn:
            write_text(folder / DRAWN, json.dumps(kept, indent=0, sort_keys=True) + "\n")
    if signed := list(dict.fromkeys(filter(None, signatures))):
        write_text(folder / SIGNED, "\n".join(signed) + "\n")


@dataclass(frozen=True)
class _Task:
    name: str
    drawing: Drawing
    folder: Path


def _run_task(task: _Task) -> str:
    write_files(task.drawing, task.folder / task.name)
    return task.name


def _files(folder: Path, name: str) -> list[Path]:
    return [folder / f"{name}{suffix}" for suffix in SUFFIXES]


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
