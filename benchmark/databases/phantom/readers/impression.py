"""From a pair, its truth and a fused image to a simulated reader's impression of it, before any reader has a taste."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.databases.phantom import TISSUES, Pair
from benchmark.databases.phantom.colour import SCALES, colourise
from benchmark.databases.phantom.modalities import FLOOR
from benchmark.databases.phantom.readers.explained import LocalModel
from benchmark.databases.phantom.readers.eye import perceive
from benchmark.databases.phantom.readers.fidelity import BRAIN, Anatomy, ColourBar, GreyLevels
from benchmark.databases.phantom.readers.observer import LesionObserver
from benchmark.errors import BenchmarkError

__all__ = ["Impression", "Reading", "judge"]

Array = NDArray[np.float64]

OUTSIDE = 0.98  # share of air above which the display is black
AT_LEAST = 1.0  # d' that any source is credited with: a lesion below it is hardly there to be lost


@dataclass(frozen=True)
class Impression:
    """What a fused image offers to a simulated reader, who knows the truth.

    Attributes
    ----------
    modality : str
        Of the pair.
    lesion : float or None
        Detectability d' of the lesion in the fused image over that in a source, 0 (chance) to 1: the mean over the
        sources that show it. None without a lesion.
    anatomy : float
        Contrast between tissues relative to what the sources show, 0 to 1.
    function : float
        Share of the values that can be read in the fused image, 0 to 1: activity off the colour bar, or grey levels.
    artefact : float
        Root mean square of what neither source explains, noise included, in Delta E; 0 is best.
    """

    modality: str
    lesion: float | None
    anatomy: float
    function: float
    artefact: float


class Reading:
    """The simulated readers' knowledge of one pair, which the fused images of that pair share.

    Parameters
    ----------
    pair : Pair
        Only its ``truth`` and ``modality`` are used: no reader is shown the noisy sources.
    """

    def __init__(self, pair: Pair) -> None:
        truth = {key: np.asarray(values, dtype=np.float64) for key, values in pair.truth.items()}
        tissue = truth["tissue"]
        air = tissue[TISSUES.index("air")]
        tracer = pair.modality.removeprefix("MR/")
        scale = tracer if tracer in SCALES else None

        def view(key: str) -> Array:
            x = truth[key]
            if scale is not None and key.startswith("b"):
                return perceive(colourise(np.where((air > OUTSIDE) & (x < FLOOR), 0, x), scale))
            return perceive(np.clip(np.where(air > OUTSIDE, 0, x), 0, 1))

        a, b, a_absent, b_absent = (view(key) for key in ("a", "b", "a_absent", "b_absent"))
        shown = slice(0, 1 if scale is None else 3)  # a grey image has no colour to explain anything with
        brain = tissue[sorted(BRAIN)].sum(axis=0)
        self._modality = pair.modality
        self._shape = air.shape
        self._area = float(np.sum(1 - air))
        self._model = LocalModel(np.concatenate([a[:1], b[shown]]))
        self._observer = LesionObserver(
            (a, b), (a_absent, b_absent), np.concatenate([a_absent[:1], b_absent[shown]]), 1 - air, brain
        )
        self._anatomy = Anatomy(tissue, a[0], b[0])
        self._function = (
            ColourBar(scale, truth["b"], brain > 0.5)
            if scale is not None
            else GreyLevels(a[0], b[0], brain > 0.5, (brain <= 0.5) & (air < 0.5))
        )

    def judge(self, fused: NDArray[np.uint8]) -> Impression:
        """Look at one fused image of the pair; see `judge`."""
        if fused.dtype != np.uint8 or fused.shape not in (self._shape, (*self._shape, 3)):
            raise BenchmarkError(f"fused image: {fused.dtype} of shape {fused.shape}, expected uint8 of {self._shape}")
        seen = perceive(fused)
        residual = self._model.residual(seen)
        return Impression(
            self._modality,
            lesion=self._detect(seen, residual),
            anatomy=self._anatomy.score(seen[0]),
            function=self._function.score(seen),
            artefact=float(np.sqrt(np.sum(residual**2) / self._area)),
        )

    def _detect(self, seen: Array, residual: Array) -> float | None:
        offered = self._observer.offered
        if not offered:
            return None
        found = self._observer.detect(seen, residual)
        return float(np.mean([min(1.0, d / max(of, AT_LEAST)) for d, of in zip(found, offered, strict=True)]))


def judge(pair: Pair, fused: NDArray[np.uint8]) -> Impression:
    """Look at a fused image, knowing the truth of its pair. For several images of one pair, make one `Reading`.

    Parameters
    ----------
    pair : Pair
    fused : ndarray of uint8, shape (H, W) or (H, W, 3)

    Returns
    -------
    Impression

    Raises
    ------
    BenchmarkError
        The image is not of the pair's size, or not of 8 bits.
    """
    return Reading(pair).judge(fused)
