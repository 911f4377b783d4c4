"""Configurations of AGA that several tests take."""

from __future__ import annotations

from dataclasses import replace

from learned.aga.config import configure

RANDOM = {"backbone": "resnet34", "weights": "random", "transformer": "random"}
PAPER = configure("paper", **RANDOM, order="transposed")
QUICK = configure("quick", **RANDOM, order="transposed")
#: All parts, but small enough for a test.
SMALL = replace(
    PAPER,
    size=32,
    grid=8,
    channels=16,
    heads=2,
    taps=(0, 1),
    widths=(16, 8, 4),
    hidden=8,
    attentions=1,
    depths=(2,),
    window_heads=2,
    mlp=16,
    bins=8,
)
