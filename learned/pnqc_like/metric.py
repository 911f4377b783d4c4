"""The declaration of `pnqc_like`; torch is imported when something is computed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from fusion_metrics import Image, Variant, metric
from learned.backbones.weights import BACKBONE, WEIGHTS
from learned.pnqc_like.config import Config, configure
from learned.training.learner import Regressor
from learned.training.recipe import Preset

if TYPE_CHECKING:
    from learned.training.regression import Regression

VERSION = 1


@metric(
    "pnqc_like",
    title="PNQC-like",
    family="opinion",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    cites="yue2025",
    min_size=16,
    requires=("torch", "lightning_fabric"),
    version=VERSION,
    pretrained=True,
    variants={"paper": Variant("A stand-in for Yue et al. 2025, of which only the title was available.")},
)
class PNQC(Regressor[Config]):
    """Quality from a pyramid of images and features, learnt with a contrast loss: a stand-in for an unread paper.

    Only the title of the publication was available: pyramid networks, a quality-aware contrast loss, images of the
    retina. Everything else is inferred, and its numbers say nothing about the published method. Let C_l(F / s) be the
    maps of one ResNet on the fused image F, at 1/s of its size, and P_l what a feature pyramid makes of them. Then

        e = W Cat_(s, l) GAP(P_l(F / s)) + b,   q = s(v relu(e) + c),   z = e / |e|,
        L = mean((q_i - MOS_i)^2) + 0.1 mean(((z_i . z_j) - (1 - |MOS_i - MOS_j|))^2) over pairs i != j,

    where s is the sigmoid in the second equation, and MOS in 0..1. All choices are listed, with reasons, in
    `learned.pnqc_like.config.Config`.

    Parameters
    ----------
    preset : {"quick", "standard", "paper"}
        How much is trained, see `learned.pnqc_like.config.configure`. `quick`, the default, leaves the residual network
        as it is and learns what stands on top of it.
    backbone, weights : str
        See `learned.backbones.weights.start`. The defaults are ResNet34 if its ImageNet weights are on this machine,
        otherwise ResNet50 or ResNet18 if theirs are, otherwise ResNet34 with random weights.

    Notes
    -----
    Images of other sizes are resampled to 128x128, which hides some of their sharpness. Lesion masks play no part.

    References
    ----------
    yue2025
    """

    name = "pnqc_like"
    version = VERSION

    def __init__(self, *, preset: Preset = "quick", backbone: str = BACKBONE, weights: str = WEIGHTS) -> None:
        super().__init__(configure(preset, backbone=backbone, weights=weights))
        self.preset = preset

    @property
    def notes(self) -> str:
        """What the network starts from and what is trained, in one sentence for tables."""
        config = self.config
        trained = "frozen, what stands on top is trained" if config.frozen else "trained"
        begun = f"{config.backbone} from {config.weights} weights, {trained}"
        return f"PNQC-like, a stand-in built from the publication's title, preset {self.preset}: {begun}"

    def seen(self, image: Image) -> npt.NDArray[Any] | None:
        """Average what a frozen network sees."""
        from learned.pnqc_like.inputs import vector

        return vector(image, config=self.config) if self.config.frozen else None

    def regression(self) -> Regression[Config]:
        """Name network and trainee."""
        from learned.pnqc_like.network import FrozenNetwork, Network
        from learned.pnqc_like.trainee import Contrasting
        from learned.training.regression import PlainRegression

        config = self.config
        return PlainRegression(
            config,
            lambda load: FrozenNetwork(config) if config.frozen else Network(config, load=load),
            partial(Contrasting, config=config),
        )
