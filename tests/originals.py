"""Public sets as they are laid out where they come from, as far as that is known, with pictures of noise."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from scipy.io import savemat

from tests.databases import save

ALGORITHMS = ("Gu12", "Mertens07", "lsaverage")
#: Sequence as fused images are called, and the folder of its exposures.
SEQUENCES = {"Tower": "Tower_Jacques Joffre", "ChineseGarden": "Chinese_garden_Bartlomiej Okonek"}


def cell(values: list[str] | np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Make a cell array, filled column after column as MATLAB does."""
    return np.array(values, dtype=object).reshape(shape, order="F")


def rows_of(path: Path, *columns: str) -> list[tuple[str, ...]]:
    """Read columns of a CSV file, its rows sorted."""
    with path.open(newline="", encoding="utf-8") as file:
        return sorted(tuple(row[column] for column in columns) for row in csv.DictReader(file))


def noise(seed: int, level: int = 128) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(level, 20, (24, 24, 3)), 0, 255).astype(np.uint8)


def mefdatabase(folder: Path, shape: tuple[int, ...] = (6, 1), mos_shape: tuple[int, ...] | None = None) -> Path:
    """Lay out two sequences of three and four exposures, by three algorithms."""
    for number, place in enumerate(SEQUENCES.values()):
        for exposure in range(3 + number):
            # The file that comes first by name is the brightest one.
            save(folder / "source image sequences" / place / f"{exposure}.png", noise(exposure, 220 - 50 * exposure))
    names = [f"{sequence}_{algorithm}.png" for sequence in SEQUENCES for algorithm in ALGORITHMS]
    for seed, name in enumerate(names):
        save(folder / "fused images" / name, noise(10 + seed))
    savemat(folder / "imgName.mat", {"imgName": cell(names, shape)})
    mos = np.array([2.5, 7.25, 4.0, 9.0, 1.0, 10.0])
    savemat(folder / "MOS.mat", {"MOS": mos.reshape(mos_shape or shape, order="F")})
    return folder


def pansharp(folder: Path, *, raters: int = 3, kind: str = "variables", pan: bool = False) -> list[str]:
    """Lay out two scenes, three techniques, one of them also blurred; return the names in the order of the votes."""
    names = []
    for scene in ("PC_Coliseum", "TC_River"):
        for technique in ("REF_ND_ND", "EXP_UD", "IHS_UD", "HPF_UD", "MTF-GLP-CBD_AWGN_Level-2", "HPF_Blr_Level-1"):
            name = f"{scene}_{technique}"
            save(folder / "images" / f"{name}.png", noise(len(names)))
            names.append(name)
        if pan:
            save(folder / "images" / f"{scene}_PAN_UD.png", noise(99)[..., 0])
    (folder / "score").mkdir()
    for rater in range(1, raters + 1):
        votes = np.arange(len(names), dtype=np.float64)[:, None] * 5 + rater
        path = folder / "score" / f"{rater}.mat"
        if kind == "variables":
            savemat(path, {"images": cell(names, (len(names), 1)), "score": votes, "session": 1.0})
        elif kind == "columns":
            table = np.empty((len(names), 2), dtype=object)
            table[:, 0], table[:, 1] = names, votes[:, 0]
            savemat(path, {"result": table})
        else:
            savemat(path, {"score": votes})
    return names
