"""What stands around a training: pairs set aside, rows selected, predictions in batches, weights taken up, progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from fusion_metrics.image import Array
from learned.training.trainee import Data, Trainee


def set_aside(groups: Sequence[str], share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Choose whole source pairs for the inner validation part.

    Parameters
    ----------
    groups : sequence of str, length n
        The source pair of each image.
    share : float
        About this share of the pairs, at least one; none if that would leave nothing to learn from, or if it is 0.
    seed : int

    Returns
    -------
    ndarray of bool, shape (n,)
        True for what is set aside.

    Examples
    --------
    >>> set_aside(["p", "p", "q", "r"], 1 / 3, seed=0)
    array([False, False, False,  True])
    """
    pairs = sorted(set(groups))
    count = max(1, round(share * len(pairs))) if share > 0 else 0
    if count >= len(pairs):
        count = 0
    aside = set(np.random.default_rng(seed).permutation(pairs)[:count].tolist())
    return np.array([group in aside for group in groups], dtype=np.bool_)


def predict_in_batches(trainee: Trainee, data: Data, *, batch_size: int = 64) -> Array:
    """Predict q of all images, shape (n,), where the networks are."""
    device = _device_of(trainee)
    with _evaluating(trainee), torch.inference_mode():
        parts = [
            trainee.predict({name: tensor[start : start + batch_size].to(device) for name, tensor in data.items()})
            for start in range(0, length(data), batch_size)
        ]
        return torch.cat(parts).double().cpu().numpy()


def select(data: Data, rows: npt.NDArray[np.bool_]) -> dict[str, Tensor]:
    """Take the images where `rows` is true."""
    chosen = torch.from_numpy(np.flatnonzero(rows))
    return {name: tensor[chosen] for name, tensor in data.items()}


@contextmanager
def _evaluating(trainee: Trainee) -> Iterator[None]:
    before = {name: network.training for name, network in trainee.networks.items()}
    for network in trainee.networks.values():
        network.eval()
    try:
        yield
    finally:
        for name, network in trainee.networks.items():
            network.train(before[name])


def length(data: Data) -> int:
    """Return the number of images."""
    return len(next(iter(data.values())))


def _device_of(trainee: Trainee) -> torch.device:
    tensors = (tensor for network in trainee.networks.values() for tensor in network.state_dict().values())
    return next((tensor.device for tensor in tensors), torch.device("cpu"))
