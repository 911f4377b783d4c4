"""Simulated readers of the generated databases: two, and a senior one, who score fused images from the truth.

They know what no quality metric sees: the noise-free sources, the tissues and the lesion that
`benchmark.databases.phantom` keeps of every pair. Nobody looked at these images; wherever their scores are used they
are called simulated.

>>> from benchmark.databases.phantom import draw_pair, render_pair
>>> from benchmark.fusion import fuse
>>> from benchmark.databases.phantom.readers import judge, vote
>>> pair = render_pair(draw_pair("phantom", 8))
>>> impression = judge(pair, fuse(pair.a, pair.b, "laplacian"))
>>> sorted(vote("phantom", "fused/laplacian/spect-008.png", impression).votes)
['reader-1', 'reader-2']
"""

from __future__ import annotations

from benchmark.databases.phantom.readers.agreement import icc
from benchmark.databases.phantom.readers.impression import Impression, Reading, judge
from benchmark.databases.phantom.readers.panel import PANELS, Opinion, Panel, Reader, vote

__all__ = ["PANELS", "Impression", "Opinion", "Panel", "Reader", "Reading", "icc", "judge", "vote"]
