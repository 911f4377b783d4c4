"""Hostile files of fitted metrics."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from fusion_metrics import create
from tests.hostile.case import Case, Make, files


def _model(content: bytes) -> Make:
    def make(folder: Path) -> list[str]:
        files(folder)
        (folder / "m.safetensors").write_bytes(content)
        return ["attend", str(folder / "f.png"), "--model", str(folder / "m.safetensors")]

    return make


def _header(parameters: str, length: int | None = None) -> bytes:
    about = json.dumps({"metric": "bmpri", "version": "1", "parameters": parameters})
    header = json.dumps({"__metadata__": {"fusion_metrics": about}}).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header


def _arrays(**changes: np.ndarray | None) -> bytes:
    """Write what `bmpri` learns, made up, with other arrays in place of some; None leaves one out."""
    made_up: dict[str, np.ndarray | None] = {
        "low": np.zeros(20),
        "high": np.ones(20),
        "support": np.ones((3, 20)),
        "weight": np.ones(3),
        "intercept": np.zeros(1),
    }
    arrays = {name: array for name, array in (made_up | changes).items() if array is not None}
    about = json.dumps(create("bmpri").about(), sort_keys=True)
    return save(arrays, metadata={"fusion_metrics": about})


MODELS = [
    Case("model is empty", _model(b""), 2, "not a fitted metric"),
    Case("model is truncated", _model(_header("{}")[:40]), 2, "not a fitted metric"),
    Case("model with a header of 2^60 bytes", _model(_header("{}", 2**60)), 2, "not a fitted metric"),
    Case("model with Python as parameters", _model(_header("[('seed', 1)]")), 2, "not JSON"),
    Case("model with nested parameters", _model(_header("[" * 100_000)), 2, "cannot be made"),
    Case("model with unknown parameters", _model(_header('{"x": 1}')), 2, "cannot be made"),
    Case("model without what was learnt", _model(_header("{}")), 2, "m.safetensors"),
    Case("model without one array", _model(_arrays(support=None)), 2, "'support' is missing"),
    Case(
        "model with an array of another shape", _model(_arrays(low=np.zeros(7))), 2, "does not hold what bmpri learns"
    ),
    Case("model with weights that are NaN", _model(_arrays(weight=np.full(3, np.nan))), 2, "gave nan"),
    Case("model without an end", _model(_arrays()[:-1]), 2, "not a fitted metric"),
]
