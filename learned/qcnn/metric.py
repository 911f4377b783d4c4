"""The declaration of `qcnn`; torch is imported when something is computed."""

from __future__ import annotations

import numpy as np

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.windows import share, weighted_mean
from learned.backbones.pinned import pin
from learned.backbones.weights import BACKBONE, IMAGENET, RANDOM, WEIGHTS, advice
from learned.qcnn.windows import Windows, cosine
from learned.requirements import need_torch, warn_of_random_weights

#: The backbone of the publication.
RESNET34 = "resnet34"


def notes(*, backbone: str, weights: str) -> str:
    """Say in one sentence for tables where the features come from."""
    begun = "random weights" if weights == RANDOM else f"{weights} weights"
    if (backbone, weights) == (RESNET34, IMAGENET):
        return f"Q_CNN: {backbone} from {begun}, as published"
    found = f"Q_CNN: {backbone} from {begun}; published with {RESNET34} from {IMAGENET} weights"
    return "; ".join(filter(None, (found, advice(backbone, weights))))


def pinned(*, backbone: str, weights: str) -> dict[str, str]:
    """Name the weights by their file and its hash, for what is stored and signed."""
    return {"weights": pin(backbone, weights)}


@metric(
    "qcnn",
    title="Q_CNN",
    family="features",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    ideal=1.0,
    cites="liu2024",
    channels="colours",
    requires=("torch",),
    pretrained=True,
    notes=notes,
    pinned=pinned,
    exceptions={"needs room": "the last of its maps have 1/16 and 1/32 of the picture's rows and columns"},
    variants={"paper": Variant("Liu et al. 2024, with the constants of the authors' program.")},
)
def qcnn(a: Image, b: Image, fused: Image, *, backbone: str = BACKBONE, weights: str = WEIGHTS) -> float:
    """Similarity of a network's features of the fused image to those of its sources, each weighted by its variance.

    A network trained to name what pictures show gives four maps of an image, one after each of its stages, the later
    the smaller and the more abstract. In each 13x13 window k of a map, over all its channels, let a_k, b_k and f_k be
    the vectors of the two sources and of the fused image, standardised with the mean and the standard deviation of all
    windows of that map of that image, and v the sample variance within a vector. Then

        lambda_k = v(a_k) / (v(a_k) + v(b_k)),     w_k = max(v(a_k), v(b_k)),
        q_k = lambda_k cos(a_k, f_k) + (1 - lambda_k) cos(b_k, f_k),

        Q_CNN = mean over the four maps of  sum of w_k q_k / sum of w_k.

    That is Q_W of Piella and Heijmans (`piella:qw`) with features in place of pixels and the cosine in place of the
    universal quality index. Windows overlap, one at every position. A map with a side shorter than a window, as those
    of the later stages of small images are, is first surrounded by zeros (see `learned.qcnn.windows.windows`), which
    then belong to the windows like everything else.

    Where both vectors are flat, lambda = 1/2. A map that is constant leaves vectors of zeros: the cosine of two of
    those is 1, since they are equal, and of one and any other vector 0.

    *Inferred*: that the size of the windows, the standardisation, the zeros, and pixels in 0..1 without ImageNet's mean
    and deviation are the publication's; they are those of the program that its authors published. It takes the
    population standard deviation for grey pictures and the sample deviation for colour; that factor is the same for
    all three images and cancels, so that there is nothing to choose. No published value could be compared with: it
    would take the publication's images.

    Parameters
    ----------
    a, b, fused : Image
    backbone, weights : str
        See `learned.backbones.weights.start`; a ResNet. The defaults are ResNet34 as published if its ImageNet weights
        are on this machine, otherwise ResNet50 or ResNet18 if theirs are, otherwise ResNet34 with random weights.

    Returns
    -------
    float
        In [-1, 1]; 1 when the three images are equal.

    Raises
    ------
    UndefinedScore
        The maps of both sources are constant after some stage, and the fused image's vectors are zero in some windows
        of it but not in all.
    FusionMetricsError
        No such backbone, weights that cannot be had, or torch is not installed.

    References
    ----------
    liu2024; for the weighting piella2003

    Examples
    --------
    >>> ramp = Image(np.arange(0, 256, dtype=np.uint8).reshape(16, 16))
    >>> round(qcnn(ramp, ramp, ramp, backbone="resnet18", weights="random"), 9)
    1.0
    """
    need_torch("qcnn", "torch")
    from learned.qcnn.features import stages

    warn_of_random_weights(weights, notes(backbone=backbone, weights=weights))
    seen = (stages(image, backbone=backbone, weights=weights) for image in (a, b, fused))
    return float(np.mean([similarity(*maps) for maps in zip(*seen, strict=True)]))


def similarity(a: Windows, b: Windows, fused: Windows) -> float:
    """Compare the maps of one stage: the mean of q_k over its windows, weighted by w_k."""
    v_a, v_b = a.variance, b.variance
    lam = share(v_a, v_b)
    q = lam * cosine(a, fused) + (1 - lam) * cosine(b, fused)
    return weighted_mean(q, np.maximum(v_a, v_b))
