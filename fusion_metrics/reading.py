"""`Reading`: how a file becomes grey levels wherever more than one answer is possible.

Most pictures leave nothing to decide. Where one does (transparent pixels, colours in a palette, 16 bits of which
perhaps twelve are used), the same file has several sets of scores, so nothing is decided in silence: the default
refuses, and a reading says in one short text what else is wanted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from fusion_metrics.errors import FusionMetricsError, nearest

#: The text of a reading in which nothing is decided, and its grey rule.
STRICT_TEXT = "strict"
DEFAULT_GREY = "rgb2gray"

_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"
_LEVELS = re.compile(
    rf"(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})|(?P<kind>window|percentile)=(?P<first>{_NUMBER})/(?P<second>{_NUMBER})",
    re.ASCII,
)
#: What may be said of each part, with the default first; grey rules are looked up where they are declared.
_CHOICES = {
    "alpha": ("opaque-only", "refuse", "over-black", "over-white"),
    "palette": ("grey-only", "refuse", "expand"),
    "orientation": ("apply", "ignore"),
}
_ALIASES = {"pil": "pillow", "matlab": "rgb2gray"}


@dataclass(frozen=True)
class Reading:
    """What is done with pictures that can be read in more than one way.

    Attributes
    ----------
    grey : str
        How colours become luminance, one of `fusion_metrics.grey.GREY_RULES` (``pil`` is another name of ``pillow``).
        It holds for metrics of the luminance; a variant that declares a grey rule of its own keeps that.
    alpha : {"opaque-only", "refuse", "over-black", "over-white"}
        An alpha channel is left out if it is opaque everywhere, refused in any case, or the picture is laid over a
        background.
    palette : {"grey-only", "refuse", "expand"}
        A palette becomes pixels if the colours that occur are all grey, never, or always.
    levels : str
        What is black and white in pixels that are not 8-bit: ``8bit`` refuses all others; ``0..65535`` or any other two
        numbers; ``minmax``, the picture's own darkest and brightest pixel; ``window=CENTRE/WIDTH``, what lies outside
        being cut off; ``percentile=LOW/HIGH``, likewise. An 8-bit picture is 0..255, whatever this says.
    orientation : {"apply", "ignore"}
        What is done about the EXIF orientation.
    page : int
        Which page of a file of several is meant, counted from 1; with 0 such a file is refused.

    Raises
    ------
    FusionMetricsError
        A value that does not exist, with those that do.

    Examples
    --------
    >>> reading = Reading.parse("alpha=over-black, 0..4095")
    >>> reading.alpha, reading.levels, str(reading)
    ('over-black', '0..4095', 'alpha=over-black,0..4095')
    >>> Reading.parse(str(reading)) == reading, str(Reading())
    (True, 'strict')
    """

    grey: str = DEFAULT_GREY
    alpha: str = "opaque-only"
    palette: str = "grey-only"
    levels: str = "8bit"
    orientation: str = "apply"
    page: int = 0

    def __post_init__(self) -> None:
        if self.grey != DEFAULT_GREY:
            from fusion_metrics.grey import find_rule  # which needs images, which need this module

            object.__setattr__(self, "grey", find_rule(_ALIASES.get(self.grey, self.grey)).name)
        for name, choices in _CHOICES.items():
            if (value := getattr(self, name)) not in choices:
                raise FusionMetricsError(f"reading: unknown {name} {value!r}{nearest(value, choices)}")
        object.__setattr__(self, "levels", _normal(self.levels))
        if self.page < 0:
            raise FusionMetricsError(f"reading: page {self.page} is not a number of a page, which begin at 1")

    @classmethod
    def parse(cls, text: str) -> Reading:
        """Understand a text such as ``grey=opencv,alpha=over-black,window=40/80``; empty and ``strict`` decide nothing.

        Raises
        ------
        FusionMetricsError
            Naming the part that is not understood.
        """
        found: dict[str, Any] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            if part == STRICT_TEXT:
                continue
            name, value = _named(part)
            if name in found and found[name] != value:
                raise FusionMetricsError(f"reading: {name} is given twice, {found[name]!r} and {value!r}")
            found[name] = value
        return cls(**found)

    def __str__(self) -> str:
        return ",".join(self._parts()) or STRICT_TEXT

    def _parts(self) -> Iterator[str]:
        for field in fields(self):
            if (value := getattr(self, field.name)) != field.default:
                yield value if field.name == "levels" else f"{field.name}={value}"

    def ends(self, pixels: npt.NDArray[Any]) -> tuple[float, float] | None:
        """Say which values of these pixels are black and white; None if the reading does not decide that.

        Parameters
        ----------
        pixels : ndarray
            Finite numbers, the channels of a colour picture together.
        """
        if self.levels == "8bit":
            return None
        if self.levels == "minmax":
            return float(pixels.min()), float(pixels.max())
        parts = _LEVELS.fullmatch(self.levels)
        if parts is None:  # `_normal` has seen to it that this does not happen
            raise FusionMetricsError(f"reading: levels {self.levels!r} are not understood")
        if parts["low"] is not None:
            return float(parts["low"]), float(parts["high"])
        first, second = float(parts["first"]), float(parts["second"])
        if parts["kind"] == "window":
            return first - second / 2.0, first + second / 2.0
        low, high = np.percentile(pixels, [first, second])
        return float(low), float(high)

    @property
    def cuts(self) -> bool:
        """Whether values beyond black and white are meant to be cut off."""
        return self.levels.startswith(("window", "percentile"))


def as_reading(reading: Reading | str | Iterable[str]) -> Reading:
    """Make a `Reading` of a text, or of several that belong together."""
    if isinstance(reading, Reading):
        return reading
    return Reading.parse(reading if isinstance(reading, str) else ",".join(reading))


def _named(part: str) -> tuple[str, str | int]:
    """Split ``name=value``; levels may go without a name, because their form tells what they are."""
    name, equals, value = (word.strip() for word in part.partition("="))
    if name in ("levels", "range", "depth") and equals:
        return "levels", value
    if part in ("8bit", "minmax") or _LEVELS.fullmatch(part) or name in ("window", "percentile"):
        return "levels", part
    known = [field.name for field in fields(Reading)]
    if not equals or name not in known:
        forms = [*(f"{each}=..." for each in known if each != "levels"), "8bit", "minmax", "0..65535", "window=40/80"]
        raise FusionMetricsError(f"reading: {part!r} is not understood; known: {', '.join(forms)}, percentile=1/99")
    if name != "page":
        return name, value
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        raise FusionMetricsError(f"reading: page {value!r} is not a number of a page, which begin at 1")
    return name, int(value)


def _normal(levels: str) -> str:
    """Write levels in one way, and refuse those that describe no range."""
    if levels in ("8bit", "minmax"):
        return levels
    parts = _LEVELS.fullmatch(levels)
    if parts is None:
        raise FusionMetricsError(
            f"reading: levels {levels!r} are not understood; known: 8bit, minmax, 0..65535 (any two numbers), "
            "window=40/80 (centre and width), percentile=1/99"
        )
    first, second = (float(parts[a] or parts[b]) for a, b in (("low", "first"), ("high", "second")))
    if not (math.isfinite(first) and math.isfinite(second)):
        raise FusionMetricsError(f"reading: levels {levels!r} are not finite")
    kind = parts["kind"] or ""
    if not kind and not first < second:
        raise FusionMetricsError(f"reading: levels {levels!r} do not increase from black to white")
    if kind == "window" and not second > 0:
        raise FusionMetricsError(f"reading: {levels!r} has no width")
    if kind == "percentile" and not 0 <= first < second <= 100:
        raise FusionMetricsError(f"reading: {levels!r} must increase within 0..100")
    separator = "/" if kind else ".."
    return f"{kind + '=' if kind else ''}{_short(first)}{separator}{_short(second)}"


def _short(number: float) -> str:
    return str(int(number)) if number == int(number) and abs(number) < 1e16 else repr(number)


#: The default: whatever can be read in more than one way is refused.
STRICT = Reading()
