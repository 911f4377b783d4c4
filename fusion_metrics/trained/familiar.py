"""How far a picture is from those that a metric was trained on.

Every picture is described by ten numbers: how bright it is and how that is spread, how much of it is black and white,
how much detail it has at three scales, and how coloured it is. What training has seen is their mean and their
covariance, and the distance of a picture is that of Mahalanobis,

    d = sqrt((z - m)^T (S + e I)^-1 (z - m)),   z = x / s,

with x the ten numbers, s their standard deviation in training (never less than a hundredth of the range of greys, so
that what never varied there may vary a little), m and S the mean and covariance of z, and e = 0.01. The threshold is
measured on pictures of source pairs that were left out when m, s and S were computed: the distance that one in a
hundred of those exceeds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fusion_metrics.feature import feature
from fusion_metrics.image import Array, Image

#: Share of held-out training pictures that are nearer than the threshold.
SHARE = 0.99
FOLDS = 5
DESCRIPTION = (
    "mean",
    "deviation",
    "black",
    "white",
    "entropy",
    "detail at 1 pixel",
    "detail at 2 pixels",
    "detail at 4 pixels",
    "sharpness of edges",
    "colour",
)
#: Greys below and above which a pixel counts as black and white.
_BLACK, _WHITE = 10.0, 245.0
_BINS = 64
_RIDGE = 0.01
#: The least standard deviation of each number: a hundredth of its range, or about that.
_LEAST = np.array([2.55, 1.3, 0.01, 0.01, 0.04, 0.04, 0.04, 0.04, 0.04, 2.55])


@feature
def description(image: Image) -> Array:
    """Describe a picture by ten numbers, shape (10,)."""
    grey = image.luminance
    if min(grey.shape) < 8:
        grey = np.pad(grey, [(0, max(0, 8 - side)) for side in grey.shape], "edge")
    counts = np.histogram(grey, _BINS, (0.0, 255.0))[0]
    share = counts[counts > 0] / counts.sum()
    details = [_detail(_shrunk(grey, scale)) for scale in (1, 2, 4)]
    across = np.diff(grey, axis=1)
    spread = float(np.mean(across**2))
    peaked = float(np.mean(across**4)) / spread**2 if spread > 0 else 0.0
    colours = image.pixels.max(axis=-1) - image.pixels.min(axis=-1) if image.is_colour else np.zeros(1)
    return np.array(
        [
            grey.mean(),
            grey.std(),
            np.mean(grey < _BLACK),
            np.mean(grey > _WHITE),
            -np.sum(share * np.log2(share)),
            *details,
            math.log1p(peaked),
            colours.mean(),
        ]
    )


@dataclass(frozen=True)
class Familiar:
    """What the pictures of a training looked like.

    Attributes
    ----------
    mean, scale : ndarray, shape (10,)
        See the module; of the numbers divided by `scale`, and what they are divided by.
    inverse : ndarray, shape (10, 10)
        Of the covariance with its ridge.
    threshold : float
        A picture further away is far from the training.
    """

    mean: Array
    scale: Array
    inverse: Array
    threshold: float

    @classmethod
    def of(cls, described: Array, groups: Sequence[str]) -> Familiar:
        """Learn what training looks like, and where it ends.

        Parameters
        ----------
        described : ndarray, shape (n, 10)
            What `description` says of each picture.
        groups : sequence of str, length n
            The source pair of each: whole pairs are left out to measure the threshold.
        """
        pairs = sorted(set(groups))
        order = np.random.default_rng(0).permutation(len(pairs))
        fold_of = {pairs[place]: number % FOLDS for number, place in enumerate(order)}
        folds = np.array([fold_of[group] for group in groups])
        whole = cls._learnt(described)
        left_out = [
            cls._learnt(described[folds != fold]).distance(described[folds == fold])
            for fold in range(FOLDS)
            if (folds == fold).any() and (folds != fold).any()
        ]
        found = np.concatenate(left_out) if left_out else whole.distance(described)
        return cls(whole.mean, whole.scale, whole.inverse, float(np.quantile(found, SHARE)))

    @classmethod
    def _learnt(cls, described: Array) -> Familiar:
        scale = np.maximum(described.std(axis=0), _LEAST)
        z = described / scale
        covariance = np.atleast_2d(np.cov(z, rowvar=False)) if len(z) > 1 else np.eye(z.shape[1])
        inverse: Array = np.linalg.inv(covariance + _RIDGE * np.eye(z.shape[1])).astype(np.float64)
        return cls(z.mean(axis=0), scale, inverse, math.inf)

    def distance(self, described: Array) -> Array:
        """Compute the distance of pictures that were described, shape (n, 10), as an array of shape (n,)."""
        away = described / self.scale - self.mean
        return np.sqrt(np.maximum(np.einsum("ni,ij,nj->n", away, self.inverse, away), 0.0))

    def written(self) -> str:
        """Write it as JSON, for the metadata of a file."""
        parts = {"mean": self.mean, "scale": self.scale, "inverse": self.inverse}
        lists = {name: np.round(array, 9).tolist() for name, array in parts.items()}
        return json.dumps({**lists, "threshold": round(self.threshold, 4)})

    @classmethod
    def read(cls, text: str) -> Familiar | None:
        """Read what `written` wrote; None where it is something else, such as a damaged or a foreign text."""
        try:
            told: dict[str, Any] = json.loads(text)
            mean, scale, inverse = (np.asarray(told[name], dtype=np.float64) for name in ("mean", "scale", "inverse"))
            threshold = float(told["threshold"])
        except (TypeError, ValueError, LookupError, RecursionError, MemoryError):
            return None
        count = len(DESCRIPTION)
        fits = (mean.shape, scale.shape, inverse.shape) == ((count,), (count,), (count, count))
        sound = fits and all(np.isfinite(part).all() for part in (mean, scale, inverse)) and bool((scale > 0).all())
        return cls(mean, scale, inverse, threshold) if sound and threshold > 0 else None


def _shrunk(grey: Array, scale: int) -> Array:
    """Average squares of `scale` pixels; what is left over at the ends is cut off."""
    rows, columns = (side // scale * scale for side in grey.shape)
    return grey[:rows, :columns].reshape(rows // scale, scale, columns // scale, scale).mean(axis=(1, 3))


def _detail(grey: Array) -> float:
    """Return how much neighbours differ on average, as a logarithm."""
    return math.log1p(float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()))
