"""`@feature`: a function of images whose result is remembered, so that metrics share work without plumbing.

The result is kept on the last image among the arguments. Metrics pass the fused image last, so what describes a
source stays with the source (ten fused images share it), and what involves the fused image goes when that goes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np

from fusion_metrics.image import Image

P = ParamSpec("P")
R = TypeVar("R")


def feature(function: Callable[P, R]) -> Callable[P, R]:
    """Remember a function of one or more images.

    Parameters
    ----------
    function : callable
        Positional arguments are `Image` objects; everything else is keyword-only and hashable. Arrays in the result
        (itself, or in a tuple) are made read-only, because several metrics will hold them.

    Returns
    -------
    callable
        The same function; its first call computes, later ones return the same object.
    """
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.default is not inspect.Parameter.empty
    }

    @functools.wraps(function)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        owner = args[-1]
        if not isinstance(owner, Image):
            raise TypeError(f"{function.__qualname__} takes images first, got {type(owner).__name__}")
        # The owner itself stays out of the key: a memo that refers to its image would keep both alive.
        others = tuple(None if other is owner else other for other in args)
        key: Any = (function, others, *sorted({**defaults, **kwargs}.items()))
        if key not in owner.memo:
            owner.memo[key] = _freeze(function(*args, **kwargs))
        result: R = owner.memo[key]
        return result

    return remembered


def _freeze(result: Any) -> Any:
    if isinstance(result, np.ndarray):
        result.setflags(write=False)
    elif isinstance(result, tuple):
        for part in result:
            _freeze(part)
    return result
