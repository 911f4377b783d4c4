"""What a run found on one database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.table import correlation_table
from benchmark.databases import Database
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.splits import Split
from benchmark.tables import Table
from fusion_metrics import MetricSpec


@dataclass(frozen=True)
class Outcome:
    """All that a run found on one database."""

    database: Database
    rows: Sequence[ScoreRow]
    specs: Sequence[MetricSpec]
    analysis: Analysis
    splits: Sequence[Split] = ()

    @cached_property
    def table(self) -> Table:
        """The correlation table."""
        return correlation_table(self.database, self.analysis)
