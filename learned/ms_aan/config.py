"""What MS-AAN leaves open, as named values; every choice that its text doesn't make is explained here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from learned.backbones.weights import RANDOM, RESIDUAL
from learned.training.recipe import Descent, Preset, check_choice, of_preset

Collapse = Literal["strongest", "together"]
Readout = Literal["expectation", "argmax"]


@dataclass(frozen=True)
class Config(Descent):
    """A network and its training.

    The publication states: NSCT at four scales, one ImageNet ResNet34 a scale, concatenation, global average pooling,
    a convolution, the sum of global average and global maximum pooling, a fully connected layer and five classes of
    quality; an attention map at 1/16 of the input's size, scaled to 0..1, made a soft mask by a sigmoid with two
    hyper-parameters, and compared with a lesion mask by the Dice loss; cross-entropy; the sum of both losses. All other
    values are *inferred*, those of `Descent` too; the optimiser is AdamW.

    Of what it states, the first global average pooling is left out where streams are trained, because a vector has no
    maximum to pool and nothing to attend to; and attention works through its loss alone: no feature is multiplied with
    it, although the text speaks of refined features.

    Attributes
    ----------
    backbone, weights : str
        See `learned.backbones.weights.start`. The publication's is resnet34 with ImageNet's weights.
    multiscale : bool
        Four scales; otherwise one stream that sees the image.
    attention : bool
        Whether the attention map is trained on lesion masks, where there are any.
    size : int
        The images of the publication have 128 rows and columns.
    levels : (int, int, int)
        log2 of the directions of the three band-pass scales, coarse to fine: the usual numbers of contourlets.
    collapse : {"strongest", "together"}
        See `learned.ms_aan.scales.Scales`. A stream takes three channels, so the directions of a level must become
        one image; the strongest keeps the contrast of edges.
    gains : (float, float, float)
        Factors of the band-pass scales. Sub-bands of natural images have about 1/4 to 1/6 of an image's contrast;
        weights learnt on images expect an image's.
    stages : int
        Stages of the ResNet that are used: 3 give the stated 1/16.
    frozen : bool
        Streams keep the weights they start with, and what they give is computed once per image. Their maps are
        averaged *before* the convolution, so that an image is a vector; there is then no maximum to pool, and no
        map for the attention loss, so lesion masks play no part in the training.
    sizes : tuple of int
        Sizes of the inputs of frozen streams, coarse to fine. The paper speaks of "down-sampling", but the NSCT keeps
        the size. Coarse scales hold nothing that smaller pictures don't, so frozen streams see them smaller. Streams
        that learn see all of them whole: a map of 2x2 cells, which is what a small picture leaves, places nothing.
    width : int
        Channels of the convolution.
    kernel : int
        Its size.
    dropout : float
        Share of the inputs of the convolution that a training step leaves out.
    alpha, beta : float
        Slope and threshold of the soft mask (eq. 6). The attention nets that it stems from have alpha = 100, whose
        gradient vanishes further than 0.05 from beta; 10 can be trained.
    attention_weight : float
        Weight of the attention loss in the sum (eq. 9).
    narrow : int
        Divides the channels of the ResNets. A narrower one than published starts from random weights, since no others
        fit it.
    vertical : float
        Share of the training images that are turned upside down.
    shift : int
        Pixels by which a training image is moved at most, along rows and columns; what leaves on one side enters on
        the other.
    """

    multiscale: bool = True
    attention: bool = True
    levels: tuple[int, int, int] = (2, 3, 3)
    collapse: Collapse = "strongest"
    gains: tuple[float, float, float] = (4.0, 5.0, 6.0)
    stages: int = 3
    sizes: tuple[int, ...] = (128, 128, 128, 128)
    width: int = 512
    kernel: int = 3
    alpha: float = 10.0
    beta: float = 0.4
    attention_weight: float = 1.0
    narrow: int = 1
    vertical: float = 0.0
    shift: int = 0

    @property
    def streams(self) -> int:
        """Number of streams."""
        return 4 if self.multiscale else 1

    @property
    def light(self) -> bool:
        """True for frozen streams, and for streams narrower than published."""
        return self.frozen or self.narrow > 1

    @property
    def resumes(self) -> bool:
        """True where streams are trained."""
        return not self.frozen

    @property
    def fine(self) -> int:
        """Rows and columns of the masks that are learnt from: pixels where images move by pixels, otherwise `grid`."""
        return self.size if self.shift else self.grid

    @property
    def grid(self) -> int:
        """Rows and columns of the attention map: the stem divides by 4, every further stage by 2."""
        return self.size // (2 << self.stages)


def configure(preset: Preset, *, backbone: str, weights: str, multiscale: bool, attention: bool) -> Config:
    """Choose a configuration.

    Parameters
    ----------
    preset : {"quick", "compact", "standard", "paper"}
        `paper` trains the whole network as long as papers do: 100 epochs at a constant learning rate. `standard` trains
        the whole network for 20 epochs at a falling one. `compact` trains a whole network too, from random weights: one
        whose streams are ResNet18 with a quarter of the channels, in minutes on one core; images are mirrored both ways
        and moved. `quick` leaves the streams as they are, cut off after their second stage, and trains what stands on
        top: seconds instead of hours.
    backbone, weights
        See `Config`; they play no part in `compact`.
    multiscale, attention
        See `Config`.

    Raises
    ------
    FusionMetricsError
        No such preset or backbone.
    """
    check_choice("backbone", backbone, RESIDUAL)
    paper = Config(backbone, weights, multiscale=multiscale, attention=attention)
    return of_preset(
        preset,
        paper=paper,
        standard=replace(paper, epochs=20, period=0),
        compact=replace(
            paper,
            backbone="resnet18",
            weights=RANDOM,
            narrow=4,
            collapse="together",
            gains=(3.0, 4.0, 5.0),
            width=64,
            dropout=0.2,
            vertical=0.5,
            shift=8,
            epochs=12,
            batch_size=32,
            learning_rate=1e-3,
            weight_decay=1e-2,
            period=0,
            validation_share=0.0,
        ),
        quick=replace(
            paper,
            attention=False,
            frozen=True,
            stages=2,
            collapse="together",
            gains=(3.0, 4.0, 5.0),
            sizes=(32, 32, 64, 128) if multiscale else (128,),
            width=256,
            kernel=1,
            dropout=0.5,
            flip=0.0,
            epochs=20,
            batch_size=32,
            learning_rate=3e-3,
            weight_decay=1e-2,
            period=0,
            validation_share=0.0,
        ),
    )
