"""Small folder databases for tests, written with the project's own pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from scipy import ndimage

from tests.pictures import multifocus

TOML = """[database]
name = "small"
title = "A small database"
scores = "{scores}"
score_min = 0
score_max = 100
"""


def save(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(pixels).save(path)
    return path


def write_database(folder: Path, *, pairs: int = 2, steps: int = 4, scores: str = "human", size: int = 48) -> Path:
    """Each pair is fused well, and then blurred step by step; the score falls by 15 a step."""
    pair_lines, fused_lines, vote_lines = (
        ["pair,modality,source_a,source_b,mask"],
        ["image,pair,algorithm,mos,mos_std,n_votes"],
        ["image,rater,score"],
    )
    for number in range(pairs):
        a, b, sharp = multifocus((size, size), seed=number)
        name = f"p{number}"
        for side, image in (("a", a), ("b", b)):
            save(folder / "sources" / f"{name}_{side}.png", image)
        pair_lines.append(f"{name},grey,sources/{name}_a.png,sources/{name}_b.png,")
        for step in range(steps):
            image = np.rint(ndimage.gaussian_filter(sharp.astype(float), 0.6 * step)).astype(np.uint8)
            path = f"fused/blur{step}/{name}.png"
            save(folder / path, image)
            mos = 90 - 15 * step
            fused_lines.append(
                f"{path},{name},blur{step},{mos if scores != 'none' else ''},,{2 if scores != 'none' else ''}"
            )
            vote_lines += [f"{path},r1,{mos - 5}", f"{path},r2,{mos + 5}"]
    (folder / "database.toml").write_text(TOML.format(scores=scores))
    (folder / "pairs.csv").write_text("\n".join(pair_lines) + "\n")
    (folder / "fused.csv").write_text("\n".join(fused_lines) + "\n")
    if scores != "none":
        (folder / "votes.csv").write_text("\n".join(vote_lines) + "\n")
    return folder


def with_masks(folder: Path, count: int = 1) -> Path:
    """Add a lesion to the first pairs of a database: the upper left quarter."""
    mask = np.zeros((48, 48), np.uint8)
    mask[:24, :24] = 255
    pairs = folder / "pairs.csv"
    for name in (f"p{number}" for number in range(count)):
        save(folder / "sources" / f"{name}_mask.png", mask)
        pairs.write_text(pairs.read_text().replace(f"{name}_b.png,", f"{name}_b.png,sources/{name}_mask.png"))
    return folder
