"""What G2NPAN leaves open, as named values; every choice that its text doesn't make is explained here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fusion_metrics import FusionMetricsError
from learned.backbones.weights import RANDOM
from learned.training.recipe import Preset, Recipe, check_choice, of_preset

BACKBONES = ("vgg11", "vgg16", "vgg19")
#: Presets whose networks are narrower than published.
NARROW = ("quick", "compact")


@dataclass(frozen=True)
class Config(Recipe):
    """A network and its training; the defaults are the paper's.

    The publication states: images of 128 pixels; the kind and number of the layers of generator and discriminator,
    all kernels 3x3; five feature warehouses on maps of 32 pixels; an assessor on VGG11 that sees image and nuance,
    each through a convolution of its own, is joined by the generator's features before the fully connected layer, and
    has its class activation map supervised; all losses; theta, phi and gamma; Adam at 2e-4, times 0.95 "after every 20
    batches"; 1500 epochs. What is *inferred* is called so below.

    Attributes
    ----------
    backbone : {"vgg11", "vgg16", "vgg19"}
        Network of the assessor.
    weights : str
        What the backbone starts from, see `learned.backbones.weights.start`. *Inferred*: random, because the paper
        counts the gain of its GAN from the VGG11 that was not pre-trained.
    guided : bool
        Whether there is a GAN, and so a nuance image and the generator's features. Otherwise the assessor is alone.
    warehouses : int
        Without any, the assessor gets what the down-sampling phase gives (*inferred*).
    perceptual : bool
        The perceptual loss function. *Inferred*: it is W_I in the discriminator's loss (eqs 10, 11) together with the
        feedback of the assessor to the generator (eq. 12), which the paper introduces as one remedy. Without it W_I is
        0, which makes equation 11 equation 3, and the generator gets no gradient from the assessor.
    attention : bool
        Whether attention is supervised (eq. 6); otherwise phi counts as 0.
    fold : int
        Squares of fold x fold pixels enter the networks as one position with as many channels: smaller maps, and not a
        pixel lost. *Inferred*: 1.
    down, strides : tuple of int
        Channels and strides of the down-sampling blocks. *Inferred*: three blocks and 128 -> 32 pixels are stated, so
        one of them keeps the size.
    up : tuple of int
        Channels of the up-sampling layers, of which the last is the image's own. *Inferred*; their factors are 1 and
        the strides backwards, because the four doublings that are described would leave the stated size.
    discriminator : tuple of int
        Channels of its blocks. *Inferred*: doubled where the size is halved.
    slope : float
        Slope of the leaky rectifiers. *Inferred*: 0.2, as usual in GANs.
    narrow : int
        Divides the channels of VGG. *Inferred*: 1.
    normalised : bool
        Batch normalisation after VGG's convolutions. *Inferred*: none, as in VGG11.
    pools : int
        How many of VGG's five max pools there are. *Inferred*: 4, because the class activation map is then twice as
        fine, as that of VGG in the work that introduced such maps.
    theta, phi, gamma : float
        Weights of the mean squared error, of attention, of the assessor (eqs 2, 9, 12).
    acceptable : float
        The score above which W_I is 1: 3 on the scale of 1 to 5.
    epochs : int
        In which all networks learn.
    adversarial_share : float
        Share of the images, drawn at random, that they learn from in these epochs. *Inferred*: all.
    alone : int
        Further epochs, in which the assessor learns from what the generator makes then. *Inferred*: none.
    plenty : int
        With fewer images than this there are proportionally more epochs, five times as many at most.
    batch_size : int
        *Inferred*: 16.
    decay : float
        The factor by which the learning rate falls.
    rates : int
        How many learning rates follow one another in equal parts of a training. *Inferred*: 75, each for 20 of 1500
        epochs; a fall every 20 batches, as is printed, would end all learning within some 30 epochs.
    warm_up : float
        With a share above 0 the learning rate does something else: it rises in that share of the steps of a training,
        and then falls to 0 along half a cosine. *Inferred*: 0.
    betas : (float, float)
        Decay rates of Adam's averages. *Inferred*: the usual ones.
    validation_share : float
        The best epoch is chosen by the root mean squared error. *Inferred*: the paper chooses on the test part.
    """

    backbone: str = "vgg11"
    weights: str = RANDOM
    guided: bool = True
    warehouses: int = 5
    perceptual: bool = True
    attention: bool = True
    fold: int = 1
    down: tuple[int, int, int] = (32, 64, 128)
    strides: tuple[int, int, int] = (1, 2, 2)
    up: tuple[int, int, int] = (64, 32, 16)
    discriminator: tuple[int, int, int, int] = (64, 128, 256, 512)
    slope: float = 0.2
    narrow: int = 1
    normalised: bool = False
    pools: int = 4
    theta: float = 0.5
    phi: float = 1.0
    gamma: float = 0.01
    acceptable: float = 0.5
    epochs: int = 1500
    adversarial_share: float = 1.0
    alone: int = 0
    plenty: int = 0
    batch_size: int = 16
    learning_rate: float = 2e-4
    decay: float = 0.95
    rates: int = 75
    warm_up: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    validation_share: float = 0.1

    @property
    def light(self) -> bool:
        """True for a network narrower than published."""
        return self.narrow > 1

    @property
    def resumes(self) -> bool:
        """True where all parts learn to the end; with a second training both take seconds."""
        return not self.alone

    @property
    def channels(self) -> int:
        """Channels of an image as the networks see it."""
        return 3 * self.fold**2

    def repeats(self, count: int) -> int:
        """How many times the epochs are repeated for so many images."""
        return min(5, max(1, round(self.plenty / count)))


def configure(
    preset: Preset,
    *,
    backbone: str = "vgg11",
    weights: str = RANDOM,
    guided: bool = True,
    warehouses: int = 5,
    perceptual: bool = True,
    attention: bool = True,
) -> Config:
    """Choose a configuration.

    Parameters
    ----------
    preset : {"quick", "compact", "standard", "paper"}
        `paper` trains the published network as long as the paper says. `standard` trains it for 60 epochs. `compact`
        trains all parts of it against each other to the end, four times narrower and with pixels folded, in minutes on
        one core. `quick` trains all parts of it for seconds: VGG four times narrower, pixels folded, a generator that
        is narrower still; all learn from a quarter of the images for one epoch, and the assessor alone from all images
        for three more. In version 1 of the metric VGG was eight times narrower, all learnt from all images in the first
        epoch, the assessor alone for seven more, and the learning rate began at 1e-3 and fell in 75 steps, where it now
        rises to 2e-3 and falls along half a cosine.
    backbone, weights, guided, warehouses, perceptual, attention
        See `Config`.

    Raises
    ------
    FusionMetricsError
        No such preset or backbone; or pre-trained weights for a network narrower than the published one.
    """
    check_choice("backbone", backbone, BACKBONES)
    paper = Config(backbone, weights, guided=guided, warehouses=warehouses, perceptual=perceptual, attention=attention)
    if preset in NARROW and weights != RANDOM:
        raise FusionMetricsError(f"weights of {backbone} do not fit the narrow network of preset {preset!r}")
    return of_preset(
        preset,
        paper=paper,
        standard=replace(paper, epochs=60),
        compact=replace(
            paper,
            fold=4,
            down=(24, 24, 24),
            strides=(2, 1, 1),
            up=(24, 24, 24),
            discriminator=(24, 24, 48, 48),
            narrow=4,
            normalised=True,
            pools=2,
            epochs=16,
            plenty=1000,
            batch_size=32,
            learning_rate=1e-3,
            rates=16,
            decay=0.8,
            validation_share=0.0,
        ),
        quick=replace(
            paper,
            fold=4,
            down=(16, 16, 16),
            strides=(2, 2, 1),
            up=(16, 16, 16),
            discriminator=(16, 16, 32, 32),
            narrow=4,
            normalised=True,
            pools=3,
            epochs=1,
            adversarial_share=0.25,
            alone=3,
            plenty=1000,
            batch_size=32,
            learning_rate=2e-3,
            warm_up=0.15,
            validation_share=0.0,
        ),
    )
