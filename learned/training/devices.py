"""Where networks are trained: the device, the precision that it computes in, and whether networks are compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import torch

from fusion_metrics import FusionMetricsError
from learned.training.settings import Precision, Settings

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def lacking(device: str) -> str:
    """Say why a device that is asked for cannot be used; nothing where it can.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda"}
    """
    if device != "cuda" or torch.cuda.is_available():
        return ""
    why = "none is found" if torch.version.cuda else f"torch {torch.__version__} is built without CUDA"
    return f"--accelerator cuda: this machine has no such accelerator ({why}); leave it out to use the processor"


def device_of(asked: str) -> Literal["cpu", "cuda"]:
    """Choose the device.

    Raises
    ------
    FusionMetricsError
        It is asked for, and is not there.
    """
    if problem := lacking(asked):
        raise FusionMetricsError(problem)
    return "cuda" if asked == "cuda" or (asked == "auto" and torch.cuda.is_available()) else "cpu"


def precision_of(asked: Precision, device: str) -> Literal["32-true", "bf16-mixed"]:
    """Choose the precision: bfloat16, mixed with single precision, where an accelerator computes in it."""
    if asked != "auto":
        return asked
    return "bf16-mixed" if device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False) else "32-true"


def is_compiled(settings: Settings) -> bool:
    """Whether networks are to be compiled: unless it is said, on one accelerator alone.

    Several processes would have to agree on what to do where it fails.
    """
    if settings.devices > 1:
        return False
    return device_of(settings.device) == "cuda" if settings.compiled is None else settings.compiled


def fabric_of(settings: Settings) -> Fabric:
    """Make what brings networks and data to their devices."""
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    device = device_of(settings.device)
    # Buffers stay as each process has them: broadcasting rewrites them between the two passes of a discriminator.
    strategy = DDPStrategy(start_method="spawn", broadcast_buffers=False) if settings.devices > 1 else "auto"
    return Fabric(
        accelerator=device,
        devices=settings.devices,
        strategy=strategy,
        precision=precision_of(settings.precision, device),
    )


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Compute on so many threads of the processor inside a ``with`` block; None leaves that as it is."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def own_random_numbers() -> Iterator[None]:
    """Leave the caller's random numbers as they were."""
    with torch.random.fork_rng(range(torch.cuda.device_count())):
        yield


def called(device: str) -> str:
    """Name a device for a table: an accelerator as it calls itself, or the processor with its threads."""
    if device == "cuda":
        return str(torch.cuda.get_device_name())
    count = torch.get_num_threads()
    return f"the processor, {count} thread{'s' * (count != 1)}"
