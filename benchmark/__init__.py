"""Databases, runs, correlations, tables and figures: metrics measured against human judgement.

What the command line does is a call of one of these functions. They are loaded when they are first used, because pandas
takes a second to load and listing metrics needs none of it.

Examples
--------
>>> import benchmark
>>> found = benchmark.score(a="mr.png", b="pet.png", fused=["mine.png", "theirs.png"])  # doctest: +SKIP
>>> found.means  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.analysis.measure import Options
    from benchmark.comparison.asked import Asked
    from benchmark.comparison.latex import Float
    from benchmark.databases import Database, open_database
    from benchmark.errors import BenchmarkError
    from benchmark.runs.compare import compare, compare_scores
    from benchmark.runs.comparison import Comparison
    from benchmark.runs.meta import MetaAnalysis
    from benchmark.runs.reproduce import Reproduction, reproduce
    from benchmark.runs.request import Computing
    from benchmark.runs.rerun import Rerun, rerun
    from benchmark.runs.results import RunResult, ScoreResult
    from benchmark.runs.run import analyse, run
    from benchmark.runs.score import score
    from benchmark.runs.train import Trained, train
    from benchmark.runs.watch import Watch
    from benchmark.scoring.folds import Learning
    from benchmark.scoring.foreign import ForeignScores
    from benchmark.scoring.foreign_file import read_foreign
    from benchmark.signed.citation import Citation, cite

_HOMES = {
    "Asked": "benchmark.comparison.asked",
    "BenchmarkError": "benchmark.errors",
    "Citation": "benchmark.signed.citation",
    "Comparison": "benchmark.runs.comparison",
    "Computing": "benchmark.runs.request",
    "Database": "benchmark.databases",
    "Float": "benchmark.comparison.latex",
    "ForeignScores": "benchmark.scoring.foreign",
    "Learning": "benchmark.scoring.folds",
    "MetaAnalysis": "benchmark.runs.meta",
    "Options": "benchmark.analysis.measure",
    "Reproduction": "benchmark.runs.reproduce",
    "Rerun": "benchmark.runs.rerun",
    "RunResult": "benchmark.runs.results",
    "ScoreResult": "benchmark.runs.results",
    "Trained": "benchmark.runs.train",
    "Watch": "benchmark.runs.watch",
    "analyse": "benchmark.runs.run",
    "cite": "benchmark.signed.citation",
    "compare": "benchmark.runs.compare",
    "compare_scores": "benchmark.runs.compare",
    "open_database": "benchmark.databases",
    "read_foreign": "benchmark.scoring.foreign_file",
    "reproduce": "benchmark.runs.reproduce",
    "rerun": "benchmark.runs.rerun",
    "run": "benchmark.runs.run",
    "score": "benchmark.runs.score",
    "train": "benchmark.runs.train",
}

__all__ = [
    "Asked",
    "BenchmarkError",
    "Citation",
    "Comparison",
    "Computing",
    "Database",
    "Float",
    "ForeignScores",
    "Learning",
    "MetaAnalysis",
    "Options",
    "Reproduction",
    "Rerun",
    "RunResult",
    "ScoreResult",
    "Trained",
    "Watch",
    "analyse",
    "cite",
    "compare",
    "compare_scores",
    "open_database",
    "read_foreign",
    "reproduce",
    "rerun",
    "run",
    "score",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
