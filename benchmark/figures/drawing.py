"""A figure as data: what it shows, and a hash of that, so that it is drawn again only if it would look different."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Raised whenever figures of the same data look different.
VERSION = 2


@dataclass(frozen=True)
class Drawing(ABC):
    """What one figure shows; fields are numbers, texts, arrays, and tuples and dataclasses of them.

    Attributes
    ----------
    about : str
        Name of the database, and whether its scores are human or simulated; part of every title.
    """

    about: str

    @property
    @abstractmethod
    def alt(self) -> str:
        """The figure in words, for those who cannot see it."""

    @property
    def legend(self) -> str:
        """What the figure says below its axes; a page says it in its own text instead."""
        return ""

    @abstractmethod
    def draw(self) -> Figure:
        """Draw, in the style that the caller has set."""

    @property
    def digest(self) -> str:
        """Hash of all that is shown, and of what draws it."""
        found = hashlib.sha256(f"{VERSION} matplotlib {_matplotlib()} {type(self).__name__}".encode())
        for part in _parts(self):
            found.update(len(part).to_bytes(8, "big") + part)
        return found.hexdigest()


@cache
def _matplotlib() -> str:
    return version("matplotlib")


def _parts(value: Any) -> list[bytes]:
    if isinstance(value, np.ndarray):
        return [f"{value.dtype} {value.shape}".encode(), value.tobytes()]
    if is_dataclass(value):
        return [part for field in fields(value) for part in _parts(getattr(value, field.name))]
    if isinstance(value, tuple) and value and not isinstance(value[0], str | float | int):
        return [str(len(value)).encode(), *(part for item in value for part in _parts(item))]
    return [repr(value).encode()]
