"""Many metrics at once: `score` for one fused image; what is asked for is understood by `fusion_metrics.selection`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from fusion_metrics.errors import FusionMetricsError, UndefinedScore
from fusion_metrics.given import DataRange, check_sizes, source_names
from fusion_metrics.image import Image, ImageLike, as_image
from fusion_metrics.metric import Metric
from fusion_metrics.selection import select
from fusion_metrics.signature import with_decisions
from fusion_metrics.spec import MetricSpec

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
        Why there is no value; beside a value, what is to be known of it, such as that a picture is far from what the
        metric was trained on, and mostly nothing.
    seconds : float
        Wall time. A feature that several metrics share is paid for by the first of them.
    signature : str
        What was computed, of what was decided when the files were read; see `fusion_metrics.signature`.
    """

    metric: str
    variant: str
    value: float | None
    status: Status
    reason: str
    seconds: float
    signature: str = ""

    def named(self, metric: Metric) -> Score:
        """Return the score under the name of another metric that is computed in the same way."""
        return self._replace(metric=metric.spec.name, variant=metric.spec.variant)


def score(
    fused: ImageLike,
    a: ImageLike | None = None,
    b: ImageLike | None = None,
    metrics: str | Iterable[str | Metric] = "all",
    *,
    sources: Sequence[ImageLike] = (),
    reference: ImageLike | None = None,
    data_range: DataRange = None,
) -> list[Score]:
    """Score one fused image with many metrics, computing what they share once.

    Parameters
    ----------
    fused, a, b : Image, ndarray or path
        The fused image and its two sources.
    metrics : str or iterable
        A request such as ``"all,!nsct_pcnn"``, see `fusion_metrics.selection`, or metrics themselves.
    sources : sequence of Image, ndarray or path, optional
        Any number of sources in place of `a` and `b`. Of more than two, metrics that take exactly two make nothing.
    reference : Image, ndarray or path, optional
        The ground truth. Without it ``"all"`` has no metrics that compare with one.
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
    if sources and (a is not None or b is not None):
        raise FusionMetricsError("give a and b or sources, not both")
    selected = select(metrics)
    chosen = [
        metric
        for metric in selected.metrics
        if reference is not None or not metric.spec.needs_reference or metric.spec.id in selected.named
    ]
    given = {name: image for name, image in (("a", a), ("b", b)) if image is not None}
    if sources:
        given = dict(zip(source_names(len(sources)), sources, strict=True))
    images = [as_image(image, data_range=data_range, name=name) for name, image in ({"fused": fused} | given).items()]
    truth = [] if reference is None else [as_image(reference, data_range=data_range, name="reference")]
    check_sizes([*images, *truth])
    scores: dict[tuple[str, ...], Score] = {}
    found = []
    for metric in chosen:
        taken = [images[0], *truth] if metric.spec.needs_reference else images
        if (same := metric.computation(*taken)) not in scores:
            scores[same] = evaluate(metric, *taken)
        found.append(scores[same].named(metric)._replace(signature=signed(metric, *taken)))
    return found


def signed(metric: Metric, fused: Image, *sources: Image) -> str:
    """Sign a score: the metric's signature, with what was decided when the images that it looks at were read."""
    images = [fused] if metric.spec.sources == "none" else [*sources, fused]
    decisions = [decision for image in images for decision in image.decisions]
    return with_decisions(metric.signature, decisions, sources_taken(metric.spec, len(sources)))


def sources_taken(spec: MetricSpec, count: int, *, only_two: bool = False) -> str:
    """Say how many sources a metric looks at where more than two were fused; empty for two, and where it takes none.

    >>> from fusion_metrics import create
    >>> [sources_taken(create(name).spec, 9) for name in ("mef_ssim", "scd", "sd")]
    ['9', '2 of 9', '']
    """
    if count <= 2 or not spec.needs_sources:
        return ""
    return str(count) if spec.sources == "all" and not only_two else f"2 of {count}"


def evaluate(metric: Metric, fused: Image, *sources: Image | None) -> Score:
    """Score with one metric; never raises, because in a batch one bad cell must not cost the others."""
    start = time.perf_counter()
    value: float | None = None
    status: Status = "ok"
    reason = ""
    try:
        value = metric(fused, *sources)
        reason = metric.remark(fused)
    except UndefinedScore as error:
        status, reason = "undefined", str(error)
    except FusionMetricsError as error:
        status, reason = "error", str(error)
    except Exception as error:  # noqa: BLE001 - a metric may be anybody's code; its failure is this cell's result
        status, reason = "error", f"{type(error).__name__}: {error}"
    return Score(metric.spec.name, metric.spec.variant, value, status, reason, time.perf_counter() - start)
