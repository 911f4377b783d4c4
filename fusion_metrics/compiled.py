"""`@compiled`: a function that numba compiles once, and keeps in the cache folder for every later process.

Nothing is compiled, and numba not even imported, before such a function is called.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar, overload

from fusion_metrics.cache import cache_folder

P = ParamSpec("P")
R = TypeVar("R")


class _Compiled(Generic[P, R]):
    """A function that is compiled when it is called for the first time."""

    def __init__(self, function: Callable[P, R], options: dict[str, Any]) -> None:
        self._function, self._options = function, options
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        found = self.dispatcher(*args, **kwargs)
        if isinstance(found, tuple):
            raise TypeError(f"{self._function.__name__} returns a tuple, which compiled functions must not")
        return found

    @functools.cached_property
    def dispatcher(self) -> Callable[P, R]:
        """The function as numba has it, with all compiled functions that it calls."""
        namespace = self._function.__globals__
        for name in self._function.__code__.co_names:
            if isinstance(called := namespace.get(name), _Compiled):
                namespace[name] = called.dispatcher  # numba sees through its own functions only
        return _dispatcher(self._function, self._options)


@overload
def compiled(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def compiled(**options: Any) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def compiled(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Compile a function of arrays and numbers.

    Parameters
    ----------
    function : callable
        In the subset of Python that numba compiles; what it calls may be `compiled` too. It fills arrays in loops: an
        assignment to a slice takes two seconds more to compile, for the text of an error that never occurs. What Python
        calls returns no tuple: numba makes one of Python's by code of Python, and where Ctrl-C interrupts that code,
        the process ends by a segmentation fault, and with it a notebook.
    **options
        Of `numba.njit`, such as ``error_model="numpy"``.

    Returns
    -------
    callable
        What was compiled is kept in ``$NUMBA_CACHE_DIR``, or else in the cache folder, see
        `fusion_metrics.cache.cache_folder`; where neither can be written, beside the module; and if that cannot be
        written either, it is compiled in each process.
    """
    if function is None:
        return functools.partial(_Compiled, options=options)
    return _Compiled(function, options)


def _dispatcher(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    import numba

    settings: Any = numba.config  # which has its attributes from the environment
    before = settings.CACHE_DIR
    settings.CACHE_DIR = before or str(cache_folder() / "compiled")
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # there is no place that can be written
        return numba.njit(**options)(function)
    finally:
        settings.CACHE_DIR = before
