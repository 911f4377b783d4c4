"""The simulated readers: components react to what they stand for, the panel to its rules, the shares as calibrated."""

from __future__ import annotations

import dataclasses
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from benchmark.databases.phantom import COMPOSITIONS, Pair, draw_pair, render_pair
from benchmark.databases.phantom.colour import colourise
from benchmark.databases.phantom.readers import PANELS, Impression, Reading, icc, judge, panel, vote
from benchmark.databases.phantom.readers.explained import LocalModel
from benchmark.databases.phantom.readers.eye import PIXELS_PER_DEGREE, perceive
from benchmark.databases.phantom.readers.fidelity import ColourBar
from benchmark.databases.phantom.readers.observer import LesionObserver
from benchmark.errors import BenchmarkError
from benchmark.fusion import fuse

needs_anatomy = pytest.mark.skipif(find_spec("nilearn") is None, reason="the MNI152 maps come with nilearn")

SPECT, PET, CT, T1T2 = 4, 104, 121, 127  # pairs with a tumour (SPECT, PET, CT) or an old haemorrhage
HEALTHY = 75
EVERY_KIND = (SPECT, PET, CT, T1T2)
QUICK = ("csr", "dtm_pcnn", "dwt", "gff", "laplacian", "pca", "average")


@cache
def rendered(index: int, **options: bool) -> Pair:
    return render_pair(draw_pair("phantom", index), **options)


@cache
def fused(index: int, algorithm: str = "laplacian") -> np.ndarray:
    pair = rendered(index)
    return fuse(pair.a, pair.b, algorithm)


@cache
def reading(index: int) -> Reading:
    return Reading(rendered(index))


def opinion(index: int, image: np.ndarray) -> float:
    """Noise-free quality to the senior reader."""
    return panel.quality(reading(index).judge(image), PANELS["phantom"].senior.weights)


def per_channel(image: np.ndarray, function) -> np.ndarray:
    planes = image.reshape(*image.shape[:2], -1).astype(float)
    changed = np.stack([function(planes[..., c]) for c in range(planes.shape[-1])], axis=-1)
    return np.rint(np.clip(changed, 0, 255)).astype(np.uint8).reshape(image.shape)


def blocks(plane: np.ndarray, size: int = 8) -> np.ndarray:
    h, w = (side // size for side in plane.shape)
    return np.kron(plane.reshape(h, size, w, size).mean(axis=(1, 3)), np.ones((size, size)))


# --- the eye


def test_lightness_is_that_of_cielab():
    seen = perceive(np.full((32, 32, 3), 119, np.uint8))  # sRGB 119 is L* = 50.03
    np.testing.assert_allclose(seen[0], 50.03, atol=0.02)
    np.testing.assert_allclose(seen[1:], 0, atol=0.02)
    np.testing.assert_allclose(perceive(np.full((32, 32), 119, np.uint8)), seen, atol=0.02)


def test_fine_colour_is_blurred_more_than_fine_lightness():
    stripes = (np.arange(64) % 4 < 2)[None, :, None]

    def modulation(one: list[int], other: list[int], channel: int) -> float:
        """Contrast of fine stripes relative to that of large fields."""
        seen = perceive(np.where(stripes, np.uint8(one), np.uint8(other)).repeat(64, 0))[channel, :, 16:48]
        fields = [perceive(np.full((8, 8, 3), colour, np.uint8))[channel].mean() for colour in (one, other)]
        return float(np.ptp(seen) / abs(fields[0] - fields[1]))

    assert modulation([150] * 3, [90] * 3, channel=0) > 0.85
    assert modulation([180, 90, 110], [90, 130, 110], channel=1) < 0.7


# --- what the truth explains


def test_slowly_changing_mixtures_are_explained_and_patchworks_are_not():
    rng = np.random.default_rng(3)
    sources = 50 + 15 * ndimage.gaussian_filter(rng.standard_normal((2, 96, 96)), (0, 2, 2)) * 7
    slow = np.linspace(0, 1, 96)[:, None]
    patches = blocks(rng.random((96, 96)), 8) > 0.5
    model = LocalModel(sources)
    smooth = model.residual((slow * sources[0] + (1 - slow) * sources[1])[None])
    chosen = model.residual(np.where(patches, *sources)[None])
    assert smooth.std() < 0.1 * sources.std()
    assert chosen.std() > 0.3 * sources.std()


# --- the observer


def test_unit_of_internal_noise():
    """A square of one degree and one Delta E is at d' = 1, less what passes for a change of the whole background."""
    absent = np.zeros((3, 128, 128))
    present = absent.copy()
    side = int(PIXELS_PER_DEGREE)
    present[0, 48 : 48 + side, 48 : 48 + side] = 1
    rows = np.indices((128, 128))[:1] / 128
    head = np.ones((128, 128))
    observer = LesionObserver((present, absent), (absent, absent), rows, head, head)
    assert observer.offered == pytest.approx((0.95,), abs=0.05)
    noise_free = observer.detect(present * 5, np.zeros_like(present))
    assert noise_free[0] == pytest.approx(np.sqrt((5 * observer.offered[0]) ** 2 - 1), rel=1e-6)


def test_clutter_hides_the_lesion():
    absent = np.zeros((3, 64, 64))
    present = absent.copy()
    present[0, 28:36, 28:36] = 10
    head = np.ones((64, 64))
    observer = LesionObserver((present, absent), (absent, absent), np.indices((64, 64))[:1] / 64, head, head)
    noise = np.random.default_rng(0).standard_normal(present.shape)
    noise[1:] = 0
    d = [observer.detect(present, scale * noise)[0] for scale in (0, 10, 40)]
    assert d[0] > d[1] > d[2]


@needs_anatomy
def test_one_image_tells_what_two_would():
    """d' from one fused image against d' from the exact difference of images fused with and without the lesion."""
    one, two = [], []
    for index in (SPECT, PET, CT, 8, 28):
        pair, well = rendered(index), rendered(index, lesion=False)
        for algorithm in ("laplacian", "average", "gff"):
            seen = perceive(fuse(pair.a, pair.b, algorithm))
            signal = seen - perceive(fuse(well.a, well.b, algorithm))
            residual = reading(index)._model.residual(seen)
            one += reading(index)._observer.detect(seen, residual)
            two += reading(index)._observer.detect(signal, residual)
    assert np.corrcoef(one, two)[0, 1] > 0.97


@needs_anatomy
@pytest.mark.parametrize("index", [SPECT, PET, CT, T1T2, 8])
def test_without_the_lesion_detectability_is_near_chance(index):
    well = rendered(index, lesion=False)
    absent = reading(index).judge(fuse(well.a, well.b, "laplacian")).lesion
    present = reading(index).judge(fused(index)).lesion
    assert present > 0.35
    assert absent < 0.25
    assert absent < present / 3


@needs_anatomy
def test_no_lesion_no_detectability():
    assert draw_pair("phantom", HEALTHY).lesion is None
    assert reading(HEALTHY).judge(fused(HEALTHY)).lesion is None


# --- anatomy, function, artefacts


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_blur_costs_anatomy(index):
    sharp = reading(index).judge(fused(index))
    soft = reading(index).judge(per_channel(fused(index), lambda x: ndimage.gaussian_filter(x, 2)))
    assert soft.anatomy < sharp.anatomy - 0.1


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_half_the_contrast_is_about_half_the_anatomy(index):
    full = reading(index).judge(fused(index)).anatomy
    half = reading(index).judge(per_channel(fused(index), lambda x: 0.5 * x)).anatomy
    assert 0.35 * full < half < 0.75 * full


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_misplaced_function_is_noticed(index):
    pair = rendered(index)
    moved = fuse(pair.a, np.roll(np.flip(pair.b, axis=1), 6, axis=0).copy(), "laplacian")
    assert reading(index).judge(moved).function < reading(index).judge(fused(index)).function - 0.15


@pytest.mark.parametrize("scale", ["PET", "SPECT"])
def test_the_colour_bar_reads_its_own_colours(scale):
    values = np.linspace(0.05, 1, 64)[None, :].repeat(64, 0)
    brain = np.zeros((64, 64), bool)
    brain[16:48, 16:48] = True
    bar = ColourBar(scale, values, brain)
    assert bar.score(perceive(colourise(values, scale))) > 0.98
    assert bar.score(perceive(colourise(values[:, ::-1], scale))) == 0
    dimmed = np.rint(0.7 * colourise(values, scale)).astype(np.uint8)
    assert bar.score(perceive(dimmed)) < bar.score(perceive(colourise(values, scale)))


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_noise_and_blocks_are_artefacts(index):
    clean = reading(index).judge(fused(index)).artefact
    rng = np.random.default_rng(7)
    noisy = reading(index).judge(per_channel(fused(index), lambda x: x + 15 * rng.standard_normal(x.shape))).artefact
    blocky = reading(index).judge(per_channel(fused(index), blocks)).artefact
    assert noisy > clean + 2
    assert blocky > clean + 1


# --- the whole


@needs_anatomy
@pytest.mark.parametrize("index", EVERY_KIND)
def test_noise_free_sources_make_better_images_and_black_is_worst(index):
    clean = rendered(index, noise=False)
    others = [opinion(index, fused(index, algorithm)) for algorithm in QUICK]
    assert opinion(index, fuse(clean.a, clean.b, "laplacian")) > max(opinion(index, fused(index)), np.mean(others))
    black = np.zeros_like(fused(index))
    assert opinion(index, black) < min(others)
    assert vote("phantom", "black.png", reading(index).judge(black)).mos <= 1.5


@needs_anatomy
def test_readers_are_shown_no_source():
    pair = rendered(PET)
    blind = dataclasses.replace(pair, a=np.zeros_like(pair.a), b=np.zeros_like(pair.b))
    assert judge(blind, fused(PET)) == reading(PET).judge(fused(PET))


@needs_anatomy
@pytest.mark.parametrize(
    "image", [np.zeros((128, 128)), np.zeros((64, 64), np.uint8), np.zeros((128, 128, 4), np.uint8)]
)
def test_other_images_are_refused(image):
    with pytest.raises(BenchmarkError, match="fused image"):
        reading(PET).judge(image)


# --- the panel

shares = st.floats(0, 1)
impressions = st.builds(
    Impression,
    modality=st.sampled_from(["MR/SPECT", "MR/PET", "CT/MR", "MR-T1/MR-T2"]),
    lesion=st.none() | shares,
    anatomy=shares,
    function=shares,
    artefact=st.floats(0, 60),
)


@settings(max_examples=50)
@given(impressions, st.sampled_from(sorted(PANELS)), st.text(max_size=20))
def test_votes_are_scores_and_come_out_the_same(impression, database, image):
    given_ = vote(database, image, impression)
    assert set(given_.votes.values()) <= {1, 2, 3, 4, 5}
    assert given_ == vote(database, image, impression)
    one, other, *asked = given_.votes.values()
    assert len(asked) == (abs(one - other) > 1)
    assert given_.mos == (asked[0] if asked else (one + other) / 2)


@given(impressions, st.sampled_from(["anatomy", "function", "artefact"]), shares)
def test_better_is_never_felt_to_be_worse(impression, component, share):
    step = -share * impression.artefact if component == "artefact" else share
    better = dataclasses.replace(impression, **{component: getattr(impression, component) + step})
    reader = PANELS["phantom"].first
    assert reader.percept(better, "phantom", "x") >= reader.percept(impression, "phantom", "x") - 1e-12


def test_internal_noise_belongs_to_database_image_and_reader():
    usual = Impression("MR/PET", 0.55, 0.7, 0.7, 7.5)
    reader = PANELS["phantom"].first
    percepts = np.array([reader.percept(usual, "phantom", f"{i}.png") for i in range(400)])
    assert percepts.std() == pytest.approx(reader.noise, rel=0.15)
    other = np.array([reader.percept(usual, "phantom-external", f"{i}.png") for i in range(400)])
    second = dataclasses.replace(reader, name="reader-2")
    third = np.array([second.percept(usual, "phantom", f"{i}.png") for i in range(400)])
    assert abs(np.corrcoef(percepts, other)[0, 1]) < 0.2
    assert abs(np.corrcoef(percepts, third)[0, 1]) < 0.2


@pytest.mark.parametrize(("severities", "votes", "mos"), [((-9, 9, 9), (5, 1, 1), 1), ((9, 9, 0), (1, 1), 1)])
def test_the_senior_reader_decides_where_the_two_differ(monkeypatch, severities, votes, mos):
    readers = PANELS["phantom"]
    first, second, senior = (
        dataclasses.replace(reader, severity=severity)
        for reader, severity in zip((readers.first, readers.second, readers.senior), severities, strict=True)
    )
    monkeypatch.setitem(PANELS, "phantom", panel.Panel(first, second, senior))
    asked = vote("phantom", "x", Impression("MR/PET", 0.55, 0.7, 0.7, 7.5))
    assert tuple(asked.votes.values()) == votes
    assert list(asked.votes) == ["reader-1", "reader-2", "senior"][: len(votes)]
    assert asked.mos == mos


def test_a_failed_task_is_not_outweighed():
    mean, spread = panel.USUAL["MR/SPECT"]
    usual = Impression("MR/SPECT", *mean)
    weights = (0.25, 0.25, 0.25, 0.25)
    assert panel.quality(usual, weights) == pytest.approx(0)
    better = dataclasses.replace(usual, anatomy=mean[1] + 2 * spread[1])
    failed = dataclasses.replace(better, function=mean[2] - 2 * spread[2])
    assert panel.quality(better, weights) > 0
    assert panel.quality(failed, weights) < -0.5


def test_every_database_has_a_panel_of_its_own():
    assert set(PANELS) == set(COMPOSITIONS)
    one, other = PANELS.values()
    assert {one.first, one.second, one.senior}.isdisjoint({other.first, other.second, other.senior})
    for readers in PANELS.values():
        for reader in (readers.first, readers.second, readers.senior):
            assert sum(reader.weights) == pytest.approx(1)
    with pytest.raises(KeyError):
        vote("nobody", "x", Impression("MR/PET", None, 0.5, 0.5, 5.0))


@needs_anatomy
def test_calibration_on_a_sample():
    """Loose bounds: 13 pairs of 129, and the seven quick algorithms of ten."""
    judged = {}
    for index in range(2, 129, 10):
        pair = rendered(index)
        known = Reading(pair)
        for algorithm in QUICK:
            name = f"fused/{algorithm}/{pair.name}.png"
            judged[name] = vote("phantom", name, known.judge(fuse(pair.a, pair.b, algorithm)))
    votes = np.array([[o.votes["reader-1"], o.votes["reader-2"]] for o in judged.values()])
    share = np.bincount(votes.ravel(), minlength=6)[1:] / votes.size
    assert 0.6 < icc(votes) < 0.9
    np.testing.assert_allclose(share, (0.05, 0.15, 0.45, 0.30, 0.05), atol=0.15)
    mos = {a: np.mean([o.mos for name, o in judged.items() if f"/{a}/" in name]) for a in QUICK}
    assert min(mos["csr"], mos["laplacian"]) > max(mos["average"], mos["pca"], mos["dtm_pcnn"]) + 0.3


# --- agreement

EXAMPLE = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])


def test_icc_of_the_published_example():
    """Shrout & Fleiss 1979, Table 4: ICC(2,1) = .29."""
    assert icc(EXAMPLE) == pytest.approx(0.29, abs=0.005)


def test_icc_is_about_absolute_agreement():
    assert icc(np.stack([EXAMPLE[:, 0]] * 3, axis=1)) == pytest.approx(1)
    shifted = np.stack([EXAMPLE[:, 0], EXAMPLE[:, 0] + 3], axis=1)
    assert icc(shifted) < 0.5
    assert icc(EXAMPLE[::-1, ::-1]) == pytest.approx(icc(EXAMPLE))
    assert icc(2 * EXAMPLE + 5) == pytest.approx(icc(EXAMPLE))


@pytest.mark.parametrize("votes", [[[1, 2]], [[1], [2]], [1, 2], [[3, 3], [3, 3]]])
def test_icc_needs_something_to_share(votes):
    with pytest.raises(BenchmarkError):
        icc(votes)
