"""BMPRI: how much an image resembles what it becomes when it is distorted further; learnt from scored images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from io import BytesIO

import numpy as np
import numpy.typing as npt
import scipy
from PIL import Image as Pillow

from fusion_metrics import Examples, Image, Learner, Variant, metric
from fusion_metrics.image import LUMINANCE_WEIGHTS, Array

Pixels = npt.NDArray[np.uint8]
Map = npt.NDArray[np.bool_]

JPEG_QUALITY = (1, 2, 4, 6, 8)
JPEG2000_RATIO = (150, 175, 200, 225, 250)
BLUR_SIGMA = (0.5, 1.0, 1.5, 2.0, 2.5)
NOISE_VARIANCE = (0.3, 0.4, 0.5, 0.6, 0.7)
NOISE_SEED = 20180101


def features(image: Image) -> Array:
    """Compute the 20 features: similarity to four kinds of pseudo-references at five levels each.

    A pseudo-reference is the image distorted further. In both, the pixels are marked where a number of the four
    neighbours that are not darker is typical of the distortion (none for JPEG, two or three for JPEG 2000 and blur,
    none or one for noise); the feature is the share of the pseudo-reference's marks that the image has already,

        s = #(L(image) and L(pseudo)) / (#L(pseudo) + 1).

    JPEG, JPEG 2000 and noise are applied to the colours, blur to the luminance.

    Parameters
    ----------
    image : Image
        At least 3x3 pixels.

    Returns
    -------
    ndarray, shape (20,)
        In 0..1; JPEG, JPEG 2000, blur and noise, each from weak to strong as tabulated in this module (JPEG from
        strong to weak: by quality).
    """
    grey, colours = _to_8bit(image.luminance), _to_8bit(image.pixels)
    count = _neighbours_not_darker(grey)
    groups: list[tuple[tuple[int, ...], list[Pixels]]] = [
        ((0,), [_grey(_jpeg(colours, quality)) for quality in JPEG_QUALITY]),
        ((2, 3), [_grey(_jpeg2000(colours, ratio)) for ratio in JPEG2000_RATIO]),
        ((2, 3), [_blur(grey, sigma) for sigma in BLUR_SIGMA]),
        ((0, 1), [_grey(noisy) for noisy in _with_noise(colours)]),
    ]
    similar = []
    for typical, pseudos in groups:
        marked = _marked(count, typical)
        similar += [_similarity(marked, _marked(_neighbours_not_darker(pseudo), typical)) for pseudo in pseudos]
    return np.array(similar)


@metric(
    "bmpri",
    title="BMPRI",
    family="opinion",
    higher_is_better=True,
    bounds=(-np.inf, np.inf),
    cites="min2018",
    min_size=3,
    variants={"paper": Variant("Min et al. 2018, with a regressor fitted to scores in 0..1.")},
)
class BMPRI(Learner):
    """Quality predicted from the similarity to pseudo-references, by support vector regression.

    The regressor is an epsilon-SVR with a Gaussian kernel on features scaled to -1..1 by their ranges in training.
    gamma and C are those of the published model. Its epsilon is not stated; for scores in 0..1 (the published ones ran
    over 0..100) 0.01 is inferred.

    Parameters
    ----------
    gamma : float
        Width of the kernel ``exp(-gamma |x - y|^2)``.
    c : float
        Penalty of errors.
    epsilon : float
        Errors below it cost nothing, in units of q in 0..1.

    Notes
    -----
    Not equal to the published program to the last digit, because encoders and random numbers differ: JPEG quality 0 is
    written as 1 (libjpeg takes both for 1), JPEG 2000 as a raw code stream, because the ratios ask for fewer bytes
    than the headers of a JP2 file have, and the noise is drawn from a fixed seed. In pictures of 128x128 and below the
    strongest JPEG 2000 levels reach the least size the codec can write, and coincide.

    References
    ----------
    min2018
    """

    def __init__(self, *, gamma: float = 0.05, c: float = 1024.0, epsilon: float = 0.01) -> None:
        self.gamma, self.c, self.epsilon = gamma, c, epsilon
        self._state: dict[str, Array] = {}

    def prepare(self, fused: Image) -> Array:
        """Compute the 20 features."""
        return features(fused)

    def fit(self, examples: Examples, *, seed: int, judge: Examples | None = None) -> None:
        """Fit the ranges of the features and the support vectors; nothing about it is random."""
        from sklearn.svm import SVR

        table = np.stack(examples.inputs)
        self._state = {"low": table.min(axis=0), "high": table.max(axis=0)}
        regressor = SVR(kernel="rbf", gamma=self.gamma, C=self.c, epsilon=self.epsilon)
        regressor.fit(self._scaled(table), examples.q)
        self._state |= {
            "support": regressor.support_vectors_,
            "weight": regressor.dual_coef_[0],
            "intercept": regressor.intercept_,
        }

    def predict(self, inputs: Sequence[Array]) -> Array:
        """Evaluate the regression, ``sum_i w_i exp(-gamma |x - x_i|^2) + b``."""
        x, support = self._scaled(np.stack(inputs)), self._state["support"]
        squared = (x**2).sum(axis=1)[:, None] + (support**2).sum(axis=1) - 2.0 * x @ support.T
        kernel = np.exp(-self.gamma * np.maximum(squared, 0.0))
        return kernel @ self._state["weight"] + self._state["intercept"]

    def state(self) -> dict[str, Array]:
        """Return ranges, support vectors, their weights and the intercept."""
        return dict(self._state)

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up what `state` returned."""
        self._state = dict(state)

    def _scaled(self, table: Array) -> Array:
        low, high = self._state["low"], self._state["high"]
        span = np.where(high > low, high - low, 1.0)
        return 2.0 * (table - low) / span - 1.0


def _to_8bit(values: Array) -> Pixels:
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def _grey(pixels: Pixels) -> Pixels:
    return _to_8bit(pixels.astype(np.float64) @ LUMINANCE_WEIGHTS) if pixels.ndim == 3 else pixels


def _neighbours_not_darker(grey: Pixels) -> npt.NDArray[np.int8]:
    """Count, for each inner pixel, its neighbours right, above, left and below that are not darker: 0..4."""
    centre = grey[1:-1, 1:-1]
    neighbours = (grey[1:-1, 2:], grey[:-2, 1:-1], grey[1:-1, :-2], grey[2:, 1:-1])
    count = np.zeros(centre.shape, np.int8)
    for neighbour in neighbours:
        count += neighbour >= centre
    return count


def _marked(count: npt.NDArray[np.int8], typical: tuple[int, ...]) -> Map:
    """Mark the pixels of which so many neighbours are not darker."""
    return np.logical_or.reduce([count == number for number in typical])


def _similarity(image: Map, pseudo: Map) -> float:
    return float(np.count_nonzero(image & pseudo) / (np.count_nonzero(pseudo) + 1))


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    return _coded(pixels, lambda picture, file: picture.save(file, "JPEG", quality=quality))


def _jpeg2000(pixels: Pixels, ratio: int) -> Pixels:
    options = {"quality_mode": "rates", "quality_layers": [ratio], "irreversible": True, "no_jp2": True}
    return _coded(pixels, lambda picture, file: picture.save(file, "JPEG2000", **options))


def _coded(pixels: Pixels, save: Callable[[Pillow.Image, BytesIO], None]) -> Pixels:
    """Encode and decode."""
    buffer = BytesIO()
    save(Pillow.fromarray(pixels), buffer)
    with Pillow.open(buffer) as picture:
        return np.asarray(picture)


def _blur(grey: Pixels, sigma: float) -> Pixels:
    """Blur with a 3x3 Gaussian window; outside the picture is black."""
    x = np.arange(-1, 2)
    window = np.exp(-(x**2) / (2 * sigma**2))
    window /= window.sum()
    down = scipy.ndimage.correlate1d(grey.astype(np.float64), window, axis=0, mode="constant")
    return _to_8bit(scipy.ndimage.correlate1d(down, window, axis=1, mode="constant"))


def _with_noise(pixels: Pixels) -> list[Pixels]:
    """Add white Gaussian noise, variances on the scale 0..1; the same noise for all pictures of one shape."""
    deviation = 255.0 * np.sqrt(NOISE_VARIANCE)
    return [
        _to_8bit(np.clip(pixels + sigma * noise, 0, 255))
        for sigma, noise in zip(deviation, _noise(pixels.shape), strict=True)
    ]


@lru_cache(maxsize=4)
def _noise(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    random = np.random.Generator(np.random.PCG64(NOISE_SEED))
    return random.standard_normal((len(NOISE_VARIANCE), *shape), dtype=np.float32)
