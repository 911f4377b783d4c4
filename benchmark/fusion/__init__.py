"""Image fusion algorithms: they make the images whose quality metrics and readers then judge.

>>> from benchmark.fusion import fuse, list_algorithms
>>> import numpy as np
>>> a, b = np.zeros((32, 32), np.uint8), np.full((32, 32), 100, np.uint8)
>>> int(fuse(a, b, "average")[0, 0])
50

The set spans poor (`average`) to good (`nsst_papcnn`) on purpose: a quality metric has to tell them apart. One
algorithm is one module in `benchmark.fusion.algorithms`, found by itself: to add another, add a file there.
"""

from benchmark.fusion.images import fuse
from benchmark.fusion.registry import FusionAlgorithm, fusion_algorithm, get_algorithm, list_algorithms

#: The ten algorithms of the simulated database.
PHANTOM_ALGORITHMS = (
    "nsst_papcnn",
    "dtm_pcnn",
    "csr",
    "gff",
    "laplacian",
    "dwt",
    "nsct",
    "nsct_pcnn",
    "pca",
    "average",
)

#: Algorithms kept for external validation: none of them made an image of the simulated database.
EXTERNAL_ALGORITHMS = ("swt_average", "contrast", "gtf", "sr")

__all__ = [
    "EXTERNAL_ALGORITHMS",
    "PHANTOM_ALGORITHMS",
    "FusionAlgorithm",
    "fuse",
    "fusion_algorithm",
    "get_algorithm",
    "list_algorithms",
]
