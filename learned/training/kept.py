"""What was learnt is kept, so that nothing is learnt twice: another read-out of the same network, or a second look.

Files lie in the user's cache folder, named by a digest of all that the fit depends on.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save
from torch import nn

from fusion_metrics.cache import cache_folder
from fusion_metrics.digests import fit_digest
from fusion_metrics.execution import execution
from fusion_metrics.files import UnwritableFile, check_file, write_bytes
from fusion_metrics.learning import Examples

_LOG = logging.getLogger("fmbench.fitted")
State = dict[str, npt.NDArray[Any]]
#: Raised when what is kept gets other names or another meaning, so that nothing older is taken up.
LAYOUT = 2
#: Bytes that the folder may hold; beyond it the files used longest ago go.
LIMIT = 8 * 2**30

N = TypeVar("N", bound=nn.Module)


@dataclass(frozen=True)
class Task:
    """What is to be learnt.

    Attributes
    ----------
    about : str
        Name and version of the metric, and how its network is configured.
    examples, seed, judge
        See `fusion_metrics.Learner.fit`.
    """

    about: str
    examples: Examples
    seed: int
    judge: Examples | None = None

    @cached_property
    def digest(self) -> str:
        """Hash everything that the fit depends on."""
        about = f"{LAYOUT} {self.about} {self.seed}"
        return fit_digest(about, self.examples.digests, None if self.judge is None else self.judge.digests)


def fitted(digest: str, fit: Callable[[Path], Mapping[str, npt.NDArray[Any]]]) -> State:
    """Return what was learnt under a digest, learning it the first time.

    What was kept before the moment `fusion_metrics.execution.Execution.since` does not count, nor does the checkpoint
    of a training that was killed before it.

    Parameters
    ----------
    digest : str
        See `Task`.
    fit : callable
        ``fit(checkpoint)`` learns; it may keep a checkpoint in that file, which is deleted once it is done.
    """
    folder = cache_folder() / "fitted"
    file, checkpoint = folder / f"{digest}.safetensors", folder / f"{digest}.training"
    kept = _kept(file)
    if kept is not None:
        return kept
    _LOG.info("fitting %s", digest[:12])
    try:
        check_file(checkpoint)
    except UnwritableFile as error:
        # Nothing can be kept on this machine; that is no reason not to learn.
        _LOG.warning("%s; what is learnt is not kept", error)
        with TemporaryDirectory() as elsewhere:
            return _contiguous(fit(Path(elsewhere) / checkpoint.name))
    if checkpoint.exists() and (_is_old(checkpoint) or not _is_sound(checkpoint)):
        checkpoint.unlink(missing_ok=True)
    state = _contiguous(fit(checkpoint))
    write_bytes(file, save(state))
    checkpoint.unlink(missing_ok=True)
    _make_room(folder, file)
    return state


def _kept(file: Path) -> State | None:
    """Load what was learnt before, unless it is to be learnt again, is not there or is damaged."""
    try:
        if _is_old(file):
            return None
        state = load_file(file)
    except (OSError, SafetensorError):
        return None
    with suppress(OSError):  # a folder that cannot be written to
        # The time of the last use; that of the last change says when it was learnt.
        os.utime(file, (time.time(), file.stat().st_mtime))
    return state


def _is_old(file: Path) -> bool:
    since = execution().since
    return since is not None and file.stat().st_mtime < since


def _is_sound(checkpoint: Path) -> bool:
    try:
        with safe_open(checkpoint, framework="numpy") as found:
            return bool(found.metadata())
    except (OSError, SafetensorError):
        return False


def _contiguous(state: Mapping[str, npt.NDArray[Any]]) -> State:
    return {name: np.ascontiguousarray(array) for name, array in state.items()}


def _make_room(folder: Path, newest: Path) -> None:
    used = []
    for path in folder.glob("*.safetensors"):
        with suppress(FileNotFoundError):  # another run has just made room
            found = path.stat()
            used.append((max(found.st_atime, found.st_mtime), found.st_size, path))
    total = sum(size for _, size, _ in used)
    for _, size, path in sorted(used):
        if total <= LIMIT:
            break
        if path != newest:
            total -= size
            path.unlink(missing_ok=True)


def filled(network: N, state: Mapping[str, npt.NDArray[Any]]) -> N:
    """Load what was kept as arrays, in the types of the network's own weights; for evaluation."""
    weights = {name: torch.from_numpy(np.array(array)) for name, array in state.items()}
    network.load_state_dict({name: weights[name].to(own.dtype) for name, own in network.state_dict().items()})
    return network.eval()
