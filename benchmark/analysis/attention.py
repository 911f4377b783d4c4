"""Where a metric looks, and whether lesions are there: its attention inside lesion masks, against chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from benchmark.databases import Database, FusedImage
from benchmark.errors import BenchmarkError
from benchmark.scoring.folds import FittedFold
from benchmark.scoring.material import Material, lesion_mask
from fusion_metrics import Image, Metric
from fusion_metrics.image import Array
from fusion_metrics.learning import Mask


@dataclass(frozen=True)
class LesionShare:
    """How much of a metric's attention lies inside lesions.

    Attributes
    ----------
    share : float
        Of the attention, in 0..1: the mean over source pairs of the mean over their images.
    chance : float
        Share of the area that lesions cover: what attention spread evenly would have.
    head : float
        The same within the head (pixels that are not black), which is chance for a map that has found the head.
    pairs, above : int
        Pairs with a lesion, and those among them whose share is above that of the head.
    pointing : float
        Share of the images whose most attended place lies inside a lesion (the pointing game of Zhang et al., 2018);
        the mean over source pairs, as for `share`. Where several places are attended equally, the share of them that
        lies inside.
    images, blind : int
        Images looked at, and those among them whose map is 0 everywhere, which are left out.
    """

    share: float
    chance: float
    head: float
    pairs: int
    above: int
    pointing: float
    images: int
    blind: int

    def __str__(self) -> str:
        ratio = f"{self.share / self.chance:.2f} times chance"
        if self.head > 0:  # not so where lesions are black in every image
            ratio += f", {self.share / self.head:.2f} times that of the head"
        left_out = f"; {self.blind} images with a blank map left out" if self.blind else ""
        return (
            f"{self.share:.1%} of the attention lies inside lesions, which cover {self.chance:.1%} of the image and "
            f"{self.head:.1%} of the head: {ratio}; above that of the head in {self.above} of {self.pairs} pairs; "
            f"the most attended place lies inside in {self.pointing:.1%} ({self.images} images{left_out})"
        )


def share_inside(attention: Array, mask: Mask) -> float:
    """Compute the share of an attention map that lies inside a mask, ``sum(A M) / sum(A)``; NaN for a blank map.

    Examples
    --------
    >>> share_inside(np.array([[1.0, 0.5], [0.5, 0.0]]), np.array([[True, False], [False, True]]))
    0.5
    """
    total = float(attention.sum())
    return float(attention[mask].sum()) / total if total > 0 else float("nan")


def points_inside(attention: Array, mask: Mask) -> float:
    """Say whether the most attended place lies inside a mask: 1 or 0, or the share of equally attended ones.

    Examples
    --------
    >>> points_inside(np.array([[1.0, 0.5], [0.5, 0.0]]), np.array([[True, False], [False, True]]))
    1.0
    """
    return float(mask[attention == attention.max()].mean())


def lesion_share(
    looks: Iterable[tuple[Metric, FusedImage]], database: Database, on_image: Callable[[], None] = lambda: None
) -> LesionShare:
    """Look at fused images, of which those of pairs with a lesion mask count.

    Parameters
    ----------
    looks : iterable of (Metric, FusedImage)
        Each image with the metric that looks at it: fitted, and one that shows where it looks.
    database : Database
    on_image : callable, optional
        Called after each image.

    Raises
    ------
    BenchmarkError
        The database has no lesion masks, or of other sizes; no image is of a pair with one; the metric looks nowhere.
    """
    masks = lesion_masks(database)
    shares: dict[str, list[float]] = {}
    heads: dict[str, list[float]] = {}
    hits: dict[str, list[float]] = {}
    images = 0
    name = ""
    for metric, member in looks:
        if member.pair in masks:
            fused, mask = Image.open(member.path, database.reading), masks[member.pair]
            if fused.shape != mask.shape:
                sizes = [f"{height}x{width}" for height, width in (fused.shape, mask.shape)]
                raise BenchmarkError(f"{member.path}: is {sizes[0]}, but the lesion mask of its pair is {sizes[1]}")
            looked = attend(metric, fused, database, member.pair)
            found = share_inside(looked, mask)
            if np.isfinite(found):
                shares.setdefault(member.pair, []).append(found)
                hits.setdefault(member.pair, []).append(points_inside(looked, mask))
                heads.setdefault(member.pair, []).append(share_inside((fused.luminance > 0).astype(np.float64), mask))
            images, name = images + 1, metric.spec.id
        on_image()
    if not images:
        raise BenchmarkError(f"{database.name}: none of the images looked at is of a pair with a lesion")
    if not shares:
        raise BenchmarkError(f"{name}: looks nowhere, its maps of all {images} images are blank")
    share, head, hit = (np.array([np.mean(values) for values in found.values()]) for found in (shares, heads, hits))
    seen = sum(map(len, shares.values()))
    return LesionShare(
        share=float(share.mean()),
        chance=float(np.mean([masks[pair].mean() for pair in shares])),
        head=float(head.mean()),
        pairs=len(shares),
        above=int((share > head).sum()),
        pointing=float(hit.mean()),
        images=seen,
        blind=images - seen,
    )


def lesion_masks(database: Database) -> dict[str, Mask]:
    """Read the lesion masks of a database, by pair; pairs without a lesion are left out.

    Raises
    ------
    BenchmarkError
        There are none.
    """
    masks = {name: lesion_mask(pair) for name, pair in database.pairs.items()}
    found = {name: mask for name, mask in masks.items() if mask is not None and mask.any()}
    if not found:
        raise BenchmarkError(f"{database.name}: has no lesion masks to compare attention with")
    return found


def held_out_looks(
    folds: Iterable[FittedFold], material: Material, database: Database
) -> Iterator[tuple[Metric, FusedImage]]:
    """Pair each fused image with the metric that was fitted without its fold."""
    for fold in folds:
        for i in fold.held:
            yield fold.metric, database.fused[material.places[i]]


def with_large_lesions(database: Database, count: int) -> list[FusedImage]:
    """Choose images to look at: of every modality the pair with the largest lesion, of each the best-scored image.

    Modalities come in the order of their largest lesions, and start again where there are fewer than `count`. Images
    without an opinion score are not chosen.
    """
    masks = lesion_masks(database)
    by_modality: dict[str, list[str]] = {}
    for name in sorted(masks, key=lambda name: (-int(masks[name].sum()), name)):
        by_modality.setdefault(database.pairs[name].modality, []).append(name)
    turns = zip_longest(*by_modality.values())
    scored = [(image.mos, image) for image in database.fused if image.mos is not None]
    best = {image.pair: image for _, image in sorted(scored, key=lambda each: each[0])}
    return [best[name] for turn in turns for name in turn if name in best][:count]


def attend(metric: Metric, fused: Image, database: Database | None = None, pair: str | None = None) -> Array:
    """Compute the attention map of a fused image, with the sources of its pair where the metric needs them."""
    if not metric.needs_sources or database is None or pair is None:
        return metric.attend(fused)
    known = database.pairs[pair]
    return metric.attend(fused, *(Image.open(path, database.reading) for path in (known.source_a, known.source_b)))


def overlays(metric: Metric, images: Sequence[Image]) -> list[tuple[Image, Array, float]]:
    """Compute for each image its attention map and its score."""
    return [(image, metric.attend(image), metric(image)) for image in images]
