"""What to say where torch is missing, or where weights are."""

from __future__ import annotations

import functools
import logging
import warnings
from importlib.util import find_spec

from fusion_metrics import FusionMetricsError
from learned.backbones.weights import RANDOM

_LOG = logging.getLogger("fmbench.weights")


def need_torch(metric: str, *modules: str) -> None:
    """Raise an error that says what to install, unless it is installed; without `modules`, what training needs."""
    missing = [name for name in modules or ("torch", "lightning_fabric") if find_spec(name) is None]
    if missing:
        raise FusionMetricsError(f"{metric} needs {' and '.join(missing)}: pip install 'fmbench[learned]'")


def warn_of_random_weights(weights: str, notes: str, advice: str = "") -> None:
    """Say once in a process that a network starts from random weights, and how to have others."""
    if weights == RANDOM:
        _warn("; ".join(filter(None, (notes, advice))))


@functools.cache
def _warn(notes: str) -> None:
    _LOG.info(notes)
    warnings.warn(notes, UserWarning, stacklevel=4)
