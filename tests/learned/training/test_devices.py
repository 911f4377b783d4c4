"""Devices, precision and compiling: what can be had of an accelerator where there is none."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from fusion_metrics import FusionMetricsError
from fusion_metrics.execution import Execution, executing
from learned.g2npan.config import configure
from learned.g2npan.fitting import Guided
from learned.training.devices import device_of, is_compiled, lacking, precision_of
from learned.training.engine import train
from learned.training.settings import Settings
from tests.learned.training.trainees import Adversaries, Line, data, same, weights


@pytest.fixture
def accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let torch say that there is one, which computes in bfloat16."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation=True: True)


@pytest.fixture
def said() -> Iterator[list[str]]:
    found: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("fmbench.training")
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


def test_an_accelerator_trains_in_bfloat16_and_compiled(accelerator: None) -> None:
    assert device_of("auto") == device_of("cuda") == "cuda"
    assert device_of("cpu") == "cpu"
    assert precision_of("auto", "cuda") == "bf16-mixed"
    assert precision_of("32-true", "cuda") == "32-true"
    assert is_compiled(Settings(1, 1))
    assert not is_compiled(Settings(1, 1, compiled=False))
    assert not is_compiled(Settings(1, 1, devices=2))


def test_a_processor_trains_in_single_precision_and_as_it_is() -> None:
    assert precision_of("auto", "cpu") == "32-true"
    assert not is_compiled(Settings(1, 1, device="cpu"))
    assert is_compiled(Settings(1, 1, device="cpu", compiled=True))


def test_the_networks_of_the_paper_go_to_the_accelerator_and_small_ones_stay(accelerator: None) -> None:
    with executing(Execution(device="cuda")):
        large, small = (Guided(configure(preset)).settings(0, None) for preset in ("paper", "compact"))
    assert (large.device, large.precision, is_compiled(large)) == ("cuda", "auto", True)
    assert (small.device, is_compiled(small)) == ("cpu", False)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is an accelerator")
def test_what_is_not_there_is_one_line_that_names_the_option() -> None:
    assert lacking("auto") == lacking("cpu") == ""
    with pytest.raises(FusionMetricsError, match=r"^--accelerator cuda: this machine has no such accelerator"):
        train(Line(), data(), Settings(1, 16, device="cuda"))


def test_bfloat16_is_mixed_with_single_precision() -> None:
    trainee, seen = Line(), set()
    trainee.networks["line"][0].register_forward_hook(
        lambda layer, given, made: seen.add(made.dtype) if layer.training else None
    )
    history = train(trainee, data(), Settings(20, 16, device="cpu", precision="bf16-mixed"))
    assert seen == {torch.bfloat16}
    assert {tensor.dtype for name, tensor in weights(trainee).items() if "num_batches" not in name} == {torch.float32}
    assert history.epochs[-1].losses["squares"] < 0.5 * history.epochs[0].losses["squares"]


class Broken(nn.Module):
    """Compiled, as it were: fails when it is first called."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.network(x)
        raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found\nand much more")


@pytest.mark.parametrize("kind", [Line, Adversaries])
def test_where_nothing_can_be_compiled_it_is_said_and_trained_as_otherwise(
    kind: type, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, fallen = kind(), kind()
    train(plain, data(), Settings(2, 16, device="cpu"))
    monkeypatch.setattr("torch.compile", Broken)
    train(fallen, data(), Settings(2, 16, device="cpu", compiled=True))
    assert same(plain, fallen)
    [line] = said
    assert line.startswith("trains without torch.compile, which is not possible here (RuntimeError: InvalidCxxCompiler")
    assert "and much more" not in line


@pytest.mark.filterwarnings("ignore")  # compilers and what calls them warn of themselves
def test_compiled_networks_learn_the_same_but_for_rounding(said: list[str]) -> None:
    class Plain(Line):
        """Without dropout, whose random numbers a compiler draws otherwise."""

        def __init__(self) -> None:
            super().__init__()
            self.networks["line"][3] = nn.Identity()

    # A bias in front of a normalisation has no gradient but rounding, which Adam makes steps of: losses are compared.
    plain = train(Plain(), data(48), Settings(2, 16, device="cpu"))
    compiled = train(Plain(), data(48), Settings(2, 16, device="cpu", compiled=True))
    if said:
        pytest.skip(said[0])
    losses = [[epoch.losses["squares"] for epoch in history.epochs] for history in (plain, compiled)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
