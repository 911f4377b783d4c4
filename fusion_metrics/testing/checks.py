"""The promises of a metric, one function each: what a user may rely on without reading the formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fusion_metrics import Image, InvalidImage, MetricSpec, UndefinedScore, create
from fusion_metrics.grey import GREY_RULES, to_grey
from fusion_metrics.references import reference
from fusion_metrics.spec import FAMILIES, Trait
from fusion_metrics.testing.pictures import Pixels, multifocus, noisy, picture, soft

#: Relative departure that rounding may cause where sources are exchanged, and absolute one beyond the bounds.
ROUNDING, SLACK = 1e-12, 1e-9
#: Rows and columns from which on every metric has a value for ordinary pictures, if it is large enough for it.
ORDINARY = 12

Value: TypeAlias = float | str


class NonConformance(AssertionError):
    """A metric does not keep a promise."""


def require(holds: bool, message: str) -> None:
    """Raise `NonConformance` unless something holds."""
    if not holds:
        raise NonConformance(message)


def score(spec: MetricSpec, *images: Any, **options: Any) -> float:
    """Score ``fused, a, b`` and perhaps more sources: as a metric takes them, a ground truth being the first source."""
    taken = len(images) if spec.needs_sources else 2 if spec.needs_reference else 1
    return create(spec.id)(*images[:taken], **options)


def score_or_reason(spec: MetricSpec, *images: Any, **options: Any) -> Value:
    """Score, or say why there is no score; any other error goes through."""
    try:
        return score(spec, *images, **options)
    except UndefinedScore as error:
        reason = str(error)
    require(bool(reason) and "\n" not in reason, f"{spec.id} gives no one-line reason for having no value: {reason!r}")
    return reason


def within_bounds(spec: MetricSpec, value: Value) -> None:
    """Require that a value, if there is one, is finite and within the declared bounds."""
    if isinstance(value, str):
        return
    low, high = spec.bounds
    inside = math.isfinite(value) and low - SLACK <= value <= high + SLACK
    require(inside, f"{spec.id} gave {value}, which leaves its bounds {spec.bounds}")


def as_declared(spec: MetricSpec, trait: Trait, found: bool, what: str) -> None:
    """Require that an exception is declared exactly if it holds."""
    declared = trait in spec.exceptions
    hint = f"so {trait!r} is not true of it" if declared else f"declare exceptions={{{trait!r}: 'the reason'}} if meant"
    require(found == declared, f"{spec.id} {what}: {hint}")


def metadata_is_complete(spec: MetricSpec) -> None:
    """Everything a table prints is there, and agrees with itself."""
    require(bool(spec.title), f"{spec.id} has no title")
    require(spec.family in FAMILIES, f"{spec.id} measures {spec.family!r}, none of {', '.join(FAMILIES)}")
    for text in (spec.summary, spec.variant_summary):
        require(text.endswith("."), f"{spec.id}: {text!r} is not a sentence")
    for trait, reason in spec.exceptions.items():
        require(bool(reason), f"{spec.id} gives no reason for {trait!r}")
    low, high = spec.bounds
    require(low < high, f"{spec.id} has bounds {spec.bounds}")
    require(spec.ideal is None or low <= spec.ideal <= high, f"{spec.id} has its ideal {spec.ideal} out of its bounds")
    require(spec.min_size >= 1 and spec.version >= 1, f"{spec.id} has no smallest size or no version")
    require(isinstance(spec.higher_is_better, bool), f"{spec.id} has no direction")


def source_is_named(spec: MetricSpec) -> None:
    """Require that the cited work exists, and that the docstring names the one of the published definition."""
    require(reference(spec.cites).year.isdigit(), f"{spec.id} cites a work without a year")
    published = create(spec.name).spec
    docstring = published.function.__doc__ or ""
    year = reference(published.cites).year
    require("References" in docstring and year in docstring, f"{spec.name} does not name its source of {year}")


def equal_pictures_are_ideal(spec: MetricSpec, side: int) -> None:
    """Three equal pictures have the ideal value, or none if that is declared."""
    same = picture((side, side))
    got = score_or_reason(spec, same, same, same)
    as_declared(spec, "undefined if equal", isinstance(got, str), f"gives {got} for three equal pictures")
    within_bounds(spec, got)
    if spec.ideal is not None and not isinstance(got, str):
        close = math.isclose(got, spec.ideal, rel_tol=1e-9, abs_tol=1e-9)
        require(close, f"{spec.id} gives {got} for three equal pictures, its ideal is {spec.ideal}")


def blur_is_worse(spec: MetricSpec, side: int) -> None:
    """Require that the sharp picture beats a blurred one."""
    preferred = _prefers(spec, soft, side)
    as_declared(spec, "prefers blur", preferred, "prefers a blurred picture" if preferred else "prefers the sharp one")


def noise_is_worse(spec: MetricSpec, side: int) -> None:
    """Require that the clean picture beats a noisy one."""
    preferred = _prefers(spec, noisy, side)
    as_declared(spec, "prefers noise", preferred, "prefers a noisy picture" if preferred else "prefers the clean one")


def _prefers(spec: MetricSpec, worsened: Callable[[Pixels], Pixels], side: int) -> bool:
    """Whether a worse picture scores as high as a better one.

    Beside a ground truth the better one is half as bad as the other, for the truth itself may have no score, and both
    have colours, without which some metrics have none.
    """
    if not spec.needs_reference:
        a, b, sharp = multifocus((side, side))
        return not spec.orient(score(spec, sharp, a, b)) > spec.orient(score(spec, worsened(sharp), a, b))
    channels = [multifocus((side, side), seed=seed)[2] for seed in (2, 3, 4)]
    truth, worse = (np.dstack(each) for each in (channels, [worsened(channel) for channel in channels]))
    better = ((truth.astype(int) + worse) // 2).astype(np.uint8)
    return not spec.orient(score(spec, better, truth)) > spec.orient(score(spec, worse, truth))


def exchange_of_sources(spec: MetricSpec) -> None:
    """Exchanging the sources changes the value exactly if the metric is not symmetric."""
    a, b, _ = multifocus()
    fused = ((a.astype(int) + b) // 2).astype(np.uint8)
    forth, back = score_or_reason(spec, fused, a, b), score_or_reason(spec, fused, b, a)
    if isinstance(forth, str) or isinstance(back, str):
        same = forth == back
    else:
        same = math.isclose(forth, back, rel_tol=ROUNDING)
    expected = spec.symmetric or "symmetric without ties" in spec.exceptions
    require(same == expected, f"{spec.id}: {forth}, and {back} with its sources exchanged; symmetric={spec.symmetric}")


def three_sources_have_a_value_or_a_reason(spec: MetricSpec, side: int) -> None:
    """Require that a metric of all sources has a value of three, whatever their order, and one of two refuses them."""
    a, b, sharp = multifocus((side, side))
    sources = (a, b, ((a.astype(int) + b) // 2).astype(np.uint8))
    if spec.sources == "two":
        with refusal(spec, "exactly two sources, not 3"):
            score(spec, sharp, *sources)
        return
    fused = soft(sharp)
    forth, turned, back = (score_or_reason(spec, fused, *order) for order in _orders(sources))
    within_bounds(spec, forth)
    if spec.symmetric and "symmetric without ties" not in spec.exceptions:
        same = all(_close(forth, other) for other in (turned, back))
        require(same, f"{spec.id}: {forth}, but {turned} and {back} with its three sources in another order")


def the_third_source_counts(spec: MetricSpec, side: int) -> None:
    """Require that a metric of all sources looks at the third: a different one gives a different value."""
    a, b, sharp = multifocus((side, side))
    third = noisy(255 - sharp)
    twice, other = score_or_reason(spec, sharp, a, b, a), score_or_reason(spec, sharp, a, b, third)
    require(twice != other, f"{spec.id} gives {twice} whatever its third source is")


def _orders(sources: Sequence[Pixels]) -> Iterator[tuple[Pixels, ...]]:
    a, b, c = sources
    yield a, b, c
    yield b, c, a
    yield c, b, a


def _close(one: Value, other: Value) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return math.isclose(one, other, rel_tol=ROUNDING, abs_tol=ROUNDING)


def float_copies_score_the_same(spec: MetricSpec, dtype: npt.DTypeLike) -> None:
    """Require that the type in which an 8-bit picture is held has no part in its score."""
    a, b, sharp = multifocus()
    floats = [(image / 255).astype(dtype) for image in (sharp, a, b)]
    _equal(spec, score_or_reason(spec, sharp, a, b), score_or_reason(spec, *floats, data_range=1.0), "as floats")


def values_between_grey_levels(spec: MetricSpec) -> None:
    """Pixels that are no whole grey levels are scored."""
    images = (image / 255 * 0.97 + 0.0123 for image in reversed(multifocus()))
    within_bounds(spec, score_or_reason(spec, *images, data_range=1.0))


def equal_channels_are_grey(spec: MetricSpec) -> None:
    """Require that a colour picture without colour is scored as a grey one, unless its channels lie side by side."""
    a, b, sharp = multifocus()
    colour = [np.dstack([image] * 3) for image in (sharp, a, b)]
    same = score_or_reason(spec, *colour) == score_or_reason(spec, sharp, a, b)
    require(same == (spec.channels != "side by side"), f"{spec.id} does not take colours as it declares")


def colours_are_luminance(spec: MetricSpec) -> None:
    """Require that a metric of the luminance scores colours as the grey picture that they make, by its own rule."""
    scenes = [multifocus(seed=seed) for seed in (2, 3, 4)]
    a, b, sharp = (np.dstack([scene[k] for scene in scenes]) for k in range(3))
    images = (noisy(sharp), a, b)
    rule = GREY_RULES[spec.grey]
    grey = [to_grey(Image(image), rule).luminance.astype(np.uint8) for image in images]
    _equal(spec, score_or_reason(spec, *images), score_or_reason(spec, *grey), "of the luminance alone")


def alias_scores_the_same(spec: MetricSpec) -> None:
    """Require that an alias has the score of what it is an alias of, of colours once they are grey by its own rule."""
    rule = GREY_RULES[spec.grey]
    a, b, fused = (Image(np.dstack([image, image // 2, 255 - image])) for image in multifocus())
    images = [fused, a, b] if spec.channels != "luminance" else [to_grey(image, rule) for image in (fused, a, b)]
    target = create(spec.alias_of).spec
    got, expected = score_or_reason(spec, fused, a, b), score_or_reason(target, *images)
    if isinstance(got, str):
        got = got.replace(spec.id, target.id)
    _equal(spec, got, expected, f"as {target.id}")


def dark_minus_bright_does_not_wrap(spec: MetricSpec) -> None:
    """In uint8, 0 - 255 is 1: full-range edges would look alike."""
    random = np.random.default_rng(7)
    a = np.where(random.random((48, 48)) < 0.5, 0, 255).astype(np.uint8)
    images = (a, a, picture((48, 48), 5))
    exact = [image.astype(np.float64) for image in images]
    _equal(spec, score_or_reason(spec, *images), score_or_reason(spec, *exact, data_range=255.0), "in floating point")


def size_has_a_value_or_a_reason(spec: MetricSpec, size: tuple[int, int]) -> None:
    """Odd and tiny pictures have a value, or none and a reason; large enough ones have a value."""
    rows, columns = size
    images = [np.pad(image, ((0, 70), (0, 10)), "reflect")[:rows, :columns] for image in reversed(multifocus())]
    got = score_or_reason(spec, *map(np.ascontiguousarray, images))
    if min(size) >= max(spec.min_size, ORDINARY) and "undefined for some" not in spec.exceptions and promises(spec):
        require(not isinstance(got, str), f"{spec.id} has no value for an ordinary picture of {rows}x{columns}: {got}")


def sizes_that_differ_are_refused(spec: MetricSpec) -> None:
    """Images of different sizes are an error that says so."""
    a, b, sharp = multifocus()
    last = (sharp, a[:, :-1], b) if spec.needs_reference else (sharp, a, b[:, :-1])
    for images in ((sharp[:-1], a, b), last):
        with refusal(spec, "sizes differ"):
            score(spec, *images)


def nan_is_refused(spec: MetricSpec) -> None:
    """Require that a pixel that is not a number is an error that says so."""
    images = [image / 255 for image in reversed(multifocus())]
    images[0][3, 3] = math.nan
    with refusal(spec, "NaN"):
        score(spec, *images, data_range=1.0)


def flat_pictures_have_a_value_or_a_reason(spec: MetricSpec, greys: Sequence[int | None]) -> None:
    """Where images are flat (those with a grey level), there is a value within the bounds, or a reason for none."""
    textured = (*multifocus()[:2], picture(seed=4))
    a, b, fused = (
        image if grey is None else np.full_like(image, grey) for image, grey in zip(textured, greys, strict=True)
    )
    within_bounds(spec, score_or_reason(spec, fused, a, b))


def scores_are_repeatable(spec: MetricSpec) -> None:
    """Require that the same images have the same score, also where they remember what was computed from them."""
    a, b, sharp = multifocus()
    images = [Image(image) for image in (sharp, a, b)]
    first = score_or_reason(spec, *images)
    _equal(spec, first, score_or_reason(spec, *images), "the second time")
    _equal(spec, first, score_or_reason(spec, sharp, a, b), "of fresh images")


def any_pixels_are_within_bounds(spec: MetricSpec) -> None:
    """No picture whatever leaves the bounds."""
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as hnp
    from scipy import ndimage

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        images=hnp.arrays(np.uint8, st.tuples(st.just(3), st.integers(12, 24), st.integers(12, 24))),
        smooth=st.booleans(),
    )
    def any_pixels(images: Pixels, smooth: bool) -> None:
        a, b, fused = ndimage.uniform_filter(images, (0, 5, 5)) if smooth else images
        within_bounds(spec, score_or_reason(spec, fused, a, b))

    any_pixels()


def promises(spec: MetricSpec) -> bool:
    """Whether the metric has values without being fitted first."""
    return not spec.learns and not spec.undefined


def _equal(spec: MetricSpec, one: Value, other: Value, what: str) -> None:
    require(one == other, f"{spec.id} gives {one}, but {other} {what}")


@contextmanager
def refusal(spec: MetricSpec, words: str) -> Iterator[None]:
    """Require that the block raises `InvalidImage` with these words."""
    try:
        yield
    except InvalidImage as error:
        require(words in str(error), f"{spec.id}: the error {error} does not say {words!r}")
    else:
        raise NonConformance(f"{spec.id} does not refuse images of which it should say {words!r}")
