"""The declaration of `g2npan`; torch is imported when something is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fusion_metrics import Variant, metric
from learned.backbones.weights import IMAGENET, RANDOM
from learned.g2npan.config import Config, configure
from learned.training.learner import Regressor
from learned.training.recipe import Preset

if TYPE_CHECKING:
    from learned.training.regression import Regression

VERSION = 2
_ALONE = {"guided": False, "attention": False}


@metric(
    "g2npan",
    title="G2NPAN",
    family="opinion",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    cites="tian2024",
    min_size=16,
    requires=("torch", "lightning_fabric"),
    version=VERSION,
    variants={
        "paper": Variant("Tian and Zhang 2024, with all parts."),
        "g2npn": Variant("G2NPN of the ablation: attention is not supervised.", {"attention": False}),
        "g2nn": Variant(
            "G2NN of the ablation: neither attention nor the perceptual loss.",
            {"attention": False, "perceptual": False},
        ),
        "g2n": Variant(
            "G2N of the ablation: generator and assessor, without feature warehouses.",
            {"attention": False, "perceptual": False, "warehouses": 0},
        ),
        "aqa-vgg11": Variant("VGG11 of the ablation: the assessor without a GAN.", _ALONE),
        "aqa-vgg11-cam": Variant("VGG11 + CAM: alone, attention supervised.", {"guided": False}),
        "aqa-vgg11-pre": Variant(
            "VGG11 + pre: alone, from ImageNet's weights.", _ALONE | {"weights": IMAGENET}, pretrained=True
        ),
        "aqa-vgg11-pre-cam": Variant(
            "VGG11 + pre + CAM: alone, from ImageNet's weights, attention supervised.",
            {"guided": False, "weights": IMAGENET},
            pretrained=True,
        ),
        "aqa-vgg16": Variant("VGG16 of the ablation: alone, on a deeper backbone.", _ALONE | {"backbone": "vgg16"}),
        "aqa-vgg19": Variant("VGG19 of the ablation: alone, on a deeper backbone.", _ALONE | {"backbone": "vgg19"}),
    },
)
class G2NPAN(Regressor[Config]):
    """Quality of a fused image, judged beside the better image that a generator makes of it.

    Let I be the fused image, G a generator that learns, against a discriminator, to turn every fused image into the
    one that readers scored highest among those of its pair, and F its features. Then

        q = s(AQA(I, |G(I) - I|, F)),   L = L_G + gamma (L_QA + phi L_CAM),

    where AQA is a VGG11, s the sigmoid, L_QA the cross-entropy of q and the opinion score, and L_CAM holds the network
    to look where it looks in the best image of the pair. The formulas are in `learned.g2npan.losses`.

    What the publication leaves open is listed, with reasons, in `learned.g2npan.config.Config`.

    Parameters
    ----------
    preset : {"quick", "compact", "standard", "paper"}
        How much is trained, see `learned.g2npan.config.configure`.
    backbone, weights : str
        Network and starting weights of AQA; see `learned.backbones.weights.start`.
    guided, warehouses, perceptual, attention
        The parts; see the variants and `learned.g2npan.config.Config`.

    Notes
    -----
    Images of other sizes are resampled to 128x128, which hides some of their sharpness. Lesion masks play no part.

    References
    ----------
    tian2024
    """

    name = "g2npan"
    version = VERSION
    pretrained = False

    def __init__(
        self,
        *,
        preset: Preset = "quick",
        backbone: str = "vgg11",
        weights: str = RANDOM,
        guided: bool = True,
        warehouses: int = 5,
        perceptual: bool = True,
        attention: bool = True,
    ) -> None:
        config = configure(
            preset,
            backbone=backbone,
            weights=weights,
            guided=guided,
            warehouses=warehouses,
            perceptual=perceptual,
            attention=attention,
        )
        super().__init__(config)
        self.preset = preset

    @property
    def notes(self) -> str:
        """What is trained and from where, in one sentence for tables."""
        size = f", {self.config.narrow} times narrower than published" if self.config.narrow > 1 else ""
        return f"G2NPAN, preset {self.preset}: {self.config.backbone} from {self.config.weights} weights{size}"

    def regression(self) -> Regression[Config]:
        """Name the networks, and how they are trained."""
        from learned.g2npan.fitting import Guided

        return Guided(self.config)
