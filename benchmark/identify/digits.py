"""A printed number: its value, and the unit of its last digit, whatever units, signs and marks surround it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from benchmark.errors import BenchmarkError

#: Cells that say that there is no number here, in a table in which every row has every column.
BLANK = frozenset({"", "-", "--", "---", "–", "—", "/", "\\"})

_SPREAD = re.compile(r"\s*(?:±|\+/-|\+-|\\pm).*$")
_MARKS = re.compile(r"^[\s*_`$~]+|[\s*_`$†‡§¶¹²³↑↓↗↘→★☆]+$")
_POWER = re.compile(r"\s*(?:×|\\times|x)\s*10\^?\s*\{?\s*([-+−]?\d+)\s*\}?$")
_RANK = re.compile(r"\s*\(\s*\d{1,2}\s*\)$")
_UNIT = re.compile(r"(?<=[\d.])\s*(?:dB|bits?|bpp|nats?|px|s|ms|sec)\.?$", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d+)*[.,]?|[.,]\d+)(?:[eE][-+]?\d+)?")
_NO_NUMBER = re.compile(r"[-+]?(?:nan|inf|infinity|∞)", re.IGNORECASE)
_GROUPS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+")


class Number(NamedTuple):
    """A printed number.

    Attributes
    ----------
    value : float
        NaN where a script printed none (`NaN`, `Inf`).
    unit : float
        One unit of the last printed digit.
    """

    value: float
    unit: float


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Whether a table writes 12,5 for twelve and a half: some number says so, and none has a point.

    Examples
    --------
    >>> has_decimal_commas(["1,234", "12,5"]), has_decimal_commas(["1,234", "12.5"])
    (True, False)
    """
    numbers = [text for cell in cells if _NUMBER.fullmatch(text := _bare(cell)[0])]
    with_comma = [text for text in numbers if "," in text]
    return any(not _GROUPS.fullmatch(text) for text in with_comma) and not any("." in text for text in numbers)


def read_number(cell: str, *, decimal_comma: bool = False, percent: bool = False) -> Number:
    """Read one cell.

    Parameters
    ----------
    cell : str
        Such as ``0.71``, ``34.2 dB``, ``0.71±0.02`` (the spread is left out), ``**0.71**``, ``0.71 (2)`` (a rank is
        left out), ``71.2 %`` (which is 0.712), ``1.2×10^-3``, ``12,5``, ``1,234.5``, ``NaN``.
    decimal_comma : bool
        What a lone comma before three digits is: a decimal comma, or one between thousands.
    percent : bool
        The head of the column has a percent sign.

    Raises
    ------
    BenchmarkError
        The cell is no number.

    Examples
    --------
    >>> read_number("**34.20 dB**")
    Number(value=34.2, unit=0.01)
    >>> read_number("71.5 ± 2.1 %")
    Number(value=0.715, unit=0.001)
    """
    text, scale = _bare(cell)
    if _NO_NUMBER.fullmatch(text):
        return Number(math.nan, 0.0)
    if not _NUMBER.fullmatch(text):
        raise BenchmarkError(f"{cell!r} is not a number")
    try:
        number = Decimal(_with_point(text, decimal_comma)).scaleb(scale - 2 * percent * (scale == 0))
        unit = float(Decimal(1).scaleb(int(number.as_tuple().exponent)))
    except (ArithmeticError, ValueError):
        raise BenchmarkError(f"{cell!r} is not a number") from None
    if not (math.isfinite(float(number)) and 0.0 < unit < math.inf):
        raise BenchmarkError(f"{cell!r} is not a number that fits into 64 bits")
    return Number(float(number), unit)


def is_number(cell: str) -> bool:
    """Whether a cell can be read as a number (or as that of a script that printed none)."""
    text, _ = _bare(cell)
    return bool(_NUMBER.fullmatch(text) or _NO_NUMBER.fullmatch(text))


def _bare(cell: str) -> tuple[str, int]:
    """Take off what surrounds the digits; return them with the power of ten that stood apart."""
    scale = 0
    text = cell.replace("−", "-").replace("\u00a0", " ").replace("\u202f", " ")
    text = _MARKS.sub("", text.strip())
    if text.endswith("%"):
        text, scale = text.rstrip("\\%").rstrip(), -2
    text = _MARKS.sub("", _SPREAD.sub("", text))
    text = _UNIT.sub("", _RANK.sub("", text))
    if text.endswith("%"):
        text, scale = text.rstrip("\\%").rstrip(), -2
    if power := _POWER.search(text):
        text, scale = text[: power.start()], scale + int(power[1].replace("−", "-"))
    return _MARKS.sub("", text).strip(), scale


def _with_point(text: str, decimal_comma: bool) -> str:
    if "," not in text:
        return text
    if "." in text:  # the last of the two is the decimal one
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        return text.replace(thousands, "").replace(",", ".")
    if _GROUPS.fullmatch(text) and (text.count(",") > 1 or not decimal_comma):
        return text.replace(",", "")
    return text.replace(",", ".")
