"""What is drawn for a pair: the compositions, the ranges, and the random streams that keep every pair on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import numpy as np

from benchmark.databases.phantom.anatomy import SliceSpec
from benchmark.databases.phantom.lesions import KINDS, LesionSpec
from benchmark.databases.phantom.modalities import CT, Emission, Scanner, SpinEcho

__all__ = ["COMPOSITIONS", "MASTER_SEED", "PHANTOM", "PHANTOM_EXTERNAL", "Composition", "PairSpec", "draw_pair"]

MASTER_SEED = 1290
PLASTIC = 1.32471795724474602596  # real root of x**3 = x + 1: its powers spread points evenly in two dimensions

LOWEST, PERIOD, PERIODS = -26.0, 6.0, 15  # axial range in MNI mm, cut into periods that the two databases share out


@dataclass(frozen=True)
class Composition:
    """A database to generate: how many pairs of each modality, and the slice positions it may use.

    Attributes
    ----------
    name : str
    counts : tuple of (modality, number)
        In the order of the indices.
    band : tuple of float
        Part of every PERIOD mm of height, in mm, that belongs to this database.
    """

    name: str
    counts: tuple[tuple[str, int], ...]
    band: tuple[float, float]

    def __len__(self) -> int:
        return sum(number for _, number in self.counts)

    def locate(self, index: int) -> tuple[str, int]:
        """Modality of a pair and its rank among those of that modality."""
        if index < 0:
            raise IndexError(f"pair index {index} is negative")
        rank = index
        for modality, number in self.counts:
            if rank < number:
                return modality, rank
            rank -= number
        raise IndexError(f"{self.name} has {len(self)} pairs, no pair {index}")


PHANTOM = Composition("phantom", (("MR/SPECT", 72), ("MR/PET", 48), ("CT/MR", 6), ("MR-T1/MR-T2", 3)), band=(0.0, 4.4))
PHANTOM_EXTERNAL = Composition(
    "phantom-external", (("MR/SPECT", 12), ("MR/PET", 12), ("CT/MR", 6), ("MR-T1/MR-T2", 6)), band=(4.8, 5.6)
)
COMPOSITIONS = {composition.name: composition for composition in (PHANTOM, PHANTOM_EXTERNAL)}

#: Share of pairs with a lesion, and of those, what shows it.
LESION_SHARE = 0.85
SEEN: tuple[tuple[float, Literal["a", "b", "both"]], ...] = ((0.3, "a"), (0.6, "b"), (1.0, "both"))

#: Pathologies by modality and by what shows them.
PATHOLOGY: dict[str, dict[str, tuple[str, ...]]] = {
    "MR/SPECT": {
        "a": ("plaque", "low-grade tumour"),
        "b": ("cold focus", "hot focus"),
        "both": ("tumour", "infarct", "haemorrhage"),
    },
    "CT/MR": {
        "a": ("calcification",),
        "b": ("plaque", "low-grade tumour"),
        "both": ("tumour", "infarct", "haemorrhage"),
    },
    "MR-T1/MR-T2": {"a": ("old haemorrhage",), "b": ("plaque",), "both": ("tumour", "infarct")},
}
PATHOLOGY["MR/PET"] = PATHOLOGY["MR/SPECT"]


@dataclass(frozen=True)
class PairSpec:
    """Everything that defines a pair.

    Attributes
    ----------
    database : str
    index : int
    seed : int
        Master seed: with ``database`` and ``index`` it fixes the streams that the random fields and the noise use.
    name, modality : str
    slice : SliceSpec
    lesion : LesionSpec or None
    a, b : Scanner
        Scanners of the two source images.
    """

    database: str
    index: int
    seed: int
    name: str
    modality: str
    slice: SliceSpec
    lesion: LesionSpec | None
    a: Scanner
    b: Scanner

    def stream(self, purpose: str) -> np.random.Generator:
        """Open this pair's stream for one purpose: ``anatomy``, ``lesion``, ``uptake``, ``noise a 0`` ..."""
        return stream(self.seed, self.database, self.index, purpose)


def stream(seed: int, database: str, index: int, purpose: str) -> np.random.Generator:
    """Open the stream for one purpose of one pair: PCG64 of a seed sequence keyed by all four."""
    key = (crc32(database.encode()), index, crc32(purpose.encode()))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def draw_pair(database: str, index: int, *, seed: int = MASTER_SEED) -> PairSpec:
    """Draw one pair of a database, without reference to any other.

    Slice heights, and the presence and visibility of lesions, follow additive recurrences u_k = frac(u_0 + k alpha),
    alpha = 1/p over the pairs of the database and 1/p**2 over those of a modality, p**3 = p + 1: both are spread
    evenly, also jointly, and no two pairs share a height. All else is drawn independently.

    Parameters
    ----------
    database : {"phantom", "phantom-external"}
    index : int
        From 0 to ``len(composition) - 1``.
    seed : int, optional
        Master seed.

    Returns
    -------
    PairSpec

    Raises
    ------
    KeyError
        If there is no such database.
    IndexError
        If it has no such pair.

    Examples
    --------
    >>> spec = draw_pair("phantom", 80)
    >>> spec.name, spec.modality, spec == draw_pair("phantom", 80)
    ('pet-080', 'MR/PET', True)
    """
    composition = COMPOSITIONS[database]
    modality, rank = composition.locate(index)
    rng = stream(seed, database, index, "spec")
    a, b = _draw_scanners(modality, rng)
    height = (stream(seed, database, 0, "heights").random() + index / PLASTIC) % 1
    chance = (stream(seed, database, 0, "lesions " + modality).random() + rank / PLASTIC**2) % 1
    return PairSpec(
        database=database,
        index=index,
        seed=seed,
        name=f"{_PREFIX[modality]}-{index:03d}",
        modality=modality,
        slice=_draw_slice(composition, height, rng),
        lesion=_draw_lesion(modality, chance / LESION_SHARE, rng) if chance < LESION_SHARE else None,
        a=a,
        b=b,
    )


_PREFIX = {"MR/SPECT": "spect", "MR/PET": "pet", "CT/MR": "ct", "MR-T1/MR-T2": "t1t2"}


def _draw_slice(composition: Composition, height: float, rng: np.random.Generator) -> SliceSpec:
    low, high = composition.band
    period, within = divmod(height * PERIODS, 1)
    size = rng.uniform(0.88, 0.95)  # the average brain is larger than the brains it averages
    ventricles = rng.uniform(-1.0, 4.5)
    return SliceSpec(
        z=LOWEST + PERIOD * period + low + (high - low) * within,
        pitch=rng.uniform(-9, 9),
        roll=rng.uniform(-3, 3),
        yaw=rng.uniform(-4, 4),
        pixel=rng.uniform(1.66, 1.80),
        shift=(rng.uniform(-3, 3), rng.uniform(-2, 2)),
        scale=(size * rng.uniform(0.97, 1.03), size * rng.uniform(0.97, 1.03), size),
        bend=rng.uniform(1.5, 3.0),
        fold=rng.uniform(1.3, 2.0),
        ventricles=(ventricles + rng.uniform(-0.7, 0.7), ventricles + rng.uniform(-0.7, 0.7)),
        sulci=rng.uniform(0.5, 1.4),
        gap=rng.uniform(1.0, 2.2),
        skull=rng.uniform(5.5, 8.0),
        fat=rng.uniform(1.8, 4.0),
    )


def _draw_lesion(modality: str, chance: float, rng: np.random.Generator) -> LesionSpec:
    seen = next(what for upto, what in SEEN if chance < upto)
    kind = str(rng.choice(PATHOLOGY[modality][seen]))
    amplitude = rng.uniform(0.06, 0.2) / np.arange(1, 5)
    phase = rng.uniform(0, 2 * np.pi, 4)
    return LesionSpec(
        kind=kind,
        seen=seen,
        site=rng.random(),
        radius=rng.uniform(*KINDS[kind].radius),
        elongation=rng.uniform(1.0, 1.6),
        angle=rng.uniform(0, np.pi),
        lobes=tuple(complex(c) for c in amplitude * np.exp(1j * phase)),
        severity=rng.uniform(0.3, 1.0),
        halo=rng.uniform(0.3, 1.0),
    )


def _draw_scanners(modality: str, rng: np.random.Generator) -> tuple[Scanner, Scanner]:
    def t2() -> SpinEcho:
        return SpinEcho(
            "T2",
            tr=rng.uniform(2500, 4000),
            te=rng.uniform(85, 110),
            level=rng.uniform(0.75, 0.98),
            sigma=rng.uniform(0.010, 0.028),
            bias=rng.uniform(0.03, 0.10),
        )

    if modality == "MR/SPECT":
        spect = Emission(
            "SPECT",
            fwhm=rng.uniform(10, 12),
            intrinsic=rng.uniform(7, 8),
            counts=rng.uniform(8, 20),
            white=rng.uniform(1.0, 1.25),
            regional=rng.uniform(0.08, 0.16),
        )
        return t2(), spect
    if modality == "MR/PET":
        pet = Emission(
            "PET",
            fwhm=rng.uniform(5, 6),
            intrinsic=rng.uniform(3.5, 4.2),
            counts=rng.uniform(30, 70),
            white=rng.uniform(1.0, 1.2),
            regional=rng.uniform(0.06, 0.14),
        )
        return t2(), pet
    if modality == "CT/MR":
        return CT(level=rng.uniform(36, 42), width=rng.uniform(78, 95), sigma=rng.uniform(1.5, 3.5)), t2()
    t1 = SpinEcho(
        "T1",
        tr=rng.uniform(450, 600),
        te=rng.uniform(10, 18),
        level=rng.uniform(0.5, 0.65),
        sigma=rng.uniform(0.010, 0.025),
        bias=rng.uniform(0.03, 0.10),
    )
    return t1, t2()
