"""The two pulse-coupled networks against literal loops over single neurons, and what is known of them."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fusion_metrics.neurons import Window, _adaptive, _simplified, inverse_distance, ring
from fusion_metrics.pcnn import adaptive_parameters, adaptive_pcnn, otsu_threshold, simplified_pcnn, spatial_frequency
from fusion_metrics.screened_neurons import Room, fire_screened


def linked(pulses, weight, reach):
    """W * Y at every neuron, zero outside."""
    height, width = pulses.shape
    result = np.zeros(pulses.shape)
    for i in range(height):
        for j in range(width):
            for di in range(-reach, reach + 1):
                for dj in range(-reach, reach + 1):
                    if (di or dj) and 0 <= i + di < height and 0 <= j + dj < width:
                        result[i, j] += weight(di, dj) * pulses[i + di, j + dj]
    return result


def literal_simplified(s, beta, alpha_l, alpha_theta, v_l, v_theta, size, iterations):
    s = np.abs(s)
    f = (s - s.min()) / (s.max() - s.min() + np.finfo(float).eps)
    L = theta = y = np.zeros(s.shape)
    t = np.zeros(s.shape, dtype=int)
    for _ in range(iterations):
        L = math.exp(-alpha_l) * L + v_l * linked(y, lambda di, dj: 1 / math.hypot(di, dj), size // 2)
        theta = math.exp(-alpha_theta) * theta + v_theta * y
        u = f * (1 + beta * L)
        y = (u > theta).astype(float)
        t += y.astype(int)
    return t


def literal_adaptive(s, iterations):
    f = np.abs(s)
    sigma, ratio, threshold = f.std(), f.max() / otsu_threshold(f), otsu_threshold(f)
    alpha_f, lam = math.log10(1 / sigma), (ratio - 1) / 6
    v_e = math.exp(-alpha_f) + ratio
    m = (1 - math.exp(-3 * alpha_f)) / (1 - math.exp(-alpha_f)) + (ratio - 1) * math.exp(-alpha_f)
    alpha_e = math.log(v_e / (threshold * m))
    u = y = np.zeros(s.shape)
    e = np.ones(s.shape)
    t = np.zeros(s.shape, dtype=int)
    for _ in range(iterations):
        u = math.exp(-alpha_f) * u + f * (1 + lam * linked(y, lambda di, dj: 0.5 if di and dj else 1.0, 1))
        y = (u > e).astype(float)
        e = math.exp(-alpha_e) * e + v_e * y
        t += y.astype(int)
    return t


@pytest.mark.parametrize(
    "constants",
    [
        {},
        {"alpha_l": 0.06931, "beta": 0.2},
        {"size": 5, "v_l": 0.5, "v_theta": 7.0, "alpha_theta": 0.35},
        {"size": 1},
    ],
    ids=["public code", "paper", "wide window", "no linking window"],
)
def test_simplified_equals_a_literal_loop(constants) -> None:
    bands = np.random.default_rng(3).normal(size=(2, 7, 9)) ** 3
    full = {"beta": 3.0, "alpha_l": 1.0, "alpha_theta": 0.2, "v_l": 1.0, "v_theta": 20.0, "size": 3} | constants
    times = simplified_pcnn(bands, **constants, iterations=60)
    for band, result in zip(bands, times, strict=True):
        np.testing.assert_array_equal(result, literal_simplified(band, **full, iterations=60))


def test_a_margin_that_nothing_feeds_changes_nothing() -> None:
    band = np.random.default_rng(6).random((6, 7)) + 0.1
    wide = np.pad(band, ((3, 1), (0, 4)))
    full = {"beta": 3.0, "alpha_l": 1.0, "alpha_theta": 0.2, "v_l": 1.0, "v_theta": 20.0, "size": 3, "iterations": 60}
    np.testing.assert_array_equal(simplified_pcnn(wide, iterations=60), literal_simplified(wide, **full))


def test_adaptive_equals_a_literal_loop() -> None:
    bands = 0.2 * np.random.default_rng(4).normal(size=(3, 8, 6))
    times = adaptive_pcnn(bands, iterations=50)
    for band, result in zip(bands, times, strict=True):
        np.testing.assert_array_equal(result, literal_adaptive(band, 50))


def test_two_neurons_by_hand() -> None:
    # F = 0 and 1. The first never fires; the second, unlinked, fires at n = 1, when its threshold is still zero, and
    # again when 20 exp(-0.2 k) < 1, k = 14.98 or more: the threshold jumps at n = 2 and decays k times until n = 17.
    times = [int(simplified_pcnn(np.array([[0.0, 5.0]]), iterations=n)[0, 1]) for n in (1, 2, 16, 17, 18)]
    assert times == [1, 1, 1, 2, 2]
    assert simplified_pcnn(np.array([[0.0, 5.0]]))[0, 0] == 0


@pytest.mark.parametrize("network", [simplified_pcnn, adaptive_pcnn])
@pytest.mark.parametrize("level", [0.0, 0.3])
def test_constant_band_never_fires(network, level) -> None:
    assert not network(np.full((2, 5, 4), level)).any()


@pytest.mark.parametrize("network", [partial(simplified_pcnn, beta=0.0), adaptive_pcnn], ids=["simplified", "adaptive"])
def test_brighter_neuron_fires_no_less_often(network) -> None:
    # Strong linking, as with beta = 3, makes neighbours fire as one: there this is no property.
    times = network(np.linspace(0.0, 0.9, 16)[None, :].repeat(3, axis=0))
    assert (np.diff(times[1]) >= 0).all()
    assert times[1, -1] > times[1, 0]


def test_brighter_neuron_fires_earlier() -> None:
    band = np.zeros((1, 9))
    band[0, [0, 4, 8]] = 0.2, 0.5, 1.0  # out of each other's reach
    at = []
    for n in range(2, 60):  # at n = 1 all fire together: every threshold is still zero
        times = simplified_pcnn(band, iterations=n)[0]
        at.append(times[[0, 4, 8]] >= 2)
    dim, medium, bright = np.argmax(np.array(at), axis=0)
    assert bright < medium < dim


def test_linking_helps_a_dim_neuron_beside_a_bright_one() -> None:
    band = np.zeros((5, 12))
    band[2, [2, 8]] = 0.4
    band[1:4, 9] = 1.0
    with_link, without = simplified_pcnn(band), simplified_pcnn(band, beta=0.0)
    assert without[2, 2] == without[2, 8]
    assert with_link[2, 8] > with_link[2, 2]


def test_every_neuron_can_have_its_own_linking_strength() -> None:
    bands = np.random.default_rng(5).random((2, 6, 6))
    beta = np.stack([np.full((6, 6), 0.1), np.full((6, 6), 3.0)])
    times = simplified_pcnn(bands, beta=beta)
    np.testing.assert_array_equal(times[0], simplified_pcnn(bands[0], beta=0.1))
    np.testing.assert_array_equal(times[1], simplified_pcnn(bands[1], beta=3.0))


@settings(max_examples=30, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from([1e-6, 1.0, 255.0]),
)
def test_bands_are_independent_bounded_and_scale_free(shape, seed, scale) -> None:
    bands = np.random.default_rng(seed).random(shape)
    times = simplified_pcnn(scale * bands, iterations=25)
    assert times.shape == shape
    assert times.dtype == np.int64
    assert times.min() >= 0
    assert times.max() <= 25
    for band, result in zip(bands, times, strict=True):
        np.testing.assert_array_equal(simplified_pcnn(scale * band, iterations=25), result)


def test_firing_does_not_leak_round_the_border() -> None:
    band = np.zeros((4, 5))
    band[0, 0], band[3, 4], band[1, 4], band[2, 0] = 1.0, 0.4, 0.4, 0.4
    times = simplified_pcnn(band)  # in a flat layout with too narrow a margin (1, 4) and (2, 0) would be neighbours
    assert times[1, 4] == times[2, 0]
    assert times[2, 0] == simplified_pcnn(band, beta=0.0)[2, 0]


@pytest.mark.parametrize("seed", range(3))
def test_otsu_threshold_maximises_the_between_class_variance(seed) -> None:
    rng = np.random.default_rng(seed)
    values = np.concatenate([rng.normal(0.2, 0.05, 400), rng.normal(0.7, 0.1, 200)])

    def between(threshold):
        low, high = values[values < threshold], values[values >= threshold]
        return low.size * high.size * (low.mean() - high.mean()) ** 2

    best = max(between(t) for t in np.linspace(values.min(), values.max(), 400)[1:-1])
    assert between(otsu_threshold(values)) >= 0.999 * best  # one part in a thousand: the histogram's bins


def test_adaptive_parameters_by_hand() -> None:
    # s = 0.4, Smax = 0.9 and the threshold midway between the classes, 0.5.
    alpha_f, lam, v_e, alpha_e = adaptive_parameters(np.array([[0.1, 0.1], [0.9, 0.9]]))
    x = math.exp(-math.log10(2.5))
    assert alpha_f == pytest.approx(math.log10(2.5), rel=1e-12)
    assert lam == pytest.approx((1.8 - 1) / 6, rel=1e-2)
    assert v_e == pytest.approx(x + 1.8, rel=1e-2)
    assert alpha_e == pytest.approx(math.log((x + 1.8) / (0.5 * (1 + x + x * x + 0.8 * x))), rel=1e-2)
    # 1e-2: the threshold is the edge of one of 256 bins, not the exact midpoint


def test_errors_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="not a positive odd number"):
        simplified_pcnn(np.eye(4), size=4)
    with pytest.raises(ValueError, match="two axes"):
        adaptive_pcnn(np.arange(4.0))
    with pytest.raises(ValueError, match=r"0\.\.1"):
        adaptive_pcnn(255 * np.eye(4))


def test_spatial_frequency_of_a_stack() -> None:
    bands = np.random.default_rng(0).random((2, 5, 6))
    result = spatial_frequency(bands)
    square = 0.0
    for i in (1, 2, 3):
        for j in (2, 3, 4):
            square += (bands[1, i, j] - bands[1, i, j - 1]) ** 2 + (bands[1, i, j] - bands[1, i - 1, j]) ** 2
    assert result[1, 2, 3] == pytest.approx(np.sqrt(square / 9), rel=1e-12)
    np.testing.assert_allclose(spatial_frequency(bands[0]), result[0], rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 60)),
    seed=st.integers(0, 2**32 - 1),
    iterations=st.integers(0, 130),
    off=st.sampled_from([0.0, 1e-16, 1e-9, 1e-6]),
)
def test_single_precision_never_decides_what_it_cannot_tell(
    shape: tuple[int, int], seed: int, iterations: int, off: float
) -> None:
    """Feeding is put where thresholds come by, 20 exp(-0.2 k), so that U and Theta meet or all but meet."""
    rng = np.random.default_rng(seed)
    F = 20 * np.exp(-0.2 * rng.integers(15, 60, shape)) * (1 + off * rng.integers(-1, 2, shape))
    F = np.where(rng.random(shape) < 0.1, 0.0, F)
    F_beta, window, decays = 3 * F, inverse_distance(3), (math.exp(-1.0), math.exp(-0.2))
    links = window.links(shape[1] + 1)
    weights = tuple(links.weights.tolist())
    possible, screened = fire_screened(
        F, F_beta, weights, links.starts, links.reach, (*decays, 20.0), iterations, adaptive=False
    )
    assert possible
    flat = [np.pad(x, ((0, 0), (0, 1))).ravel() for x in (F, F_beta)]
    in_double = _simplified(*flat, links, *decays, 20.0, iterations)
    np.testing.assert_array_equal(screened, in_double.reshape(shape[0], -1)[:, :-1])


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 60)),
    seed=st.integers(0, 2**32 - 1),
    iterations=st.integers(0, 130),
    off=st.sampled_from([0.0, 1e-16, 1e-9, 1e-6]),
    lam=st.sampled_from([0.0, 1e-3, 0.7]),
)
def test_nor_does_it_of_the_adaptive_network(
    shape: tuple[int, int], seed: int, iterations: int, off: float, lam: float
) -> None:
    """U of a neuron alone is F (1 - exp(-alpha_f n)) / (1 - exp(-alpha_f)): F is such that it meets exp(-alpha_e n)."""
    rng = np.random.default_rng(seed)
    decay_f, decay_e, v_e = 0.6, math.exp(-0.3), 2.3
    n = rng.integers(1, 90, shape)
    F = decay_e ** (n - 1) * (1 - decay_f) / (1 - decay_f**n) * (1 + off * rng.integers(-1, 2, shape))
    F = np.where(rng.random(shape) < 0.1, 0.0, F)
    window = Window(((1.0, ring(0, 1)), (0.5, ring(1, 1))))
    links = window.links(shape[1] + 1)
    possible, screened = fire_screened(
        F, lam * F, (1.0, 0.5), links.starts, links.reach, (decay_f, decay_e, v_e), iterations, adaptive=True
    )
    assert possible
    flat = [np.pad(x, ((0, 0), (0, 1))).ravel() for x in (F, lam * F)]
    in_double = _adaptive(*flat, links, decay_f, decay_e, v_e, iterations)
    np.testing.assert_array_equal(screened, in_double.reshape(shape[0], -1)[:, :-1])


@pytest.mark.parametrize(("feeding", "linking"), [(1e-30, 1.0), (1e7, 1.0), (0.5, -1.0), (0.5, 1e9)])
def test_feeding_that_single_precision_does_not_hold_is_refused(feeding: float, linking: float) -> None:
    F = np.full((3, 4), feeding)
    links = inverse_distance(3).links(5)
    possible, _ = fire_screened(
        F, linking * F, (1.0, 0.7), links.starts, links.reach, (0.4, 0.8, 20.0), 30, adaptive=False
    )
    assert not possible


def test_a_linking_strength_below_zero_equals_a_literal_loop() -> None:
    band = np.random.default_rng(7).random((6, 9))
    full = {"beta": -0.1, "alpha_l": 1.0, "alpha_theta": 0.2, "v_l": 1.0, "v_theta": 20.0, "size": 3, "iterations": 60}
    np.testing.assert_array_equal(simplified_pcnn(band, beta=-0.1, iterations=60), literal_simplified(band, **full))


def test_networks_that_use_the_same_room_know_nothing_of_each_other() -> None:
    rng, room = np.random.default_rng(3), Room()
    for shape in ((9, 14), (9, 14), (14, 9), (9, 14)):
        band = rng.random(shape)
        shared = simplified_pcnn(band, iterations=60, room=room)
        np.testing.assert_array_equal(shared, simplified_pcnn(band, iterations=60))
