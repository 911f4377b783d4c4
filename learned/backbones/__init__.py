"""Image classifiers whose first stages describe images: ResNet and VGG, with the parameter names of torchvision.

Public state dicts of torchvision load into them; torchvision itself is not needed. `learned.weights` finds them.
"""

from learned.backbones.resnet import RESNETS, ResNet, resnet
from learned.backbones.vgg import VGG, VGGS, vgg

__all__ = ["RESNETS", "VGG", "VGGS", "ResNet", "resnet", "vgg"]
