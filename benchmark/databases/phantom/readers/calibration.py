"""Find the readers' constants: ``python -m benchmark.databases.phantom.readers.calibration``.

Makes and judges all fused images of `phantom` (about ten minutes on one core) and prints `USUAL` and `THRESHOLDS` of
`benchmark.databases.phantom.readers.panel`. Nothing but the components of the impressions and `SHARES` goes in; no
metric is computed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed

from benchmark.databases.phantom import PHANTOM, draw_pair, render_pair
from benchmark.databases.phantom.readers.impression import Impression, Reading
from benchmark.databases.phantom.readers.panel import PANELS, USUAL, Components, kind
from benchmark.fusion import PHANTOM_ALGORITHMS, fuse

#: Wanted shares of the scores 1 to 5 among the votes of the two readers.
SHARES = (0.05, 0.15, 0.45, 0.30, 0.05)

Named = tuple[str, Impression]


def impressions(index: int) -> list[Named]:
    """Judge the ten fused images of a pair of `phantom`."""
    pair = render_pair(draw_pair(PHANTOM.name, index))
    reading = Reading(pair)
    return [(f"fused/{name}/{pair.name}.png", reading.judge(fuse(pair.a, pair.b, name))) for name in PHANTOM_ALGORITHMS]


def usual(judged: Sequence[Named]) -> dict[str, tuple[Components, Components]]:
    """Mean and standard deviation of the components by kind of pair, to three decimals."""
    found = {}
    for group in USUAL:
        rows = [i for _, i in judged if kind(i.modality) == group]
        lesion = [i.lesion for i in rows if i.lesion is not None]
        columns = (lesion, [i.anatomy for i in rows], [i.function for i in rows], [i.artefact for i in rows])
        mean, spread = ([round(float(moment(column)), 3) for column in columns] for moment in (np.mean, np.std))
        found[group] = ((mean[0], mean[1], mean[2], mean[3]), (spread[0], spread[1], spread[2], spread[3]))
    return found


def thresholds(judged: Sequence[Named]) -> list[float]:
    """Quantiles of the percepts of both readers at the cumulated `SHARES`, to two decimals."""
    panel = PANELS[PHANTOM.name]
    percepts = [r.percept(i, PHANTOM.name, image) for r in (panel.first, panel.second) for image, i in judged]
    return [round(float(q), 2) for q in np.quantile(percepts, np.cumsum(SHARES)[:-1])]


def main() -> None:
    """Print the constants."""
    pairs = Parallel(n_jobs=-1)(delayed(impressions)(index) for index in range(len(PHANTOM)))
    judged = [named for pair in pairs for named in pair]
    USUAL.update(usual(judged))  # percepts, and so the thresholds, depend on it
    print("USUAL =", USUAL)
    print("THRESHOLDS =", thresholds(judged))


if __name__ == "__main__":
    main()
