"""Print what a training step costs: ``python -m benchmarks.training``, beside the bare passes of its networks.

The engine's step deals out a batch, augments it, computes every loss, steps the optimisers, and logs. *Bare* is forward
and backward of the same networks on a batch that lies ready, as often as one step needs them and without losses or
optimisers. Both are timed in turns in one run, so that the ratio holds on a busy machine. Run it with OMP_NUM_THREADS=1
for the preset quick.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import torch

from learned.backbones.frozen import channels_of
from learned.g2npan.config import configure as configure_g2npan
from learned.g2npan.network import Network as G2NPANNetwork
from learned.g2npan.trainee import Adversaries, Assessing, unit
from learned.ms_aan.config import configure as configure_ms_aan
from learned.ms_aan.network import FrozenNetwork, Network
from learned.ms_aan.trainee import Classifier
from learned.training.engine import train
from learned.training.settings import Settings
from learned.training.trainee import Data, Trainee

#: Of an epoch, and epochs timed: few where a step takes seconds.
BATCHES = {"quick": 6, "standard": 2, "paper": 2}
ROUNDS = {"quick": 5, "standard": 1, "paper": 1}


class Case(NamedTuple):
    name: str
    preset: str
    trainee: Trainee
    data: Data
    batch_size: int
    bare: Callable[[Data], None]


def ms_aan(preset: str) -> Case:
    config = configure_ms_aan(preset, backbone="resnet34", weights="random", multiscale=True, attention=True)
    n = BATCHES[preset] * config.batch_size
    if config.frozen:
        channels = config.streams * channels_of(config.backbone, config.stages)
        data = {"x": torch.rand(n, channels), "q": torch.rand(n)}
        network: torch.nn.Module = FrozenNetwork(config)
    else:
        data = {"x": torch.rand(n, 4, 3, config.size, config.size).half(), "q": torch.rand(n)}
        data |= {"mask": torch.rand(n, config.grid, config.grid).round(), "masked": torch.ones(n, dtype=torch.bool)}
        network = Network(config)

    def bare(batch: Data) -> None:
        logits, attention = network(batch["x"].float())
        (logits.sum() + attention.sum()).backward()

    return Case(f"ms_aan {preset}", preset, Classifier(network, config), data, config.batch_size, bare)


def g2npan(preset: str, *, alone: bool = False) -> Case:
    config = configure_g2npan(preset)
    n, side = BATCHES[preset] * config.batch_size, config.size // config.fold
    data = {
        "x": torch.randint(256, (n, config.channels, side, side), dtype=torch.uint8),
        "q": torch.rand(n),
        "group": torch.zeros(n, dtype=torch.int64),
    }
    network = G2NPANNetwork(config)
    if alone and network.generator is not None:
        with torch.no_grad():
            made = network.generator(unit(data["x"]))
        data |= {"generated": (255 * made.image).to(torch.uint8), "features": made.features}
        network.generator.requires_grad_(False)
        references = {name: data[name][:1] for name in ("x", "generated", "features")}

        def assess(batch: Data) -> None:
            found = network(unit(batch["x"]), unit(batch["generated"]), batch["features"])
            (found.score.sum() + found.attention.sum()).backward()

        return Case(
            f"g2npan {preset}, assessor",
            preset,
            Assessing(config, network, references),
            data,
            config.batch_size,
            assess,
        )
    trainee = Adversaries(config, network, {"x": data["x"][:1]})
    judge = trainee.networks["discriminator"]

    def play(batch: Data) -> None:
        x = unit(batch["x"])
        score, attention, generated = network(x)
        with torch.no_grad():
            network(generated.detach())  # W_I
        (judge(x) + judge(generated.detach())).sum().backward()
        judge.requires_grad_(False)
        (judge(generated).sum() + score.sum() + attention.sum()).backward()
        judge.requires_grad_(True)

    return Case(f"g2npan {preset}, all", preset, trainee, data, config.batch_size, play)


def seconds_of_step(case: Case) -> float:
    """Time an epoch by the engine's own clock, without what it does once."""
    epochs: list[float] = []
    settings = Settings(epochs=2, batch_size=case.batch_size, device="cpu")
    train(case.trainee, case.data, settings, on_epoch=lambda epoch, of: epochs.append(epoch.seconds))
    return min(epochs) / BATCHES[case.preset]


def seconds_of_bare(case: Case) -> float:
    for network in case.trainee.networks.values():
        network.train()
    batch = {name: tensor[: case.batch_size] for name, tensor in case.data.items()}
    case.bare(batch)
    times = []
    for _ in range(2 * BATCHES[case.preset]):
        start = time.perf_counter()
        case.bare(batch)
        times.append(time.perf_counter() - start)
        for network in case.trainee.networks.values():
            network.zero_grad(set_to_none=True)
    return statistics.median(times)


def main() -> None:
    torch.manual_seed(0)
    print("| training                 | batch | step, ms | bare, ms | ratio |\n|---|---:|---:|---:|---:|")
    for case in (ms_aan("quick"), g2npan("quick"), g2npan("quick", alone=True), ms_aan("paper"), g2npan("paper")):
        pairs = [(seconds_of_step(case), seconds_of_bare(case)) for _ in range(ROUNDS[case.preset])]
        step, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(step / bare for step, bare in pairs)
        print(
            f"| {case.name:<24} | {case.batch_size} | {1e3 * step:.1f} | {1e3 * bare:.1f} | {ratio:.2f} |", flush=True
        )


if __name__ == "__main__":
    main()
