"""What was found on a database with opinion scores, in one sentence."""

from __future__ import annotations

from benchmark.analysis.outcome import Outcome


def sentence_of(outcome: Outcome) -> str:
    """Say which metric agrees best, how well, and how many others are not found to be worse."""
    analysis, database = outcome.analysis, outcome.database
    judged = [item for item in analysis.best_first if item.srcc is not None]
    if not judged:
        return f"No metric could be held against the {database.scores} scores of {database.name}."
    best = judged[0]
    found = best.find("srcc")
    ends = "" if found.low is None or found.high is None else f", 95 % {found.low:.2f} to {found.high:.2f}"
    over = f"{len(analysis.opinions.images)} images of {len(set(analysis.opinions.pairs))} source pairs"
    said = f"{best.label} agrees best with the {database.scores} scores of {over} (SRCC {best.srcc:.3f}{ends})"
    own = best.clusters.get("global")
    if own is None or len(judged) == 1:
        return f"{said}."
    alike = sum(item.clusters.get("global") == own for item in judged) - 1
    others = len(judged) - 1
    if alike == others:
        return f"{said}, but no significant difference from any of the {others} other metrics is found."
    if alike:
        return f"{said}; {alike} of {others} other metrics are in its group, which is found to be better than the rest."
    return f"{said}, and is found to be better than all {others} other metrics."
