"""The vision transformer against timm's names and shapes, and against torch's own encoder layer."""

from __future__ import annotations

import torch
from torch import nn

from learned.backbones.vit import Block, VisionTransformer


def timm_shapes(blocks: int) -> dict[str, tuple[int, ...]]:
    """Tensors of vit_base_patch8_224 before its last norm: 28 x 28 patches and a class token, 768 channels."""
    shapes: dict[str, tuple[int, ...]] = {
        "cls_token": (1, 1, 768),
        "pos_embed": (1, 785, 768),
        "patch_embed.proj.weight": (768, 3, 8, 8),
        "patch_embed.proj.bias": (768,),
    }
    layers = {"attn.qkv": (2304, 768), "attn.proj": (768, 768), "mlp.fc1": (3072, 768), "mlp.fc2": (768, 3072)}
    for i in range(blocks):
        for norm in ("norm1", "norm2"):
            shapes |= {f"blocks.{i}.{norm}.{part}": (768,) for part in ("weight", "bias")}
        for name, (out, into) in layers.items():
            shapes |= {f"blocks.{i}.{name}.weight": (out, into), f"blocks.{i}.{name}.bias": (out,)}
    return shapes


def test_names_and_shapes_are_those_of_the_public_weights():
    with torch.device("meta"):
        network = VisionTransformer((6, 7, 8, 9))
        whole = VisionTransformer((11,))
    assert {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()} == timm_shapes(10)
    # timm's network has 86,567,656 parameters at 1000 classes and 16-pixel patches; with 8-pixel patches the patch
    # embedding has 768 x 3 x (256 - 64) fewer and the positions 768 x (785 - 197) more.
    norm_and_head = 2 * 768 + 768 * 1000 + 1000
    count = sum(parameter.numel() for parameter in whole.parameters())
    assert count + norm_and_head == 86_567_656 - 768 * 3 * 192 + 768 * 588


def test_a_block_is_torchs_encoder_layer():
    torch.manual_seed(0)
    block = Block(16, 4)
    layer = nn.TransformerEncoderLayer(
        16, 4, 64, dropout=0.0, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
    )
    names = {
        "self_attn.in_proj_weight": block.attn.qkv.weight,
        "self_attn.in_proj_bias": block.attn.qkv.bias,
        "self_attn.out_proj.weight": block.attn.proj.weight,
        "self_attn.out_proj.bias": block.attn.proj.bias,
        "linear1.weight": block.mlp.fc1.weight,
        "linear1.bias": block.mlp.fc1.bias,
        "linear2.weight": block.mlp.fc2.weight,
        "linear2.bias": block.mlp.fc2.bias,
        **{
            f"{norm}.{part}": getattr(block, norm).get_parameter(part)
            for norm in ("norm1", "norm2")
            for part in ("weight", "bias")
        },
    }
    layer.load_state_dict(names)
    x = torch.randn(2, 5, 16)
    torch.testing.assert_close(block(x), layer(x), rtol=1e-4, atol=1e-5)


def test_tokens_of_the_tapped_blocks_stand_side_by_side():
    torch.manual_seed(0)
    network = VisionTransformer((0, 2), size=16, patch=4, width=8, heads=2).eval()
    x = torch.randn(2, 3, 16, 16)
    found = network(x)
    assert found.shape == (2, 16, 16)
    first = VisionTransformer((0,), size=16, patch=4, width=8, heads=2)
    first.load_state_dict({name: network.state_dict()[name] for name in first.state_dict()})
    torch.testing.assert_close(first(x), found[..., :8])
    # Patches are counted row by row: the second one covers columns 4 to 7 of the first rows.
    patch = network.patch_embed(x)[0, 1]
    weight, bias = network.patch_embed.proj.weight, network.patch_embed.proj.bias
    torch.testing.assert_close(patch, torch.einsum("oihw,ihw->o", weight, x[0, :, :4, 4:8]) + bias)
