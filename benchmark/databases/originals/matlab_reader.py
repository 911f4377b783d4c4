"""Print what .mat files hold, one line of JSON a file: run as a process of its own by `matlab`.

A damaged file can crash scipy's reader and with it the process that reads; a process of its own leaves the command
alive to say which file it was. It imports nothing of this project, and hands on texts and numbers only.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import numpy as np


def describe(name: str, value: Any) -> dict[str, Any]:
    """Describe a variable: its texts or numbers column after column, or else its columns or fields."""
    array = np.asarray(value)
    found: dict[str, Any] = {"name": name, "shape": list(array.shape), "texts": None, "numbers": None, "columns": []}
    if array.dtype.kind in "US":
        found["texts"] = [str(text).strip() for text in array.ravel(order="F")]
    elif array.dtype.kind in "biuf":
        found["numbers"] = [_number(one) for one in array.ravel(order="F").astype(np.float64).tolist()]
    elif array.dtype.names:
        found["columns"] = [describe(field, _unwrapped(array[field])) for field in array.dtype.names]
    elif array.dtype == object:
        found |= _cells(array)
    return found


def _cells(array: Any) -> dict[str, Any]:
    """Describe a cell array of texts, of numbers, or of both side by side."""
    inner = [np.asarray(cell) for cell in array.ravel(order="F")]
    kinds = {
        "text" if cell.dtype.kind in "US" else "number" if cell.dtype.kind in "biuf" else ""
        for cell in inner
        if cell.size
    }
    if any(cell.size > 1 for cell in inner) or "" in kinds:
        return {}
    if kinds == {"text"}:
        return {"texts": [str(cell.ravel()[0]).strip() if cell.size else "" for cell in inner]}
    if kinds == {"number"}:
        return {"numbers": [_number(float(cell.ravel()[0])) if cell.size else None for cell in inner]}
    if array.ndim == 2 and array.shape[1] > 1:
        return {"columns": [describe(str(k), array[:, k]) for k in range(array.shape[1])]}
    return {}


def _unwrapped(field: Any) -> Any:
    """Return the content of a field of a structure, or of each structure of an array of them."""
    array = np.asarray(field)
    return array.ravel()[0] if array.dtype == object and array.size == 1 else array.ravel()


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def main(paths: list[str]) -> None:
    """Print a line for each file."""
    from scipy.io import loadmat

    for path in paths:
        try:
            found = loadmat(path, squeeze_me=False, chars_as_strings=True)
            line: dict[str, Any] = {"variables": [describe(n, v) for n, v in found.items() if not n.startswith("__")]}
        except NotImplementedError:
            line = {"newer": True}
        except Exception as error:  # noqa: BLE001 - whatever a damaged file raises, the command is to name it
            line = {"error": " ".join(str(error).split()) or type(error).__name__}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
