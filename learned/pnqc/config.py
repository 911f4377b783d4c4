"""What is inferred of PNQC, which is nearly everything, as named values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from fusion_metrics import FusionMetricsError
from fusion_metrics.errors import nearest

Preset = Literal["quick", "standard", "paper"]


@dataclass(frozen=True)
class Config:
    """A network and its training.

    What is known of the publication is its title: pyramid networks, a contrast loss that is aware of quality, images of
    the retina. All values below are *inferred*.

    Attributes
    ----------
    backbone, weights : str
        See `learned.backbones.weights.start`. One network for all scales: ResNet34 with ImageNet's weights, the
        backbone of the study in which this metric is compared.
    size : int
        Rows and columns of the input, to which other images are resampled; the fused images of that study have 128.
    scales : tuple of int
        The image is seen with its size divided by each of these. When the ResNet is trained, each scale has batch
        normalisations of its own: sizes of one image differ in what would be averaged.
    levels : tuple of int
        Stages of the ResNet whose maps enter the feature pyramid, fine to coarse: all four, as in the feature pyramid
        networks of Lin et al. 2017.
    frozen : bool
        The ResNet keeps the weights that it starts with, and what it gives is computed once per image. Its maps are
        averaged *before* the pyramid instead of after it, which is linear, so that the order matters at the borders of
        the smoothing convolutions alone.
    width : int
        Channels of the pyramid: 256 in Lin et al.
    kernel : int
        Of the smoothing convolutions: 3 in Lin et al.; 0 for a pyramid of averages, which need no kernel.
    embedding : int
        Length of z.
    dropout : float
        Of the inputs of the pyramid, if frozen, and of the embedding.
    contrast : float
        Weight of the contrast loss.
    flip : bool
        Mirror half of the training images, left to right.
    epochs, batch_size, learning_rate, weight_decay
        Of AdamW.
    decay : bool
        Whether the learning rate falls to 0 along half a cosine; otherwise it is constant.
    validation_share : float
        Of the source pairs, set aside to choose the best epoch; with 0 the last epoch is kept.
    """

    backbone: str
    weights: str
    size: int = 128
    scales: tuple[int, ...] = (1, 2, 4)
    levels: tuple[int, ...] = (1, 2, 3, 4)
    frozen: bool = False
    width: int = 256
    kernel: int = 3
    embedding: int = 128
    dropout: float = 0.0
    contrast: float = 0.1
    flip: bool = True
    epochs: int = 100
    batch_size: int = 16
    learning_rate: float = 1e-4
    weight_decay: float = 0.0
    decay: bool = False
    validation_share: float = 0.2


def configure(preset: Preset, *, backbone: str, weights: str) -> Config:
    """Choose a configuration.

    Parameters
    ----------
    preset : {"quick", "standard", "paper"}
        `paper` trains the whole network for 100 epochs at a constant learning rate, `standard` for 20 epochs at a
        falling one. `quick` leaves the ResNet as it is, cut off after its second stage, and trains what stands on top:
        seconds instead of hours.
    backbone, weights
        See `Config`.

    Raises
    ------
    FusionMetricsError
        No such preset or backbone.
    """
    if preset not in get_args(Preset):
        raise FusionMetricsError(f"no preset {preset!r}{nearest(preset, get_args(Preset))}")
    if backbone not in ("resnet18", "resnet34", "resnet50"):
        raise FusionMetricsError(f"no backbone {backbone!r}; known: resnet18, resnet34, resnet50")
    paper = Config(backbone, weights)
    if preset == "paper":
        return paper
    if preset == "standard":
        return replace(paper, epochs=20, decay=True)
    return replace(
        paper,
        levels=(1, 2),
        frozen=True,
        width=64,
        kernel=0,
        dropout=0.3,
        flip=False,
        epochs=15,
        batch_size=64,
        learning_rate=4e-3,
        weight_decay=1e-2,
        decay=True,
        validation_share=0.0,
    )
