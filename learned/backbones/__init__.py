"""Image classifiers whose first stages describe images: ResNet and VGG, with the parameter names of torchvision.

Public state dicts of torchvision load into them; torchvision itself is not needed. `learned.backbones.weights` finds
them.
"""
