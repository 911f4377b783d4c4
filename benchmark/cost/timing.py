"""What metrics cost: time on one pair of sources, what sharing features saves, memory, and distance from the floor.

Times are processor time of this process, so that what else the machine does counts little; they are those of one core
where the libraries below use one (``OMP_NUM_THREADS=1``). Reading files and checking pixels is not in them, nor are
filters that are built once per image size.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.cost.floor import floor, seconds_of_primitives
from benchmark.example_pictures import Triple
from benchmark.tables import ABSENT, Cell, Table, heads
from fusion_metrics import Image, Metric, MetricSpec, UndefinedScore

if TYPE_CHECKING:
    import pandas as pd

#: Metrics faster than this, in seconds of all their runs, are run more often than was asked for, up to `MOST_RUNS`.
LEAST_SECONDS, MOST_RUNS = 0.1, 50


@dataclass(frozen=True)
class Cost:
    """What one metric costs.

    Attributes
    ----------
    spec : MetricSpec
    cold : float or None
        Seconds where nothing is known of the three images; None where the metric has no value for them.
    known : float or None
        Seconds where the sources' features are remembered from another fused image; None for metrics without sources.
    peak : float or None
        Largest memory in bytes that Python and NumPy hold during a cold call, beyond the images themselves.
    floor : float or None
        Seconds of the calls that the definition cannot avoid (see `benchmark.cost.floor`); None where not counted.
    reason : str
        Why there are no times.
    """

    spec: MetricSpec
    cold: float | None = None
    known: float | None = None
    peak: float | None = None
    floor: float | None = None
    reason: str = ""

    @property
    def saved(self) -> float | None:
        """Share of the time that remembered features of the sources save."""
        return None if not self.cold or self.known is None else max(1.0 - self.known / self.cold, 0.0)

    @property
    def ratio(self) -> float | None:
        """Time over the floor."""
        return None if self.cold is None or not self.floor else self.cold / self.floor


@dataclass(frozen=True)
class Bench:
    """Costs of metrics, and of all of them together on one triple whose features they share."""

    size: tuple[int, int]
    costs: tuple[Cost, ...]
    together: float


def bench(
    metrics: Sequence[Metric], triple: Triple, *, repeats: int = 5, on_metric: Callable[[], None] = lambda: None
) -> Bench:
    """Measure metrics on one triple of pictures.

    Parameters
    ----------
    metrics : sequence of Metric
    triple : Triple
    repeats : int
        Times are the median of so many runs, at least.
    on_metric : callable, optional
        Called after each metric.

    Returns
    -------
    Bench
        In the order of the metrics.
    """
    size = Image(triple.fused).shape
    of_calls = seconds_of_primitives(round((size[0] * size[1]) ** 0.5), repeats)
    costs = []
    for metric in metrics:
        costs.append(_cost(metric, triple, repeats, of_calls))
        on_metric()
    valued = [metric for metric, found in zip(metrics, costs, strict=True) if not found.reason]
    together = statistics.median(_seconds_together(valued, triple) for _ in range(repeats))
    return Bench(size, tuple(costs), together)


def _cost(metric: Metric, triple: Triple, repeats: int, of_calls: dict[str, float]) -> Cost:
    try:
        _run(metric, *_images(triple))  # builds what is built once per size
    except UndefinedScore as error:
        return Cost(metric.spec, reason=str(error))
    cold = [_seconds(metric, *_images(triple))]
    known = []
    runs = max(repeats, min(MOST_RUNS, int(LEAST_SECONDS / max(cold[0], 1e-9))))
    for _ in range(runs):  # in turn, so that a disturbance meets both
        cold.append(_seconds(metric, *_images(triple)))
        if metric.needs_sources:
            known.append(_seconds(metric, *_with_known_sources(metric, triple)))
    return Cost(
        metric.spec,
        statistics.median(cold[1:]),
        statistics.median(known) if known else None,
        _peak(metric, triple),
        floor(metric.spec.id, of_calls),
    )


def _images(triple: Triple) -> tuple[Image, Image, Image]:
    a, b, fused = (Image(pixels, name=name) for name, pixels in zip(triple._fields, triple, strict=True))
    return a, b, fused


def _with_known_sources(metric: Metric, triple: Triple) -> tuple[Image, Image, Image]:
    """Let the sources remember what a metric computes of them, and hand them out with a fused image that is new."""
    a, b, other = _images(triple)
    _run(metric, a, b, other)
    return a, b, Image(triple.fused, name="fused")


def _run(metric: Metric, a: Image, b: Image, fused: Image) -> None:
    if metric.learns:
        metric.prepare(fused, a, b)
    else:
        metric(fused, *((a,) if metric.spec.needs_reference else (a, b)))


def _seconds(metric: Metric, *images: Image) -> float:
    start = time.process_time()
    _run(metric, *images)
    return time.process_time() - start


def _seconds_together(metrics: Sequence[Metric], triple: Triple) -> float:
    images = _images(triple)
    return sum(_seconds(metric, *images) for metric in metrics)


def _peak(metric: Metric, triple: Triple) -> float:
    """Trace the allocations of one call; the libraries below may hold more that they do not report."""
    images = _images(triple)
    tracemalloc.start()
    try:
        _run(metric, *images)
        return float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def bench_table(found: Bench) -> Table:
    """Show one line per metric, in milliseconds and megabytes."""
    rows = tuple(
        tuple(
            Cell(text)
            for text in (
                cost.spec.id,
                _number(cost.cold, 1e3),
                _number(cost.known, 1e3),
                ABSENT if cost.saved is None else f"{cost.saved:.0%}",
                _number(cost.peak, 1e-6),
                _number(cost.floor, 1e3),
                _number(cost.ratio),
            )
        )
        for cost in found.costs
    )
    alone = sum(cost.cold for cost in found.costs if cost.cold is not None)
    notes = [
        "ms: processor time, nothing known of the images; known: the sources' features remembered; MB: peak memory",
        "floor: ms of the Fourier transforms, filters, histograms and other calls that the definition cannot avoid, "
        "timed in this run; ratio: ms over floor",
        f"all of them: {1e3 * alone:.0f} ms one by one, {1e3 * found.together:.0f} ms on one triple, sharing features",
    ]
    notes += [f"{cost.spec.id}: {cost.reason}" for cost in found.costs if cost.reason]
    header = heads("metric", "ms", "known", "saved", "MB", "floor", "ratio")
    return Table(f"Cost on {found.size[0]}x{found.size[1]} pixels", header, rows, tuple(notes))


def bench_frame(found: Bench) -> pd.DataFrame:
    """One line per metric, with all digits."""
    import pandas as pd

    columns = [
        "metric",
        "variant",
        "seconds",
        "seconds_known",
        "saved",
        "peak_bytes",
        "floor_seconds",
        "ratio",
        "reason",
    ]
    lines = [
        (c.spec.name, c.spec.variant, c.cold, c.known, c.saved, c.peak, c.floor, c.ratio, c.reason) for c in found.costs
    ]
    return pd.DataFrame(lines, columns=columns)


def _number(value: float | None, scale: float = 1.0) -> str:
    if value is None:
        return ABSENT
    return f"{scale * value:.0f}" if scale * value >= 100.0 else f"{scale * value:.3g}"
