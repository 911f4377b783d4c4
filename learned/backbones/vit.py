"""Vision transformer of eight-pixel patches, with the parameter names of timm, cut off after a block."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

#: Mean and deviation of the pixels, on the scale 0..1, that public weights learnt from.
VIT_MEAN = VIT_STD = (0.5, 0.5, 0.5)


class PatchEmbedding(nn.Module):
    """Turn every patch of an image into a vector, by one convolution whose stride is its size."""

    def __init__(self, patch: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, stride=patch)

    def forward(self, x: Tensor) -> Tensor:
        """Embed images (B, 3, H, W) as (B, patches, width), row by row."""
        return self.proj(x).flatten(2).transpose(1, 2)


class SelfAttention(nn.Module):
    """``softmax(q k^T / sqrt(width / heads)) v`` in every head, and a linear layer over all of them."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """Attend among n vectors (..., n, width), with an optional bias on ``q k^T``, (..., heads, n, n)."""
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).movedim(-3, 0).transpose(-3, -2).unbind()
        found = scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.proj(found.transpose(-3, -2).flatten(-2))


class MLP(nn.Module):
    """``fc2(gelu(fc1(x)))``."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """Transform the last axis."""
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    """``x + attn(norm1(x))``, then ``x + mlp(norm2(x))``."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = SelfAttention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MLP(width, 4 * width)

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, n, width)."""
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    """The first blocks of a vision transformer; the defaults are those of ViT-B/8.

    Parameters
    ----------
    size : int
        Rows and columns of the images.
    patch : int
    width, heads : int
    taps : sequence of int
        Blocks, from 0, whose tokens are wanted; there are no blocks after the last of them.

    References
    ----------
    A. Dosovitskiy et al., An image is worth 16x16 words: transformers for image recognition at scale, ICLR 2021.
    """

    def __init__(
        self, taps: Sequence[int], *, size: int = 224, patch: int = 8, width: int = 768, heads: int = 12
    ) -> None:
        super().__init__()
        self.taps = tuple(taps)
        self.patch_embed = PatchEmbedding(patch, width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(max(taps) + 1))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return what the tapped blocks say of every patch, side by side: (B, patches, taps x width).

        Parameters
        ----------
        x : Tensor, shape (B, 3, size, size)
            RGB in 0..1, standardised with `VIT_MEAN` and `VIT_STD`, for public weights.
        """
        tokens = self.patch_embed(x)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), tokens], dim=1) + self.pos_embed
        found: dict[int, Tensor] = {}
        for number, block in enumerate(self.blocks):
            tokens = block(tokens)
            if number in self.taps:
                found[number] = tokens[:, 1:]
        return torch.cat([found[number] for number in self.taps], dim=2)
