"""What a line of scores is about: a metric in a variant and, where it was fitted, the protocol and the repeat."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from benchmark.scoring.splits import BEST
from fusion_metrics.spec import DEFAULT_VARIANT

#: Variants of foreign scores, and whether more of them is better; see `benchmark.scoring.foreign`.
FOREIGN = {"foreign-higher": True, "foreign-lower": False}
#: ``paper``, ``paper@pair`` or ``paper@pair#2``, as the column ``variant`` of every CSV file has it.
_TEXT = re.compile(r"(?P<variant>[^@]*)(?:@(?P<protocol>[^#]*)(?:#(?P<number>[1-9]\d{0,8}))?)?", re.ASCII)


@dataclass(frozen=True)
class Identity:
    """A metric, and how it came to its scores.

    Attributes
    ----------
    metric, variant : str
    protocol : str
        Under which it was fitted; empty for a metric that does not learn. See `benchmark.scoring.splits`.
    repeat : int
        From 0: which deal of the images.

    Examples
    --------
    >>> found = Identity.parse("bmpri", "paper@pair#2")
    >>> found.id, found.label, str(found), found.first.label
    ('bmpri', 'bmpri@pair#2', 'paper@pair#2', 'bmpri@pair')
    """

    metric: str
    variant: str = DEFAULT_VARIANT
    protocol: str = ""
    repeat: int = 0

    @classmethod
    def parse(cls, metric: str, text: str) -> Identity:
        """Read the columns ``metric`` and ``variant`` of a CSV file; any other text is the name of a variant."""
        found = _TEXT.fullmatch(text)
        if found is None:
            return cls(metric, text)
        return cls(metric, found["variant"], found["protocol"] or "", int(found["number"] or 1) - 1)

    def __str__(self) -> str:
        number = f"#{self.repeat + 1}" if self.repeat else ""
        return self.variant + (f"@{self.protocol}{number}" if self.protocol else "")

    @property
    def id(self) -> str:
        """The shortest name that `create` understands: ``qabf``, ``te:nava``; foreign scores have their file in it."""
        return self.metric if self.variant in (DEFAULT_VARIANT, *FOREIGN) else f"{self.metric}:{self.variant}"

    @property
    def label(self) -> str:
        """Name of a line of a table: ``qabf``, ``te:nava``, ``bmpri@pair``."""
        return self.id + str(replace(self, variant=""))

    @property
    def first(self) -> Identity:
        """The first of the repeats, after which the line that shows their mean is called."""
        return replace(self, repeat=0)

    @property
    def definition(self) -> Identity:
        """The metric itself, however it was fitted."""
        return Identity(self.metric, self.variant)

    @property
    def chooses_on_test(self) -> bool:
        """Whether the best epoch was chosen on the images that are then tested on."""
        return self.protocol.endswith(BEST)


def qualified(label: str, qualifier: str) -> str:
    """Add to the name of a line in what its network departs from the published one, if it does.

    Examples
    --------
    >>> qualified("ms_aan@pair", "quick"), qualified("qabf", "")
    ('ms_aan@pair (quick)', 'qabf')
    """
    return f"{label} ({qualifier})" if qualifier else label
