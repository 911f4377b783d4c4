from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from benchmark.analysis.entries import Entry
from benchmark.databases import open_database
from benchmark.papers.published import load_published
from benchmark.papers.reproduce import needed_metrics
from benchmark.scoring.table import score_table
from fusion_metrics import FusionMetricsError, Image, UndefinedScore, create
from learned.backbones.evaluation import Evaluation
from learned.backbones.resnet import resnet
from learned.qcnn.features import stages
from learned.qcnn.metric import notes, similarity
from learned.qcnn.windows import SIZE, cosine, windows
from learned.requirements import need_torch
from tests.databases import write_database
from tests.pictures import multifocus, picture

#: Small, and on every machine.
RANDOM = {"backbone": "resnet18", "weights": "random"}


def laid_out(x, ddof):
    """Lay out and standardise the windows of a map as the definition says: one row of 13 x 13 x C numbers each."""
    shorter = min(x.shape[:2])
    p = (SIZE - shorter) // 2 + 1 if shorter < SIZE else 0
    padded = np.pad(x.astype(np.float64), ((p, p), (p, p), (0, 0)))
    rows = sliding_window_view(padded, (SIZE, SIZE), axis=(0, 1)).reshape(-1, SIZE * SIZE * x.shape[2])
    return (rows - rows.mean()) / rows.std(ddof=ddof)


def literal(a, b, fused, ddof=0):
    """Q_CNN of the maps of one stage, window by window."""
    weighted = total = 0.0
    for a_k, b_k, f_k in zip(*(laid_out(x, ddof) for x in (a, b, fused)), strict=True):
        v_a, v_b = a_k.var(ddof=1), b_k.var(ddof=1)
        lam = v_a / (v_a + v_b)
        cos_a, cos_b = (s @ f_k / (np.linalg.norm(s) * np.linalg.norm(f_k)) for s in (a_k, b_k))
        weighted += max(v_a, v_b) * (lam * cos_a + (1 - lam) * cos_b)
        total += max(v_a, v_b)
    return weighted / total


def rectified(shape, seed=0, correlation=0.5):
    """Three maps that have something in common, as those after a rectifier: zeros and positive numbers."""
    random = np.random.default_rng(seed)
    common, own = random.standard_normal(shape), random.standard_normal((3, *shape))
    return np.maximum(correlation * common + (1 - correlation) * own, 0).astype(np.float32)


# Windows --------------------------------------------------------------------------------------------------------------


@given(st.integers(1, 24), st.integers(1, 24), st.integers(1, 4), st.integers(0, 9))
def test_sums_give_what_the_laid_out_windows_give(height, width, channels, seed):
    maps = 0.1 + rectified((height, width, channels), seed)
    expected = literal(*maps)
    assert similarity(*map(windows, maps)) == pytest.approx(expected, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("shape", [(17, 20, 3), (8, 30, 2), (4, 4, 8), (12, 13, 1), (1, 1, 5)])
def test_variances_and_cosines_of_every_window(shape):
    one, other, _ = 0.1 + rectified(shape)
    rows, others = laid_out(one, 0), laid_out(other, 0)
    seen = windows(one)
    np.testing.assert_allclose(seen.variance.ravel(), rows.var(axis=1, ddof=1), rtol=1e-11)
    expected = (rows * others).sum(axis=1) / np.sqrt((rows**2).sum(axis=1) * (others**2).sum(axis=1))
    np.testing.assert_allclose(cosine(seen, windows(other)).ravel(), expected, rtol=1e-10, atol=1e-12)


def test_the_deviation_may_be_of_the_sample_or_of_the_population():
    """The authors' program takes the one for colour and the other for grey; it cancels."""
    maps = rectified((9, 15, 2))
    assert literal(*maps, ddof=1) == pytest.approx(literal(*maps, ddof=0), rel=1e-13)


@pytest.mark.parametrize(
    ("shape", "fit"),
    [((13, 13), (1, 1)), ((32, 20), (20, 8)), ((12, 12), (2, 2)), ((11, 40), (3, 32)), ((1, 1), (3, 3))],
)
def test_how_many_windows_fit(shape, fit):
    assert windows(np.ones((*shape, 2), np.float32)).total.shape == fit


def test_a_far_away_mean_costs_few_digits():
    maps = 300 + rectified((16, 16, 3))
    assert similarity(*map(windows, maps)) == pytest.approx(literal(*maps), rel=1e-8)


def test_maps_without_any_contrast():
    flat, other = (np.full((14, 14, 2), level, np.float32) for level in (0.3, 7))
    varied = rectified((14, 14, 2))
    assert windows(flat).sigma == 0
    assert similarity(*map(windows, (flat, flat, other))) == 1
    assert similarity(*map(windows, (flat, other, varied[0]))) == 0
    assert similarity(*map(windows, (varied[0], varied[1], flat))) == 0
    one_flat = similarity(*map(windows, (flat, varied[0], varied[0])))
    assert one_flat == pytest.approx(1, abs=1e-12)  # a source without contrast has no weight


def test_windows_that_nothing_weighs():
    """Both sources are flat, and of the fused image only the window in the middle is: all at its mean."""
    flat = windows(np.zeros((13, 39, 1), np.float32))
    steps = windows(np.repeat(np.array([3, 2, 1], np.float32), 13)[None, :, None].repeat(13, axis=0))
    with pytest.raises(UndefinedScore, match="neither source has any detail"):
        similarity(flat, flat, steps)


# Features -------------------------------------------------------------------------------------------------------------


def test_the_network_sees_pixels_of_0_to_1_that_are_not_standardised():
    colour = np.dstack([picture((40, 56), seed) for seed in range(3)])
    found = stages(Image(colour), **RANDOM)
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        network = resnet("resnet18", classes=None).eval()
    with torch.no_grad():
        expected = network.maps(torch.tensor(colour.transpose(2, 0, 1)[None] / 255, dtype=torch.float32))[1:]
    assert [maps.x.shape for maps in found] == [(10, 14, 64), (5, 7, 128), (3, 4, 256), (2, 2, 512)]
    for maps, tensor in zip(found, expected, strict=True):
        reference = tensor[0].permute(1, 2, 0).numpy()
        np.testing.assert_allclose(maps.x, reference, atol=1e-5 * reference.max())


def test_the_whole_score_is_that_of_laid_out_windows():
    a, b, sharp = (Image(image) for image in multifocus((48, 60)))
    maps = zip(*(stages(image, **RANDOM) for image in (a, b, sharp)), strict=True)
    expected = np.mean([literal(*(seen.x for seen in three)) for three in maps])
    assert create("qcnn", **RANDOM)(sharp, a, b) == pytest.approx(expected, rel=1e-10)


def test_sources_are_looked_at_once_for_all_their_fused_images(monkeypatch):
    calls = []
    maps = Evaluation.maps
    monkeypatch.setattr(Evaluation, "maps", lambda self, pixels: calls.append(pixels.shape) or maps(self, pixels))
    a, b, sharp = (Image(image) for image in multifocus((32, 32)))
    metric = create("qcnn", **RANDOM)
    scores = [metric(Image(np.roll(sharp.pixels, k).astype(np.uint8)), a, b) for k in range(4)]
    assert len(calls) == 2 + 4
    assert len(set(scores)) == 4
    create("qcnn", backbone="resnet34", weights="random")(sharp, a, b)
    assert len(calls) == 2 + 4 + 3  # other weights see other things


# The metric -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(64, 64), (33, 90), (7, 5), (1, 1)])
def test_equal_images_score_1_and_others_less(size):
    a, b = np.random.default_rng(0).integers(0, 256, (2, *size)).astype(np.uint8)
    metric = create("qcnn", **RANDOM)
    assert metric(a, a, a) == pytest.approx(1, abs=1e-12)
    assert -1 <= metric(a, b, a) <= metric(a, a, a)
    assert metric(b, a, a) < 1


def test_the_order_of_the_sources_does_not_matter():
    a, b, _ = multifocus()
    fused = ((a.astype(int) + b) // 2).astype(np.uint8)
    metric = create("qcnn", **RANDOM)
    assert metric(fused, a, b) == pytest.approx(metric(fused, b, a), rel=1e-12)


@pytest.mark.parametrize("options", [{}, RANDOM], ids=["default", "random"])
def test_the_more_distortion_the_lower(options):
    a, b, sharp = multifocus((128, 128))
    noise = np.random.default_rng(3).standard_normal(sharp.shape)
    images = [Image(image) for image in (a, b)]
    metric = create("qcnn", **options)

    def scores(distorted):
        return [metric(np.clip(np.rint(image), 0, 255).astype(np.uint8), *images) for image in distorted]

    for falling in (
        scores([sharp, *(ndimage.gaussian_filter(sharp.astype(float), sigma) for sigma in (2, 3, 4))]),
        scores([sharp, *(sharp + sigma * noise for sigma in (10, 25, 50))]),
    ):
        assert sorted(falling, reverse=True) == falling


def test_black_images_through_a_network_without_biases():
    """Random weights turn black into zeros everywhere: there is nothing to standardise."""
    black, other = np.zeros((48, 48), np.uint8), picture((48, 48))
    metric = create("qcnn", **RANDOM)
    assert metric(black, black, black) == 1
    assert metric(other, black, black) == 0
    assert metric(black, other, other) == 0


def test_without_weights_on_the_machine(monkeypatch, tmp_path):
    monkeypatch.setattr("learned.backbones.weights.folders", lambda: [tmp_path])
    a, b, sharp = multifocus((32, 32))
    assert 0 < create("qcnn", backbone="resnet34", weights="random")(sharp, a, b) < 1
    with pytest.raises(FusionMetricsError, match="no ImageNet weights of resnet34 on this machine"):
        create("qcnn", backbone="resnet34", weights="imagenet")(Image(sharp), Image(a), Image(b))


def test_backbones_that_have_no_stages():
    with pytest.raises(FusionMetricsError, match="no backbone 'vgg16'; known: resnet18, resnet34, resnet50"):
        create("qcnn", backbone="vgg16")(*multifocus((32, 32)))


def test_it_says_what_is_missing():
    need_torch("qcnn", "torch")
    with pytest.raises(FusionMetricsError, match=r"qcnn needs no_such_module: pip install 'fmbench\[learned\]'"):
        need_torch("qcnn", "torch", "no_such_module")


# What tables say ------------------------------------------------------------------------------------------------------


def test_weights_are_named_in_tables(tmp_path):
    assert notes(backbone="resnet34", weights="imagenet") == "Q_CNN: resnet34 from imagenet weights, as published"
    random = create("qcnn", backbone="resnet34", weights="random").notes
    published = "Q_CNN: resnet34 from random weights; published with resnet34 from imagenet weights"
    assert random == f"{published}; without ImageNet's weights: fmbench models fetch resnet34"
    metric = create("qcnn")
    assert Entry(metric.spec, "paper", ()).notes == metric.notes == notes(**metric.params)
    database = open_database(str(write_database(tmp_path / "db", pairs=1)))
    specs = [create(name).spec for name in ("qabf", "ms_aan", "qcnn")]
    said = [note for note in score_table(database, [], specs).notes if "weights" in note]
    assert said == [metric.notes]
    assert create("qabf").notes == ""


def test_the_table_of_ms_aan_runs_it():
    assert "qcnn" in needed_metrics(load_published("ms-aan", "1"))
