"""What tests of networks share: random numbers that no test before has drawn from."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


@pytest.fixture(autouse=True)
def own_random_numbers() -> None:
    """Begin every test at the same random numbers, whichever tests ran in this process before."""
    if find_spec("torch") is not None:
        import torch

        torch.manual_seed(0)
