"""The declaration of `ms_aan`; torch is imported when something is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fusion_metrics import Image, Learner, Variant, metric
from fusion_metrics.image import Array
from learned.backbones.weights import RANDOM, best_backbone, missing
from learned.ms_aan.config import Preset, Readout, configure
from learned.requirements import need_torch, warn_of_random_weights

if TYPE_CHECKING:
    from learned.ms_aan.network import FrozenNetwork, Network

VERSION = 1
#: What this machine has: a parameter like any other, so that scores under other weights are other scores.
BACKBONE, WEIGHTS = best_backbone(("resnet34", "resnet50", "resnet18"))


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
        ),
    },
)
class MSAAN(Learner):
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
    preset : {"quick", "standard", "paper"}
        How much is trained, see `learned.ms_aan.config.configure`. `quick`, the default, leaves the residual networks
        as they are and learns what stands on top of them; lesion masks then play no part, and `paper` is equal to
        `multiscale`.
    backbone, weights : str
        See `learned.backbones.weights.start`. The defaults are ResNet34 as published if its ImageNet weights are on
        this machine, otherwise ResNet50 or ResNet18 if theirs are, otherwise ResNet34 with random weights.
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
        self.config = configure(preset, backbone=backbone, weights=weights, multiscale=multiscale, attention=attention)
        self.preset = preset
        self.readout: Readout = readout
        self._state: dict[str, npt.NDArray[Any]] = {}
        self._network: FrozenNetwork | Network | None = None

    @property
    def notes(self) -> str:
        """What the streams start from and what is trained, in one sentence for tables."""
        config = self.config
        begun = "random weights" if config.weights == RANDOM else f"{config.weights} weights"
        trained = "frozen, what stands on top is trained" if config.frozen else "trained"
        return f"MS-AAN, preset {self.preset}: {config.streams} x {config.backbone} from {begun}, {trained}"

    @property
    def obstacle(self) -> str:
        """Weights that are not on this machine."""
        return missing(self.config.backbone, self.config.weights)

    @property
    def fits_alone(self) -> bool:
        """True unless the streams are frozen."""
        return not self.config.frozen

    def prepare(self, fused: Image) -> npt.NDArray[Any]:
        """Compute what does not depend on scores: what frozen streams see, or pixels of one size."""
        need_torch("ms_aan")
        from learned.backbones.pixels import pixels
        from learned.ms_aan.inputs import vector

        return vector(fused, config=self.config) if self.config.frozen else pixels(fused, size=self.config.size)

    def fit(
        self,
        inputs: Sequence[Array],
        scores: Array,
        groups: Sequence[str],
        *,
        seed: int,
        masks: Sequence[npt.NDArray[np.bool_] | None] | None = None,
        judge: tuple[Sequence[Array], Array] | None = None,
    ) -> None:
        """Train the network, unless just that has been done before."""
        need_torch("ms_aan")
        from learned.ms_aan.fitting import fit

        warn_of_random_weights(self.config.weights, self.notes)
        self.restore(fit(self.config, inputs, scores, groups, seed=seed, masks=masks, judge=judge, version=VERSION))

    def predict(self, inputs: Sequence[Array]) -> Array:
        """Read q from the classes that the network predicts."""
        need_torch("ms_aan")
        from learned.ms_aan.fitting import predict, read

        return read(predict(self._fitted(), self.config, inputs), self.readout)

    def attend(self, *images: Image) -> Array:
        """Compute the class activation map; see `learned.ms_aan.attention`."""
        need_torch("ms_aan")
        from learned.ms_aan.attention import attention

        return attention(self._fitted(), self.config, images[-1])

    def state(self) -> dict[str, Array]:
        """Return the weights."""
        return dict(self._state)

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take up what `state` returned."""
        self._state, self._network = dict(state), None

    def _fitted(self) -> FrozenNetwork | Network:
        from learned.ms_aan.fitting import restored

        if self._network is None:
            self._network = restored(self.config, self._state)
        return self._network
