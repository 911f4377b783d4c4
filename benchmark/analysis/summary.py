"""One line of the table of metrics against opinion scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmark.analysis.entries import Entry
from benchmark.analysis.measure import Estimate, Measured
from benchmark.statistics.levels import Level


@dataclass(frozen=True, eq=False)
class Correlation:
    """Agreement of one metric with the opinion scores of one database.

    Attributes
    ----------
    entry : Entry
    measured : Measured or None
        None where the metric has no scores.
    clusters : mapping of str to int
        Rank cluster by SRCC, 1 is best, at the levels at which the metric was compared with others.
    near_best : mapping of str to bool
        Whether it is not significantly worse than the best, at the same levels.
    """

    entry: Entry
    measured: Measured | None
    clusters: Mapping[Level, int] = field(default_factory=dict)
    near_best: Mapping[Level, bool] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name of the line: ``qabf``, ``te:nava``, ``bmpri@pair``."""
        return self.entry.label

    def find(self, statistic: str, level: str = "global") -> Estimate:
        """Return one number; without a value if there is none."""
        return (self.measured or Measured.NOTHING).find(statistic, level)

    @property
    def srcc(self) -> float | None:
        """Spearman's correlation over all images; a negative value means that the metric disagrees."""
        return self.find("srcc").value

    @property
    def reason(self) -> str:
        """Why there are no values: a metric without a score for each image is not compared on those it has."""
        if self.measured is None:
            return self.entry.reason
        return "" if self.srcc is not None else self.find("srcc").note

    @property
    def note(self) -> str:
        """What to know before leaning on the numbers."""
        return "" if self.srcc is None else self.find("srcc").note

    @property
    def mapping(self) -> str:
        """Whether the fitted curve is ``increasing``, ``decreasing`` or ``not monotone``, or why there is none."""
        return (self.measured.curve.direction or self.measured.curve.reason) if self.measured else ""
