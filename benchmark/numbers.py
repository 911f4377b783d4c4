"""Numbers of one column with the same digits behind the point, so that they can be compared at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Digits of the greatest number in a column.
DIGITS = 4
#: Numbers that would need more digits behind the point are written with an exponent.
MOST = 7


def formatter(numbers: Sequence[float], decimals: int | None = None) -> str:
    """Return the format of a column.

    Parameters
    ----------
    numbers : sequence of float
        All of the column; those that are not finite have no say.
    decimals : int, optional
        Digits behind the point, in place of as many as give the greatest number four digits.

    Examples
    --------
    >>> formatter([0.6812, 0.7]), formatter([7.1, 66.31]), formatter([2e-9, 1e-9])
    ('.4f', '.2f', '.3e')
    """
    if decimals is not None:
        return f".{decimals}f"
    greatest = max((abs(number) for number in numbers if math.isfinite(number)), default=0.0)
    if greatest == 0.0:
        return f".{DIGITS}f"
    # The rounded number counts: 9.99996 becomes 10.00.
    exponent = math.floor(math.log10(float(f"{greatest:.{DIGITS - 1}e}")))
    places = DIGITS - 1 - exponent
    return f".{DIGITS - 1}e" if places > MOST else f".{max(places, 0)}f"


def written(number: float, form: str) -> str:
    """Write a number; what rounds to zero has no sign.

    >>> written(-0.00001, ".2f"), written(math.inf, ".2f")
    ('0.00', '∞')
    """
    if math.isinf(number):
        return "∞" if number > 0 else "-∞"
    text = format(number, form)
    return text[1:] if text.startswith("-") and not any(digit in text for digit in "123456789") else text


def probability(p: float) -> str:
    """Write a p value.

    >>> probability(0.00002), probability(0.0214), probability(0.6)
    ('p < 0.0001', 'p = 0.021', 'p = 0.60')
    """
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {p:.2f}" if p >= 0.1 else f"p = {p:.3f}" if p >= 0.001 else f"p = {p:.4f}"


def counted(number: int, what: str) -> str:
    """Write a number of things.

    >>> counted(1, "pair"), counted(24, "pair")
    ('1 pair', '24 pairs')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def lasting(seconds: float) -> str:
    """Write a time as people say it.

    >>> lasting(0.3), lasting(42), lasting(760), lasting(9000), lasting(400000)
    ('under 1 s', '42 s', '13 min', '2 h 30 min', '4 days 15 h')
    """
    if seconds < 1:
        return "under 1 s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    hours = round(minutes / 60)
    return f"{hours // 24} days {hours % 24} h"


def listed(names: Sequence[str], most: int | None = None) -> str:
    """Join names as a sentence does.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c", "d"], most=2)
    ('a, b and c', 'a, b and 2 more')
    """
    shown = list(names)
    if most is not None and len(shown) > most:
        shown = [*shown[:most], f"{len(names) - most} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
