"""AG: the mean steepness of the fused image."""

from __future__ import annotations

from typing import Literal

import numpy as np

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.gradients import difference
from fusion_metrics.image import Array

_CENTRAL: dict[str, object] = {"differences": "central"}
#: Of a 2x2 picture all four pixels count, divided by 1.
_CENTRAL_BOUNDS = (0.0, 1020.0)


@metric(
    "ag",
    title="AG",
    family="activity",
    higher_is_better=True,
    bounds=(0.0, 255.0),
    cites="cui2015",
    min_size=2,
    exceptions={"prefers noise": "it looks at the fused image alone, and noise is detail to it"},
    variants={
        "paper": Variant(
            "Cui et al. 2015: differences of neighbouring pixels, mean over the pixels that have both neighbours."
        ),
        "vifb": Variant(
            "VIFB: central differences, one-sided at the border, of all M N pixels, divided by (M-1)(N-1); the mean of "
            "red, green and blue.",
            _CENTRAL,
            channels="each",
            bounds=_CENTRAL_BOUNDS,
            cites="zhang2020vifb",
        ),
        "mefb": Variant(
            "MEFB: the same as `vifb`.",
            _CENTRAL,
            channels="each",
            bounds=_CENTRAL_BOUNDS,
            cites="zhang2021mefb",
        ),
        "tang": Variant(
            "Tang's scripts: central differences as in `vifb`.", _CENTRAL, bounds=_CENTRAL_BOUNDS, cites="tang2023"
        ),
        "thfylsty": Variant(
            "thfylsty's AverageGradient: as `paper`, but divided by the number of all pixels.",
            {"divisor": "pixels"},
            cites="fu2021",
        ),
        "thfylsty-definition": Variant("thfylsty's Definition, which agrees with `paper`.", cites="fu2021"),
        "cddfuse": Variant(
            "CDDFuse's Evaluator: central differences as in `tang`, but divided by the number of all pixels.",
            {**_CENTRAL, "divisor": "pixels"},
            grey="opencv-float",
            cites="zhao2023",
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: the same as `tang`.", alias_of="tang", cites="tang2022"
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `tang`.", alias_of="tang", grey="pillow", cites="tang2023"
        ),
        "ivif-zoo": Variant("IVIF_ZOO: the same as `cddfuse`.", alias_of="cddfuse", grey="pillow", cites="liu2025"),
    },
)
def ag(
    fused: Image,
    *,
    differences: Literal["forward", "central"] = "forward",
    divisor: Literal["pairs", "pixels"] = "pairs",
) -> float:
    """Mean gradient of the pixels.

        AG = 1 / ((M-1)(N-1)) sum over i < M, j < N of sqrt( (F_x(i, j)^2 + F_y(i, j)^2) / 2 ),
        F_x = F(i, j+1) - F(i, j),   F_y = F(i+1, j) - F(i, j),   M x N pixels.

    Also known as definition or clarity. Where a sum over all pixels is divided by M N, the differences of the last row
    and column are left to the reader; here they do not count (inferred). Blind: noise raises it.

    Parameters
    ----------
    fused : Image
    differences : {"forward", "central"}
        From a pixel to the next, or half of that between its two neighbours; at the border the latter is one-sided.
        Central differences exist at all pixels, and all are summed.
    divisor : {"pairs", "pixels"}
        What the sum is divided by: (M-1)(N-1) or M N.

    Returns
    -------
    float
        Grey levels a pixel, from 0, a constant image, to 255; central differences of tiny pictures reach more.

    References
    ----------
    cui2015; for the scripts zhang2020vifb, zhang2021mefb, tang2022, fu2021, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> slope = np.add.outer(3 * np.arange(5), 4 * np.arange(6)).astype(np.uint8)
    >>> round(ag(Image(slope)), 6)  # 5 / sqrt(2)
    3.535534
    """
    rows, columns = fused.shape
    count = rows * columns if divisor == "pixels" else (rows - 1) * (columns - 1)
    F_x, F_y = _central(fused) if differences == "central" else _forward(fused)
    # One step after the other in the same memory: sqrt((F_x^2 + F_y^2) / 2).
    steepness = F_x * F_x
    steepness += F_y * F_y
    steepness /= 2.0
    return float(np.sqrt(steepness, out=steepness).sum()) / count


def _forward(image: Image) -> tuple[Array, Array]:
    return difference(image, "horizontal")[:-1], difference(image, "vertical")[:, :-1]


def _central(image: Image) -> tuple[Array, Array]:
    return np.gradient(image.luminance, axis=1), np.gradient(image.luminance, axis=0)
