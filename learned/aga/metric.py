"""The declaration of `aga`; torch is imported when something is computed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fusion_metrics import Image, Variant, metric
from learned.aga.config import Config, Order, configure
from learned.backbones.weights import BACKBONE, VIT, WEIGHTS, best_backbone
from learned.training.learner import Regressor
from learned.training.recipe import Preset

if TYPE_CHECKING:
    from learned.training.regression import Regression

VERSION = 1
_, TRANSFORMER = best_backbone((VIT,))


@metric(
    "aga",
    title="AGA",
    family="opinion",
    higher_is_better=True,
    bounds=(-np.inf, np.inf),
    cites="wang2024",
    min_size=16,
    requires=("torch", "lightning_fabric"),
    version=VERSION,
    pretrained=True,
    variants={
        "paper": Variant("Wang et al. 2024, where tensors change their axes by transposition."),
        "released": Variant(
            "As the released code computes it, which reads tensors in another shape where it means to transpose them.",
            {"order": "reshaped"},
        ),
    },
)
class AGA(Regressor[Config]):
    """Quality from the tokens of a vision transformer, refined by attention and by a graph of neighbouring places.

    Let X be the tokens of four blocks of ViT-B/8, one column per place of a grid, A the adjacency of the eight
    neighbours of each place, and P a learnt matrix of that size. Two stages transform X, by attention among its
    channels, attention in windows, and an adaptive graph:

        g(X) = relu((X (A o P))^T W)^T,   X <- a X + w g2(g1(X)),

    with a learnt w. From what they give, two small networks make a score f_i and a weight w_i of each place, and an
    ordinal branch probabilities p_k that the score exceeds each of 32 thresholds,

        q = c_1 sum_i w_i f_i / sum_i w_i + c_2 (sum_k p_k + 1/2) / 31,   L = mean((q - MOS)^2) + 0.005 L_ordinal.

    The formulas are in `learned.aga.graph`, `learned.aga.attention` and `learned.aga.losses`; what is inferred, with
    reasons, in `learned.aga.config.Config`.

    Parameters
    ----------
    preset : {"quick", "standard", "paper"}
        How much of it there is, see `learned.aga.config.configure`. `quick`, the default, is a *reduced stand-in*: one
        graph and one weighted score on the map of a frozen residual network.
    backbone, weights : str
        That residual network, see `learned.backbones.weights.start`. The defaults are ResNet34 if its ImageNet
        weights are on this machine, otherwise ResNet50 or ResNet18 if theirs are, otherwise ResNet34 with random
        weights.
    transformer : str
        Weights that ViT-B/8 starts from with the other presets: "imagenet", the default where they are on this machine
        (see `learned.backbones.weights.VIT`), otherwise "random"; or the path of a state dict.
    order : {"transposed", "reshaped"}
        See the variants.

    Notes
    -----
    Images of other sizes are resampled to 128x128, or to 224x224 for the transformer. Lesion masks play no part.

    References
    ----------
    wang2024
    """

    name = "aga"
    version = VERSION

    def __init__(
        self,
        *,
        preset: Preset = "quick",
        backbone: str = BACKBONE,
        weights: str = WEIGHTS,
        transformer: str = TRANSFORMER,
        order: Order = "transposed",
    ) -> None:
        config = configure(preset, backbone=backbone, weights=weights, transformer=transformer, order=order)
        super().__init__(config, None if config.frozen else (VIT, transformer))
        self.preset = preset

    @property
    def starts_by(self) -> str:
        """The transformer has a parameter of its own."""
        return "weights" if self.config.frozen else "transformer"

    @property
    def notes(self) -> str:
        """What the network is and starts from, in one sentence for tables."""
        config = self.config
        if config.frozen:
            what = f"reduced to one graph module on a frozen {config.backbone} from {config.weights} weights"
        else:
            what = f"ViT-B/8 from {config.transformer} weights, trained"
        return f"AGA, preset {self.preset}: {what}"

    def seen(self, image: Image) -> npt.NDArray[Any] | None:
        """Compute what a frozen network sees at each place."""
        from learned.aga.inputs import places

        return places(image, config=self.config) if self.config.frozen else None

    def regression(self) -> Regression[Config]:
        """Name network and trainee."""
        from learned.aga.network import FrozenNetwork, Network
        from learned.aga.trainee import Assessing
        from learned.training.regression import PlainRegression

        config = self.config
        return PlainRegression(
            config,
            lambda load: FrozenNetwork(config) if config.frozen else Network(config, load=load),
            partial(Assessing, config=config),
        )
