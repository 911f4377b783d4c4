"""The source pairs of the generated databases: composition, reproducibility, physics, and a truth that is true."""

from __future__ import annotations

import dataclasses
from collections import Counter
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest
from scipy import ndimage

from benchmark.databases.phantom import COMPOSITIONS, PHANTOM, PHANTOM_EXTERNAL, TISSUES, Pair, draw_pair, render_pair
from benchmark.databases.phantom.colour import SCALES, colourise
from benchmark.databases.phantom.fields import smooth_field
from benchmark.databases.phantom.lesions import KINDS
from benchmark.databases.phantom.modalities import CT, Emission, SpinEcho
from benchmark.databases.phantom.spec import LESION_SHARE, PATHOLOGY, PairSpec
from benchmark.databases.phantom.tissues import ACTIVITY, HOUNSFIELD, RELAXATION

needs_anatomy = pytest.mark.skipif(find_spec("nilearn") is None, reason="the MNI152 maps come with nilearn")

EVERY = [(name, index) for name, composition in COMPOSITIONS.items() for index in range(len(composition))]
# Rendering takes a quarter of a second: a seventh of the colour pairs, and all grey ones.
SAMPLE = [(name, index) for name, index in EVERY if index % 7 == 0 or draw_pair(name, index).name[:2] in ("ct", "t1")]

BRIGHTENS = {  # sign of the contrast that each pathology gives, where it is seen
    "T2": {"tumour": 1, "low-grade tumour": 1, "infarct": 1, "haemorrhage": -1, "plaque": 1},
    "T1": {"tumour": -1, "infarct": -1, "old haemorrhage": 1},
    "CT": {"tumour": -1, "infarct": -1, "haemorrhage": 1, "calcification": 1},
    "emission": {"tumour": 1, "infarct": -1, "haemorrhage": -1, "cold focus": -1, "hot focus": 1},
}


@cache
def rendered(database: str, index: int) -> tuple[PairSpec, Pair]:
    spec = draw_pair(database, index)
    return spec, render_pair(spec)


def view(scanner: SpinEcho | CT | Emission) -> str:
    return {SpinEcho: getattr(scanner, "weighting", ""), CT: "CT", Emission: "emission"}[type(scanner)]


# --- what is drawn


@pytest.mark.parametrize(
    ("composition", "expected"),
    [
        (PHANTOM, {"MR/SPECT": 72, "MR/PET": 48, "CT/MR": 6, "MR-T1/MR-T2": 3}),
        (PHANTOM_EXTERNAL, {"MR/SPECT": 12, "MR/PET": 12, "CT/MR": 6, "MR-T1/MR-T2": 6}),
    ],
)
def test_composition(composition, expected) -> None:
    specs = [draw_pair(composition.name, index) for index in range(len(composition))]
    assert Counter(spec.modality for spec in specs) == expected
    assert len({spec.name for spec in specs}) == len(composition)
    for spec in specs:
        scanners = {"MR/SPECT": ("T2", "emission"), "MR/PET": ("T2", "emission"), "CT/MR": ("CT", "T2")}
        assert (view(spec.a), view(spec.b)) == scanners.get(spec.modality, ("T1", "T2"))


def test_unknown_pairs_are_refused() -> None:
    with pytest.raises(KeyError):
        draw_pair("phantom-2", 0)
    for index in (-1, 129):
        with pytest.raises(IndexError):
            draw_pair("phantom", index)


def test_most_pairs_have_a_lesion_and_every_visibility_occurs() -> None:
    lesions = [draw_pair("phantom", index).lesion for index in range(len(PHANTOM))]
    present = [lesion for lesion in lesions if lesion is not None]
    assert abs(len(present) / len(lesions) - LESION_SHARE) < 0.04
    seen = Counter(lesion.seen for lesion in present)
    assert min(seen["a"], seen["b"], seen["both"]) > 0.25 * len(present)
    assert {lesion.kind for lesion in present} == set(KINDS)
    severity = [lesion.severity for lesion in present]
    assert min(severity) < 0.4 < 0.9 < max(severity)


def test_lesions_do_not_depend_on_slice_height() -> None:
    specs = [draw_pair("phantom", index) for index in range(72)]
    heights = np.array([spec.slice.z for spec in specs])
    absent = np.array([spec.lesion is None for spec in specs])
    assert np.ptp(heights[absent]) > 0.7 * np.ptp(heights)


@pytest.mark.parametrize(("modality", "seen"), [(m, s) for m in PATHOLOGY for s in ("a", "b", "both")])
def test_every_scanner_knows_the_tissues_it_is_shown(modality, seen) -> None:
    tables = {"MR/SPECT": (RELAXATION, ACTIVITY), "MR/PET": (RELAXATION, ACTIVITY), "CT/MR": (HOUNSFIELD, RELAXATION)}
    for source, table in zip("ab", tables.get(modality, (RELAXATION, RELAXATION)), strict=True):
        if seen in (source, "both"):
            for kind in (KINDS[name] for name in PATHOLOGY[modality][seen]):
                assert {kind.core, kind.centre, kind.halo} - {None} <= set(table)


def test_slices_are_the_pairs_own_and_the_databases_interleave() -> None:
    heights = {name: np.array([draw_pair(n, i).slice.z for n, i in EVERY if n == name]) for name in COMPOSITIONS}
    everything = np.sort(np.concatenate(list(heights.values())))
    assert np.diff(everything).min() > 0.1
    assert np.abs(heights["phantom"][:, None] - heights["phantom-external"]).min() >= 0.4
    for name, composition in COMPOSITIONS.items():  # the intervals that they draw from are disjoint by construction
        within = (heights[name] + 26) % 6
        assert composition.band[0] <= within.min()
        assert within.max() <= composition.band[1]
    assert PHANTOM.band[1] < PHANTOM_EXTERNAL.band[0]


def test_a_pair_is_drawn_alone() -> None:
    assert draw_pair("phantom", 100) == draw_pair("phantom", 100)
    assert draw_pair("phantom", 100) != draw_pair("phantom", 100, seed=1)
    assert hash(draw_pair("phantom", 100)) == hash(draw_pair("phantom", 100))


# --- what is rendered


@needs_anatomy
@pytest.mark.parametrize(("database", "index"), [("phantom", 3), ("phantom", 79), ("phantom", 121), ("phantom", 126)])
def test_same_seed_same_bytes(database, index) -> None:
    spec, pair = rendered(database, index)
    render_pair(draw_pair(database, (index + 1) % 100))  # whatever was made in between
    render_pair(draw_pair(database, (index + 2) % 100))
    again = render_pair(draw_pair(database, index))
    assert pair.truth.keys() == again.truth.keys()
    for key, values in pair.truth.items():
        assert values.tobytes() == again.truth[key].tobytes()
    assert (pair.a.tobytes(), pair.b.tobytes()) == (again.a.tobytes(), again.b.tobytes())
    other = render_pair(spec, realisation=1)
    assert not np.array_equal(pair.a, other.a)
    assert not np.array_equal(pair.b, other.b)


@needs_anatomy
@pytest.mark.parametrize(("database", "index"), SAMPLE)
def test_images_and_truth_are_sound(database, index) -> None:
    spec, pair = rendered(database, index)
    grey, colour = (128, 128), (128, 128, 3)
    assert pair.a.shape == grey
    assert pair.b.shape == (colour if isinstance(spec.b, Emission) else grey)
    assert pair.a.dtype == pair.b.dtype == np.uint8
    assert all(np.isfinite(values).all() for values in pair.truth.values())

    tissue = pair.truth["tissue"]
    assert tissue.min() >= 0
    np.testing.assert_allclose(tissue.sum(axis=0), 1, atol=1e-5)
    brain = tissue[TISSUES.index("gm")] + tissue[TISSUES.index("wm")]
    head = tissue[TISSUES.index("air")] < 0.5
    assert brain[:4].max() == brain[:, :4].max() == 0
    assert 0.15 < head.mean() < 0.75
    rows = np.flatnonzero(head.any(axis=1))
    assert rows[0] > 0  # all of the head is in the frame
    assert rows[-1] < 127
    assert (pair.a[tissue[TISSUES.index("air")] > 0.99] == 0).all()
    far = ndimage.distance_transform_edt(~head) > 12
    assert (pair.b[far] == 0).all()
    assert pair.a.max() > 150
    assert pair.b.max() > 150


@needs_anatomy
@pytest.mark.parametrize(("database", "index"), SAMPLE)
def test_lesion_is_where_and_what_the_spec_says(database, index) -> None:
    spec, pair = rendered(database, index)
    truth, lesion = pair.truth, spec.lesion
    signal = {source: truth[source] - truth[f"{source}_absent"] for source in "ab"}
    if lesion is None:
        assert not pair.mask.any()
        assert all((signal[source] == 0).all() for source in "ab")
        return
    cranium = truth["tissue"][[TISSUES.index(name) for name in ("gm", "wm", "csf")]].sum(axis=0)
    assert pair.mask.sum() >= 5
    assert (cranium[pair.mask] > 0.5).all()
    assert ((truth["core"] + truth["halo"] > 0.5) == pair.mask).all()
    for source, scanner, contrast in (("a", spec.a, truth["contrast"][0]), ("b", spec.b, truth["contrast"][1])):
        if lesion.seen in (source, "both"):
            assert contrast * BRIGHTENS[view(scanner)][lesion.kind] > 0.03
        else:
            assert (signal[source] == 0).all()
            assert contrast == 0


@needs_anatomy
def test_signal_absent_images_share_the_noise() -> None:
    for index in (0, 72 + 8):  # an infarct seen in MR and SPECT, and one seen in MR and PET
        spec, pair = rendered("phantom", index)
        assert spec.lesion is not None
        assert spec.lesion.seen == "both"
        absent = render_pair(spec, lesion=False)
        far = ndimage.distance_transform_edt(~pair.mask) > 25
        for source in "ab":
            difference = getattr(pair, source).astype(int) - getattr(absent, source).astype(int)
            assert np.abs(difference[far]).max() == 0
            assert np.abs(difference[pair.mask]).mean() > 5
        assert absent.truth.keys() == pair.truth.keys()


@needs_anatomy
def test_noise_free_image_is_the_display_of_the_truth() -> None:
    spec = draw_pair("phantom", 79)
    pair = render_pair(spec, noise=False)
    head = pair.truth["tissue"][TISSUES.index("air")] < 0.5
    expected = np.rint(255 * np.clip(pair.truth["a"], 0, 1))
    assert np.abs(pair.a.astype(int) - expected)[head].max() <= 1
    assert np.abs(pair.b.astype(int) - colourise(pair.truth["b"], "PET"))[head].max() <= 1


@needs_anatomy
def test_pairs_share_no_content() -> None:
    """Grey matter never correlates between pairs as it would between two versions of a slice."""
    maps = np.array([rendered(*key)[1].truth["tissue"][0].ravel() for key in SAMPLE], dtype=np.float64)
    maps -= maps.mean(axis=1, keepdims=True)
    maps /= np.linalg.norm(maps, axis=1, keepdims=True)
    correlation = maps @ maps.T
    np.fill_diagonal(correlation, 0)
    assert correlation.max() < 0.88
    # The bound catches a slice seen again after a movement of a millimetre and another lesion.
    spec = draw_pair(*SAMPLE[0])
    slice_ = dataclasses.replace(spec.slice, shift=(spec.slice.shift[0] + 1, spec.slice.shift[1]))
    moved = render_pair(dataclasses.replace(spec, slice=slice_, lesion=None)).truth["tissue"][0].ravel()
    assert np.corrcoef(maps[0], moved)[0, 1] > 0.88


# --- the physics


@needs_anatomy
def test_contrast_between_tissues() -> None:
    """T2: fluid > grey > white > bone. T1: fat > white > grey > fluid. CT: bone > grey > white > fluid."""
    order = {
        "T2": ("csf", "gm", "wm", "bone"),
        "T1": ("fat", "wm", "gm", "csf", "bone"),
        "CT": ("bone", "gm", "wm", "csf"),
        "emission": ("gm", "wm"),
    }
    for index in (5, 73, 120, 121, 127):
        spec, pair = rendered("phantom", index)
        for source, scanner in (("a", spec.a), ("b", spec.b)):
            names = order[view(scanner)]
            masks = [pair.truth["tissue"][TISSUES.index(name)] > 0.9 for name in names]
            values = [pair.truth[f"{source}_absent"][mask].mean() for mask in masks if mask.sum() > 20]
            assert len(values) >= 2
            assert np.all(np.diff(values) < 0), (spec.name, source, values)


@needs_anatomy
def test_grey_to_white_activity_is_four_to_one() -> None:
    ratios = []
    for index in range(75, 120, 10):
        _, pair = rendered("phantom", index)
        gm, wm = pair.truth["tissue"][:2]
        quiet = ~ndimage.binary_dilation(pair.mask, iterations=3)
        activity = pair.truth["b_object"]
        ratios.append(activity[(gm > 0.95) & quiet].mean() / activity[(wm > 0.95) & quiet].mean())
    assert np.mean(ratios) == pytest.approx(4, rel=0.15)  # regional uptake makes grey matter hotter by a few per cent


@pytest.mark.parametrize(("tracer", "fwhm", "intrinsic"), [("PET", 5.5, 3.8), ("SPECT", 11.0, 7.5)])
def test_resolution_of_emission(tracer, fwhm, intrinsic) -> None:
    scanner = Emission(tracer, fwhm, intrinsic, counts=20, white=1, regional=0)
    point = np.zeros((len(scanner.offsets), 65, 65))
    point[:, 32, 32] = 1
    image, pixel = scanner.scan(point, 1.7), 1.7
    assert image.sum() == pytest.approx(1)
    profile = image.sum(axis=0)
    sigma = np.sqrt(np.sum(profile * (np.arange(65) - 32.0) ** 2)) * pixel
    assert sigma * np.sqrt(8 * np.log(2)) == pytest.approx(fwhm, rel=0.02)
    half = np.interp(0.5, image[32, 32:][::-1] / image.max(), np.arange(33)[::-1])
    assert 2 * half * pixel == pytest.approx(fwhm, rel=0.06)  # read off the curve, as one does


def test_emission_noise_is_poisson_before_the_filter() -> None:
    scanner = Emission("SPECT", fwhm=11, intrinsic=7.5, counts=20, white=1, regional=0)
    flat = np.full((5, 128, 128), 0.6)
    x = scanner.expose(flat, 1.7, np.random.default_rng(0))
    sigma = np.sqrt(11**2 - 7.5**2) / np.sqrt(8 * np.log(2)) / 1.7
    assert x.mean() == pytest.approx(0.6, rel=0.01)
    # variance of a Gaussian-filtered white field: sigma_n**2 / (4 pi sigma**2)
    assert x[16:-16, 16:-16].std() == pytest.approx(np.sqrt(0.6 / 20 / (4 * np.pi * sigma**2)), rel=0.15)


def test_mr_noise_is_rician() -> None:
    scanner = SpinEcho("T2", tr=3000, te=95, level=0.9, sigma=0.03, bias=0.0)
    nothing = scanner.expose(np.zeros((3, 128, 128)), 1.7, np.random.default_rng(0))
    assert nothing.mean() == pytest.approx(0.03 * np.sqrt(np.pi / 2), rel=0.02)  # Rayleigh where there is no signal
    bright = scanner.expose(np.full((3, 128, 128), scanner.values["csf"]), 1.7, np.random.default_rng(0))
    assert bright.mean() == pytest.approx(np.sqrt(0.9**2 + 0.03**2), rel=0.002)
    assert bright.std() == pytest.approx(0.03, rel=0.03)


def test_ct_window_and_noise() -> None:
    scanner = CT(level=40, width=80, sigma=3.0)
    planes = np.full((3, 128, 128), 40.0)
    assert scanner.scan(planes, 1.7)[0, 0] == 0.5
    assert scanner.expose(planes, 1.7, np.random.default_rng(0)).std() == pytest.approx(3 / 80, rel=0.05)
    none = np.zeros((128, 128), dtype=bool)
    assert scanner.display(scanner.scan(planes + 500, 1.7), none).min() == 255
    assert scanner.display(scanner.scan(planes - 500, 1.7), none).max() == 0


@pytest.mark.parametrize("scale", sorted(SCALES))
def test_colour_scales(scale) -> None:
    ramp = colourise(np.linspace(-0.5, 1.5, 2001), scale)
    assert ramp[0].tolist() == [0, 0, 0]
    assert (ramp[:501] == 0).all()
    assert len(np.unique(ramp[500:1501], axis=0)) > 200  # no two values far apart look the same
    at = [point[0] for point in SCALES[scale]]
    assert at == sorted(at)
    assert (at[0], at[-1]) == (0, 1)


def test_random_fields_have_unit_variance() -> None:
    fields = np.stack([smooth_field(np.random.default_rng(seed), 64, 8.0) for seed in range(200)])
    assert fields.std() == pytest.approx(1, rel=0.03)
    assert abs(fields.mean()) < 0.05
