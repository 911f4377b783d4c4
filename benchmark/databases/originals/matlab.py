"""Numbers and texts from .mat files.

They are read by scipy, which makes arrays of what it finds and runs nothing, in a process of its own, since a damaged
file can crash it. What variables are called and how they lie is anybody's, so a table is looked for by what it holds:
texts, and as many numbers.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import BenchmarkError
from fusion_metrics.image import Array
from fusion_metrics.opening import why_not_readable

_READER = Path(__file__).with_name("matlab_reader.py")


@dataclass(frozen=True)
class Variable:
    """A variable of a .mat file.

    Attributes
    ----------
    name : str
    shape : tuple of int
    texts : tuple of str or None
        Column after column; None if it holds others.
    numbers : ndarray or None
        Column after column, NaN where a cell is empty; None if it holds others.
    columns : tuple of Variable
        Of a cell array with texts and numbers side by side, and the fields of a structure.
    """

    name: str
    shape: tuple[int, ...]
    texts: tuple[str, ...] | None
    numbers: Array | None
    columns: tuple[Variable, ...]

    @property
    def long(self) -> tuple[int, ...]:
        """The shape without dimensions of 1."""
        return tuple(size for size in self.shape if size != 1)

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Variable:
        """Make one of what the reader printed."""
        numbers = found["numbers"]
        return cls(
            str(found["name"]),
            tuple(found["shape"]),
            None if found["texts"] is None else tuple(found["texts"]),
            None if numbers is None else np.array([math.nan if one is None else one for one in numbers], np.float64),
            tuple(map(cls.of, found["columns"])),
        )


def read_mats(paths: Sequence[Path]) -> list[tuple[Variable, ...]]:
    """Read the variables of .mat files of MATLAB 4 to 7.2, file by file.

    Raises
    ------
    BenchmarkError
        One cannot be read; a file of version 7.3, which is another format, says how to save it again.
    """
    for path in paths:
        if cause := why_not_readable(path):
            raise BenchmarkError(f"{path}: {cause}")
    command = [sys.executable, "-P", str(_READER), *(str(path.absolute()) for path in paths)]
    read = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603
    lines = [json.loads(line) for line in read.stdout.splitlines()]
    for path, line in zip(paths, lines, strict=False):
        if "newer" in line:
            raise BenchmarkError(f"{path}: is of MATLAB 7.3; save it in MATLAB with save(..., '-v7')")
        if "error" in line:
            raise BenchmarkError(f"{path}: is no .mat file that can be read ({line['error']})")
    if len(lines) < len(paths):
        raise BenchmarkError(f"{paths[len(lines)]}: is no .mat file that can be read (its reader crashed)")
    return [tuple(map(Variable.of, line["variables"])) for line in lines]


def only_variable(path: Path, wanted: str) -> Variable:
    """Return the variable of a file that is called so, in any case, or the only one there is.

    Raises
    ------
    BenchmarkError
        There are several, none of that name; or as `read_mats`.
    """
    [variables] = read_mats([path])
    named = [one for one in variables if one.name.casefold() == wanted.casefold()]
    if len(named) == 1:
        return named[0]
    if len(variables) == 1:
        return variables[0]
    names = ", ".join(one.name for one in variables)
    raise BenchmarkError(f"{path}: no variable {wanted} in it; there are {names or 'none'}")
