"""Metrics with a network, and the layers they are made of; the only package that imports torch.

Every metric is a folder whose module `metric` declares it. Those modules are imported here and import torch only when
something is computed, so that listing metrics stays cheap, and needs no torch.
"""

import importlib
from pathlib import Path

from fusion_metrics.health import declare_check
from learned.backbones.health import weights_found

for _module in sorted(Path(__file__).parent.glob("*/metric.py")):
    importlib.import_module(f"{__name__}.{_module.parent.name}.metric")

declare_check("Weights", weights_found)
