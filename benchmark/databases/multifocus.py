"""`multifocus`: a small embedded database of known quality order, made from pictures that scikit-image ships.

Two sources per picture, each sharp in one half; the fused image is put together from the sharp halves and then made
worse in four ways by four steps. The *simulated* score is 5 minus the step: an order that holds by construction, not
an opinion. It tells whether a metric works at all, not how well it agrees with people.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from scipy import ndimage

from benchmark.databases.embedded import Embedded, Progress
from benchmark.databases.folder import FUSED_COLUMNS, PAIR_COLUMNS
from fusion_metrics.image import Array

PICTURES = ("camera", "coins", "astronaut", "coffee", "page", "moon")
SIZE = 128
STEPS = (1, 2, 3, 4)
SEED = 20240513

TOML = """[database]
name = "multifocus"
title = "Multi-focus pictures, degraded in known order"
scores = "simulated"
score_min = 1
score_max = 5
citation = "scikit-image sample pictures"
licence = "see scikit-image, data/README.txt"
note = "Simulated: the score is 5 minus the step of a degradation. Nobody looked at these images."
"""


def build(folder: Path, progress: Progress) -> None:
    """Write the database into an empty folder: 6 pairs with 17 fused images each."""
    random = np.random.Generator(np.random.PCG64(SEED))
    pairs: list[dict[str, object]] = []
    fused: list[dict[str, object]] = []
    total = len(PICTURES) * (1 + len(DEGRADATIONS) * len(STEPS))
    for name in PICTURES:
        sharp = _picture(name)
        left, right = _half_blurred(sharp)
        sources = {f"source_{side}": f"sources/{name}_{side}.png" for side in "ab"}
        _write(folder / sources["source_a"], left)
        _write(folder / sources["source_b"], right)
        pairs.append({"pair": name, "modality": "multi-focus", **sources, "mask": ""})
        middle = SIZE // 2
        selected = np.hstack([left[:, :middle], right[:, middle:]])
        images = {"select": (selected, 0)}
        for kind, degrade in DEGRADATIONS.items():
            images |= {f"{kind}-{step}": (degrade(selected, left, right, step, random), step) for step in STEPS}
        for algorithm, (image, step) in images.items():
            path = f"fused/{algorithm}/{name}.png"
            _write(folder / path, image)
            fused.append({"image": path, "pair": name, "algorithm": algorithm, "mos": 5 - step})
            progress(len(fused), total)
    _write_csv(folder / "pairs.csv", PAIR_COLUMNS, pairs)
    _write_csv(folder / "fused.csv", FUSED_COLUMNS, fused)
    (folder / "database.toml").write_text(TOML, encoding="utf-8")


def _defocus(selected: Array, left: Array, right: Array, step: int, _: np.random.Generator) -> Array:
    """Mix in the plain average of the sources."""
    return selected + step / 4 * ((left + right) / 2 - selected)


def _blur(selected: Array, left: Array, right: Array, step: int, _: np.random.Generator) -> Array:
    blurred: Array = ndimage.gaussian_filter(selected, 0.5 * step, mode="nearest")
    return blurred


def _noise(selected: Array, left: Array, right: Array, step: int, random: np.random.Generator) -> Array:
    return selected + 5 * step * random.standard_normal(selected.shape)


def _jpeg(selected: Array, left: Array, right: Array, step: int, _: np.random.Generator) -> Array:
    buffer = BytesIO()
    Pillow.fromarray(_as_8bit(selected)).save(buffer, "JPEG", quality=(60, 30, 15, 5)[step - 1])
    return np.asarray(Pillow.open(buffer), dtype=np.float64)


Degradation = Callable[[Array, Array, Array, int, np.random.Generator], Array]
DEGRADATIONS: dict[str, Degradation] = {"defocus": _defocus, "blur": _blur, "noise": _noise, "jpeg": _jpeg}


def _picture(name: str) -> Array:
    """Read a scikit-image picture as grey 128x128."""
    import skimage

    path = Path(skimage.__file__).parent / "data" / f"{name}.png"
    with Pillow.open(path) as file:
        grey = file.convert("L")
    side = min(grey.size)
    centre = grey.crop((0, 0, side, side)).resize((SIZE, SIZE), Pillow.Resampling.LANCZOS)
    return np.asarray(centre, dtype=np.float64)


def _half_blurred(sharp: Array) -> tuple[Array, Array]:
    blurred = ndimage.gaussian_filter(sharp, 2.0, mode="nearest")
    is_left = np.arange(SIZE)[None, :] < SIZE // 2
    return np.where(is_left, sharp, blurred), np.where(is_left, blurred, sharp)


def _as_8bit(image: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def _write(path: Path, image: Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(_as_8bit(image)).save(path)


def _write_csv(path: Path, columns: tuple[str, ...], rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


MULTIFOCUS = Embedded("multifocus", "Multi-focus pictures, degraded in known order", 1, build)
