"""VGG 11, 16 and 19, without batch normalisation."""

from __future__ import annotations

from torch import Tensor, nn

#: Convolutions of each of the five blocks; every block ends with a max pool at stride 2.
VGGS = {
    "vgg11": ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    "vgg16": ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3),
    "vgg19": ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4),
}


class VGG(nn.Module):
    """3x3 convolutions in five blocks, then three fully connected layers.

    Parameters
    ----------
    blocks : tuple of tuple of int
        Widths of the convolutions, by block.
    classes : int or None
        None leaves the fully connected layers out: calling the network gives the last map.

    Attributes
    ----------
    channels : int
        Channels of the last map.

    References
    ----------
    K. Simonyan, A. Zisserman, Very deep convolutional networks for large-scale image recognition, ICLR 2015.
    """

    def __init__(self, blocks: tuple[tuple[int, ...], ...], *, classes: int | None = 1000) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        self.channels = 3
        for widths in blocks:
            for width in widths:
                layers += [nn.Conv2d(self.channels, width, 3, padding=1), nn.ReLU(inplace=True)]
                self.channels = width
            layers.append(nn.MaxPool2d(2, stride=2))
        self.features = nn.Sequential(*layers)
        self.classifier = None if classes is None else _classifier(self.channels, classes)
        self.apply(_initialise)

    def forward(self, x: Tensor) -> Tensor:
        """Return class scores (B, classes), or without a classifier the map (B, 512, H / 32, W / 32).

        Parameters
        ----------
        x : Tensor, shape (B, 3, H, W)
            RGB in 0..1, standardised with `learned.backbones.weights.MEAN` and `STD`, for weights learnt on ImageNet.
        """
        found: Tensor = self.features(x)
        if self.classifier is None:
            return found
        return self.classifier(nn.functional.adaptive_avg_pool2d(found, 7).flatten(1))


def vgg(name: str, *, classes: int | None = 1000) -> VGG:
    """Make a VGG with random weights.

    Parameters
    ----------
    name : {"vgg11", "vgg16", "vgg19"}
    classes
        See `VGG`.

    Examples
    --------
    >>> import torch
    >>> vgg("vgg11", classes=None)(torch.zeros(1, 3, 128, 128)).shape
    torch.Size([1, 512, 4, 4])
    """
    return VGG(VGGS[name], classes=classes)


def _classifier(channels: int, classes: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(channels * 7 * 7, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(4096, classes),
    )


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(module.bias)  # type: ignore[arg-type]
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, 0, 0.01)
        nn.init.zeros_(module.bias)
