"""Print what well-known packages take for the same numbers: ``python -m benchmarks.peers``.

Each row is one function of ours and one of scikit-image, scikit-learn, piq, torchmetrics or pyiqa that has the same
definition, on pictures of 640x480, in one process and on one thread: CPU milliseconds a call, medians of calls in
turns, and how far the values are apart. Ours are called as anybody would, with bytes, and compute in double precision.
The others are handed what they want, ready: bytes, or tensors, which are timed in single precision, as is usual, and
compared in double. A function whose definition differs is named at the end and not timed. ``--keep`` writes
results/timing/peers.csv.

Nothing else needs these packages but scikit-image and scikit-learn: ``pip install piq torchmetrics pyiqa``.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.calls import Pixels, pictures
from benchmarks.kept import keep
from fusion_metrics import create

#: Seconds that a case is timed for, and the least and most calls of each side.
SECONDS, FEWEST, MOST = 0.5, 3, 60
#: What is not compared, because it is another number under the same name.
OTHERS = {
    "pyiqa: vif": "in wavelet sub-bands; ours, and those below, in the pixel domain",
    "torchmetrics: universal_image_quality_index": "Gaussian windows of 11x11; ours are uniform, 8x8, as published",
    "pyiqa: ssim, psnr, as created by name": "of the luma of colours, 0..1; what is timed are the functions",
    "skimage: structural_similarity, as it comes": "windows of 7x7 and sample covariance; `ssim:cddfuse` is near it",
    "skimage: normalized_mutual_information, as it comes": "100 bins of each picture's own range; here 256",
}

COLUMNS = (
    "metric", "peer", "version", "function", "cpu_ms", "peer_cpu_ms", "ratio", "relative_difference", "note",
)  # fmt: skip


class Pictures(NamedTuple):
    """Fused picture, ground truth and a second source; `colours` are the first two with three channels."""

    fused: Pixels
    truth: Pixels
    other: Pixels
    colours: tuple[Pixels, Pixels]


class Case(NamedTuple):
    """One function of a peer, and the metric of ours that has its definition; `exact` is in double precision."""

    metric: str
    function: str
    call: Callable[[], float]
    note: str = ""
    exact: Callable[[], float] | None = None


def scikit_image(given: Pictures) -> Iterator[Case]:
    from skimage import measure, metrics

    f, a, b = given.fused, given.truth, given.other

    def hossny() -> float:
        # scikit-image has (H(A) + H(F)) / H(A, F).
        return sum(2 - 2 / float(metrics.normalized_mutual_information(x, f, bins=256)) for x in (a, b))

    def similarity() -> float:
        how: dict[str, Any] = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
        return float(metrics.structural_similarity(a, f, data_range=255, **how))

    yield Case("mse:reference", "mean_squared_error", lambda: float(metrics.mean_squared_error(a, f)))
    yield Case(
        "rmse:reference",
        "normalized_root_mse",
        lambda: float(metrics.normalized_root_mse(a, f, normalization="min-max")) * 255,
        "times 255",
    )
    yield Case(
        "psnr:reference",
        "peak_signal_noise_ratio",
        lambda: float(metrics.peak_signal_noise_ratio(a, f, data_range=255)),
    )
    yield Case("ssim:reference", "structural_similarity", similarity, "Gaussian windows")
    yield Case("cc:reference", "pearson_corr_coeff", lambda: float(measure.pearson_corr_coeff(a, f)[0]))
    yield Case("en", "shannon_entropy", lambda: float(measure.shannon_entropy(f)))
    yield Case("nmi", "normalized_mutual_information", hossny, "2 - 2 / N of both sources, 256 bins")


def scikit_learn(given: Pictures) -> Iterator[Case]:
    from sklearn.metrics import mutual_info_score

    f = given.fused.ravel()

    def both() -> float:
        return sum(float(mutual_info_score(x.ravel(), f)) for x in (given.truth, given.other)) / math.log(2)

    yield Case("mi", "mutual_info_score", both, "of both sources, in bits")


def piq(given: Pictures) -> Iterator[Case]:
    import piq as peer

    both = tensors(given.fused, given.truth)
    yield of_tensors(
        "psnr:reference", "psnr", lambda f, a: peer.psnr(f, a, data_range=255), both, "adds 1e-8 to the MSE"
    )
    yield of_tensors("ssim:reference", "ssim", lambda f, a: peer.ssim(f, a, data_range=255, downsample=False), both)
    yield of_tensors(
        "ms_ssim:reference", "multi_scale_ssim", lambda f, a: peer.multi_scale_ssim(f, a, data_range=255), both
    )
    yield of_tensors("vif:reference", "vif_p", lambda f, a: peer.vif_p(f, a, data_range=255), both)


def torchmetrics(given: Pictures) -> Iterator[Case]:
    import torch
    from torchmetrics import functional as peer
    from torchmetrics.functional import clustering, image

    both = tensors(given.fused, given.truth)
    # Its windows leave the picture, which goes on as in a mirror, where ours lie inside it.
    border = "another definition: windows beyond the border count"
    ranged: dict[str, tuple[Callable[..., Any], str]] = {
        "psnr": (image.peak_signal_noise_ratio, "its logarithm has single precision"),
        "ssim": (image.structural_similarity_index_measure, border),
        "ms_ssim": (image.multiscale_structural_similarity_index_measure, border),
    }
    yield of_tensors("mse:reference", "mean_squared_error", peer.mean_squared_error, both)
    for name, (function, note) in ranged.items():
        yield of_tensors(f"{name}:reference", function.__name__, partial(function, data_range=255.0), both, note)
    yield of_tensors("vif:reference", "visual_information_fidelity", image.visual_information_fidelity, both)
    yield of_tensors("cc:reference", "pearson_corrcoef", lambda f, a: peer.pearson_corrcoef(f.ravel(), a.ravel()), both)
    colours = tensors(*given.colours)
    yield of_tensors(
        "sam",
        "spectral_angle_mapper",
        lambda f, a: image.spectral_angle_mapper(f, a).rad2deg(),
        colours,
        "in degrees; NaN of black",
    )
    ergas = partial(image.error_relative_global_dimensionless_synthesis, ratio=4)
    yield of_tensors("ergas", "error_relative_global_dimensionless_synthesis", ergas, colours)
    grey, *sources = (torch.from_numpy(x.astype(np.int64)).ravel() for x in (given.fused, given.truth, given.other))

    def shared() -> float:
        return sum(float(clustering.mutual_info_score(x, grey)) for x in sources) / math.log(2)

    yield Case("mi", "clustering.mutual_info_score", shared, "of both sources, in bits")


def pyiqa(given: Pictures) -> Iterator[Case]:
    from pyiqa.archs.entropy_arch import entropy
    from pyiqa.archs.psnr_arch import psnr
    from pyiqa.archs.ssim_arch import ms_ssim, ssim

    both = tensors(given.fused, given.truth)
    yield of_tensors("en", "entropy", lambda f, a: entropy(f), both, "adds 1e-8 within the logarithm")
    yield of_tensors("psnr:reference", "psnr", partial(psnr, data_range=255), both)
    yield of_tensors(
        "ssim:reference",
        "ssim",
        partial(ssim, data_range=255),
        both,
        "another definition: structure below 0 counts as 0",
    )
    yield of_tensors(
        "ms_ssim:reference",
        "ms_ssim",
        partial(ms_ssim, data_range=255),
        both,
        "another definition: structure below 0 counts as 0",
    )


#: By the name that each is installed under.
PEERS: dict[str, Callable[[Pictures], Iterator[Case]]] = {
    "scikit-image": scikit_image,
    "scikit-learn": scikit_learn,
    "piq": piq,
    "torchmetrics": torchmetrics,
    "pyiqa": pyiqa,
}


def tensors(*images: Pixels) -> tuple[list[Any], list[Any]]:
    """Make batches of one picture, 0..255, in single and in double precision."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    exact = [torch.from_numpy(np.atleast_3d(x)).permute(2, 0, 1)[None].double().contiguous() for x in images]
    return [x.float() for x in exact], exact


def of_tensors(
    metric: str, name: str, function: Callable[..., Any], given: tuple[list[Any], list[Any]], note: str = ""
) -> Case:
    """Make a case of a function of two tensors."""
    single, double = given
    return Case(metric, name, lambda: float(function(*single)), note, lambda: float(function(*double)))


def given_pictures() -> Pictures:
    """Draw pictures of which each grey one has black and white, and so all 256 levels for its range."""
    drawn = pictures()
    fused, truth, other = (image.copy() for image in drawn)
    for image in (fused, truth, other):
        image[0, :2] = 0, 255
    mixed = ((drawn[1].astype(int) + drawn[2]) // 2).astype(np.uint8)
    return Pictures(fused, truth, other, (np.dstack(drawn), np.dstack([drawn[1], mixed, drawn[2]])))


def ours_of(name: str, given: Pictures) -> Callable[[], float]:
    """Return a call of ours, ready to be timed."""
    metric = create(name)
    if not metric.spec.needs_reference:
        return lambda: metric(given.fused, given.truth, given.other)
    fused, truth = given.colours if metric.spec.name in ("sam", "ergas") else (given.fused, given.truth)
    return lambda: metric(fused, truth)


def timed(*calls: Callable[[], float]) -> list[float]:
    """Measure the CPU milliseconds of each: medians of calls in turns."""
    spent: list[list[float]] = [[] for _ in calls]
    while len(spent[0]) < FEWEST or (sum(map(sum, spent)) < SECONDS and len(spent[0]) < MOST):
        for call, times in zip(calls, spent, strict=True):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
    return [float(np.median(times)) * 1e3 for times in spent]


def compared(package: str, given: Pictures) -> Iterator[tuple[object, ...]]:
    """Time one peer; yield a row a function."""
    for case in PEERS[package](given):
        ours = ours_of(case.metric, given)
        value, theirs = ours(), (case.exact or case.call)()
        apart = abs(value - theirs) / abs(value)
        mine, other = timed(ours, case.call)
        named = f"{package} {version(package)}"
        print(
            f"{case.metric:18}{named:22}{case.function:48}{mine:9.3f}{other:9.3f}{other / mine:8.2f}{apart:10.1e}"
            f"  {case.note}",
            flush=True,
        )
        yield (
            case.metric,
            package,
            version(package),
            case.function,
            round(mine, 3),
            round(other, 3),
            round(other / mine, 2),
            f"{apart:.1e}",
            case.note,
        )


def main() -> None:
    """Print one line a function."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--peers", default=",".join(PEERS), help="Names of packages, between commas.")
    asked = parser.parse_args()
    given = given_pictures()
    rows: list[tuple[object, ...]] = []
    print(f"{'ours':18}{'peer':22}{'its function':48}{'ms':>9}{'peer ms':>9}{'ratio':>8}{'apart':>10}")
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what peers say of their own dependencies
        for package in asked.peers.split(","):
            try:
                rows += compared(package, given)
            except ModuleNotFoundError as error:
                print(f"{package}: left out, {error.name} is not installed")
    print("\nnot timed, as it is another number:")
    for name, why in OTHERS.items():
        print(f"  {name}: {why}")
    if asked.keep:
        print(keep("peers", COLUMNS, rows))


if __name__ == "__main__":
    main()
