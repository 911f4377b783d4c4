"""What a study says about its raters: agreement, consistency, screening, and how many of them it takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.statistics.panel import Correlated, Panel, correlate_raters, panel_model
from benchmark.statistics.reliability import Consistency, Intraclass, consistency, intraclass, krippendorff_alpha
from benchmark.statistics.screening import Screening, screen_raters
from benchmark.statistics.spread import (
    FEWEST,
    MOST,
    Opinions,
    mean_opinions,
    raters_for_interval,
    raters_for_reliability,
    sos_parameter,
)
from benchmark.study.model import SCALES, Study
from benchmark.study.ratings import Ratings
from benchmark.tables import ABSENT, Cell, Head, Table, count, number

#: Half the width of the interval of a mean score that a study should reach, as a part of the scale, and the reliability
#: of mean scores: a quarter of a step of five, and what is usually called excellent.
REACH, RELIABLE = 1 / 16, 0.9


@dataclass(frozen=True)
class PanelReport:
    """All of it; None where there are too few votes.

    Attributes
    ----------
    raters : tuple of str
    votes : tuple of int
        Images that each rated.
    opinions : Opinions
    intraclass : Intraclass or None
    alpha, sos : float or None
        Krippendorff's alpha for interval data; Hossfeld's a.
    repeated : tuple of (Consistency or None)
    screening : Screening or None
        After ITU-R BT.500.
    correlated : Correlated or None
        After ITU-T P.913.
    panel : Panel or None
        After ITU-T P.910.
    together : int
        Images that all raters rated: intraclass correlation and screening are about these.
    """

    raters: tuple[str, ...]
    votes: tuple[int, ...]
    opinions: Opinions
    intraclass: Intraclass | None
    alpha: float | None
    sos: float | None
    repeated: tuple[Consistency | None, ...]
    screening: Screening | None
    correlated: Correlated | None
    panel: Panel | None
    together: int


def report_on(study: Study, ratings: Ratings) -> PanelReport:
    """Compute all that the votes allow."""
    table, whole = ratings.table, ratings.complete
    scale = SCALES[study.scale]
    rated = np.isfinite(table)
    kinds = [item.algorithm for item, row in zip(study.items, rated, strict=True) if row.all()]
    varied = bool(rated.any()) and np.ptp(table[rated]) > 0
    several, enough = len(ratings.raters) >= 2 and varied, len(whole) >= 3
    differing = enough and np.ptp(whole) > 0
    opinions = mean_opinions(table)
    shared = table[rated.sum(axis=1) >= 2]
    modelled = several and bool((rated.sum(axis=0) >= 2).all())
    sos = sos_parameter(opinions.mean, opinions.deviation, scale.low, scale.high)
    return PanelReport(
        raters=ratings.raters,
        votes=tuple(int(n) for n in rated.sum(axis=0)),
        opinions=opinions,
        intraclass=intraclass(whole) if several and differing else None,
        alpha=krippendorff_alpha(table) if len(shared) and np.ptp(shared[np.isfinite(shared)]) > 0 else None,
        sos=sos if np.isfinite(sos) else None,
        repeated=tuple(
            consistency([a for a, _ in ratings.again[name]], [b for _, b in ratings.again[name]])
            for name in ratings.raters
        ),
        screening=screen_raters(whole) if enough and len(ratings.raters) >= 3 else None,
        correlated=correlate_raters(whole, kinds) if several and differing else None,
        panel=panel_model(table[rated.any(axis=1)]) if modelled else None,
        together=len(whole),
    )


def raters_table(study: Study, report: PanelReport) -> Table:
    """Return a line a rater, and what holds for all of them below."""
    head = (
        Head("rater", numeric=False),
        Head("votes"),
        Head("repeats"),
        Head("same", "share of repeated images that got the same vote"),
        Head("moved", "mean difference of the two votes"),
        Head("bias", "P.910: above or below the others"),
        Head("noise", "P.910: inconsistency, a standard deviation"),
        Head("r1", "P.913: correlation with the panel over images"),
        Head("r2", "P.913: the same over algorithms"),
        Head("far", "BT.500: share of votes far from the mean"),
        Head("screening", numeric=False),
    )
    rows = []
    for k, name in enumerate(report.raters):
        again, panel, correlated, screening = (
            report.repeated[k],
            report.panel,
            report.correlated,
            report.screening,
        )
        rejected = [
            word
            for word, verdict in (("BT.500", screening), ("P.913", correlated))
            if verdict is not None and verdict.rejected[k]
        ]
        judged = screening is not None or correlated is not None
        rows.append(
            (
                Cell(name),
                count(report.votes[k]),
                count(again.repeats if again else 0),
                number(again.same if again else None, digits=2),
                number(again.difference if again else None, digits=2),
                number(float(panel.bias[k]) if panel else None, digits=2),
                number(float(panel.inconsistency[k]) if panel else None, digits=2),
                number(_finite(correlated.images[k]) if correlated else None, digits=2),
                number(_finite(correlated.algorithms[k]) if correlated else None, digits=2),
                number(float(screening.share[k]) if screening else None, digits=2),
                Cell(("rejected by " + ", ".join(rejected)) if rejected else "kept" if judged else ABSENT),
            )
        )
    return Table(f"{study.title}: {study.scores} raters", head, tuple(rows), tuple(notes_on(study, report)))


def notes_on(study: Study, report: PanelReport) -> list[str]:
    """Say in sentences what was found."""
    scale = SCALES[study.scale]
    said = []
    if report.intraclass is not None:
        icc = report.intraclass
        said.append(
            f"ICC(2,1) = {icc.single:.3f} ({icc.low:.3f} .. {icc.high:.3f}), ICC(2,k) = {icc.mean:.3f} "
            f"({icc.mean_low:.3f} .. {icc.mean_high:.3f}) with k = {icc.raters}, ICC(3,k) = {icc.consistent:.3f} "
            f"(two-way; agreement, agreement and consistency; Shrout and Fleiss), over the {icc.images} images that "
            "all raters rated"
        )
    if report.alpha is not None:
        said.append(f"Krippendorff's alpha = {report.alpha:.3f}, interval data")
    if report.sos is not None:
        said.append(f"SOS parameter a = {report.sos:.3f} (Hossfeld): 0 if all agree, 1 if all vote at the two ends")
    if (needed := recommended(study, report)) is not None:
        for_interval, for_reliability = needed
        reach = REACH * (scale.high - scale.low)
        more = "" if for_reliability is None else f"; {_raters(for_reliability)} for ICC(2,k) = {RELIABLE}"
        said.append(
            f"recommended: {_raters(for_interval)} for intervals of ±{reach:g} on the typical image{more}; "
            f"BT.500 asks for {FEWEST} or more"
        )
    if report.screening is not None or report.correlated is not None:
        said.append(
            "screening only reports: nobody is left out unless --leave-out names them; r1 and r2 include the rater's "
            "own votes, as P.913 has them, so that small panels flatter"
        )
    if report.panel is not None and not report.panel.weighted:
        said.append("bias and noise: all raters weigh the same, since of so few one would get all the weight")
    if len(report.raters) < 3:
        said.append("with fewer than three raters nobody can be said to be off")
    return said


def recommended(study: Study, report: PanelReport) -> tuple[int, int | None] | None:
    """Return how many raters the interval of the typical image asks for, and the reliability of mean scores."""
    known = report.opinions.deviation[np.isfinite(report.opinions.deviation)]
    if not len(known):
        return None
    scale = SCALES[study.scale]
    typical = float(np.sqrt(np.mean(known**2)))
    for_interval = raters_for_interval(typical, REACH * (scale.high - scale.low))
    icc = report.intraclass
    return for_interval, None if icc is None else raters_for_reliability(icc.single, RELIABLE)


def _raters(n: int) -> str:
    return f"{n} raters" if n < MOST else f"{MOST} raters or more"


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
