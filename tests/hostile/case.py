"""What a hostile input is, and the images and the command that most of them need."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

Make = Callable[[Path], list[str]]


@dataclass(frozen=True)
class Case:
    """One input: `make` writes it into an empty folder and returns the command; `says` is a part of the output."""

    name: str
    make: Make
    code: int
    says: str


def files(folder: Path) -> list[str]:
    """Two sources and a fused image, and the command that scores them."""
    for name in "ab":
        Pillow.fromarray(grey(ord(name))).save(folder / f"{name}.png")
    Pillow.fromarray(grey(0)).save(folder / "f.png")
    return score(folder, folder / "f.png")


def score(folder: Path, fused: Path | str) -> list[str]:
    paths = ["--a", str(folder / "a.png"), "--b", str(folder / "b.png"), "--fused", str(fused)]
    return ["score", *paths, "--metrics", "sd", "--jobs", "1"]


def grey(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (16, 16), dtype=np.uint8)


def folder_name(case: Case) -> str:
    """Name the folder of a case."""
    return re.sub(r"\W+", "-", case.name, flags=re.ASCII).strip("-")
