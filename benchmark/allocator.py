"""Memory that was freed and is kept, so that the next array need not be filled with pages again.

The C library of Linux gives freed memory back to the system once the last few arrays of a metric are gone, and the next
metric asks for it again; the system then clears every page anew. Scoring pictures of 640x480 that is a sixth of all
time.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager

#: Numbers of `mallopt`, as in malloc.h of the GNU C library.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
#: Below this many bytes an array comes from the heap, which can be kept; the library allows no more.
_LARGEST_OF_HEAP = 32 << 20
#: More unused bytes than a heap ever has at its end, and what the library itself leaves there beside large arrays.
_NEVER, _BY_DEFAULT = (1 << 31) - 1, 2 * _LARGEST_OF_HEAP
#: Who sets one of these has decided it.
_DECIDED_BY = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


@functools.cache
def keep_freed_memory(*, whoever_decided: bool = False) -> None:
    """Keep freed memory in this process from now on; nothing happens where the C library is another.

    Parameters
    ----------
    whoever_decided : bool
        Also where a variable of the environment says otherwise, as dask sets one for its workers.
    """
    if (library := _library(whoever_decided=whoever_decided)) is not None:
        library.mallopt(_MMAP_THRESHOLD, _LARGEST_OF_HEAP)
        library.mallopt(_TRIM_THRESHOLD, _NEVER)


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Keep freed memory for as long as this lasts, and then give it back to the system."""
    library = _library()
    if library is None or keep_freed_memory.cache_info().currsize:
        yield
        return
    library.mallopt(_MMAP_THRESHOLD, _LARGEST_OF_HEAP)
    library.mallopt(_TRIM_THRESHOLD, _NEVER)
    try:
        yield
    finally:
        library.mallopt(_TRIM_THRESHOLD, _BY_DEFAULT)
        library.malloc_trim(0)


def _library(*, whoever_decided: bool = False) -> ctypes.CDLL | None:
    """Return the C library of this process if it is GNU's and nobody has decided what it does."""
    decided = not whoever_decided and any(os.environ.get(name) for name in _DECIDED_BY)
    if os.name != "posix" or decided:
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") and hasattr(library, "mallopt") else None
