"""NSCT-PCNN: how strongly the contourlet sub-bands of the fused image make pulse-coupled neurons fire; no sources."""

from __future__ import annotations

from itertools import islice
from typing import Literal, NamedTuple

import numpy as np

from fusion_metrics import Image, Variant, metric
from fusion_metrics.image import Array
from fusion_metrics.nsct import one_by_one
from fusion_metrics.pcnn import simplified_pcnn, spatial_frequency
from fusion_metrics.screened_neurons import Room

#: Coefficients of a picture in 0..1 that differ by less are equal.
ROUNDING = 1e-12


class Network(NamedTuple):
    """The constants of a pulse-coupled neural network, see `fusion_metrics.pcnn.simplified_pcnn`."""

    beta: float = 3.0
    alpha_l: float = 1.0
    alpha_theta: float = 0.2
    v_l: float = 1.0
    v_theta: float = 20.0
    iterations: int = 200


#: Qu et al. 2008, with the constants of their public program.
QU2008 = Network()


@metric(
    "nsct_pcnn",
    title="NSCT-PCNN",
    family="activity",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    cites="tang2020",
    version=2,
    exceptions={
        "prefers blur": "sub-bands are stretched one by one, and blur leaves a few wide responses",
        "prefers noise": "sub-bands are stretched one by one, and noise fills them",
    },
    variants={
        "paper": Variant("Reconstruction of Tang et al. 2020 from its abstract: mean firing times of all neurons."),
        "large": Variant(
            "As `paper`, over the neurons that fire more often than their band's mean.", {"over": "large"}
        ),
    },
)
def nsct_pcnn(
    fused: Image,
    *,
    levels: tuple[int, ...] = (1, 2, 3),
    stimulus: Literal["spatial frequency", "magnitude"] = "spatial frequency",
    over: Literal["all", "large"] = "all",
    weight: float = 0.5,
    network: Network = QU2008,
) -> float:
    """Average the firing times of the low-frequency and the high-frequency sub-bands.

    The fused image is taken apart by the nonsubsampled contourlet transform; each sub-band drives a pulse-coupled
    neural network of N iterations, whose neurons fire T times. With |S| the number of high-frequency sub-bands,

        Q_L = mean T of the low-frequency sub-band / N,
        Q_H = 1/|S| sum over the high-frequency sub-bands of mean T / N,
        Q   = w Q_L + (1 - w) Q_H.

    The publication's text and formulas could not be read. Its abstract fixes the transform, the network that both
    kinds of sub-bands motivate, firing times as their measure, and one number from two. *Inferred* are: the
    network (Qu's simplified one, with the constants of its public program) and its stimuli, which are Qu's as well (the
    spatial frequency of high-frequency coefficients in 3x3 windows, the coefficients themselves in the low-frequency
    sub-band); the levels; the mean as what "large firing times" are summed up by (`large` is the other reading); equal
    weights w = 1/2.

    Every sub-band is stretched to its own range before it drives its network, so Q does not depend on contrast. It
    grows with the share of coefficients that are not small: Q_H with noise, Q_L with blur. Where these are what spoils
    images, the reconstruction points the wrong way.

    Parameters
    ----------
    fused : Image
    levels : tuple of int
        log2 of the number of directions, coarse to fine.
    stimulus : {"spatial frequency", "magnitude"}
        What drives the high-frequency networks.
    over : {"all", "large"}
        Mean over all neurons, or over those that fire more often than the mean.
    weight : float
        w, in 0..1.
    network : Network
        Constants of the network.

    Returns
    -------
    float
        In [0, 1]; 0 for a flat image, in which no neuron stands out and none fires. Real images lie near 0.04: the
        threshold jumps so high at each pulse that a neuron fires in one iteration of about twenty.

    References
    ----------
    tang2020, qu2008

    Examples
    --------
    >>> import numpy as np
    >>> step = np.zeros((32, 32), np.uint8)
    >>> nsct_pcnn(Image(step))
    0.0
    >>> step[:, 16:] = 200
    >>> nsct_pcnn(Image(step)) > 0.01
    True
    """
    room = Room()
    drive = spatial_frequency if stimulus == "spatial frequency" else np.abs

    def score(magnitude: Array) -> float:
        """Return the mean firing time of one sub-band, whose stimulus is `magnitude` and is written over."""
        low = magnitude.min()
        # Where an image is flat only rounding errors are left, which must not make neurons fire.
        magnitude[magnitude - low <= ROUNDING] = low
        times = simplified_pcnn(magnitude, **network._asdict(), room=room)
        return float((times[times >= times.mean()] if over == "large" else times).mean())

    subbands = one_by_one(fused.luminance / 255.0, levels)
    means = [[score(drive(band)) for band in islice(subbands, 2**level)] for level in reversed(levels)]
    high = [mean for of_level in reversed(means) for mean in of_level]
    (low,) = subbands
    return weight * (score(np.abs(low)) / network.iterations) + (1.0 - weight) * (
        float(np.mean(high)) / network.iterations
    )
