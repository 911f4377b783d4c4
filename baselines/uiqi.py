"""UIQI: the universal image quality index of Wang and Bovik, of the fused image beside the ground truth."""

from __future__ import annotations

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.windows import UNIFORM_8, Window, ssim_map


@metric(
    "uiqi",
    title="UIQI",
    family="structure",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    ideal=1.0,
    cites="wang2002uqi",
    channels="each",
    min_size=8,
    variants={"paper": Variant("Wang and Bovik 2002, in windows of 8x8; of colours the mean of red, green and blue.")},
)
def uiqi(reference: Image, fused: Image, *, window: Window = UNIFORM_8) -> float:
    """Universal image quality index: correlation, brightness and contrast beside those of the ground truth.

    In every window, with means mu, variances sigma^2 and the covariance of the pictures x and y,

        Q = 4 sigma_xy mu_x mu_y / ((sigma_x^2 + sigma_y^2) (mu_x^2 + mu_y^2)),

    and the index is the mean over all windows that lie inside the picture.

    Parameters
    ----------
    reference, fused : Image
    window : Window
        8x8 pixels of equal weight, moved pixel by pixel.

    Returns
    -------
    float
        In [-1, 1], 1 for equal pictures.

    Notes
    -----
    A factor that is 0/0 counts as 1, as in the authors' own program: two flat windows are compared by their means. Pan-
    sharpening averages the index over the bands, which is Q_avg; its successors for four bands (Q4) and 2^n bands (Q2n)
    need pictures of more than three channels, which this project does not read.

    References
    ----------
    wang2002uqi

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8)
    >>> uiqi(Image(ramp), Image(ramp))
    1.0
    """
    return float(ssim_map(reference, fused, window=window).mean())
