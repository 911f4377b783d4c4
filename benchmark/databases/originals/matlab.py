"""Numbers and texts from .mat files.

They are read by scipy, which makes arrays of what it finds and runs nothing. What variables are called and how they lie
is anybody's, so a table is looked for by what it holds: texts, and as many numbers.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.errors import BenchmarkError
from fusion_metrics.image import Array
from fusion_metrics.opening import why_not_readable

#: What damaged and strange files raise.
_NOT_READ = (
    OSError, EOFError, ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError, AttributeError,
    UnicodeDecodeError, zlib.error,
)  # fmt: skip

Variables = dict[str, npt.NDArray[Any]]


def read_mat(path: Path) -> Variables:
    """Read the variables of a .mat file of MATLAB 4 to 7.2.

    Raises
    ------
    BenchmarkError
        It cannot be read; a file of version 7.3, which is another format, says how to save it again.
    """
    from scipy.io import loadmat

    if cause := why_not_readable(path):
        raise BenchmarkError(f"{path}: {cause}")
    try:
        found = loadmat(path, squeeze_me=False, chars_as_strings=True)
    except NotImplementedError:
        raise BenchmarkError(f"{path}: is of MATLAB 7.3; save it in MATLAB with save(..., '-v7')") from None
    except _NOT_READ as error:
        raise BenchmarkError(f"{path}: is no .mat file that can be read ({' '.join(str(error).split())})") from None
    return {name: value for name, value in found.items() if not name.startswith("__") and isinstance(value, np.ndarray)}


def texts_of(value: npt.NDArray[Any]) -> list[str] | None:
    """Return the texts of a cell array or of the rows of a char array, column after column; None if it has others."""
    if value.dtype.kind in "US":
        return [str(text).strip() for text in value.ravel(order="F")]
    if value.dtype != object:
        return None
    found = []
    for cell in value.ravel(order="F"):
        inner = np.asarray(cell)
        if inner.dtype.kind not in "US" or inner.size > 1:
            return None
        found.append(str(inner.ravel()[0]).strip() if inner.size else "")
    return found


def numbers_of(value: npt.NDArray[Any]) -> Array | None:
    """Return the numbers of an array, or of a cell array with one number a cell, column after column; else None."""
    if value.dtype.kind in "biuf":
        return value.ravel(order="F").astype(np.float64)
    if value.dtype != object:
        return None
    found = []
    for cell in value.ravel(order="F"):
        inner = np.asarray(cell)
        if inner.dtype.kind not in "biuf" or inner.size > 1:
            return None
        found.append(float(inner.ravel()[0]) if inner.size else np.nan)
    return np.array(found, dtype=np.float64)


def shape_of(value: npt.NDArray[Any]) -> tuple[int, ...]:
    """Return the shape as MATLAB counts it: rows of characters are one text each."""
    return tuple(size for size in value.shape if size != 1)


def only_variable(path: Path, variables: Variables, wanted: str) -> npt.NDArray[Any]:
    """Return the variable of a file that is called so, in any case, or the only one there is.

    Raises
    ------
    BenchmarkError
        There are several, none of that name.
    """
    named = [value for name, value in variables.items() if name.casefold() == wanted.casefold()]
    if len(named) == 1:
        return named[0]
    if len(variables) == 1:
        return next(iter(variables.values()))
    raise BenchmarkError(f"{path}: no variable {wanted} in it; there are {', '.join(variables) or 'none'}")
