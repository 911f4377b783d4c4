"""The real anatomy: MNI152 tissue maps, and what is derived from them once per process.

The grey- and white-matter maps and the skull-stripped T1 template of the MNI ICBM152 non-linear symmetric 2009a
average brain travel inside the nilearn wheel, so nothing is downloaded. They are read from the package's folder and
nilearn itself is never imported: its import takes seconds, reading three files takes a fraction of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray

__all__ = ["Atlas", "Volume", "load_atlas"]

Array = NDArray[np.float64]
Single = NDArray[np.float32]

#: SHA-256 of the decoded voxels: another template would silently be another database.
SHA256 = {
    "t1": "a42242e3dc051f80e18cf23eb12618a6f09ff951defa2d1e9687d8dcb8810bbf",
    "gm": "31aecb7be828c1bfb9ff518f94fe76c463e4ec834ac96c2de3449ec2122711f5",
    "wm": "b0a50397bf25b0f407ca29e2cfefa2f49f094d06bc0aa2722f2f0b72fcd9b645",
}
ORIGIN = np.array([98.0, 134.0, 72.0])  # voxel of the MNI origin; all three maps are 1 mm isotropic, x y z to the R A S
LOWEST = 30  # first axial voxel that any slice can reach (42 mm below the origin); what is under it is not kept
COARSE = 3  # mm, grid of the distance maps: the surfaces they describe are smooth
PAD = 14  # coarse voxels of air around the maps, so that distances reach the skin
CRANIUM = 15.0  # mm, closing radius that bridges sulci and fissures: the intracranial space
ENVELOPE = 39.0  # mm, closing radius that also bridges the temporal fossae: the shape of the head


@dataclass(frozen=True)
class Volume:
    """Samples on a regular grid: MNI millimetres to values by trilinear interpolation."""

    values: Single  # (component, x, y, z)
    origin: NDArray[np.float64]  # index of the MNI origin
    spacing: float  # mm

    def __call__(self, mm: NDArray[np.float64]) -> Array:
        """Values at points ``mm`` of shape (3, ...), one component or a stack; outside the grid, those of its edge."""
        index = mm / self.spacing + self.origin.reshape(3, *[1] * (mm.ndim - 1))
        sampled = [
            scipy.ndimage.map_coordinates(component, index, order=1, mode="nearest", output=np.float64)
            for component in self.values
        ]
        return np.stack(sampled) if len(sampled) > 1 else np.asarray(sampled[0])


@dataclass(frozen=True)
class Atlas:
    """MNI152 tissue probabilities and distance maps, as functions of MNI millimetres.

    Attributes
    ----------
    tissue : Volume
        Four components in [0, 1], 1 mm: probability of grey matter, white matter and cerebrospinal fluid (what the
        brain mask holds beside the first two), and the *valley* map: how much darker than its surroundings the T1
        template is. That is the course of the sulci, which an average of 152 brains blurs out of the tissue maps.
    cranium : Volume
        Signed distance in mm to the surface of the intracranial space (the closed brain), positive outside.
    head : Volume
        The same to a more convex surface, which the skin follows.
    brain : Volume
        Distance in mm to the brain, zero inside it.
    ventricle : Volume
        Distance in mm to the cerebral ventricles, zero inside them.
    from_ventricle : Volume
        Its gradient, three components: the direction in which a growing ventricle pushes.
    """

    tissue: Volume
    cranium: Volume
    head: Volume
    brain: Volume
    ventricle: Volume
    from_ventricle: Volume


@cache
def load_atlas() -> Atlas:
    """Read the maps and derive the distance maps; about two seconds, then kept for the life of the process.

    Raises
    ------
    ModuleNotFoundError
        If nilearn is not installed.
    ValueError
        If its maps are not the ones this database is defined on.

    References
    ----------
    V. S. Fonov et al. "Unbiased average age-appropriate atlases for pediatric studies". NeuroImage 54(1), 2011,
    313-327, doi:10.1016/j.neuroimage.2010.07.033.
    """
    t1, gm, wm = (_read(name) for name in ("t1", "gm", "wm"))
    brain = t1 > 0
    csf = np.where(brain, np.clip(1 - gm - wm, 0, 1), 0).astype(np.float32)

    def coarse(*components: Single) -> Volume:
        return Volume(_axial(components), (ORIGIN - (COARSE - 1) / 2) / COARSE + PAD, COARSE)

    mask = np.pad(_block_mean(brain) > 0.5, PAD)
    to_brain = _distance(~mask)
    cranium, head = (_closed_surface(to_brain, radius) for radius in (CRANIUM, ENVELOPE))
    fluid = np.pad(_block_mean(csf) > 0.5, PAD) & (cranium < -14)  # fluid so deep is ventricle, not sulcus
    parts, _ = scipy.ndimage.label(fluid)
    to_ventricle = scipy.ndimage.gaussian_filter(_distance(parts != 1 + np.argmax(np.bincount(parts.ravel())[1:])), 1.0)

    weight = scipy.ndimage.gaussian_filter(brain[..., LOWEST:].astype(np.float32), 2.5, truncate=3)
    surround = scipy.ndimage.gaussian_filter(t1[..., LOWEST:], 2.5, truncate=3) / np.maximum(weight, 1e-3)
    valley = np.where(brain[..., LOWEST:], np.clip(4 * (surround - t1[..., LOWEST:] - 0.03), 0, 1), 0)
    tissue = [gm[..., LOWEST:], wm[..., LOWEST:], csf[..., LOWEST:], valley]
    return Atlas(
        tissue=Volume(_axial(tissue), ORIGIN - (0, 0, LOWEST), 1.0),
        cranium=coarse(cranium),
        head=coarse(head),
        brain=coarse(to_brain),
        ventricle=coarse(to_ventricle),
        from_ventricle=coarse(*np.gradient(to_ventricle, COARSE)),
    )


def _read(name: str) -> Single:
    import nibabel  # not needed before anatomy is

    package = find_spec("nilearn")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("the phantom database needs the MNI152 maps inside the nilearn package")
    path = Path(package.origin).parent / "datasets" / "data" / f"mni_icbm152_{name}_tal_nlin_sym_09a_converted.nii.gz"
    voxels = np.ascontiguousarray(nibabel.Nifti1Image.from_filename(path).dataobj, dtype=np.uint8)
    if (found := hashlib.sha256(voxels.tobytes()).hexdigest()) != SHA256[name]:
        raise ValueError(f"{path} is not the map this database is defined on: SHA-256 of its voxels is {found}")
    return voxels.astype(np.float32) / np.float32(255)


def _axial(components: Sequence[NDArray[np.generic]]) -> Single:
    """Stack of volumes, each with x running fastest in memory: an axial slice is read several times faster so."""
    x, y, z = components[0].shape
    stack = np.empty((len(components), z, y, x), dtype=np.float32).transpose(0, 3, 2, 1)
    stack[:] = components
    return stack


def _block_mean(volume: NDArray[np.generic]) -> Single:
    nx, ny, nz = (n // COARSE for n in volume.shape)
    cropped = volume[: nx * COARSE, : ny * COARSE, : nz * COARSE]
    blocks = cropped.reshape(nx, COARSE, ny, COARSE, nz, COARSE)
    return np.asarray(blocks.mean(axis=(1, 3, 5), dtype=np.float32))


def _distance(outside: NDArray[np.bool_]) -> Single:
    """Distance in mm of every True voxel to the nearest False one."""
    return np.asarray(scipy.ndimage.distance_transform_edt(outside, sampling=COARSE), dtype=np.float32)


def _closed_surface(to_brain: Single, radius: float) -> Single:
    """Signed distance to the brain closed by a ball: dilated by ``radius``, eroded by as much."""
    closed = _distance(to_brain <= radius) > radius
    return np.asarray(scipy.ndimage.gaussian_filter(_distance(~closed) - _distance(closed), 1.2))
