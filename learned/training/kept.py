"""What was learnt is kept, so that nothing is learnt twice: another read-out of the same network, or a second look.

Files lie in the user's cache folder, named by a digest of all that the fit depends on.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from torch import nn

from fusion_metrics.cache import cache_folder

State = dict[str, npt.NDArray[Any]]
#: Bytes that the folder may hold; beyond it the files used longest ago go.
LIMIT = 8 * 2**30

N = TypeVar("N", bound=nn.Module)


def digest_of(
    about: str,
    inputs: Sequence[npt.NDArray[Any]],
    scores: npt.NDArray[np.float64],
    groups: Sequence[str],
    masks: Sequence[npt.NDArray[np.bool_] | None] | None,
    judge: tuple[Sequence[npt.NDArray[Any]], npt.NDArray[np.float64]] | None = None,
) -> str:
    """Hash everything that a fit depends on: `about` says what the data does not; see `fusion_metrics.Learner.fit`."""
    found = hashlib.sha256("\0".join([about, *groups]).encode())
    judging = (*judge[0], judge[1]) if judge is not None else ()
    for array in (*inputs, scores, *(masks or []), *judging):
        if array is None:
            found.update(b"none")
        else:
            found.update(f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def fitted(digest: str, fit: Callable[[Path], Mapping[str, npt.NDArray[Any]]]) -> State:
    """Return what was learnt under a digest, learning it the first time.

    Parameters
    ----------
    digest : str
        See `digest_of`.
    fit : callable
        ``fit(checkpoint)`` learns; it may keep a checkpoint in that file, which is deleted once it is done.
    """
    folder = cache_folder() / "fitted"
    file, checkpoint = folder / f"{digest}.safetensors", folder / f"{digest}.training"
    try:
        state = load_file(file)
        os.utime(file)
    except (OSError, SafetensorError):  # not learnt yet, or the file is damaged
        state = {name: np.ascontiguousarray(array) for name, array in fit(checkpoint).items()}
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{digest}.{os.getpid()}"
        save_file(state, partial)
        partial.replace(file)
        checkpoint.unlink(missing_ok=True)
        _make_room(folder, file)
    return state


def _make_room(folder: Path, newest: Path) -> None:
    files = sorted((path.stat().st_mtime, path) for path in folder.glob("*.safetensors") if path != newest)
    total = newest.stat().st_size + sum(path.stat().st_size for _, path in files)
    for _, path in files:
        if total <= LIMIT:
            break
        total -= path.stat().st_size
        path.unlink()


def filled(network: N, state: Mapping[str, npt.NDArray[Any]]) -> N:
    """Load what was kept as arrays, in the types of the network's own weights; for evaluation."""
    weights = {name: torch.from_numpy(np.array(array)) for name, array in state.items()}
    network.load_state_dict({name: weights[name].to(own.dtype) for name, own in network.state_dict().items()})
    return network.eval()
