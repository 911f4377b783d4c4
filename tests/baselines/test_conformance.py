"""One suite over every registered metric and every variant: what a user may rely on without reading the formula."""

from __future__ import annotations

import math
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from fusion_metrics import Image, InvalidImage, MetricSpec, UndefinedScore, create, list_metrics
from fusion_metrics.references import reference
from tests.pictures import multifocus, picture

SPECS = list_metrics(variants=True)
#: Variants that reproduce a script which never returns a value.
NEVER = {"piella:liu2012-qe"}


def _variants(reason: str, *names: str) -> dict[str, str]:
    return {spec.id: reason for spec in SPECS if spec.name in names}


#: Metrics that point the wrong way here, and why.
BLUR_PREFERRED = dict.fromkeys(
    ("te:liu2012", "te:liu2012-nava", "te:mefb"),
    "marginals of the wrong image: what is rare in one is divided by what is in both",
)
#: Firing times rise with the share of coefficients that are not small, each band being stretched to its own range:
#: noise fills the sub-bands, blur leaves a few wide responses.
_FIRING = dict.fromkeys(("nsct_pcnn", "nsct_pcnn:large"), "blind, and sub-bands are normalised one by one")
BLUR_PREFERRED |= _FIRING
NOISE_PREFERRED = _FIRING
BLUR_PREFERRED |= _variants("errors are equal: either picture has the difference of the sources", "mse", "rmse", "psnr")
BLUR_PREFERRED |= _variants("blur leaves out levels, and levels that the fused image lacks do not count", "ce")
BLUR_PREFERRED |= _variants("blur keeps the mean brightness", "mli")
BLUR_PREFERRED |= dict.fromkeys(("nabf", "nabf:kumar2013"), "blur adds no edges")
BLUR_PREFERRED |= dict.fromkeys(
    ("fmi:haghighat", "fmi:mefb", "fmi:tang"), "windows without edges are equal, and blur leaves fewer edges"
)
NOISE_PREFERRED |= _variants("blind, and noise is detail to it", "en", "sd", "sf", "ag", "ei")
NOISE_PREFERRED |= {"mi:thfylsty-analysis": "counts black pixels, which the noise has more of"}
#: Metrics that see distortions in larger pictures only, and why.
ROOM = {"qcnn": 128}  # the last of its maps have few pixels: 1/16 and 1/32 of the picture's rows and columns
#: Variants without a value for some ordinary pictures, and why.
PARTIAL = {
    "sf:thfylsty-square": "square pictures only",
    "scd:tang": "none where the fused image equals a source",
}
#: Variants without a value for three equal pictures, and why.
UNDEFINED_IF_EQUAL = _variants("no noise: the ratio is infinite", "psnr")
UNDEFINED_IF_EQUAL |= {"scd:tang": "correlates the differences, which are constant"}
#: Variants for which three equal channels are more than grey, and why.
COLOUR_ONLY = {"sf:vifb": "channels lie side by side, and their seams are edges"}

#: Variants that look at the order of the sources where windows tie, as those of these pictures do not.
ORDERED_TIES = {"fmi:haghighat-pixel", "fmi:haghighat-gradient", "viff:mefb", "viff:thfylsty"}

#: Metrics that look through a network, though they learn nothing.
NETWORKS = {"qcnn"}
where_torch_is = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch: pip install 'fmbench[learned]'")
PARAMETERS = [pytest.param(spec, marks=where_torch_is if spec.name in NETWORKS else (), id=spec.id) for spec in SPECS]
every_metric = pytest.mark.parametrize("spec", PARAMETERS)
every_valued = pytest.mark.parametrize(
    "spec",
    [parameter for parameter, spec in zip(PARAMETERS, SPECS, strict=True) if spec.id not in NEVER and not spec.learns],
)


def room(spec: MetricSpec) -> tuple[int, int]:
    """Size of a picture that the metric can handle, and has something to say about."""
    side = max(ROOM.get(spec.name, 64), spec.min_size)
    return side, side


def value(spec: MetricSpec, fused: object, a: object, b: object, **options: object) -> float:
    sources = (a, b) if spec.needs_sources else ()
    return create(spec.id)(fused, *sources, **options)  # type: ignore[arg-type]


def value_or_reason(spec: MetricSpec, *images: object, **options: object) -> float | str:
    try:
        return value(spec, *images, **options)
    except UndefinedScore as error:
        assert str(error)
        assert "\n" not in str(error)
        return str(error)


@every_metric
def test_metadata_is_complete(spec: MetricSpec) -> None:
    assert spec.title
    assert spec.family
    assert spec.summary.endswith(".")
    assert spec.variant_summary.endswith(".")
    low, high = spec.bounds
    assert low < high
    if spec.ideal is not None:
        assert low <= spec.ideal <= high
    assert spec.min_size >= 1
    assert spec.version >= 1
    assert isinstance(spec.higher_is_better, bool)
    assert reference(spec.cites).year.isdigit()
    repr(spec.params)


@every_metric
def test_docstring_names_its_source(spec: MetricSpec) -> None:
    docstring = spec.function.__doc__ or ""
    assert "References" in docstring
    published = create(spec.name).spec
    assert reference(published.cites).year in docstring


@every_valued
def test_three_equal_pictures_give_the_ideal_value(spec: MetricSpec) -> None:
    same = picture(room(spec))
    if spec.id in UNDEFINED_IF_EQUAL:
        with pytest.raises(UndefinedScore):
            value(spec, same, same, same)
        return
    got = value(spec, same, same, same)
    assert spec.bounds[0] - 1e-12 <= got <= spec.bounds[1] + 1e-12
    if spec.ideal is not None:
        assert got == pytest.approx(spec.ideal, rel=1e-9, abs=1e-9)


@every_valued
def test_the_true_picture_beats_a_blurred_one(spec: MetricSpec) -> None:
    a, b, sharp = multifocus(room(spec))
    blurred = np.rint(ndimage.gaussian_filter(sharp.astype(float), 2)).astype(np.uint8)
    better = spec.orient(value(spec, sharp, a, b)) > spec.orient(value(spec, blurred, a, b))
    assert better is (spec.id not in BLUR_PREFERRED)


@every_valued
def test_the_true_picture_beats_a_noisy_one(spec: MetricSpec) -> None:
    a, b, sharp = multifocus(room(spec))
    noise = 25 * np.random.default_rng(3).standard_normal(sharp.shape)
    noisy = np.clip(np.rint(sharp + noise), 0, 255).astype(np.uint8)
    better = spec.orient(value(spec, sharp, a, b)) > spec.orient(value(spec, noisy, a, b))
    assert better is (spec.id not in NOISE_PREFERRED)


@every_metric
def test_exchanging_the_sources(spec: MetricSpec) -> None:
    if not spec.needs_sources:
        pytest.skip("takes no sources")
    a, b, _ = multifocus()
    fused = ((a.astype(int) + b) // 2).astype(np.uint8)
    forth, back = value_or_reason(spec, fused, a, b), value_or_reason(spec, fused, b, a)
    if spec.symmetric or spec.id in ORDERED_TIES:
        assert forth == pytest.approx(back, rel=1e-12) if isinstance(forth, float) else forth == back
    else:
        assert forth != back


@every_metric
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_copies_give_the_same_score(spec: MetricSpec, dtype: type) -> None:
    a, b, sharp = multifocus()
    floats = [(image / 255).astype(dtype) for image in (sharp, a, b)]
    assert value_or_reason(spec, sharp, a, b) == value_or_reason(spec, *floats, data_range=1.0)


@every_metric
def test_float_pixels_between_the_grey_levels_are_scored(spec: MetricSpec) -> None:
    a, b, sharp = (image / 255 * 0.97 + 0.0123 for image in multifocus())
    got = value_or_reason(spec, sharp, a, b, data_range=1.0)
    assert isinstance(got, str) or spec.bounds[0] - 1e-9 <= got <= spec.bounds[1] + 1e-9


@every_metric
def test_colour_of_three_equal_channels_is_grey(spec: MetricSpec) -> None:
    a, b, sharp = multifocus()
    colour = [np.dstack([image] * 3) for image in (sharp, a, b)]
    same = value_or_reason(spec, *colour) == value_or_reason(spec, sharp, a, b)
    assert same is (spec.id not in COLOUR_ONLY)


@every_valued
def test_dark_minus_bright_does_not_wrap(spec: MetricSpec) -> None:
    """In uint8, 0 - 255 is 1: shifted copies with full-range edges would then look alike."""
    random = np.random.default_rng(7)
    a = np.where(random.random((48, 48)) < 0.5, 0, 255).astype(np.uint8)
    b = picture((48, 48), 5)
    wrapped = value_or_reason(spec, a, a, b)
    exact = value_or_reason(spec, a.astype(np.float64), a.astype(np.float64), b.astype(np.float64), data_range=255.0)
    assert wrapped == exact


@every_metric
@pytest.mark.parametrize("size", [(63, 65), (127, 33), (40, 16), (16, 17), (11, 11), (7, 9), (3, 3), (2, 5), (1, 1)])
def test_odd_and_tiny_sizes_give_a_value_or_a_reason(spec: MetricSpec, size: tuple[int, int]) -> None:
    a, b, sharp = multifocus((64, 64))
    cut = [
        np.ascontiguousarray(np.pad(image, ((0, 70), (0, 10)), "reflect")[: size[0], : size[1]])
        for image in (sharp, a, b)
    ]
    got = value_or_reason(spec, *cut)
    if min(size) >= max(spec.min_size, 12) and spec.id not in {*NEVER, *PARTIAL} and not spec.learns:
        assert not isinstance(got, str)


@every_metric
def test_sizes_that_differ_are_an_error(spec: MetricSpec) -> None:
    if not spec.needs_sources:
        pytest.skip("takes no sources")
    a, b, sharp = multifocus()
    with pytest.raises(InvalidImage, match="sizes differ"):
        value(spec, sharp[:-1], a, b)
    with pytest.raises(InvalidImage, match="sizes differ"):
        value(spec, sharp, a, b[:, :-1])


@every_metric
def test_nan_pixels_are_an_error(spec: MetricSpec) -> None:
    a, b, sharp = (image / 255 for image in multifocus())
    sharp[3, 3] = math.nan
    with pytest.raises(InvalidImage, match="NaN"):
        value(spec, sharp, a, b, data_range=1.0)


FLAT = {
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "different greys": (10, 200, 90),
    "black fused": (None, None, 0),
    "white fused": (None, None, 255),
    "one black source": (0, None, None),
    "both sources flat": (50, 60, None),
}


@every_metric
@pytest.mark.parametrize("levels", FLAT.values(), ids=FLAT)
def test_flat_images_give_a_value_or_a_reason(spec: MetricSpec, levels: tuple[int | None, ...]) -> None:
    pictures = (*multifocus()[:2], picture(seed=4))
    a, b, fused = (
        image if level is None else np.full_like(image, level) for image, level in zip(pictures, levels, strict=True)
    )
    got = value_or_reason(spec, fused, a, b)
    if isinstance(got, float):
        assert spec.bounds[0] - 1e-9 <= got <= spec.bounds[1] + 1e-9


@every_metric
def test_same_images_same_value(spec: MetricSpec) -> None:
    a, b, sharp = multifocus()
    images = [Image(image) for image in (sharp, a, b)]
    first = value_or_reason(spec, *images)
    assert first == value_or_reason(spec, *images) == value_or_reason(spec, sharp, a, b)


@every_metric
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    images=hnp.arrays(np.uint8, st.tuples(st.just(3), st.integers(12, 24), st.integers(12, 24))),
    smooth=st.booleans(),
)
def test_bounds_hold_for_any_pixels(spec: MetricSpec, images: np.ndarray, smooth: bool) -> None:
    a, b, fused = ndimage.uniform_filter(images, (0, 5, 5)) if smooth else images
    got = value_or_reason(spec, fused, a, b)
    if isinstance(got, float):
        assert math.isfinite(got)
        assert spec.bounds[0] - 1e-9 <= got <= spec.bounds[1] + 1e-9
