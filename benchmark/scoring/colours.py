"""Which colour pictures were scored on their luminance: what a table says that a reader would not expect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmark.numbers import listed
from benchmark.scoring.rows import ScoreRow
from fusion_metrics import MetricSpec
from fusion_metrics.reading import DEFAULT_GREY, Reading

#: Of a coloured picture, among what the column ``reading`` tells about it.
COLOUR = "colour"


def luminance_notes(rows: Iterable[ScoreRow], specs: Sequence[MetricSpec]) -> list[str]:
    """Say which metrics scored colour pictures on their luminance, and by which rule that was computed.

    Parameters
    ----------
    rows : iterable of ScoreRow
        Their column ``reading`` tells which pictures are coloured; without it nothing is said.
    specs : sequence of MetricSpec
        The metrics of the table.
    """
    seen = {spec.id: spec for spec in specs if spec.channels == "luminance" and not spec.learns}
    readings: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.reading.endswith(COLOUR) or f"{COLOUR};" in row.reading:
            readings.setdefault(row.identity.id, {})[row.reading] = None
    by_rule: dict[str, list[str]] = {}
    for name, spec in seen.items():
        for reading in readings.get(name, ()):
            rule = grey_rule(spec, reading)
            pictures = coloured(reading)
            looked_at = {"fused", "reference"} if spec.needs_reference else {"fused"}
            if (pictures - {"reference"} and spec.needs_sources) or pictures & looked_at:
                names = by_rule.setdefault(rule, [])
                names += [name] if name not in names else []
    every = len(specs) if len(specs) > 1 else 0
    return [
        f"colour pictures were scored on their luminance ({rule}) by "
        f"{'all metrics' if len(names) == every else listed(names)}"
        for rule, names in by_rule.items()
    ]


def coloured(reading: str) -> set[str]:
    """Say which pictures are coloured, by what the column ``reading`` tells.

    >>> sorted(coloured("strict; a: cropped; b, fused: page 1 of 2, colour"))
    ['b', 'fused']
    """
    found: set[str] = set()
    for part in reading.split("; ")[1:]:
        roles, _, told = part.partition(": ")
        if told == COLOUR or told.endswith(f", {COLOUR}"):
            found |= set(roles.split(", "))
    return found


def grey_rule(spec: MetricSpec, reading: str) -> str:
    """Name the rule by which luminance was computed: that of the variant, if it has one, or else of the reading."""
    if spec.grey != DEFAULT_GREY:
        return spec.grey
    return Reading.parse(reading.partition(";")[0]).grey
