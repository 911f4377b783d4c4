"""Checkpoints of a training as safetensors: weights, state of the optimisers, and what happened so far."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from fusion_metrics import FusionMetricsError
from fusion_metrics.files import write_bytes

Weights = dict[str, dict[str, Tensor]]


@dataclass(frozen=True)
class Checkpoint:
    """All that a training needs to go on.

    Attributes
    ----------
    weights : dict
        State of each network, by its name.
    optimisers : dict
        State of each optimiser, by its name, as ``Optimizer.state_dict`` gives it.
    epochs : list of dict
        Records of the epochs so far.
    chosen : int
        Number of the best epoch so far; 0 where none is chosen.
    best : dict
        Its weights.
    """

    weights: Weights
    optimisers: dict[str, dict[str, Any]]
    epochs: list[dict[str, Any]]
    chosen: int
    best: Weights


def save_checkpoint(path: Path, identity: str, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; a kill while it is written leaves the one before."""
    tensors = _flat("network", checkpoint.weights) | _flat("best", checkpoint.best)
    groups: dict[str, Any] = {}
    for name, state in checkpoint.optimisers.items():
        groups[name] = state["param_groups"]
        for number, values in state["state"].items():
            for key, tensor in values.items():
                tensors[f"optimiser/{name}/{number}/{key}"] = tensor.detach().cpu().contiguous()
    told = {"identity": identity, "epochs": checkpoint.epochs, "chosen": checkpoint.chosen, "groups": groups}
    write_bytes(path, save(tensors, metadata={"training": json.dumps(told)}))


def load_checkpoint(path: Path, identity: str) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises
    ------
    FusionMetricsError
        A file that is no checkpoint, or one of another training.
    """
    try:
        with safe_open(path, framework="pt") as file:
            told = json.loads((file.metadata() or {})["training"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise FusionMetricsError(f"{path}: is not a checkpoint ({error!r})") from None
    if told["identity"] != identity:
        raise FusionMetricsError(f"{path}: is of another training; delete it to start this one")
    optimisers: dict[str, dict[str, Any]] = {
        name: {"param_groups": groups, "state": {}} for name, groups in told["groups"].items()
    }
    weights: dict[str, Weights] = {"network": {}, "best": {}}
    for path_in_file, tensor in tensors.items():
        kind, name, rest = path_in_file.split("/", 2)
        if kind == "optimiser":
            number, key = rest.split("/", 1)
            optimisers[name]["state"].setdefault(int(number), {})[key] = tensor
        else:
            weights[kind].setdefault(name, {})[rest] = tensor
    return Checkpoint(weights["network"], optimisers, told["epochs"], told["chosen"], weights["best"])


def _flat(kind: str, networks: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    return {
        f"{kind}/{name}/{key}": tensor.detach().cpu().contiguous()
        for name, state in networks.items()
        for key, tensor in state.items()
    }
