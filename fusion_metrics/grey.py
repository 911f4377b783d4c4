"""How a colour picture becomes grey: one named rule for each of the programs that people use.

Metrics of one plane are computed on grey pictures, and every language brings its own conversion. Most of them share the
weights of ITU-R BT.601 and differ in how these are rounded, which moves single pixels by one grey level; some scripts
take the Y of YCbCr, which leaves out the ends of the scale, or one channel. A variant names the rule of its script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from fusion_metrics.errors import FusionMetricsError, InvalidImage, nearest
from fusion_metrics.feature import feature
from fusion_metrics.image import LUMINANCE_WEIGHTS, Array, Image


@dataclass(frozen=True)
class GreyRule:
    """One way to make a colour picture grey: ``(weights . (R, G, B)) / divisor + offset``, rounded.

    Attributes
    ----------
    name : str
    summary : str
        Whose rule it is.
    weights : (float, float, float)
        Of red, green and blue.
    divisor : float
        Larger than 1 for programs that work with whole numbers.
    offset : float
        The grey level that black becomes.
    single : bool
        Computed in float32, the green and the red part added to the blue one, and halves rounded to even numbers.
        (OpenCV itself gives another level for 3 colours in 100 000, and others again for channels stored as BGR.)
        Otherwise the sum is exact or float64, and halves are rounded up.
    """

    name: str
    summary: str
    weights: tuple[float, float, float]
    divisor: float = 1.0
    offset: float = 0.0
    single: bool = False

    def grey_levels(self, pixels: Array, *, rounded: bool = True) -> Array:
        """Convert pixels.

        Parameters
        ----------
        pixels : ndarray, shape (H, W, 3)
            Red, green and blue, 0..255.
        rounded : bool
            Round to whole grey levels, as programs do that keep 8-bit pixels.

        Returns
        -------
        ndarray, shape (H, W)
            0..255.

        Examples
        --------
        >>> import numpy as np
        >>> colour = np.array([[[1.0, 133.0, 208.0]]])
        >>> [float(GREY_RULES[name].grey_levels(colour)[0, 0]) for name in ("rgb2gray", "opencv", "ycbcr", "red")]
        [102.0, 102.0, 104.0, 1.0]
        """
        if self.single:
            red, green, blue = np.moveaxis(pixels.astype(np.float32), -1, 0)
            of_red, of_green, of_blue = np.array(self.weights, dtype=np.float32)
            sums: Array = (blue * of_blue + green * of_green + red * of_red).astype(np.float64)
            return np.rint(sums) if rounded else sums
        grey: Array = pixels @ np.array(self.weights)
        if self.divisor != 1.0:
            grey = grey / self.divisor
        if self.offset:
            grey = grey + self.offset
        if rounded:
            grey = np.floor(grey + 0.5)
        return grey


_RED, _GREEN, _BLUE = (float(weight) for weight in LUMINANCE_WEIGHTS)

#: The rules by name. `rgb2gray` is what `Image.luminance` is.
GREY_RULES: Mapping[str, GreyRule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            GreyRule("rgb2gray", "MATLAB's rgb2gray", (_RED, _GREEN, _BLUE)),
            GreyRule("opencv", "OpenCV's RGB2GRAY of 8-bit pixels", (9798.0, 19235.0, 3735.0), divisor=32768.0),
            GreyRule(
                "opencv-float", "OpenCV's RGB2GRAY of float32 pixels, rounded", (0.299, 0.587, 0.114), single=True
            ),
            GreyRule("pillow", 'Pillow\'s mode "L"', (19595.0, 38470.0, 7471.0), divisor=65536.0),
            GreyRule(
                "ycbcr", "Y of MATLAB's rgb2ycbcr, 16..235", (65.481, 128.553, 24.966), divisor=255.0, offset=16.0
            ),
            GreyRule("red", "the first channel, red", (1.0, 0.0, 0.0)),
            GreyRule("green", "the second channel, green", (0.0, 1.0, 0.0)),
            GreyRule("blue", "the third channel, blue", (0.0, 0.0, 1.0)),
        )
    }
)


def find_rule(name: str) -> GreyRule:
    """Look up a rule.

    Raises
    ------
    FusionMetricsError
        With the names that exist.
    """
    if name not in GREY_RULES:
        raise FusionMetricsError(f"unknown grey rule {name!r}{nearest(name, GREY_RULES)}")
    return GREY_RULES[name]


def to_grey(image: Image, rule: GreyRule) -> Image:
    """Make a colour picture grey; a grey one is returned as it is.

    Raises
    ------
    InvalidImage
        The rule gives levels outside 0..255, which those of `GREY_RULES` never do.
    """
    if not image.is_colour:
        return image
    levels = rule.grey_levels(image.pixels, rounded=image.is_8bit)
    name = f"{image.name} ({rule.name})"
    if levels.min() < 0.0 or levels.max() > 255.0:
        raise InvalidImage(f"{name}: levels {levels.min():g}..{levels.max():g} leave the grey scale 0..255")
    if image.is_8bit:
        return Image(levels.astype(np.uint8), name=name)
    return Image(levels, data_range=255.0, name=name)


@feature
def grey_image(image: Image, *, rule: str) -> Image:
    """Make a colour picture grey by the rule of that name, once for all metrics that want it so."""
    return to_grey(image, GREY_RULES[rule])
