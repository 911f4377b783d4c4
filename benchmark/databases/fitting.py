"""What is done where a fused image is not as large as its sources: a network cut edges off, or works at one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow

from fusion_metrics import Image, InvalidImage
from fusion_metrics.given import check_sizes
from fusion_metrics.image import Array

#: What may be asked for. The first refuses.
FITS = ("refuse", "crop", "centre-crop", "resize", "pad")
#: Rows or columns that a network may cut off to work on whole blocks, and parts by which shapes of one form may differ.
_BLOCK, _SAME_FORM = 64, 0.02

Size = tuple[int, int]


class Triple(NamedTuple):
    """Two sources and a fused image of one size."""

    a: Image
    b: Image
    fused: Image


class Fitted(NamedTuple):
    """Any number of sources and a fused image of one size."""

    sources: tuple[Image, ...]
    fused: Image


def fit_sizes(a: Image, b: Image, fused: Image, how: str = "refuse") -> Triple:
    """Bring two sources and a fused image to one size; see `fit_to_sources`."""
    (a, b), fused = fit_to_sources((a, b), fused, how)
    return Triple(a, b, fused)


def fit_to_sources(sources: Sequence[Image], fused: Image, how: str = "refuse") -> Fitted:
    """Bring sources and a fused image to one size.

    Parameters
    ----------
    sources : sequence of Image
        Of one size.
    fused : Image
    how : str
        One of `FITS`. ``crop`` cuts off on the right and below what one has more than the other, ``centre-crop`` on all
        sides alike, sources as well as fused image; ``resize`` brings the fused image to the size of the sources
        (bicubic, smoothed where it shrinks); ``pad`` repeats the last row and column of the fused image.

    Raises
    ------
    InvalidImage
        Sources of different sizes, or a size that `how` does not settle; the message says which option would.
    """
    check_sizes(sources)
    a = sources[0]
    if fused.shape == a.shape:
        return Fitted(tuple(sources), fused)
    if how in ("crop", "centre-crop"):
        size = min(a.shape[0], fused.shape[0]), min(a.shape[1], fused.shape[1])
        *cropped, fused = (_cropped(image, size, centred=how == "centre-crop") for image in (*sources, fused))
        return Fitted(tuple(cropped), fused)
    if how == "resize":
        return Fitted(tuple(sources), _resized(fused, a.shape))
    smaller = fused.shape[0] <= a.shape[0] and fused.shape[1] <= a.shape[1]
    if how == "pad" and smaller:
        return Fitted(tuple(sources), _padded(fused, a.shape))
    sizes = " but ".join(f"{image.name} is {_text(image.shape)}" for image in (a, fused))
    options = " or ".join(f"--fit {option}" for option in suitable_fits(a.shape, fused.shape))
    raise InvalidImage(f"sizes differ: {sizes}{_hint(a.shape, fused.shape)}: decide it by {options}")


def suitable_fits(source: Size, fused: Size) -> tuple[str, ...]:
    """Name the fits that suit two sizes, the likeliest first.

    Examples
    --------
    >>> suitable_fits((250, 330), (240, 320)), suitable_fits((512, 512), (256, 256))
    (('crop', 'pad'), ('resize',))
    """
    less = source[0] - fused[0], source[1] - fused[1]
    if all(0 <= rest < _BLOCK for rest in less) and max(less) < min(source) / 2:
        return "crop", "pad"
    if all(-_BLOCK < rest <= 0 for rest in less):
        return ("crop",)
    return ("resize",)


def _hint(source: Size, fused: Size) -> str:
    if source == fused[::-1]:
        return " (turned by 90 degrees?)"
    form = (fused[0] / fused[1]) / (source[0] / source[1])
    return "" if abs(form - 1.0) < _SAME_FORM or suitable_fits(source, fused)[0] == "crop" else " (of another form)"


def _cropped(image: Image, size: Size, *, centred: bool) -> Image:
    if image.shape == size:
        return image
    top, left = ((have - want) // 2 if centred else 0 for have, want in zip(image.shape, size, strict=True))
    where = "around its centre" if centred else "on the right and below"
    part = image.pixels[top : top + size[0], left : left + size[1]]
    return image.derived(part, f"cropped {where} from {_text(image.shape)} to {_text(size)}")


def _padded(image: Image, size: Size) -> Image:
    below, right = (want - have for have, want in zip(image.shape, size, strict=True))
    rest = ((0, 0),) * (image.pixels.ndim - 2)
    padded = np.pad(image.pixels, ((0, below), (0, right), *rest), mode="edge")
    return image.derived(padded, f"padded from {_text(image.shape)} to {_text(size)}")


def _resized(image: Image, size: Size) -> Image:
    planes = [_resized_plane(channel.pixels, size) for channel in image.channels]
    pixels = np.dstack(planes) if image.is_colour else planes[0]
    return image.derived(pixels, f"resized from {_text(image.shape)} to {_text(size)}")


def _resized_plane(plane: Array, size: Size) -> Array:
    single = Pillow.fromarray(plane.astype(np.float32)).resize(size[::-1], Pillow.Resampling.BICUBIC)
    return np.clip(np.array(single, dtype=np.float64), 0.0, 255.0)


def _text(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
