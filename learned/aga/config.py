"""AGA's network and training as named values; every choice that the released code doesn't make is explained here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from learned.backbones.weights import RESIDUAL
from learned.training.recipe import Descent, Preset, check_choice, of_preset

Order = Literal["transposed", "reshaped"]


@dataclass(frozen=True)
class Config(Descent):
    """A network and its training; the defaults are those of the released code, but for what is called *inferred*.

    The released code moves its schedule of the learning rate after every batch, so that it falls and rises with a
    period of 50 steps; its optimiser is Adam.

    Attributes
    ----------
    backbone, weights : str
        The frozen ResNet on which the reduced network of `quick` stands, see `learned.backbones.weights.start`.
    transformer : str
        Weights that ViT-B/8 starts from: "imagenet", "random" or the path of a state dict with timm's names.
    order : {"transposed", "reshaped"}
        Graph layers and attention among channels give their result with exchanged axes, and the released code reads
        the same numbers in the wanted shape instead of exchanging the axes back ("reshaped"), which scatters channels
        over places. *Inferred*: "transposed", which is what it must mean.
    frozen : bool
        The reduced network: one graph module on the map of a frozen ResNet. *Inferred*, all of it.
    stage : int
        Stage of the ResNet whose map that is.
    size : int
        Rows and columns of the input. *Inferred*: images are resampled to it; the released code cuts squares of that
        size out of larger photographs.
    grid : int
        Rows and columns of the places that are joined: the transformer's patches, or the ResNet's map averaged.
    channels, heads : int
        Width and heads of the transformer.
    taps : tuple of int
        Its blocks, from 0, whose tokens are used.
    widths : tuple of int
        Channels of the first stage, the second stage, and the ordinal branch; of the reduced network, one.
    hidden : int
        Channels between the two layers of a graph.
    attentions : int
        Attentions among channels at the start of a stage.
    depths : tuple of int
        Blocks of the layers of window attention.
    window, window_heads, mlp : int
        Size of the windows; heads, and hidden channels of the MLPs, in them.
    scale : float
        Factor of what a layer of window attention adds.
    keep : tuple of float
        What the graphs of the two stages leave of their input.
    add : float
        What the learnt weight of what they add starts at.
    shares : (float, float)
        What the learnt weights of score and ordinal score start at.
    bins : int
        Thresholds of the ordinal branch.
    first_score : float
        What the last bias of the score heads starts at. *Inferred*: 1/2, the middle of the scale. The released code has
        it near 0, where the rectifier behind it may give 0 for every image, and then never learns.
    attention_dropout, window_dropout, dropout : float
        Shares that a training step leaves out: of what attention among channels adds, of the input of window attention,
        and within the score heads. The reduced network has the last, on its input, for whole channels.
    window_drop : float
        Share of images for which the last branch of window attention is left out in training.
    ordinal : float
        Weight of the ordinal loss.
    validation_share : float
        The best epoch is chosen by SRCC + PLCC. *Inferred*: the released code chooses on the test part.
    """

    transformer: str = "random"
    order: Order = "transposed"
    stage: int = 2
    size: int = 224
    grid: int = 28
    channels: int = 768
    heads: int = 12
    taps: tuple[int, ...] = (6, 7, 8, 9)
    widths: tuple[int, ...] = (768, 384, 192)
    hidden: int = 384
    attentions: int = 2
    depths: tuple[int, ...] = (2, 2)
    window: int = 4
    window_heads: int = 4
    mlp: int = 768
    scale: float = 0.8
    keep: tuple[float, ...] = (0.8, 0.9)
    add: float = 0.2
    shares: tuple[float, float] = (0.9, 0.1)
    bins: int = 32
    first_score: float = 0.5
    attention_dropout: float = 0.1
    window_dropout: float = 0.1
    dropout: float = 0.2
    window_drop: float = 0.1
    ordinal: float = 0.005
    flip: float = 0.7
    epochs: int = 300
    batch_size: int = 8
    learning_rate: float = 1e-5
    weight_decay: float = 1e-5
    period: int | None = 50


def configure(preset: Preset, *, backbone: str, weights: str, transformer: str, order: Order) -> Config:
    """Choose a configuration.

    Parameters
    ----------
    preset : {"quick", "standard", "paper"}
        `paper` trains the released network as its code does. `standard` trains it for 30 epochs, with one fall of a
        higher learning rate. `quick` is no such network but a reduced one, which is trained in seconds: a frozen
        ResNet's map on 8x8 places, one linear layer, one graph module, one weighted score.
    backbone, weights, transformer, order
        See `Config`.

    Raises
    ------
    FusionMetricsError
        No such preset, backbone or order.
    """
    check_choice("backbone", backbone, RESIDUAL)
    check_choice("order", order, get_args(Order))
    paper = Config(backbone, weights, transformer=transformer, order=order)
    return of_preset(
        preset,
        paper=paper,
        standard=replace(paper, epochs=30, learning_rate=3e-5, period=0),
        quick=replace(
            paper,
            frozen=True,
            size=128,
            grid=8,
            widths=(32,),
            hidden=32,
            dropout=0.3,
            flip=0.0,
            epochs=12,
            batch_size=64,
            learning_rate=5e-3,
            period=0,
            validation_share=0.0,
        ),
    )
