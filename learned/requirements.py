"""What to say where torch is missing, or where weights are."""

from __future__ import annotations

import functools
import warnings
from importlib.util import find_spec

from fusion_metrics import FusionMetricsError
from learned.backbones.weights import RANDOM


def need_torch(metric: str, *modules: str) -> None:
    """Raise an error that says what to install, unless it is installed; without `modules`, what training needs."""
    missing = [name for name in modules or ("torch", "lightning_fabric") if find_spec(name) is None]
    if missing:
        raise FusionMetricsError(f"{metric} needs {' and '.join(missing)}: pip install 'fmbench[learned]'")


def warn_of_random_weights(weights: str, notes: str) -> None:
    """Say once in a process that a network starts from random weights."""
    if weights == RANDOM:
        _warn(notes)


@functools.cache
def _warn(notes: str) -> None:
    warnings.warn(f"{notes}; see learned/backbones/weights.py", UserWarning, stacklevel=4)
