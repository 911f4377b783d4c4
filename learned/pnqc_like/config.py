"""What is inferred of PNQC, which is nearly everything, as named values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from learned.backbones.weights import RESIDUAL
from learned.training.recipe import Descent, Preset, check_choice, of_preset


@dataclass(frozen=True)
class Config(Descent):
    """A network and its training.

    What is known of the publication is its title: pyramid networks, a contrast loss that is aware of quality, images of
    the retina. All values are *inferred*, those of `Descent` too; the optimiser is AdamW.

    Attributes
    ----------
    backbone, weights : str
        See `learned.backbones.weights.start`. One network for all scales: ResNet34 with ImageNet's weights, the
        backbone of the study in which this metric is compared.
    size : int
        The fused images of that study have 128 rows and columns.
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
        Size of the smoothing convolutions: 3 in Lin et al.; 0 for a pyramid of averages, which need no kernel.
    embedding : int
        Length of z.
    dropout : float
        Share of the inputs of the pyramid, if frozen, and of the embedding that a training step leaves out.
    contrast : float
        Weight of the contrast loss.
    """

    scales: tuple[int, ...] = (1, 2, 4)
    levels: tuple[int, ...] = (1, 2, 3, 4)
    width: int = 256
    kernel: int = 3
    embedding: int = 128
    contrast: float = 0.1


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
    check_choice("backbone", backbone, RESIDUAL)
    paper = Config(backbone, weights)
    return of_preset(
        preset,
        paper=paper,
        standard=replace(paper, epochs=20, period=0),
        quick=replace(
            paper,
            levels=(1, 2),
            frozen=True,
            width=64,
            kernel=0,
            dropout=0.3,
            flip=0.0,
            epochs=15,
            batch_size=64,
            learning_rate=4e-3,
            weight_decay=1e-2,
            period=0,
            validation_share=0.0,
        ),
    )
