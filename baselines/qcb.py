"""Q_CB: how much of the sources' visible contrast the fused image keeps, by a model of human contrast perception."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from baselines.ivif_zoo import stretched_contrast
from fusion_metrics import Image, UndefinedScore, Variant, feature, metric
from fusion_metrics.features.contrast_sensitivity import (
    DIFFERENCE_OF_GAUSSIANS,
    ContrastSensitivity,
    stretched_image,
    visible,
)
from fusion_metrics.features.gradients import PADDING
from fusion_metrics.features.sliding import symmetric_sums
from fusion_metrics.features.windows import share
from fusion_metrics.image import Array

#: Standard deviations, in pixels, of the two Gaussians whose quotient is the local contrast, and their common radius.
SIGMA_FINE, SIGMA_COARSE, RADIUS = 2.0, 4.0, 15


class ContrastModel(NamedTuple):
    """What an eye sees of a picture's local contrast.

    Parameters
    ----------
    sensitivity : DifferenceOfGaussians or MannosSakrison
        Contrast sensitivity function.
    degrees : float
        Visual angle that the picture fills, down as well as across.
    p, q, Z : float
        Shape of the masking: contrast well below sqrt(Z) is masked, well above it passes with exponent p - q.
    normalised : bool
        Scale the Gaussians, cut off at 15 pixels, to a sum of 1.
    border : {"constant", "nearest", "reflect"}
        How the picture goes on outside for the Gaussians (`scipy.ndimage` names).
    floor : float
        Difference between G_2 * I and G_4 * I, in grey levels, up to which there is no contrast. In flat and in black
        parts only rounding errors of the Fourier transform differ, and their quotients mean nothing.
    """

    sensitivity: ContrastSensitivity = DIFFERENCE_OF_GAUSSIANS
    degrees: float = 15.0
    p: float = 3.0
    q: float = 2.0
    Z: float = 1e-4
    normalised: bool = True
    border: Literal["constant", "nearest", "reflect"] = "nearest"
    floor: float = 1e-6

    def masked(self, contrast: Array) -> Array:
        """Return C', what masking leaves of contrasts C, element by element."""
        magnitude = np.abs(contrast)
        return magnitude**self.p / (magnitude**self.q + self.Z)


#: Chen and Blum 2009.
CHEN2009 = ContrastModel()
#: Toolbox of Liu et al. 2012.
LIU2012 = ContrastModel(normalised=False, border="constant", floor=0.0)
_LIU2012: dict[str, object] = {"model": LIU2012, "stretch": True}


@metric(
    "qcb",
    title="Q_CB",
    family="contrast",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    ideal=1.0,
    cites="chen2009",
    variants={
        "paper": Variant(
            "Chen and Blum 2009 with their difference of Gaussians as contrast sensitivity; the magnitude of contrast, "
            "the Gaussians' radius and the viewing distance as in the toolbox of Liu et al."
        ),
        "liu2012": Variant(
            "Toolbox of Liu et al. 2012: stretches each image to its full range first; its cut-off Gaussians are not "
            "normalised and go on with zeros outside, so that flat pictures get contrast, most of it at the border; no "
            "value for flat images. The magnitude of contrast is this toolbox's addition to the publication.",
            _LIU2012,
            cites="liu2012",
        ),
        "vifb": Variant(
            "VIFB's Qcb: as `liu2012`, the mean of red, green and blue.",
            _LIU2012,
            channels="each",
            cites="zhang2020vifb",
        ),
        "mefb": Variant(
            "MEFB's Qcb: as `vifb`, but pixels are divided by 255 before they are stretched, so that grey levels "
            "half-way between two are rounded otherwise.",
            {**_LIU2012, "white": 1.0},
            channels="each",
            cites="zhang2021mefb",
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: pictures stretched to 0..1, Gaussians as in `liu2012`, and weights of which nothing is left "
            "where both sources have little contrast.",
            function=stretched_contrast,
            grey="pillow",
            cites="liu2025",
        ),
    },
)
def qcb(
    a: Image,
    b: Image,
    fused: Image,
    *,
    model: ContrastModel = CHEN2009,
    stretch: bool = False,
    white: float = 255.0,
) -> float:
    """Preservation of masked local contrast, weighted at each pixel by the contrast of the sources.

    Each image is filtered with a contrast sensitivity function. Then, with Gaussian averages G of standard deviation
    2 and 4 pixels, Peli's local contrast and the contrast that masking leaves of it are

        C = G_2 * I / G_4 * I - 1,   C' = |C|^p / (|C|^q + Z),

    what the fused image keeps of source X, and the weight of source A, are

        Q_XF = min(C'_X, C'_F) / max(C'_X, C'_F),   lambda_A = C'_A^2 / (C'_A^2 + C'_B^2),

    and Q_CB is the mean over the picture of lambda_A Q_AF + lambda_B Q_BF.

    Parameters
    ----------
    a, b, fused : Image
    model : ContrastModel
        What is seen of a picture's contrast.
    stretch : bool
        Stretch each image from its own minimum and maximum to 0..255 first.
    white : float
        Value of white while images are stretched; see `fusion_metrics.features.histograms.levels`.

    Returns
    -------
    float
        In [0, 1], 1 for three equal images.

    Raises
    ------
    UndefinedScore
        With `stretch`, a flat image.

    Notes
    -----
    A flat image, black included, has no contrast (C = 0). Where source and fused image both have none, nothing is
    lost and Q_XF = 1, which is also the value of any two equal contrasts; where only one of them has none, Q_XF = 0.
    Where both sources have none, both Q_XF are equal and the weights are of no account. So a flat fused image of
    textured sources scores near 0 and three flat images score 1.

    With p = 3, contrasts of opposite sign would take Q_XF out of [0, 1] without the magnitude of C. Outside its border
    the picture goes on with its outermost pixels: with zeros a flat picture would have contrast along it.

    References
    ----------
    chen2009; for the scripts liu2012, zhang2020vifb, zhang2021mefb, liu2025

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> scene = np.kron(rng.integers(0, 256, (8, 8)), np.ones((8, 8))).astype(np.uint8)
    >>> qcb(Image(scene), Image(scene), Image(scene))
    1.0
    >>> qcb(Image(scene), Image(scene), Image(np.full_like(scene, 128))) < 0.01
    True
    """
    if stretch:
        a, b, fused = (_stretched(image, white) for image in (a, b, fused))
    C_A, C_B, C_F = (_masked_contrast(image, model=model) for image in (a, b, fused))
    lambda_A = share(C_A**2, C_B**2)
    return float((lambda_A * _preserved(C_A, C_F) + (1.0 - lambda_A) * _preserved(C_B, C_F)).mean())


def _stretched(image: Image, white: float) -> Image:
    """Stretch a picture to 0..255; a black one has no contrast afterwards but 0/0."""
    stretched = stretched_image(image, white=white)
    if not stretched.luminance.any():
        raise UndefinedScore(f"{image.name} is black: its contrast here is 0/0")
    return stretched


def _preserved(source: Array, fused: Array) -> Array:
    """Return Q_XF: the smaller contrast over the larger, and 1 where there is none at all."""
    larger = np.maximum(source, fused)
    return np.divide(np.minimum(source, fused), larger, out=np.ones_like(larger), where=larger > 0.0)


@feature
def _masked_contrast(image: Image, *, model: ContrastModel) -> Array:
    """Return C', zero for a flat image."""
    filtered = visible(image, sensitivity=model.sensitivity, degrees=model.degrees)
    fine, coarse = (_gaussian(filtered, sigma, model) for sigma in (SIGMA_FINE, SIGMA_COARSE))
    difference = fine - coarse
    differs = (np.abs(difference) > model.floor) & (coarse != 0.0)
    return model.masked(np.divide(difference, coarse, out=np.zeros_like(coarse), where=differs))


def _gaussian(picture: Array, sigma: float, model: ContrastModel) -> Array:
    """Average under a Gaussian; that of scipy, always normalised, rounds its weights otherwise in the last digit."""
    x = np.arange(-RADIUS, RADIUS + 1)
    weights = np.exp(-(x**2) / (2.0 * sigma**2)) / (np.sqrt(2.0 * np.pi) * sigma)
    if model.normalised:
        weights /= weights.sum()
    return symmetric_sums(np.pad(picture, RADIUS, mode=PADDING[model.border]), weights)
