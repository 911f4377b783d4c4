"""`load`: a fitted metric from the file that `Metric.save` wrote, which may be damaged or somebody else's."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fusion_metrics.errors import FusionMetricsError, UndefinedScore
from fusion_metrics.image import Array, Image
from fusion_metrics.learning import Learner, load_state
from fusion_metrics.metric import Metric, create
from fusion_metrics.printable import printable

#: Characters of a foreign text that an error message shows.
_SHOWN = 300
#: And of one that is shown only to recognise the file by.
_RECOGNISED = 80
#: Side of the image on which a loaded metric is tried.
_TRIED = 64


def load(path: str | os.PathLike[str]) -> Metric:
    """Read a fitted metric that `Metric.save` wrote.

    It is tried on an image, so that weights that are missing or of another shape are noticed here.

    Raises
    ------
    FusionMetricsError
        A file that is no fitted metric, or one fitted by another version or with parameters that no longer exist.
    """
    about, state = load_state(Path(path))
    name = printable(os.fspath(path))
    if set(about) != {"metric", "version", "parameters"} or not all(isinstance(word, str) for word in about.values()):
        raise FusionMetricsError(f"{name}: is not a fitted metric, it does not say of which")
    try:
        metric = _made_again(about)
    except json.JSONDecodeError:
        raise FusionMetricsError(
            f"{name}: its parameters are not JSON, so it is damaged or was saved by an earlier version; fit it again"
        ) from None
    except (TypeError, ValueError, RecursionError, MemoryError) as error:
        cause = printable(str(error) or type(error).__name__)[:_SHOWN]
        raise FusionMetricsError(
            f"{name}: was fitted as {_described(about, _RECOGNISED)}, which cannot be made ({cause})"
        ) from None
    if about not in ((now := metric.about()), metric.about(pinned=False)):
        raise FusionMetricsError(
            f"{name}: was fitted as {_described(about, _SHOWN)}, but this is {_described(now, _SHOWN)}"
        )
    try:
        return _filled(metric, state)
    except UndefinedScore as error:
        cause = str(error)
    except FusionMetricsError:
        raise
    except (TypeError, ValueError, LookupError, RuntimeError, AttributeError) as error:
        cause = f"{error} is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
    cause = " ".join(printable(cause).split())[:_SHOWN]
    raise FusionMetricsError(f"{name}: does not hold what {metric.spec.id} learns ({cause})")


def _made_again(about: Mapping[str, str]) -> Metric:
    """Make the metric that a file says it was, not fitted yet."""
    parameters = json.loads(about["parameters"])
    if not isinstance(parameters, dict):
        raise TypeError("parameters are not a table")
    own = create(about["metric"]).params
    return create(about["metric"], **{key: _typed(value, own.get(key)) for key, value in parameters.items()})


def _typed(value: Any, own: Any) -> Any:
    """Turn the lists of JSON into the tuples that they were, at every depth."""
    if not isinstance(own, tuple) or not isinstance(value, list):
        return value
    kinds = own if len(own) == len(value) else (own[:1] or (None,)) * len(value)
    return tuple(_typed(part, kind) for part, kind in zip(value, kinds, strict=True))


def _filled(metric: Metric, state: Mapping[str, Array]) -> Metric:
    learner: Learner = metric.spec.function(**metric.params)
    learner.restore(state)
    fitted = Metric(metric.spec, metric.params, learner)
    side = max(_TRIED, metric.spec.min_size)
    image = Image(np.random.default_rng(0).integers(0, 256, (side, side), dtype=np.uint8))
    fitted(*[image] * (3 if metric.needs_sources else 1))
    return fitted


def _described(about: Mapping[str, str], shown: int) -> str:
    parameters = about["parameters"]
    parameters = parameters if len(parameters) <= shown else parameters[:shown] + "..."
    return printable(f"{about['metric'][:_SHOWN]}, version {about['version'][:_SHOWN]}, parameters {parameters}")
