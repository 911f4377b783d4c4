"""What a run found on one database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from benchmark.analysis.analyse import Analysis
from benchmark.analysis.table import correlation_table
from benchmark.databases import Database
from benchmark.scoring.far import far_notes
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
        table = correlation_table(self.database, self.analysis)
        seen = [
            f"{spec.id} was trained on these very images, and its agreement is not that on others"
            for spec in self.specs
            if spec.fitted.get("on") == self.database.name
        ]
        return replace(table, notes=(*table.notes, *seen, *far_notes(self.rows, self.specs)))
