"""VIF: how much of what an eye could learn from each source it can still learn from the fused image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from baselines.ivif_zoo import shifted_window_fidelity
from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.visual_information import MIN_SIZE, SCALES, distortion_channel
from fusion_metrics.sources import mean_over


def vif_against(reference: Image, fused: Image) -> float:
    """Visual information fidelity to the ground truth, the only source."""
    return vif((reference,), fused)


@metric(
    "vif",
    title="VIF",
    family="information",
    higher_is_better=True,
    bounds=(0.0, np.inf),
    ideal=1.0,
    cites="sheikh2006",
    min_size=MIN_SIZE,
    variants={
        "paper": Variant("Sheikh and Bovik 2006, in the pixel domain and four scales; the mean over the sources."),
        "tang": Variant(
            "L. Tang's scripts: as `paper`, but the sum over both sources.",
            {"pooling": "sum"},
            ideal=2.0,
            cites="tang2023",
        ),
        "tang-python": Variant(
            "Tang's scripts in Python: the same as `tang`.", alias_of="tang", grey="pillow", cites="tang2023"
        ),
        "cddfuse": Variant(
            "CDDFuse's Evaluator, which calls it VIFF: as `tang`, but a flat source counts as fully kept.",
            {"pooling": "sum", "flat_source": "kept"},
            ideal=2.0,
            grey="opencv-float",
            cites="zhao2023",
        ),
        "tang-2022": Variant(
            "Tang's scripts before March 2023: as `tang`, but products of pixels are cut at 255 in the finest scale, "
            "as those of integers of 8 bits are.",
            {"pooling": "sum", "saturated": True},
            ideal=2.0,
            cites="tang2022",
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: windows leave the picture, which goes on with zeros, and lie half a pixel beside their place; "
            "the sum over both sources.",
            function=shifted_window_fidelity,
            ideal=2.0,
            grey="pillow",
            cites="liu2025",
        ),
        "reference": Variant(
            "Of the ground truth, which is what it was published for, in the same form; of the luminance.",
            function=vif_against,
            ideal=1.0,
        ),
    },
)
def vif(
    sources: Sequence[Image],
    fused: Image,
    *,
    sigma_n_sq: float = 2.0,
    pooling: Literal["mean", "sum"] = "mean",
    saturated: bool = False,
    flat_source: Literal["undefined", "kept"] = "undefined",
) -> float:
    """Visual information fidelity of the fused image to its sources.

    A window of the fused image D is taken for the source's window C after a gain and additive noise, D = g C + V; the
    eye adds noise of its own, of variance sigma_n^2. With the local variances sigma^2 in all windows of four scales,

        VIF(C, D) = sum log(1 + g^2 sigma_C^2 / (sigma_V^2 + sigma_n^2)) / sum log(1 + sigma_C^2 / sigma_n^2),

    and the score of a fused image is the mean of VIF(A, F) and VIF(B, F), or of as many sources as there are. More
    contrast than the source has makes a value above 1. See
    `fusion_metrics.features.visual_information.distortion_channel` for g and sigma_V^2.

    The paper computes this in wavelet sub-bands. The form used for fused images, here and in every script of the
    field, is the authors' simpler one, which they publish beside the paper: Gaussian windows of the picture itself,
    17, 9, 5 and 3 pixels wide, the picture being halved from one to the next. The mean over the sources is inferred:
    VIF is defined for one reference.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    sigma_n_sq : float
        Variance of the eye's noise, in squared grey levels.
    pooling : {"mean", "sum"}
        What is made of the sources' values.
    saturated : bool
        Cut products of pixels at 255 in the finest scale.
    flat_source : {"undefined", "kept"}
        What is kept of a source without information: no value exists, or it counts as all of it.

    Returns
    -------
    float
        Not negative; 1 (`tang`: 2) for three equal images, 0 for a fused image without detail.

    Raises
    ------
    UndefinedScore
        A flat source: it has no information of which a share could be kept.

    References
    ----------
    sheikh2006; for the scripts tang2022, liu2025, tang2023, zhao2023

    Examples
    --------
    >>> ramp = np.add.outer(np.arange(48), np.arange(48)).astype(np.uint8)
    >>> round(vif([Image(ramp), Image(ramp)], Image(ramp)), 9)
    1.0
    >>> vif([Image(ramp), Image(ramp)], Image(np.full_like(ramp, 50)))
    0.0
    """

    def fidelity(source: Image) -> float:
        channels = [distortion_channel(source, fused, scale=scale, saturated=saturated) for scale in SCALES]
        offered = sum(float(channel.offered(sigma_n_sq).sum()) for channel in channels)
        if offered == 0.0 and flat_source == "kept":
            return 1.0
        if offered == 0.0:
            raise UndefinedScore(f"{source.name} is flat: it has no visual information to keep")
        return sum(float(channel.kept(sigma_n_sq).sum()) for channel in channels) / offered

    mean = mean_over(sources, fidelity)
    return mean * len(sources) if pooling == "sum" else mean
