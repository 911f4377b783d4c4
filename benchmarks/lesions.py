"""Try what makes the attention of MS-AAN find lesions: ``python -m benchmarks.lesions --heads 2600 --loss cells``.

The preset `compact` learns from four fifths of the source pairs of `phantom` and is asked about the others, as in the
first fold of the protocol `pair`, in four variations:

``--heads N``
    N further fused images with lesions, of heads that are drawn as those of `phantom` are but are none of them. They
    have no scores: only the attention loss learns from them.
``--loss cells``
    Beside the published Dice loss (``dice``): cross-entropy of every cell of the map, cells of a lesion eight times as
    heavy, of the sum that the map is made of before it is cut off at 0 and stretched.
``--stages 2``
    A map of 1/8 of the image's size instead of 1/16.
``--weight W``
    Of the attention loss.

For some epochs it prints the SRCC with the *simulated* scores, the share of the attention inside lesions over their
share of the area, and how often the most attended place lies inside. Numbers move in the last digits from processor to
processor.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d, binary_cross_entropy_with_logits, interpolate

from benchmark.analysis.attention import points_inside, share_inside
from benchmark.databases import open_database
from benchmark.databases.phantom import PHANTOM, draw_pair, render_pair
from benchmark.fusion import fuse
from benchmark.scoring.material import gather
from benchmark.scoring.splits import deal
from benchmark.scoring.store import ScoreStore
from fusion_metrics import Examples, Image, create
from fusion_metrics.cache import cache_folder
from learned.backbones.pixels import pixels
from learned.ms_aan.config import Config, configure
from learned.ms_aan.fitting import Classification
from learned.ms_aan.losses import class_shares, cross_entropy, dice_loss, soft_mask
from learned.ms_aan.network import Network, stretched
from learned.ms_aan.trainee import Classifier, on_grid
from learned.training.devices import threads
from learned.training.engine import train
from learned.training.settings import Epoch, Settings
from learned.training.trainee import Data, Update

ALGORITHMS = ("csr", "gff", "laplacian", "dwt", "nsct", "pca", "average")
HEAVY = 8.0
#: Heads are drawn with seeds from here on, which no database uses.
FIRST_SEED = 10_000


class Finder(Classifier):
    """MS-AAN's trainee with a choice of losses, and with images ("scored": False) that have no score."""

    def __init__(self, network: nn.Module, config: Config, loss: str) -> None:
        super().__init__(network, config)
        self.loss = loss

    def step(self, networks: Mapping[str, nn.Module], batch: Data, update: Update) -> Mapping[str, Tensor]:
        """Make one step down the sum of both losses."""
        network = cast(Network, networks["network"])
        x, masks = self.varied(batch["x"], batch["mask"])
        shares = class_shares(batch["q"])
        activation = network.head.activation(network.maps(x))
        logits = network.head.fc(activation.mean(dim=(2, 3)) + activation.amax(dim=(2, 3)))
        scored, known = batch["scored"], batch["masked"]
        losses = {}
        if scored.any():
            losses["classes"] = cross_entropy(logits[scored], shares[scored])
        if known.any():
            evidence = network.head.evidence(activation, shares.argmax(dim=1))[known]
            cells = on_grid(masks[known], self.config.grid)
            if self.loss == "cells":
                losses["attention"] = binary_cross_entropy_with_logits(evidence, cells, pos_weight=torch.tensor(HEAVY))
            else:
                soft = soft_mask(stretched(torch.relu(evidence)), self.config.alpha, self.config.beta)
                losses["attention"] = dice_loss(soft, cells).mean()
        weights = {"classes": 1.0, "attention": self.config.attention_weight}
        update("adam", sum((weights[name] * loss for name, loss in losses.items()), torch.zeros(())))
        return {name: loss.detach() for name, loss in losses.items()}


def heads(count: int, size: int) -> Examples:
    """Draw heads and fuse each by two algorithms: `count` images, with the masks of their lesions."""
    random = np.random.default_rng(5)
    inputs, masks, groups = [], [], []
    for number in range((count + 1) // 2):
        pair = render_pair(draw_pair("phantom", int(random.integers(len(PHANTOM))), seed=FIRST_SEED + number))
        for algorithm in random.choice(ALGORITHMS, 2, replace=False):
            inputs.append(pixels(Image(fuse(pair.a, pair.b, str(algorithm))), size=size))
            masks.append(pair.mask if pair.mask.any() else None)
            groups.append(f"head {number}")
    return Examples(tuple(inputs[:count]), np.ones(len(inputs[:count])), tuple(groups[:count]), tuple(masks[:count]))


def batchable(regression: Classification, examples: Examples, *, scored: bool) -> dict[str, Tensor]:
    """Bring examples to what `Finder.step` takes."""
    size, count = regression.config.size, len(examples.q)
    found = {"x": regression.stacked(examples.inputs), **regression.targets(examples)}
    found.setdefault("mask", torch.zeros(count, size, size, dtype=torch.bool))
    found.setdefault("masked", torch.zeros(count, dtype=torch.bool))
    return found | {"scored": torch.full((count,), scored)}


def look(network: nn.Module, regression: Classification, x: Tensor, examples: Examples) -> str:
    """Ask a network about examples that it hasn't learnt from."""
    network.eval()
    with torch.inference_mode():
        parts = [network(x[i : i + 32]) for i in range(0, len(x), 32)]
    network.train()
    predicted = regression.read(torch.cat([part.logits for part in parts]))
    maps = torch.cat([part.attention for part in parts])[:, None]
    maps = interpolate(maps, (regression.config.size,) * 2, mode="bilinear", align_corners=False)[:, 0]
    groups = np.array(examples.groups)
    best = {np.flatnonzero(groups == pair)[examples.q[groups == pair].argmax()] for pair in set(examples.groups)}
    found, of_best = [], []
    for i, (attention, mask) in enumerate(zip(maps.double().numpy(), examples.masks, strict=True)):
        if mask is not None and mask.any() and attention.any():
            here = adaptive_max_pool2d(torch.from_numpy(mask).float()[None], attention.shape)[0].numpy() > 0
            found.append((share_inside(attention, here), here.mean(), points_inside(attention, here)))
            of_best += found[-1:] if i in best else []
    told = [f"SRCC {spearmanr(predicted.numpy(), examples.q).statistic:.3f}"]
    for what, seen in (("images with a lesion", found), ("best of each pair", of_best)):
        share, area, pointing = np.mean(seen, axis=0)
        told.append(f"{len(seen)} {what}: {share / area:.1f} times the area, pointing {pointing:.3f}")
    return "; ".join(told)


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heads", type=int, default=0)
    parser.add_argument("--loss", choices=("dice", "cells"), default="dice")
    parser.add_argument("--stages", type=int, choices=(2, 3), default=3)
    parser.add_argument("--weight", type=float, default=1.0)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rate", type=float, default=1e-3)
    chosen = parser.parse_args()

    config = configure("compact", backbone="resnet34", weights="random", multiscale=True, attention=True)
    config = replace(
        config, stages=chosen.stages, attention_weight=chosen.weight, epochs=chosen.epochs, learning_rate=chosen.rate
    )
    regression = Classification(config, "expectation")
    metric = create("ms_aan", preset="compact")
    database = open_database("phantom")
    with ScoreStore(cache_folder() / "scores.sqlite") as store:
        material = gather(database, metric, store=store)
    split = deal(material.names, material.groups, "pair", folds=5, seed=0)
    held = np.asarray(split.folds) == 0
    others = material.part(held)
    with threads(1):
        data = batchable(regression, material.part(~held), scored=True)
        if chosen.heads:
            more = batchable(regression, heads(chosen.heads, config.size), scored=False)
            data = {name: torch.cat([data[name], more[name]]) for name in data}
        x = regression.stacked(others.inputs)
        network = regression.started(0)

        def on_epoch(epoch: Epoch, of: int) -> None:
            if epoch.number % 3 == 0 or epoch.number == of:
                losses = ", ".join(f"{name} {loss:.3f}" for name, loss in epoch.losses.items())
                seconds = f"{time.process_time():.0f} CPU s"
                print(f"{epoch.number}/{of}: {losses}; {look(network, regression, x, others)}; {seconds}", flush=True)

        settings = Settings(epochs=config.epochs, batch_size=config.batch_size, seed=0, device="cpu")
        train(Finder(network, config, chosen.loss), data, settings, on_epoch=on_epoch)


if __name__ == "__main__":
    main()
