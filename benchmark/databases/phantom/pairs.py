"""From a PairSpec to pixels, and to the truth behind them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmark.databases.phantom.anatomy import Slice
from benchmark.databases.phantom.lesions import Lesion
from benchmark.databases.phantom.modalities import SLAB
from benchmark.databases.phantom.spec import PairSpec
from benchmark.databases.phantom.tissues import TISSUES

__all__ = ["Pair", "render_pair"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """A source pair and its truth.

    Attributes
    ----------
    name, modality : str
    a, b : ndarray of uint8, shape (H, W) or (H, W, 3)
        The source images as displayed.
    mask : ndarray of bool, shape (H, W)
        The lesion with its halo; all False without one.
    truth : dict of str to ndarray
        What is known of the pair, whichever of its images are shown: see `render_pair`.
    """

    name: str
    modality: str
    a: NDArray[np.uint8]
    b: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    truth: dict[str, NDArray[np.generic]]


def render_pair(spec: PairSpec, *, lesion: bool = True, noise: bool = True, realisation: int = 0) -> Pair:
    """Make the images of a pair.

    Parameters
    ----------
    spec : PairSpec
    lesion : bool, optional
        False for the same head in the same noise before it fell ill: the signal-absent images of an observer who knows
        the signal exactly.
    noise : bool, optional
        False for images without noise and without bias field.
    realisation : int, optional
        Number of the noise realisation. The database holds number 0; others give an observer its ensemble.

    Returns
    -------
    Pair
        Its ``truth`` does not depend on the options. float32 maps of shape (H, W) unless stated:

        ======================  ====================================================================================
        ``a``, ``b``            noise-free display values, linear and not clipped: 0 is black, 1 is white (or the end of
                                the colour scale); the bias field is not in them
        ``a_absent``,           the same without the lesion; the signal is the difference, exactly zero in an image that
        ``b_absent``            does not show it
        ``a_object``,           what the scanner looked at in the central plane: spin-echo signal, Hounsfield units or
        ``b_object``            activity, with the lesion, before any blur
        ``tissue``              (len(TISSUES), H, W) fractions without the lesion, summing to one
        ``core``, ``halo``      fraction of each pixel that the lesion's core and its halo occupy
        ``mask``                bool, core + halo > 1/2
        ``contrast``            float64, (2,): mean signal in ``a`` and in ``b``, weighted by ``core``
        ======================  ====================================================================================
    """
    scene = _render(spec)
    pixel = spec.slice.pixel
    outside = scene.truth["tissue"][TISSUES.index("air")] > 0.98
    shown = []
    for source, scanner in (("a", spec.a), ("b", spec.b)):
        planes = scene.planes[source, lesion]
        if noise:
            x = scanner.expose(planes, pixel, spec.stream(f"noise {source} {realisation}"))
        else:
            x = scanner.scan(planes, pixel)
        shown.append(scanner.display(x, outside))
    truth = {key: values.copy() for key, values in scene.truth.items()}
    return Pair(spec.name, spec.modality, shown[0], shown[1], truth["mask"].astype(np.bool_), truth)


@dataclass(frozen=True)
class _Scene:
    """What the noise does not touch: object planes by (source, with lesion), and the truth."""

    planes: dict[tuple[str, bool], Array]
    truth: dict[str, NDArray[np.generic]]


@lru_cache(maxsize=2)  # an observer asks for many noise realisations of one pair
def _render(spec: PairSpec) -> _Scene:
    where = Slice(spec.slice, spec.stream("anatomy"))
    slab = where.tissue(SLAB, fine=True)
    tissue = slab.mean(axis=0)
    lesion = Lesion(spec.lesion, where, tissue, spec.stream("lesion")) if spec.lesion else None
    core = lesion.core if lesion else np.zeros(tissue.shape[1:])
    halo = lesion.halo if lesion else np.zeros(tissue.shape[1:])

    planes: dict[tuple[str, bool], Array] = {}
    maps: dict[str, Array] = {"tissue": tissue, "core": core, "halo": halo}
    contrast = []
    for source, scanner in (("a", spec.a), ("b", spec.b)):
        fractions = slab if scanner.fine else where.tissue(scanner.offsets, fine=False)
        values = np.array([scanner.values[name] for name in TISSUES])
        absent = np.einsum("t,pthw->phw", values, fractions) * scanner.uptake(where.mni, spec.stream("uptake"))
        present = absent
        if lesion and lesion.spec.seen in (source, "both"):
            pairs = zip(absent, scanner.offsets, strict=True)
            present = np.stack([lesion.apply(plane, offset, scanner.values) for plane, offset in pairs])
        planes[source, False], planes[source, True] = absent, present
        with_lesion, without = scanner.scan(present, spec.slice.pixel), scanner.scan(absent, spec.slice.pixel)
        maps |= {source: with_lesion, f"{source}_absent": without, f"{source}_object": present[len(present) // 2]}
        contrast.append(np.sum(core * (with_lesion - without)) / max(core.sum(), 1e-12))

    truth: dict[str, NDArray[np.generic]] = {key: values.astype(np.float32) for key, values in maps.items()}
    truth["mask"] = core + halo > 0.5
    truth["contrast"] = np.array(contrast)
    return _Scene(planes, truth)
