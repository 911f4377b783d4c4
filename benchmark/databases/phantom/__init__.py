"""Source pairs of the generated databases ``phantom`` and ``phantom-external``.

Real anatomy (MNI152), simulated modalities, known lesions. Nothing here was acquired from a patient and nothing was
judged by a human: every use of these databases calls them simulated.

>>> from benchmark.databases.phantom import draw_pair
>>> draw_pair("phantom", 0).modality
'MR/SPECT'
"""

from __future__ import annotations

from benchmark.databases.phantom.pairs import Pair, render_pair
from benchmark.databases.phantom.spec import (
    COMPOSITIONS,
    MASTER_SEED,
    PHANTOM,
    PHANTOM_EXTERNAL,
    Composition,
    PairSpec,
    draw_pair,
)
from benchmark.databases.phantom.tissues import TISSUES

__all__ = [
    "COMPOSITIONS",
    "MASTER_SEED",
    "PHANTOM",
    "PHANTOM_EXTERNAL",
    "TISSUES",
    "Composition",
    "Pair",
    "PairSpec",
    "draw_pair",
    "render_pair",
]
