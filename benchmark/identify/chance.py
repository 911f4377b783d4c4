"""How many candidates would agree with a printed column by chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmark.identify.printed import Printed

#: Density of a normal distribution at its centre, for a standard deviation of 1.
CENTRE = 1.0 / math.sqrt(2.0 * math.pi)
#: Least standard deviation, in powers of e, that candidates' values are taken to have: a few that lie together say
#: little about where another one would lie.
NARROWEST = 0.7


def expected_by_chance(printed: Sequence[Printed], probes: Sequence[Printed], tried: Sequence[float]) -> float:
    """Estimate how many candidates fit a column although they did not print it.

    The first number is met with the probability of its last digit's unit among the candidates' values, which are taken
    to be log-normal; that its logarithm lies in the middle of theirs makes the estimate a high one. A candidate that
    met the first number is taken to vary around the others as much as the column varies, so that each of them is met
    with the probability of its unit in a normal distribution of the column's standard deviation.

    Parameters
    ----------
    printed, probes : sequence of Printed
        The column; the numbers on which candidates were tried first.
    tried : sequence of float
        The value of each candidate for the first of `probes`, NaN where it has none.

    Returns
    -------
    float
        Number of candidates times the probability that all numbers agree.
    """
    first = probes[0]
    values = np.abs([value for value in tried if math.isfinite(value) and value != 0.0])
    if not math.isfinite(first.value):
        return float(sum(math.isnan(value) for value in tried))
    spread = max(float(np.log(values).std()), NARROWEST) if len(values) else NARROWEST
    size = abs(first.value) or (float(np.median(values)) if len(values) else 1.0)
    expected = len(tried) * min(1.0, CENTRE * first.unit / (size * spread))
    numbers = [number for number in printed if math.isfinite(number.value)]
    deviation = float(np.std([number.value for number in numbers]))
    for number in numbers:
        if number is not first:
            expected *= min(1.0, CENTRE * number.unit / deviation) if deviation > 0.0 else 1.0
    return expected
