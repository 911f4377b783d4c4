"""Hashes of a fit and of what it learnt: for everybody who keeps what was fitted, or what was predicted with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def example_digest(
    array: npt.NDArray[Any], score: float, group: str = "", mask: npt.NDArray[np.bool_] | None = None
) -> bytes:
    """Hash one image that a metric learns from: what was prepared of it, its score, its source pair and its lesions."""
    found = hashlib.sha256()
    found.update(f"{float(score)!r}\0{group}\0".encode())
    for part in (array, mask):
        if part is None:
            found.update(b"none")
        else:
            found.update(f"{part.dtype}{part.shape}".encode() + np.ascontiguousarray(part).tobytes())
    return found.digest()


def fit_digest(about: str, examples: Iterable[bytes], judge: Iterable[bytes] | None = None) -> str:
    """Hash all that a fit depends on.

    Parameters
    ----------
    about : str
        What the data do not say: name, version and parameters of the metric, and the seed.
    examples : iterable of bytes
        Their digests, in the order in which they are learnt from.
    judge : iterable of bytes, optional
        Digests of the images on which the best epoch is chosen.
    """
    found = hashlib.sha256(about.encode() + b"\0")
    found.update(b"".join(examples) + b"\0")
    if judge is not None:
        found.update(b"judge" + b"".join(judge))
    return found.hexdigest()


def state_digest(state: Mapping[str, npt.NDArray[Any]]) -> str:
    """Hash what a metric learnt, in short: the same for a metric that was saved and read again."""
    found = hashlib.sha256()
    for name in sorted(state):
        array = np.ascontiguousarray(state[name], dtype=np.float64)  # as it is read from a file
        found.update(f"{name}\0{array.shape}".encode() + array.tobytes())
    return found.hexdigest()[:12]
