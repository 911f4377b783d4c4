"""Signatures of the scores of a run: what a metric computes, how the files were read, and what it was fitted to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

from benchmark.scoring.folds import Prediction
from benchmark.scoring.material import Material
from fusion_metrics import Metric
from fusion_metrics.signature import Signature, parse_signature

_DIGITS = 12


@dataclass(frozen=True)
class Signer:
    """Signs the scores of one metric, each different signature made once.

    Attributes
    ----------
    metric : Metric
    fitted : mapping of str to str
        See `fusion_metrics.signature.FITTED`.
    protocol : str
        Under which it was fitted; empty for others.
    """

    metric: Metric
    fitted: dict[str, str]
    protocol: str = ""

    @classmethod
    def of(cls, metric: Metric) -> Signer:
        """Make the signer of a metric as it is."""
        return cls(metric, {})

    @classmethod
    def learnt(cls, metric: Metric, database: str, material: Material, prediction: Prediction, seed: int) -> Signer:
        """Make the signer of what was predicted after a fit to a part of `material`, images of `database`."""
        split = prediction.split
        fitted = {"on": database, "data": data_digest(material)}
        if split is not None:
            fitted["folds"] = str(split.n_folds)
        return cls(metric, fitted | {"seed": str(seed if split is None else split.seed)}, prediction.protocol)

    @cached_property
    def _signature(self) -> Signature:
        found = parse_signature(self.metric.signature)
        variant = f"{found.variant}@{self.protocol}" if self.protocol else found.variant
        return replace(found, variant=variant, fitted={**found.fitted, **self.fitted})

    @cached_property
    def _texts(self) -> dict[tuple[tuple[str, ...], str], str]:
        return {}

    def sign(self, decisions: tuple[str, ...], sources: str = "") -> str:
        """Sign the score of images, of which these things were decided when they were read.

        `sources` says how many the metric looked at where more than two were fused.
        """
        if (decisions, sources) not in self._texts:
            taken = (sources,) if sources else ()
            self._texts[decisions, sources] = str(replace(self._signature, sources=taken, reading=decisions))
        return self._texts[decisions, sources]


def data_digest(material: Material) -> str:
    """Hash which images a metric is fitted to, and the scores that they have."""
    lines = zip(material.names, material.groups, map(float, material.q), strict=True)
    return hashlib.sha256(repr(list(lines)).encode()).hexdigest()[:_DIGITS]
