"""Where MS-AAN looks: its class activation map over an image."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from fusion_metrics import Image
from fusion_metrics.image import Array
from learned.backbones.pixels import pixels
from learned.ms_aan.config import Config
from learned.ms_aan.inputs import frozen_maps, scales_of
from learned.ms_aan.network import FrozenNetwork, stretched
from learned.training.devices import threads


def attention(network: nn.Module, config: Config, image: Image) -> Array:
    """Compute the activation map of the predicted class, enlarged to the image: shape (H, W), in 0..1.

    Trained streams: the map A that the network computes as it classifies. Frozen streams f_m are averaged before
    anything is learnt; a channel k then counts by the gradient of the score s of the class with respect to its average
    v_mk, and what it adds at a place is measured from its average mu_mk over the training images,

        A = relu(sum_m sum_k ds/dv_mk (f_mk - mu_mk)), each stream's map enlarged to the finest grid,

    scaled to 0..1. A map may be 0 everywhere: nothing then speaks for the class more than it does in other images.
    """
    images = torch.tensor(pixels(image, size=config.size))[None]
    if isinstance(network, FrozenNetwork):
        with threads(1):  # matrices of one small image are not worth sharing
            found = _through_frozen_streams(network, frozen_maps(images, config))
    else:
        with torch.no_grad():
            found = network(torch.stack(scales_of(config)(images.float() / 255), dim=1)).attention
    enlarged = interpolate(found[None], image.shape, mode="bilinear", align_corners=False)[0, 0]
    return enlarged.double().numpy()


def _through_frozen_streams(network: FrozenNetwork, maps: list[Tensor]) -> Tensor:
    averages = [stream.mean(dim=(2, 3)).requires_grad_() for stream in maps]
    logits = network(network.standard(torch.cat(averages, dim=1))).logits
    weights = torch.autograd.grad(logits.max(), averages)
    finest = maps[-1].shape[-2:]
    total = torch.zeros(1, *finest)
    means = torch.split(network.standard.mean, [stream.shape[1] for stream in maps])
    for weight, stream, mean in zip(weights, maps, means, strict=True):
        part = torch.einsum("bk,bkhw->bhw", weight, stream - mean[:, None, None])
        total += interpolate(part[None], finest, mode="bilinear", align_corners=False)[0]
    return stretched(torch.relu(total))
