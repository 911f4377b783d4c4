"""One slice of one made-up head: the MNI152 brain cut, scaled and deformed, with skull and scalp grown around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.databases.phantom.atlas import Volume, load_atlas
from benchmark.databases.phantom.fields import coverage, smooth_field
from benchmark.databases.phantom.tissues import TISSUES

__all__ = ["SIZE", "Slice", "SliceSpec"]

Array = NDArray[np.float64]

SIZE = 128  # pixels
FINE = 2  # sub-pixels per side: deformations live on this grid, and tissue fractions are averaged from it
SHARPNESS = 2.2  # exponent that undoes part of the blur of averaging 152 brains
TABLE = 1.7  # mm, inner and outer table of the skull
SKIN = 2.8  # mm
SUBARACHNOID = 3.0  # mm from the brain within which the cranium is filled with fluid, beyond it with skull base


@dataclass(frozen=True)
class SliceSpec:
    """Where the slice lies and how its head differs from the average one. Lengths in mm, angles in degrees.

    Attributes
    ----------
    z : float
        Height of the slice centre above the MNI origin.
    pitch, roll, yaw : float
        Rotations about the left-right, front-back and vertical axis.
    pixel : float
        Pixel size.
    shift : tuple of float
        Displacement of the head in the frame, to the right and downwards.
    scale : tuple of float
        Size of this head relative to the average: left-right, front-back, vertical.
    bend, fold : float
        Standard deviation of the coarse deformation (whole head) and of the fine one (brain only).
    ventricles : tuple of float
        Growth of the ventricular wall on the left and the right.
    sulci : float
        How much of the valley map is opened to fluid.
    gap, skull, fat : float
        Mean thickness of the fluid layer under the skull, of the skull and of the subcutaneous fat.
    """

    z: float
    pitch: float
    roll: float
    yaw: float
    pixel: float
    shift: tuple[float, float]
    scale: tuple[float, float, float]
    bend: float
    fold: float
    ventricles: tuple[float, float]
    sulci: float
    gap: float
    skull: float
    fat: float


class Slice:
    """A placed and deformed slice, ready to be sampled.

    Parameters
    ----------
    spec : SliceSpec
    rng : numpy.random.Generator
        Source of the random fields; always consumed in the same way.

    Attributes
    ----------
    mni : ndarray, shape (3, SIZE, SIZE)
        MNI coordinates of the pixel centres.
    depth : ndarray, shape (SIZE, SIZE)
        Distance in mm below the inner surface of the skull, negative outside.
    """

    def __init__(self, spec: SliceSpec, rng: np.random.Generator) -> None:
        self.spec = spec
        n, cell = SIZE * FINE, spec.pixel / FINE

        def field(grain_mm: float) -> Array:
            return smooth_field(rng, n, grain_mm / cell)

        self._rotation = _rotation(spec.pitch, spec.roll, spec.yaw)
        bend = np.stack([field(60.0) for _ in range(3)])
        fold = np.stack([0.7 * field(20.0) + 0.7 * field(9.0) + 0.5 * field(5.0) for _ in range(3)])
        gap, skull, fat = (
            mean * np.exp(spread * field(22.0))
            for mean, spread in ((spec.gap, 0.3), (spec.skull, 0.18), (spec.fat, 0.25))
        )
        base = field(4.0)
        self._opening = spec.sulci * np.exp(0.4 * field(25.0))
        self._ribbon = np.exp(0.35 * field(5.0))
        groove = np.exp(-0.5 * (field(6.0) / 0.13) ** 2)

        self._head = self._plane() + spec.bend * bend
        self._warp = spec.fold * fold + self._ventricular_push()
        self._shell, self._rest = self._grow_head(gap, skull, fat, base)
        self.mni = _shrink(self._head + self._warp)
        below = gap - _smooth(load_atlas().cranium, self._head) * np.mean(spec.scale)
        self.depth = _shrink(below)
        self._groove = groove * np.clip(1.5 - below / 12.0, 0, 1)

    def tissue(self, offsets: NDArray[np.floating], *, fine: bool) -> Array:
        """Tissue fractions of the planes ``offsets`` mm above the slice; skull and scalp are those of the slice.

        Parameters
        ----------
        offsets : ndarray, shape (P,)
        fine : bool
            Average FINE x FINE samples a pixel (for imaging that resolves them) instead of one.

        Returns
        -------
        ndarray, shape (P, len(TISSUES), SIZE, SIZE)
            Non-negative, summing to one over the tissues.
        """
        grids = self._head, self._warp, self._shell, self._rest, self._opening, self._ribbon, self._groove
        head, warp, shell, rest, *variation = grids if fine else tuple(_shrink(grid) for grid in grids)
        up = np.reshape(self._rotation[:, 2] / self.spec.scale, (3, 1, 1))
        planes = []
        for height in offsets:
            plane = shell.copy()
            brain = self._brain(head + warp + height * up, 1 - shell.sum(axis=0), *variation)
            plane[:3] += brain
            plane += rest * np.clip(1 - plane.sum(axis=0), 0, 1)
            planes.append(_shrink(plane) if fine else plane)
        return np.stack(planes)

    def _plane(self) -> Array:
        """Cut the undeformed plane: MNI coordinates, rows from front to back, columns from right to left."""
        spec = self.spec
        at = (np.arange(SIZE * FINE) - (SIZE * FINE - 1) / 2) * spec.pixel / FINE
        down, right = np.meshgrid(at - spec.shift[1], at - spec.shift[0], indexing="ij")
        turned = np.einsum("ij,jrc->irc", self._rotation, np.stack([-right, -down, np.zeros_like(down)]))
        return np.asarray(turned / np.reshape(spec.scale, (3, 1, 1)) + np.reshape([0.0, -18.0, spec.z], (3, 1, 1)))

    def _ventricular_push(self) -> Array:
        """Sample nearer to the ventricle by delta exp(-r / 14 mm), so that it looks larger by delta."""
        atlas = load_atlas()
        left = coverage(-self._head[0], 20.0)
        delta = self.spec.ventricles[0] * left + self.spec.ventricles[1] * (1 - left)
        distance, gradient = _smooth(atlas.ventricle, self._head), _smooth(atlas.from_ventricle, self._head)
        return np.asarray(-delta * np.exp(-distance / 14.0) * gradient)

    def _brain(self, mni: Array, cranium: Array, opening: Array, ribbon: Array, groove: Array) -> Array:
        """Grey matter, white matter and fluid inside the cranium: sharpened atlas, with this head's own sulci."""
        where = cranium > 0
        gm, wm, csf, valley = load_atlas().tissue(mni[:, where])
        inside = np.clip(gm + wm + csf, 0, 1)
        sulcus = opening[where] * (1 - wm) ** 2 * (valley + groove[where] * gm)
        mixture = np.stack([gm, wm * ribbon[where], csf + sulcus]) ** SHARPNESS
        brain = np.zeros((3, *cranium.shape))
        brain[:, where] = mixture * cranium[where] * inside / np.maximum(mixture.sum(axis=0), 1e-6)
        return brain

    def _grow_head(self, gap: Array, skull: Array, fat: Array, base: Array) -> tuple[Array, Array]:
        """Layers around the brain.

        Returns
        -------
        shell : ndarray, shape (len(TISSUES), ...)
            Fractions of what lies outside the cranium.
        rest : ndarray, shape (len(TISSUES), ...)
            What fills the cranium where the brain does not: fluid near it, skull base farther away.
        """
        atlas, scale, cell = load_atlas(), float(np.mean(self.spec.scale)), self.spec.pixel / FINE
        out = _smooth(atlas.cranium, self._head) * scale - gap  # mm beyond the inner surface of the skull
        skin = _smooth(atlas.head, self._head) * scale - gap - skull - fat - SKIN  # mm beyond the skin

        within = coverage(-out, cell)
        bone = coverage(skull - out, cell) - within
        diploe = np.clip(coverage(skull - TABLE - out, cell) - coverage(TABLE - out, cell), 0, None)
        soft = np.clip(coverage(-skin, cell) - within - bone, 0, None)  # scalp and temporal muscle
        adipose = soft * np.clip(coverage(-skin - SKIN, cell) - coverage(-skin - SKIN - fat, cell), 0, 1)
        shell = {"bone": bone - diploe, "marrow": diploe, "fat": adipose, "muscle": soft - adipose}
        shell["air"] = 1 - within - bone - soft

        fluid = coverage(SUBARACHNOID - _smooth(atlas.brain, self._head + self._warp), 2.0)
        rock = (1 - fluid) * coverage(base)
        rest = {"csf": fluid, "bone": rock, "muscle": 1 - fluid - rock}
        zero = np.zeros_like(out)
        return np.stack([shell.get(t, zero) for t in TISSUES]), np.stack([rest.get(t, zero) for t in TISSUES])


def _rotation(pitch: float, roll: float, yaw: float) -> Array:
    (cp, cr, cy), (sp, sr, sy) = (f(np.deg2rad([pitch, roll, yaw])) for f in (np.cos, np.sin))
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_y = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    return np.asarray(about_x @ about_y @ about_z, dtype=np.float64)


def _shrink(fine: NDArray[np.floating]) -> Array:
    """Mean of FINE x FINE cells over the last two axes."""
    parts = [fine[..., row::FINE, column::FINE] for row in range(FINE) for column in range(FINE)]
    return np.asarray(sum(parts) / FINE**2, dtype=np.float64)


def _smooth(volume: Volume, fine: Array) -> Array:
    """Sample a smooth map at the pixel centres only, and interpolate it linearly onto the fine grid."""
    at = np.clip((np.arange(SIZE * FINE) + 0.5) / FINE - 0.5, 0, SIZE - 1)
    hat = np.clip(1 - np.abs(at[:, None] - np.arange(SIZE)), 0, None)
    return np.asarray(hat @ volume(_shrink(fine)) @ hat.T)
