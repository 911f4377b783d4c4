"""The parts that algorithms are made of, against their definitions written out in loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.errors import BenchmarkError
from benchmark.fusion.algorithms.dtm_pcnn import moment_energy, tchebichef_polynomials
from benchmark.fusion.algorithms.gff import guided_filter
from benchmark.fusion.algorithms.gtf import fuse_gtf
from benchmark.fusion.algorithms.nsst_papcnn import low_activity
from benchmark.fusion.algorithms.pca import fuse_pca
from benchmark.fusion.algorithms.sr import cosine_dictionary, orthogonal_matching_pursuit
from benchmark.fusion.csc import load_dictionary, sparse_code, synthesise
from benchmark.fusion.learn_dictionary import learn, training_images
from benchmark.fusion.pyramid import expand, gaussian_pyramid
from benchmark.fusion.rules import choose_by, choose_max
from benchmark.fusion.variational import base_layer, divergence, gradient


def random(*shape, seed=0):
    return np.random.default_rng(seed).random(shape)


def test_rules_settle_ties() -> None:
    a, b = np.array([1.0, -2.0, 3.0, -5.0]), np.array([-1.0, 1.0, -4.0, 2.0])
    np.testing.assert_array_equal(choose_max(a, b), [1, -2, -4, -5])
    np.testing.assert_array_equal(choose_by(np.array([0, 0, 9, 1]), np.array([0, 1, 1, 1]), a, b), [1, 1, 3, -5])


@pytest.mark.parametrize("shape", [(32, 32), (127, 131), (17, 20)])
def test_the_pyramid_keeps_a_constant_and_interpolates_a_ramp(shape) -> None:
    for level in gaussian_pyramid(np.full(shape, 0.3), 4):
        np.testing.assert_allclose(level, 0.3, rtol=1e-12)
    ramp = np.add.outer(np.arange(shape[0]), 2.0 * np.arange(shape[1]))
    up = expand(ramp[::2, ::2], shape)
    np.testing.assert_allclose(up[2:-3, 2:-3], ramp[2:-3, 2:-3], rtol=1e-12)


def test_guided_filter_is_the_local_linear_model() -> None:
    guide, image, radius, eps = random(9, 8), random(9, 8, seed=1), 2, 0.01
    slopes, offsets = np.zeros((9, 8)), np.zeros((9, 8))

    def window(values, i, j):
        return values[max(i - radius, 0) : i + radius + 1, max(j - radius, 0) : j + radius + 1]

    for i in range(9):
        for j in range(8):
            x, p = window(guide, i, j), window(image, i, j)
            slopes[i, j] = ((x * p).mean() - x.mean() * p.mean()) / (x.var() + eps)
            offsets[i, j] = p.mean() - slopes[i, j] * x.mean()
    expected = [
        [window(slopes, i, j).mean() * guide[i, j] + window(offsets, i, j).mean() for j in range(8)] for i in range(9)
    ]
    np.testing.assert_allclose(guided_filter(guide, image, radius, eps), expected, rtol=1e-9)


def test_divergence_is_the_negative_adjoint_of_the_gradient() -> None:
    image, field = random(7, 9), random(2, 7, 9, seed=1)
    assert np.sum(gradient(image) * field) == pytest.approx(-np.sum(image * divergence(field)), rel=1e-12)


def test_the_base_layer_solves_its_normal_equation() -> None:
    image = random(12, 17)
    base = base_layer(image, 5.0)
    np.testing.assert_allclose(base - 5 * divergence(gradient(base)), image, rtol=1e-10)


def test_pca_prefers_the_source_that_varies_more_even_if_they_are_opposed() -> None:
    a = random(20, 20)
    np.testing.assert_allclose(fuse_pca(a, 0.5 * a), (a + 0.25 * a) / 1.5, rtol=1e-10)  # eigenvector (2, 1)
    np.testing.assert_allclose(fuse_pca(a, -0.5 * a), (2 * a - 0.5 * a) / 3, rtol=1e-10)


def test_gradient_transfer_reaches_a_minimum() -> None:
    a, b, lam = random(16, 16), random(16, 16, seed=1), 0.3

    def objective(x):
        return np.abs(x - b).sum() + lam * np.abs(gradient(x - a)).sum()

    fused = fuse_gtf(a, b, lam=lam, iterations=400)
    best = objective(fused)
    rng = np.random.default_rng(2)
    for scale in (1e-1, 1e-2):
        for _ in range(50):
            assert objective(fused + scale * rng.standard_normal(a.shape)) > best
    for other in (a, b, (a + b) / 2, a + np.median(b - a)):
        assert objective(other) > best
    # Without the gradients nothing but the intensities is left; 1e-3 of their range is as far as ADMM comes.
    np.testing.assert_allclose(fuse_gtf(a, b, lam=0.0), b, rtol=0, atol=1e-3)


def test_tchebichef_polynomials_are_orthonormal_and_of_rising_degree() -> None:
    t = tchebichef_polynomials(8, 7)
    np.testing.assert_allclose(t @ t.T, np.eye(8), atol=1e-12)
    for degree in range(7):
        difference = np.diff(t[degree], n=degree + 1)
        np.testing.assert_allclose(difference, 0, atol=1e-10)
        assert t[degree, -1] > 0
    np.testing.assert_allclose(t[1], (np.arange(8) - 3.5) / np.sqrt(42), rtol=1e-12)


def test_all_moments_hold_the_energy_of_the_block_and_a_few_less() -> None:
    image = random(20, 20)
    i, j = 10, 9
    block = image[i - 4 : i + 4, j - 4 : j + 4]
    energy = block.size * block.var()
    assert 0 < moment_energy(image, 8, 4)[i, j] < moment_energy(image, 8, 7)[i, j] < energy
    t = tchebichef_polynomials(8, 7)
    moments = t @ block @ t.T
    few = sum(moments[p, q] ** 2 for p in range(5) for q in range(5 - p)) - moments[0, 0] ** 2
    assert moment_energy(image, 8, 4)[i, j] == pytest.approx(few, rel=1e-10)
    with pytest.raises(BenchmarkError, match="blocks of more than 4 pixels"):
        moment_energy(image, 4, 4)


def test_low_activity_is_weighted_energy_times_weighted_laplacian() -> None:
    band = random(6, 7)
    s = np.pad(band, 4, mode="symmetric")
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16

    def eml(i, j):
        total = 0.0
        for di, dj, weight in ((0, 1, 1.0), (1, 0, 1.0), (1, 1, math.sqrt(0.5)), (1, -1, math.sqrt(0.5))):
            total += weight * abs(2 * s[i, j] - s[i + di, j + dj] - s[i - di, j - dj])
        return total

    i, j = 2, 3  # far enough from the border for one pixel
    here = (i + 4, j + 4)

    def around(function):
        return sum(
            kernel[di + 1, dj + 1] * function(here[0] + di, here[1] + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1)
        )

    def root(y, x):
        return math.sqrt(np.mean([eml(y + di, x + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1)]))

    expected = around(lambda y, x: s[y, x] ** 2) * around(root)
    assert low_activity(band)[i, j] == pytest.approx(expected, rel=1e-10)


def test_matching_pursuit_equals_one_signal_at_a_time() -> None:
    dictionary = cosine_dictionary(4, per_axis=6)
    np.testing.assert_allclose(np.linalg.norm(dictionary, axis=1), 1, rtol=1e-12)
    signals = np.vstack([random(12, 16) - 0.5, np.zeros((1, 16)), 0.001 * random(1, 16)])
    approximations, norms = orthogonal_matching_pursuit(dictionary, signals, error=0.3, most_atoms=5)
    for signal, approximation, norm in zip(signals, approximations, norms, strict=True):
        chosen, residual, coefficients = [], signal, np.zeros(0)
        while np.linalg.norm(residual) > 0.3 and len(chosen) < 5:
            chosen.append(int(np.abs(dictionary @ residual).argmax()))
            coefficients, *_ = np.linalg.lstsq(dictionary[chosen].T, signal, rcond=None)
            residual = signal - coefficients @ dictionary[chosen]
        np.testing.assert_allclose(approximation, signal - residual if chosen else 0 * signal, atol=1e-10)
        assert norm == pytest.approx(np.abs(coefficients).sum(), rel=1e-8, abs=1e-12)


def test_sparse_coding_reaches_the_optimum_of_its_penalty() -> None:
    filters = load_dictionary()[:5]
    image, lam = random(16, 18) - 0.5, 0.2
    maps = sparse_code(image, filters, lam=lam, rho=1.0, iterations=800)
    residual = image - synthesise(maps, filters)
    correlation = np.fft.irfft2(np.conj(np.fft.rfft2(filters, s=image.shape)) * np.fft.rfft2(residual), s=image.shape)
    used = maps != 0
    assert 0 < used.mean() < 0.5
    # lam sign(x) where a map is used, at most lam elsewhere; 1e-4: as far as 800 iterations of ADMM come
    np.testing.assert_allclose(correlation[used], lam * np.sign(maps[used]), atol=1e-4)
    assert np.abs(correlation[~used]).max() <= lam + 1e-4


def test_maps_are_put_together_by_circular_convolution() -> None:
    filters, maps = random(2, 3, 3), random(2, 7, 8, seed=1)
    expected = np.zeros((7, 8))
    for d, x in zip(filters, maps, strict=True):
        for i in range(3):
            for j in range(3):
                expected += d[i, j] * np.roll(x, (i, j), axis=(0, 1))
    np.testing.assert_allclose(synthesise(maps, filters), expected, rtol=1e-10)


def test_the_stored_dictionary() -> None:
    filters = load_dictionary()
    assert filters.shape == (16, 8, 8)
    assert filters.dtype == np.float64
    np.testing.assert_allclose(np.linalg.norm(filters, axis=(1, 2)), 1, rtol=1e-12)


def test_learning_is_repeatable_and_learns() -> None:
    image = training_images()[0][:48, :48]

    def cost(filters):
        maps = sparse_code(image, filters, lam=0.05, rho=0.5, iterations=60)
        return 0.5 * np.sum((image - synthesise(maps, filters)) ** 2) + 0.05 * np.abs(maps).sum()

    first, later = (learn([image], count=6, size=5, rounds=rounds) for rounds in (1, 8))
    np.testing.assert_array_equal(later, learn([image], count=6, size=5, rounds=8))
    assert cost(later) < 0.9 * cost(first)
