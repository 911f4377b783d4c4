"""ResNet 18, 34 and 50, whole or cut off after a stage."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, TypeAlias

from torch import Tensor, nn

STAGES = ("layer1", "layer2", "layer3", "layer4")
#: Channels of the first stage, as published.
WIDTH = 64


class BasicBlock(nn.Module):
    """``relu(x + bn2(conv2(relu(bn1(conv1(x))))))``: two 3x3 convolutions, the first with the stride."""

    expansion: ClassVar[int] = 1

    def __init__(self, channels: int, width: int, stride: int, stride_first: bool) -> None:
        super().__init__()
        self.conv1 = _conv(channels, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = _conv(width, width, 3, 1)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(channels, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, channels, H, W) into (B, width, H / stride, W / stride)."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """``relu(x + bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x)))))))))``: convolutions 1x1, 3x3, 1x1.

    The stride sits in the 3x3 convolution, as in torchvision's weights, or with `stride_first` in the first 1x1, as
    in the original publication and in weights that come from Caffe or Keras.
    """

    expansion: ClassVar[int] = 4

    def __init__(self, channels: int, width: int, stride: int, stride_first: bool) -> None:
        super().__init__()
        first, second = (stride, 1) if stride_first else (1, stride)
        self.conv1 = _conv(channels, width, 1, first)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = _conv(width, width, 3, second)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = _conv(width, width * self.expansion, 1, 1)
        self.bn3 = nn.BatchNorm2d(width * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(channels, width * self.expansion, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, channels, H, W) into (B, 4 width, H / stride, W / stride)."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


Block: TypeAlias = type[BasicBlock] | type[Bottleneck]


class Layout(NamedTuple):
    """Kind of block, and how many of them in each stage."""

    block: Block
    depths: tuple[int, int, int, int]


RESNETS = {
    "resnet18": Layout(BasicBlock, (2, 2, 2, 2)),
    "resnet34": Layout(BasicBlock, (3, 4, 6, 3)),
    "resnet50": Layout(Bottleneck, (3, 4, 6, 3)),
}


class ResNet(nn.Module):
    """Deep residual network: a 7x7 stem at stride 2, a max pool, up to four stages, and a classifier.

    Parameters
    ----------
    layout : Layout
    stages : int
        How many stages it has: the map they give is at 1/4, 1/8, 1/16, 1/32 of the input's size.
    classes : int or None
        With None, or with fewer than four stages, there is no classifier, and calling the network gives the last map.
    stride_first : bool
        See `Bottleneck`.
    width : int
        Channels of the stem and the first stage's blocks, doubled by every further stage; 64 as published.

    Attributes
    ----------
    channels : int
        Channels of the last stage's map.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Deep residual learning for image recognition, CVPR 2016.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        stages: int = 4,
        classes: int | None = 1000,
        stride_first: bool = False,
        width: int = WIDTH,
    ) -> None:
        super().__init__()
        if not 1 <= stages <= 4:
            raise ValueError(f"a ResNet has 1 to 4 stages, not {stages}")
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = STAGES[:stages]
        self.channels = width
        for number, (name, depth) in enumerate(zip(self.stages, layout.depths, strict=False)):
            of_stage = width * 2**number
            blocks: list[nn.Module] = []
            for i in range(depth):
                stride = 2 if number and i == 0 else 1
                blocks.append(layout.block(self.channels, of_stage, stride, stride_first))
                self.channels = of_stage * layout.block.expansion
            self.add_module(name, nn.Sequential(*blocks))
        whole = stages == len(STAGES)
        self.fc = nn.Linear(self.channels, classes) if whole and classes is not None else None
        self.apply(_initialise)

    def stem(self, x: Tensor) -> Tensor:
        """Return the map (B, width, H / 4, W / 4) that the first stage takes."""
        return self.maxpool(self.relu(self.bn1(self.conv1(x))))

    def maps(self, x: Tensor) -> list[Tensor]:
        """Return the maps after the stem's max pool and after every stage."""
        found = [self.stem(x)]
        for name in self.stages:
            found.append(self.get_submodule(name)(found[-1]))
        return found

    def forward(self, x: Tensor) -> Tensor:
        """Return class scores (B, classes), or without a classifier the last map (B, channels, H', W').

        Parameters
        ----------
        x : Tensor, shape (B, 3, H, W)
            RGB in 0..1, standardised with `learned.backbones.weights.MEAN` and `STD`, for weights learnt on ImageNet.
        """
        found = self.maps(x)[-1]
        return found if self.fc is None else self.fc(found.mean(dim=(2, 3)))


def resnet(
    name: str, *, stages: int = 4, classes: int | None = 1000, stride_first: bool = False, width: int = WIDTH
) -> ResNet:
    """Make a ResNet with random weights.

    Parameters
    ----------
    name : {"resnet18", "resnet34", "resnet50"}
    stages, classes, stride_first, width
        See `ResNet`.

    Examples
    --------
    >>> import torch
    >>> resnet("resnet34", stages=3)(torch.zeros(1, 3, 128, 128)).shape
    torch.Size([1, 256, 8, 8])
    """
    return ResNet(RESNETS[name], stages=stages, classes=classes, stride_first=stride_first, width=width)


def _conv(channels: int, width: int, size: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(channels, width, size, stride=stride, padding=size // 2, bias=False)


def _shortcut(channels: int, width: int, stride: int) -> nn.Sequential | None:
    if channels == width and stride == 1:
        return None
    return nn.Sequential(_conv(channels, width, 1, stride), nn.BatchNorm2d(width))


def _initialise(module: nn.Module) -> None:
    """Draw convolutions so that signals keep their variance through rectifiers (He et al. 2015)."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
