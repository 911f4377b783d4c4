"""The declaration of `ms_aan`; torch is imported when something is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from fusion_metrics import Image, Variant, metric
from fusion_metrics.image import Array
from learned.backbones.weights import BACKBONE, RANDOM, WEIGHTS
from learned.ms_aan.config import Config, Readout, configure
from learned.training.learner import Regressor
from learned.training.recipe import Preset

if TYPE_CHECKING:
    from learned.training.regression import Regression

#: 2 keeps weights under other names; the scores are those of 1.
VERSION = 2


@metric(
    "ms_aan",
    title="MS-AAN",
    family="opinion",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    cites="tian2025",
    min_size=16,
    requires=("torch", "lightning_fabric"),
    version=VERSION,
    pretrained=True,
    variants={
        "paper": Variant("Tian et al. 2025, with the score as the expected class of quality."),
        "argmax": Variant("The likeliest class of quality instead of the expected one.", {"readout": "argmax"}),
        "multiscale": Variant("Row 3 of the ablation: without the attention loss.", {"attention": False}),
        "pretrained": Variant(
            "Row 2 of the ablation: one stream that sees the image.", {"attention": False, "multiscale": False}
        ),
        "baseline": Variant(
            "Row 1 of the ablation: one stream that starts from random weights.",
            {"attention": False, "multiscale": False, "weights": RANDOM},
            pretrained=False,
        ),
    },
)
class MSAAN(Regressor[Config]):
    """Quality as a class, from four contourlet scales of the fused image, each seen by its own residual network.

    Let F_1..F_4 be the low-pass and the band-pass images of the fused image, and f_m what a ResNet makes of F_m. Then

        f = Cat(f_1, .., f_4),   G = relu(conv(f)),   z = GAP(G) + GMP(G),   p = softmax(W z + b),
        L = - sum_c y_c log p_c + lambda Dice(T(A), M),

    where A is the class activation map of G, T a soft mask, M a lesion mask where one is known, and p the
    probabilities of five classes of quality, 0, 1/4, .., 1 on the scale of q. What is read from them is the expected
    class, sum_c q_c p_c; the publication does not say how it reads them, and its printed correlations look like those
    of the likeliest class, which is the variant `argmax`: it has five values only and so ranks less.

    A score between two classes is shared between both, the nearer getting more, so that the expectation of the target
    is the score.

    What the publication leaves open is listed, with reasons, in `learned.ms_aan.config.Config`.

    Parameters
    ----------
    preset : {"quick", "compact", "standard", "paper"}
        How much is trained, see `learned.ms_aan.config.configure`. `quick`, the default, leaves the residual networks
        as they are and learns what stands on top of them; lesion masks then play no part, and `paper` is equal to
        `multiscale`. `compact` trains narrow networks from random weights, in minutes: `pretrained` is then equal to
        `baseline`.
    backbone, weights : str
        See `learned.backbones.weights.start`; `compact` has its own. The defaults are ResNet34 as published if its
        ImageNet weights are on this machine, otherwise ResNet50 or ResNet18 if theirs are, otherwise ResNet34 with
        random weights.
    multiscale, attention : bool
        See the variants.
    readout : {"expectation", "argmax"}

    Notes
    -----
    Images of other sizes are resampled to 128x128, which hides some of their sharpness.

    References
    ----------
    tian2025
    """

    name = "ms_aan"
    version = VERSION

    def __init__(
        self,
        *,
        preset: Preset = "quick",
        backbone: str = BACKBONE,
        weights: str = WEIGHTS,
        multiscale: bool = True,
        attention: bool = True,
        readout: Readout = "expectation",
    ) -> None:
        config = configure(preset, backbone=backbone, weights=weights, multiscale=multiscale, attention=attention)
        super().__init__(config)
        self.preset = preset
        self.readout: Readout = readout

    @property
    def pinned(self) -> Mapping[str, str]:
        """The weights that it starts from; those of `compact` are its own, whatever this machine has found."""
        if self.preset == "compact":
            return {"backbone": self.config.backbone, "weights": self.config.weights}
        return super().pinned

    @property
    def starts_from(self) -> str:
        """Weights that the streams start from; none with four narrow ones, which no weights fit.

        With one stream, where rows of the ablation differ in the start alone, random weights are named all the same.
        """
        return "" if self.config.narrow > 1 and self.config.multiscale else super().starts_from

    @property
    def lacking(self) -> str:
        """The backbone that misses weights: not a narrow one, which no weights fit."""
        return "" if self.config.narrow > 1 else super().lacking

    @property
    def notes(self) -> str:
        """What the streams start from and what is trained, in one sentence for tables."""
        config = self.config
        narrow = f", {config.narrow} times narrower than published," if config.narrow > 1 else ""
        begun = "random weights" if config.weights == RANDOM else f"{config.weights} weights"
        trained = "frozen, what stands on top is trained" if config.frozen else "trained"
        return f"MS-AAN, preset {self.preset}: {config.streams} x {config.backbone}{narrow} from {begun}, {trained}"

    def seen(self, image: Image) -> npt.NDArray[Any] | None:
        """Compute what frozen streams see."""
        from learned.ms_aan.inputs import vector

        return vector(image, config=self.config) if self.config.frozen else None

    def regression(self) -> Regression[Config]:
        """Name network, trainee and read-out."""
        from learned.ms_aan.fitting import Classification

        return Classification(self.config, self.readout)

    def attend(self, *images: Image) -> Array:
        """Compute the class activation map; see `learned.ms_aan.attention`."""
        network = self.network()
        from learned.ms_aan.attention import attention

        return attention(network, self.config, images[-1])
