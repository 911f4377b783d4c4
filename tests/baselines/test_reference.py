"""Metrics against a ground truth: cases by hand, second implementations, and what is refused."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from fusion_metrics import FusionMetricsError, Image, InvalidImage, UndefinedScore, Variant, create, metric, score
from fusion_metrics.features.windows import GAUSSIAN_11
from fusion_metrics.registry import list_metrics
from tests.pictures import multifocus, pansharpened

with (Path(__file__).parents[1] / "golden" / "reference.csv").open(newline="") as table:
    GOLDEN = list(csv.DictReader(table))
REFERENCED = [spec.id for spec in list_metrics(variants=True) if spec.needs_reference]
TRUTH, PAN, FUSED = pansharpened()


@pytest.mark.parametrize("line", GOLDEN, ids=lambda line: f"{line['identifier']}-{line['package']}-{line['picture']}")
def test_other_packages_compute_the_same(line: dict[str, str]) -> None:
    name, _, windows = line["identifier"].partition(" in ")
    compared = create(name, window=GAUSSIAN_11) if windows else create(name)
    assert compared(FUSED[line["picture"]], TRUTH) == pytest.approx(float(line["value"]), rel=1e-6)


def test_the_golden_table_has_every_metric_but_the_one_that_nobody_else_has() -> None:
    assert {line["identifier"].partition(" in ")[0] for line in GOLDEN} == {*REFERENCED} - {"qcv:reference"}


def of(*colours: tuple[int, int, int]) -> np.ndarray:
    return np.array([colours], dtype=np.uint8)


def test_spectral_angles_by_hand_and_black_pixels_left_out() -> None:
    truth, fused = of((10, 0, 0), (0, 0, 9), (0, 0, 0)), of((7, 7, 0), (0, 4, 0), (1, 2, 3))
    assert create("sam")(fused, truth) == pytest.approx((45 + 90) / 2)
    assert create("sam")(2 * truth, truth) == 0.0
    tiny = create("sam")(of((200, 100, 51)) / 255, of((200, 100, 51)) / 255 + [[[0, 0, 1e-9]]], data_range=(0.0, 2.0))
    assert 0.0 < tiny < 1e-6
    for one, other in ((truth * 0, fused), (truth[..., :1].repeat(3, axis=2), PAN[:1, :3])):
        with pytest.raises(UndefinedScore, match=r"black in every pixel|neither picture has colours"):
            create("sam")(other, one)


def test_a_grey_picture_has_three_equal_channels_beside_colours() -> None:
    colour = np.dstack([PAN] * 3)
    for name in REFERENCED:
        assert create(name)(PAN, TRUTH) == create(name)(colour, TRUTH)
        assert create(name)(FUSED["coarse"], PAN) == create(name)(FUSED["coarse"], colour)


def test_ergas_by_hand_and_its_ratio() -> None:
    truth, fused = of((100, 50, 20), (100, 50, 20)), of((104, 50, 20), (100, 50, 20))
    by_hand = 100 / 4 * math.sqrt((8 / 100**2) / 3)
    assert create("ergas")(fused, truth) == pytest.approx(by_hand, rel=1e-14)
    assert create("ergas", ratio=0.5)(fused, truth) == pytest.approx(2 * by_hand, rel=1e-14)
    with pytest.raises(UndefinedScore, match="a channel of reference is black"):
        create("ergas")(fused, truth * np.uint8([1, 1, 0]))


def test_uiqi_is_the_mean_over_windows_of_eight_pixels() -> None:
    truth, fused = TRUTH[:20, :30, 0].astype(float), FUSED["brovey"][:20, :30, 0].astype(float)
    found = []
    for i in range(20 - 7):
        for j in range(30 - 7):
            x, y = (each[i : i + 8, j : j + 8].ravel() for each in (truth, fused))
            (sxx, sxy), (_, syy) = np.cov(x, y, bias=True)
            found.append(4 * sxy * x.mean() * y.mean() / ((sxx + syy) * (x.mean() ** 2 + y.mean() ** 2)))
    assert create("uiqi")(fused, truth, data_range=255.0) == pytest.approx(np.mean(found), rel=1e-12)


def test_psnr_is_of_the_error_of_all_channels_together() -> None:
    truth, fused = of((10, 10, 10)), of((10, 13, 10))
    assert create("mse:reference")(fused, truth) == 3.0
    assert create("rmse:reference")(fused, truth) == math.sqrt(3.0)
    assert create("psnr:reference")(fused, truth) == pytest.approx(10 * math.log10(255**2 / 3))
    with pytest.raises(UndefinedScore, match="equals the reference"):
        create("psnr:reference")(truth, truth)


def test_a_metric_of_two_sources_that_are_both_the_truth_is_that_against_the_truth() -> None:
    """Of grey pictures: what colours are to them is another matter."""
    truth, fused = TRUTH[..., 0], FUSED["additive"][..., 0]
    for name in ("psnr", "mse", "rmse", "cc", "ssim", "ms_ssim", "vif", "qcv"):
        assert create(f"{name}:reference")(fused, truth) == pytest.approx(create(name)(fused, truth, truth), rel=1e-12)


def test_sources_are_never_taken_for_the_reference() -> None:
    a, b, fused = multifocus()
    with pytest.raises(InvalidImage, match="psnr:reference compares with a reference, which is not given"):
        create("psnr:reference")(fused, a, b)
    assert create("psnr:reference")(fused, a, b, reference=a) == create("psnr:reference")(fused, a)
    assert create("psnr")(fused, a, b, reference=a) == create("psnr")(fused, a, b)
    with pytest.raises(InvalidImage, match="sizes differ"):
        create("psnr:reference")(fused, a[:-1])


def test_all_metrics_hold_those_against_a_reference_only_where_there_is_one() -> None:
    a, b, fused = multifocus((192, 192))
    request = "all,!nsct_pcnn,!q*,!*like,!*an,!aga,!bmpri,!f*,!te,!v*,!p*,!c*,!n*,!m*,!l*,!rsfe"
    without = {found.metric for found in score(fused, a, b, request)}
    within = {found.metric: found for found in score(fused, a, b, request, reference=Image(a))}
    assert set(within) - without == {"sam", "ergas", "uiqi"}
    assert within["uiqi"].value == create("uiqi")(fused, a)
    [named] = score(fused, a, b, "uiqi")
    assert (named.status, named.reason) == ("error", "uiqi compares with a reference, which is not given")


def test_a_function_of_the_reference_alone_declares_it() -> None:
    assert create("psnr").spec.sources == "all"
    assert create("psnr:reference").spec.sources == create("sam").spec.sources == "reference"
    about = {"title": "X", "family": "difference", "higher_is_better": False, "bounds": (0.0, 1.0), "cites": "wald2000"}

    def of_two(a: Image, b: Image, fused: Image) -> float:
        return 0.0

    with pytest.raises(FusionMetricsError, match="its function takes other images"):

        @metric("wrong", **about, variants={"paper": Variant("."), "two": Variant(".", function=of_two)})  # type: ignore[arg-type]
        def wrong(reference: Image, fused: Image) -> float:
            return 0.0
