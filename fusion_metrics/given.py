"""The pictures that a metric is given: opened, and everything checked about them that its formula has no part in."""

from __future__ import annotations

from collections.abc import Sequence

from fusion_metrics.errors import InvalidImage, UndefinedScore
from fusion_metrics.image import Image, ImageLike, as_image
from fusion_metrics.spec import MetricSpec

#: Black and white of pictures that are not of 8 bits: the range, its ends, or None where the pixels say it themselves.
DataRange = float | tuple[float, float] | None


def checked_images(
    spec: MetricSpec, fused: ImageLike, sources: Sequence[ImageLike | None], data_range: DataRange
) -> list[Image]:
    """Open what a metric compares, and the fused image behind it, as the metric takes them.

    Parameters
    ----------
    spec : MetricSpec
    fused : Image, ndarray or path
    sources : sequence of Image, ndarray, path or None
        The sources, or the reference alone; those that are None were not given.
    data_range : float, (float, float) or None

    Raises
    ------
    InvalidImage
        Too few or too many pictures, one that cannot be used, or sizes that differ.
    UndefinedScore
        They are smaller than the definition can handle.
    """
    images = [as_image(fused, data_range=data_range, name="fused")]
    given = [source for source in sources if source is not None]
    if spec.needs_reference:
        if len(given) != 1:
            raise InvalidImage(f"{spec.id} compares with a reference, which is not given")
        images = [as_image(given[0], data_range=data_range, name="reference"), *images]
    elif spec.needs_sources:
        if len(given) < 2:
            raise InvalidImage(f"{spec.id} needs both source images")
        if len(given) > 2 and spec.sources == "two":
            raise InvalidImage(f"{spec.id} takes exactly two sources, not {len(given)}")
        named = zip(given, source_names(len(given)), strict=True)
        images = [*(as_image(source, data_range=data_range, name=name) for source, name in named), *images]
    check_sizes(images)
    height, width = images[-1].shape
    if min(height, width) < spec.min_size:
        smallest = f"{spec.min_size}x{spec.min_size}"
        raise UndefinedScore(f"{spec.id} needs at least {smallest} pixels, got {height}x{width}")
    return images


def source_names(count: int) -> list[str]:
    """Say what error messages call sources that have no name of their own.

    >>> source_names(2), source_names(3)
    (['a', 'b'], ['source 1', 'source 2', 'source 3'])
    """
    return ["a", "b"] if count == 2 else [f"source {number}" for number in range(1, count + 1)]


def check_sizes(images: Sequence[Image]) -> None:
    """Raise `InvalidImage` unless all images have the same rows and columns."""
    first = images[0]
    for other in images[1:]:
        if other.shape != first.shape:
            sizes = " but ".join(f"{image.name} is {image.shape[0]}x{image.shape[1]}" for image in (first, other))
            raise InvalidImage(f"sizes differ: {sizes}")
