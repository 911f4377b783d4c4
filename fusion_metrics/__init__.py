"""What a fusion metric is, and the signal processing that metrics share.

`create` gives one metric, `list_metrics` the catalogue, `score` many metrics at once. Metrics themselves live in
plug-ins (`baselines`, `learned`, anybody's own) found through the entry-point group ``fusion_metrics.metrics``.

Examples
--------
>>> from fusion_metrics import create
>>> qabf = create("qabf")
>>> qabf.spec.higher_is_better
True
"""

from fusion_metrics.errors import FusionMetricsError, InvalidImage, NotFitted, UndefinedScore, UnknownMetric
from fusion_metrics.feature import feature
from fusion_metrics.image import Image
from fusion_metrics.learning import Examples, Learner
from fusion_metrics.metric import Metric, create
from fusion_metrics.registry import list_metrics, metric
from fusion_metrics.saved import load
from fusion_metrics.scoring import Score, score
from fusion_metrics.spec import MetricSpec, Variant

__all__ = [
    "Examples",
    "FusionMetricsError",
    "Image",
    "InvalidImage",
    "Learner",
    "Metric",
    "MetricSpec",
    "NotFitted",
    "Score",
    "UndefinedScore",
    "UnknownMetric",
    "Variant",
    "create",
    "feature",
    "list_metrics",
    "load",
    "metric",
    "score",
]
__version__ = "0.1.0"
