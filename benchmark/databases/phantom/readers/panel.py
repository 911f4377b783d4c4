"""The simulated readers: two who score every image, and a senior one who decides where they differ.

Everything here is simulated. The constants were found by `benchmark.databases.phantom.readers.calibration`, from the
components of the impressions and the wanted shares of scores alone: no quality metric took part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from benchmark.databases.phantom.readers.impression import Impression

__all__ = ["PANELS", "THRESHOLDS", "USUAL", "Opinion", "Panel", "Reader", "kind", "quality", "vote"]

SEED = 57  # of the readers' internal noise
LIMIT = 3.0  # standard deviations: beyond, a task is failed, no more

Components = tuple[float, float, float, float]

#: Mean and standard deviation of the components (lesion, anatomy, function, artefact) over the fused images of
#: `phantom`, by kind: what a reader has learnt to expect of a SPECT, a PET or a grey pair.
USUAL: dict[str, tuple[Components, Components]] = {
    "MR/SPECT": ((0.555, 0.746, 0.633, 5.633), (0.188, 0.126, 0.253, 1.074)),
    "MR/PET": ((0.505, 0.673, 0.710, 7.560), (0.199, 0.084, 0.107, 1.594)),
    "grey": ((0.502, 0.706, 0.681, 5.497), (0.245, 0.165, 0.178, 3.127)),
}

#: Percepts above which an image is worth 2, 3, 4 and 5: quantiles of the percepts of the two readers of `phantom`.
THRESHOLDS = (-1.60, -0.97, -0.02, 0.67)


@dataclass(frozen=True)
class Reader:
    """A simulated reader.

    Attributes
    ----------
    name : str
    weights : tuple of float
        Of lesion, anatomy, function and artefact.
    severity : float
        Subtracted from every percept.
    noise : float
        Standard deviation of the internal noise.
    """

    name: str
    weights: Components
    severity: float
    noise: float

    def percept(self, impression: Impression, database: str, image: str) -> float:
        """Quality of an image as this reader feels it at this moment."""
        key = tuple(crc32(word.encode()) for word in (database, image, self.name))
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=key)))
        return quality(impression, self.weights) - self.severity + self.noise * rng.standard_normal()

    def score(self, impression: Impression, database: str, image: str) -> int:
        """Score of an image, 1 (worst) to 5."""
        return 1 + int(np.searchsorted(THRESHOLDS, self.percept(impression, database, image)))


@dataclass(frozen=True)
class Panel:
    """Two readers and the senior one who is asked where their scores differ by more than one."""

    first: Reader
    second: Reader
    senior: Reader


PANELS = {
    "phantom": Panel(
        Reader("reader-1", weights=(0.20, 0.40, 0.15, 0.25), severity=0.05, noise=0.18),
        Reader("reader-2", weights=(0.25, 0.20, 0.35, 0.20), severity=-0.05, noise=0.18),
        Reader("senior", weights=(0.25, 0.30, 0.25, 0.20), severity=0.0, noise=0.10),
    ),
    "phantom-external": Panel(
        Reader("reader-1", weights=(0.30, 0.40, 0.10, 0.20), severity=-0.05, noise=0.20),
        Reader("reader-2", weights=(0.15, 0.25, 0.30, 0.30), severity=0.05, noise=0.17),
        Reader("senior", weights=(0.25, 0.25, 0.25, 0.25), severity=0.0, noise=0.10),
    ),
}


@dataclass(frozen=True)
class Opinion:
    """What the panel makes of one image.

    Attributes
    ----------
    votes : mapping of str to int
        Score, 1..5, by the name of each reader who was asked.
    mos : float
        Mean of the two readers' scores, or the senior reader's score where he was asked.
    """

    votes: Mapping[str, int]
    mos: float


def vote(database: str, image: str, impression: Impression) -> Opinion:
    """Let the simulated panel of a database score an image.

    The internal noise belongs to the names of database, image and reader, so the votes on an image do not depend on
    which others are judged, nor on their order.

    Parameters
    ----------
    database : {"phantom", "phantom-external"}
    image : str
        Name of the image, as the database writes it: ``fused/algorithm/pair.png``.
    impression : Impression

    Returns
    -------
    Opinion

    Raises
    ------
    KeyError
        The database has no panel.

    Examples
    --------
    >>> good = Impression("MR/PET", lesion=0.9, anatomy=0.85, function=0.85, artefact=4.0)
    >>> poor = Impression("MR/PET", lesion=0.1, anatomy=0.40, function=0.20, artefact=12.0)
    >>> vote("phantom", "good.png", good).mos > vote("phantom", "poor.png", poor).mos
    True
    """
    panel = PANELS[database]
    votes = {reader.name: reader.score(impression, database, image) for reader in (panel.first, panel.second)}
    one, other = votes.values()
    if abs(one - other) <= 1:
        return Opinion(votes, (one + other) / 2)
    decision = panel.senior.score(impression, database, image)
    return Opinion(votes | {panel.senior.name: decision}, float(decision))


def quality(impression: Impression, weights: Components) -> float:
    r"""Quality of an image to someone who gives its components these weights.

    Each component is taken relative to what is usual for its kind, :math:`z = (x - m) / s`, negated for artefacts, and

    .. math:: Q = -\log\Big(\sum w_k e^{-z_k} \Big/ \sum w_k\Big)

    a mean in which the worst counts most: an image that fails at one task is not saved by the others. Without a lesion
    that component is left out of both sums.
    """
    mean, spread = USUAL[kind(impression.modality)]
    components = (impression.lesion, impression.anatomy, impression.function, impression.artefact)
    loss = total = 0.0
    for x, m, s, w, sign in zip(components, mean, spread, weights, (-1, -1, -1, 1), strict=True):
        if x is not None:
            loss += w * np.exp(np.clip(sign * (x - m) / s, -LIMIT, LIMIT))
            total += w
    return float(-np.log(loss / total))


def kind(modality: str) -> str:
    """Readers tell SPECT, PET and grey pairs apart: there are too few of the latter to tell more."""
    return modality if modality in USUAL else "grey"
