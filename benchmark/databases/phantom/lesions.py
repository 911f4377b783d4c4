"""Lesions: what they are made of, where they grow, what shape they have, which image shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from benchmark.databases.phantom.anatomy import Slice
from benchmark.databases.phantom.atlas import load_atlas
from benchmark.databases.phantom.fields import coverage, smooth_field
from benchmark.databases.phantom.tissues import TISSUES

__all__ = ["KINDS", "Kind", "Lesion", "LesionSpec"]

Array = NDArray[np.float64]
Home = Literal["white", "cortex", "deep", "periventricular"]
EDGE = 2.5  # mm over which a lesion fades into its surroundings


@dataclass(frozen=True)
class Kind:
    """A pathology: tissues of its core, of its centre and of the halo around it, home, and radii of its core in mm."""

    core: str
    home: Home
    radius: tuple[float, float]
    centre: str | None = None
    halo: str | None = None
    displaces: bool = True  # it fills sulci and ventricles it meets; otherwise it changes parenchyma alone


KINDS: dict[str, Kind] = {
    "tumour": Kind("tumour", "white", (6, 14), centre="necrosis", halo="oedema"),
    "low-grade tumour": Kind("tumour", "white", (6, 14)),
    "infarct": Kind("infarct", "cortex", (9, 18), displaces=False),
    "haemorrhage": Kind("blood", "deep", (5, 12), halo="oedema"),
    "old haemorrhage": Kind("old blood", "deep", (5, 12)),
    "plaque": Kind("plaque", "periventricular", (3, 6), displaces=False),
    "calcification": Kind("calcium", "deep", (2.5, 4.5)),
    "cold focus": Kind("cold focus", "cortex", (9, 16), displaces=False),
    "hot focus": Kind("hot focus", "cortex", (7, 13), displaces=False),
}


@dataclass(frozen=True)
class LesionSpec:
    """One lesion as drawn.

    Attributes
    ----------
    kind : str
        Key of KINDS.
    seen : {"a", "b", "both"}
        Source images that show it; in the other one the tissue is left as it was.
    site : float
        In [0, 1): its centre is this quantile of the plausible positions, row by row.
    radius : float
        Mean radius of the core in mm (never more than a fifth of the square root of the brain's area).
    elongation, angle : float
        Ratio of its axes, direction of the long one in radians.
    lobes : tuple of complex
        Fourier coefficients of its outline, orders 2, 3, ...
    severity : float
        In (0, 1]: share of the tissue it has replaced, from subtle to obvious.
    halo : float
        Width of the halo relative to the radius.
    """

    kind: str
    seen: Literal["a", "b", "both"]
    site: float
    radius: float
    elongation: float
    angle: float
    lobes: tuple[complex, ...]
    severity: float
    halo: float


class Lesion:
    """A lesion placed in a slice.

    Parameters
    ----------
    spec : LesionSpec
    where : Slice
    tissue : ndarray, shape (len(TISSUES), H, W)
        Fractions of that slice.
    rng : numpy.random.Generator
        Source of its texture.

    Attributes
    ----------
    core, halo : ndarray of float64, shape (H, W)
        Fraction of each pixel that the lesion's core and halo occupy in the central plane (severity not applied).
    """

    def __init__(self, spec: LesionSpec, where: Slice, tissue: Array, rng: np.random.Generator) -> None:
        self.spec, self.kind = spec, KINDS[spec.kind]
        self._pixel = where.spec.pixel
        gm, wm, csf = (tissue[TISSUES.index(t)] for t in ("gm", "wm", "csf"))
        brain = gm + wm
        self.radius = min(spec.radius, 0.2 * float(np.sqrt(brain.sum())) * self._pixel)
        self.centre = self._place(gm, wm, where)
        self._distance, self._outline = self._draw(brain.shape)
        room = brain + csf if self.kind.displaces else np.clip(1.3 * scipy.ndimage.gaussian_filter(brain, 0.8), 0, 1)
        self._room = np.minimum(room, coverage(where.depth - 1.0, 2.0))
        self._white = np.clip(2 * scipy.ndimage.gaussian_filter(wm, 1.0), 0, 1)
        self._texture = np.clip(spec.severity * (1 + 0.2 * smooth_field(rng, brain.shape[0], 4.0 / self._pixel)), 0, 1)
        self.core, self.halo = self._extent(0.0)

    def apply(self, plane: Array, offset: float, values: Mapping[str, float]) -> Array:
        """Put the lesion into the object plane ``offset`` mm off the slice: (1 - c) s + c s_lesion."""
        core, halo = self._extent(offset)
        parts = [(core, self.kind.core)]
        if self.kind.centre is not None:
            centre = self._shape(offset, 0.45) * core
            parts = [(core - centre, self.kind.core), (centre, self.kind.centre)]
        if self.kind.halo is not None:
            parts.append((halo, self.kind.halo))
        for share, tissue in parts:
            plane = plane + self._texture * share * (values[tissue] - plane)
        return plane

    def _extent(self, offset: float) -> tuple[Array, Array]:
        core = self._shape(offset, 1.0) * self._room
        if self.kind.halo is None:
            return core, np.zeros_like(core)
        reach = self._shape(offset, 1.0 + self.spec.halo) * self._room
        return core, np.clip(reach * self._white - core, 0, 1)

    def _shape(self, offset: float, grow: float) -> Array:
        """Coverage by the lesion with its radius times ``grow``, an ellipsoid cut ``offset`` mm off its centre."""
        radius = self.radius * grow
        cut = np.sqrt(max(0.0, 1 - (offset / radius) ** 2))
        return coverage(radius * cut * self._outline - self._distance, EDGE) if cut else np.zeros_like(self._distance)

    def _draw(self, shape: tuple[int, ...]) -> tuple[Array, Array]:
        """Measure every pixel from the centre, in the frame where the ellipse is a circle.

        Returns
        -------
        distance : ndarray
            In mm.
        outline : ndarray
            Relative radius of the lesion in the pixel's direction, 1 + sum_k Re(c_k exp(ik theta)).
        """
        rows, columns = np.indices(shape)
        z = (columns - self.centre[1] + 1j * (rows - self.centre[0])) * self._pixel * np.exp(-1j * self.spec.angle)
        z = z.real / np.sqrt(self.spec.elongation) + 1j * z.imag * np.sqrt(self.spec.elongation)
        turn = z / np.maximum(np.abs(z), 1e-9)
        lobes = sum((c * turn**k).real for k, c in enumerate(self.spec.lobes, start=2))
        return np.abs(z), 1 + lobes

    def _place(self, gm: Array, wm: Array, where: Slice) -> tuple[int, int]:
        grey, white, brain = (scipy.ndimage.gaussian_filter(share, 2.0) for share in (gm, wm, gm + wm))
        depth = where.depth
        ventricle = load_atlas().ventricle(where.mni)
        plausible = {
            "white": white**2 * coverage(depth - 1.1 * self.radius, 4.0),
            "cortex": grey**2 * np.exp(-(((depth - 0.8 * self.radius) / 5) ** 2)),
            "deep": (grey**2 * coverage(depth - 30, 12.0) + 0.1 * white**2) * coverage(depth - 1.3 * self.radius, 4.0),
            "periventricular": white**2 * np.exp(-((ventricle / 12) ** 2)),
        }[self.kind.home]
        weight = plausible * np.clip(4 * brain - 2.4, 0, 1)  # parenchyma, not a cistern or a wide sulcus
        weight += 1e-6 * (gm + wm)  # somewhere even where the slice has no such place
        total = np.cumsum(weight)
        row, column = divmod(int(np.searchsorted(total, self.spec.site * total[-1], side="right")), gm.shape[1])
        return row, column
