"""Many metrics at once: `score` for one fused image; what is asked for is understood by `fusion_metrics.selection`."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Literal, NamedTuple

from fusion_metrics.errors import FusionMetricsError, UndefinedScore
from fusion_metrics.image import Image, ImageLike, as_image
from fusion_metrics.metric import DataRange, Metric, check_sizes
from fusion_metrics.selection import select_metrics

Status = Literal["ok", "undefined", "error"]


class Score(NamedTuple):
    """What one metric said about one fused image.

    Attributes
    ----------
    metric, variant : str
        Such as ``qabf`` and ``paper``.
    value : float or None
        None unless `status` is ``ok``.
    status : {"ok", "undefined", "error"}
        ``undefined``: valid images for which the definition has no value. ``error``: something is wrong.
    reason : str
        Why there is no value; empty otherwise.
    seconds : float
        Wall time. A feature that several metrics share is paid for by the first of them.
    """

    metric: str
    variant: str
    value: float | None
    status: Status
    reason: str
    seconds: float


def score(
    fused: ImageLike,
    a: ImageLike | None = None,
    b: ImageLike | None = None,
    metrics: str | Iterable[str | Metric] = "all",
    *,
    data_range: DataRange = None,
) -> list[Score]:
    """Score one fused image with many metrics, computing what they share once.

    Parameters
    ----------
    fused, a, b : Image, ndarray or path
        The fused image and its two sources.
    metrics : str or iterable
        A request such as ``"all,!nsct_pcnn"``, see `fusion_metrics.selection`, or metrics themselves.
    data_range : float or (float, float), optional
        For arrays that are not uint8.

    Returns
    -------
    list of Score
        One per metric, in the order asked for; a metric that has no value says why and does not stop the others.

    Raises
    ------
    FusionMetricsError
        An image cannot be used, sizes differ, or a metric's name is unknown.
    """
    chosen = select_metrics(metrics)
    images = {
        name: as_image(image, data_range=data_range, name=name)
        for name, image in (("fused", fused), ("a", a), ("b", b))
        if image is not None
    }
    check_sizes(list(images.values()))
    return [evaluate(metric, **images) for metric in chosen]


def evaluate(metric: Metric, fused: Image, a: Image | None = None, b: Image | None = None) -> Score:
    """Score with one metric; never raises, because in a batch one bad cell must not cost the others."""
    start = time.perf_counter()
    value: float | None = None
    status: Status = "ok"
    reason = ""
    try:
        value = metric(fused, a, b)
    except UndefinedScore as error:
        status, reason = "undefined", str(error)
    except FusionMetricsError as error:
        status, reason = "error", str(error)
    except Exception as error:  # noqa: BLE001 - a metric may be anybody's code; its failure is this cell's result
        status, reason = "error", f"{type(error).__name__}: {error}"
    return Score(metric.spec.name, metric.spec.variant, value, status, reason, time.perf_counter() - start)
