"""The catalogue of fusion algorithms: `@fusion_algorithm` declares one, its module is found by being in the folder."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from benchmark.errors import BenchmarkError
from fusion_metrics.errors import nearest
from fusion_metrics.image import Array

Function = TypeVar("Function", bound=Callable[..., Array])

_algorithms: dict[str, FusionAlgorithm] = {}


@dataclass(frozen=True)
class FusionAlgorithm:
    """A fusion algorithm and what is known of it.

    Attributes
    ----------
    name : str
        What `fuse` calls it.
    title : str
        What tables call it.
    reference : str
        The publications whose equations it follows: the section "References" of its docstring.
    function : callable
        ``function(a, b, *, parameters) -> fused`` on float64 luminance in 0..1.
    """

    name: str
    title: str
    reference: str
    function: Callable[..., Array]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters and their defaults."""
        signature = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in signature if p.kind is inspect.Parameter.KEYWORD_ONLY}


def fusion_algorithm(name: str, *, title: str) -> Callable[[Function], Function]:
    """Declare a function of two luminances as the fusion algorithm `name`; the function itself stays as it is.

    Raises
    ------
    BenchmarkError
        The name is taken, or the docstring of the function has no section "References".
    """

    def declare(function: Function) -> Function:
        if name in _algorithms:
            owner = _algorithms[name].function.__module__
            raise BenchmarkError(f"fusion algorithm {name!r} of {function.__module__} is already declared by {owner}")
        _, heading, reference = (inspect.getdoc(function) or "").partition("References\n----------\n")
        if not heading:
            raise BenchmarkError(f"fusion algorithm {name!r} has no section 'References' in its docstring")
        _algorithms[name] = FusionAlgorithm(name, title, " ".join(reference.split()), function)
        return function

    return declare


def list_algorithms() -> list[FusionAlgorithm]:
    """List every fusion algorithm there is, by name."""
    _import_algorithms()
    return sorted(_algorithms.values(), key=lambda algorithm: algorithm.name)


def get_algorithm(name: str) -> FusionAlgorithm:
    """Look a fusion algorithm up.

    Raises
    ------
    BenchmarkError
        No algorithm has that name; the message holds the nearest ones.
    """
    _import_algorithms()
    if name not in _algorithms:
        raise BenchmarkError(f"unknown fusion algorithm {name!r}{nearest(name, _algorithms)}")
    return _algorithms[name]


@cache
def _import_algorithms() -> None:
    package = importlib.import_module("benchmark.fusion.algorithms")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
