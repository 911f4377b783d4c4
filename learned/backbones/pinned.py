"""Weights by their file and its hash, so that two files of ImageNet weights are two metrics; needs no torch."""

from __future__ import annotations

from learned.backbones.weights import IMAGENET, find, pinned_name


def pin(backbone: str, weights: str) -> str:
    """Name the weights of a backbone by the file that this machine has.

    Returns
    -------
    str
        ``imagenet.`` and the name of the file, which has a hash or is followed by one; `weights` as they are where
        they are not ImageNet's, or where there is no file.
    """
    path = find(backbone) if weights == IMAGENET else None
    return weights if path is None else pinned_name(path)
