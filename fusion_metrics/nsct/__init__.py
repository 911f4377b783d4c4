"""The nonsubsampled contourlet transform: an image as one low band and directional bands of its own size.

>>> import numpy as np
>>> from fusion_metrics.nsct import insct, nsct
>>> image = np.random.default_rng(0).uniform(0, 255, (40, 50))
>>> subbands = nsct(image, levels=(2, 3))
>>> [band.shape for band in subbands.bands]
[(4, 40, 50), (8, 40, 50)]
>>> bool(np.abs(insct(subbands) - image).max() < 1e-10)
True

Everything is a product in the frequency domain. `filters` holds the two-channel banks, polynomials of a mapping;
`directions` the wedges that a tree of such banks cuts; `subbands` what comes out, and `transform` the way there and
back under three border modes.
"""

from fusion_metrics.nsct.directions import wedge_angles, wedge_responses
from fusion_metrics.nsct.filters import DIRECTIONS, PYRAMIDS, pyramid_responses
from fusion_metrics.nsct.mosaic import mosaic
from fusion_metrics.nsct.subbands import BORDERS, Subbands, torus_shape
from fusion_metrics.nsct.transform import insct, nsct, one_by_one

__all__ = [
    "BORDERS",
    "DIRECTIONS",
    "PYRAMIDS",
    "Subbands",
    "insct",
    "mosaic",
    "nsct",
    "one_by_one",
    "pyramid_responses",
    "torus_shape",
    "wedge_angles",
    "wedge_responses",
]
