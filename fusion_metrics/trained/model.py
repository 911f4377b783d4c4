"""A trained metric as a declaration: a file of what was learnt becomes a metric like any other."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fusion_metrics.digests import state_digest
from fusion_metrics.errors import FusionMetricsError, UndefinedScore, UnknownMetric
from fusion_metrics.image import Image
from fusion_metrics.learning import load_state, load_told
from fusion_metrics.printable import printable
from fusion_metrics.spec import MetricSpec
from fusion_metrics.trained.card import Card
from fusion_metrics.trained.familiar import Familiar, description
from fusion_metrics.trained.places import SUFFIX, place_of, places, taken_apart

if TYPE_CHECKING:
    from fusion_metrics.metric import Metric

Far = Literal["warn", "refuse"]
#: Names of what stands beside the learnt arrays in a file.
CARD, FAMILIAR = "card", "familiar"
#: Digits of the digest after which a file without a name of its own is called.
_DIGITS = 6
#: How what is said of a far picture begins.
FAR = "far from what it was trained on"
_STRANGE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Model:
    """What was learnt, in a file, as the function of a metric.

    Attributes
    ----------
    path : str
    digest : str
        Of what was learnt: a file that has changed since is refused.
    label : str
        The name of the metric.
    declared_in : str
        The module that declares the metric that learnt it.
    """

    path: str
    digest: str
    label: str
    declared_in: str

    @property
    def card(self) -> Card:
        """What is known about it."""
        return _told(*_stamp(self.path))[0]

    @property
    def familiar(self) -> Familiar | None:
        """What its training looked like, if that was kept."""
        return _told(*_stamp(self.path))[1]

    def notes(self, *, far: Far = "warn") -> str:
        """Say what it was trained on, in one sentence for tables."""
        return f"{self.label} was trained on {self.card.trained_on}: fmbench models show {self.label}"

    def remark(self, fused: Image) -> str:
        """Say that a picture is far from the training; nothing where it is not, or where that cannot be known."""
        familiar = self.familiar
        if familiar is None:
            return ""
        [distance] = familiar.distance(description(fused)[None])
        if distance <= familiar.threshold:
            return ""
        return f"{FAR}: distance {distance:.1f}, and 99 % of such pictures are within {familiar.threshold:.1f}"

    @property
    def obstacle(self) -> str:
        """Why it cannot predict on this machine, such as that the weights are missing on which it stands."""
        try:
            self.loaded()
        except FusionMetricsError as error:
            return str(error)
        return ""

    def loaded(self) -> Metric:
        """Read the file, once in a process."""
        metric, digest = _loaded(*_stamp(self.path))
        if digest != self.digest:
            raise FusionMetricsError(f"{printable(self.path)}: has changed since it was asked for")
        return metric

    def _score(self, far: Far, *images: Image) -> float:
        if far not in ("warn", "refuse"):
            raise FusionMetricsError(f"{self.label}: far is warn or refuse, not {far!r}")
        if far == "refuse" and (remark := self.remark(images[-1])):
            raise UndefinedScore(f"{self.label}: the picture is {remark}")
        *sources, fused = images
        return self.loaded()(fused, *sources)


class OfFused(Model):
    """A model that looks at the fused image alone."""

    def __call__(self, fused: Image, *, far: Far = "warn") -> float:
        """Predict q."""
        return self._score(far, fused)


class OfPair(Model):
    """A model that looks at the fused image beside its two sources."""

    def __call__(self, a: Image, b: Image, fused: Image, *, far: Far = "warn") -> float:
        """Predict q."""
        return self._score(far, a, b, fused)


def is_file(text: str) -> bool:
    """Whether a word names a file of what was learnt rather than a metric."""
    return text.strip().casefold().endswith(SUFFIX)


def trained(text: str, find: Callable[[str], MetricSpec]) -> MetricSpec:
    """Look up ``METRIC+NAME``, or a file.

    Parameters
    ----------
    text : str
    find : callable
        It looks up metrics that are declared.

    Raises
    ------
    UnknownMetric
        There is no such metric, or it was not trained under that name.
    FusionMetricsError
        The file does not hold what the metric learns.
    """
    if is_file(text):
        return of_file(Path(text.strip()), find)
    metric, variant, name = taken_apart(text)
    base = find(f"{metric}:{variant}")
    place = place_of(base.name, base.variant, name)
    if place is None:
        known = [place.name for place in places() if (place.metric, place.variant) == (base.name, base.variant)]
        there = f"there is {', '.join(f'{base.name}+{each}' for each in known)}" if known else "there is none"
        raise UnknownMetric(
            f"no {base.id} was trained under the name '{printable(name)[:64]}'; {there} (fmbench models list)"
        )
    return of_file(place.path, find, name)


def next_step(spec: MetricSpec) -> str:
    """Say that a metric has not been fitted, and what to do."""
    there = [place.name for place in places() if (place.metric, place.variant) == (spec.name, spec.variant)]
    known = [f'create("{spec.id}", trained="{name}")' for name in there[:3]]
    ways = [*known, f"fmbench train {spec.id} --database FOLDER --save-as NAME", "load(path)"]
    return f"{spec.id} learns from scored images and has not been fitted: {', '.join(ways[:-1])} or {ways[-1]}"


def of_file(path: Path, find: Callable[[str], MetricSpec], name: str = "") -> MetricSpec:
    """Declare what a file holds, as a metric that learns no more.

    Parameters
    ----------
    path : Path
    find : callable
    name : str
        What it was trained as; by default what the file is called, or, where that says no more than the metric, the
        first digits of the digest.
    """
    about, _ = load_told(path)
    if not {"metric", "version", "parameters"} <= set(about):
        raise FusionMetricsError(f"{printable(str(path))}: is not a fitted metric, it does not say of which")
    base = find(about["metric"])
    if not base.learns:
        raise FusionMetricsError(f"{printable(str(path))}: was fitted as {base.id}, which does not learn")
    if about["version"] != str(base.version):
        raise FusionMetricsError(
            f"{printable(str(path))}: was fitted as version {printable(about['version'][:20])} of {base.id}, but this "
            f"is version {base.version}; fit it again"
        )
    digest = _digest(*_stamp(str(path)))
    card = _told(*_stamp(str(path)))[0]
    stem = _STRANGE.sub("-", path.stem).strip("-.")
    name = name or (digest[:_DIGITS] if stem in ("", base.name, f"{base.name}-{base.variant}") else stem)
    called = replace(base, name=f"{base.name}+{name}")
    kind = OfPair if base.needs_sources else OfFused
    model = kind(str(path), digest, called.id, base.function.__module__)
    on = {"on": card.database} if card.database else {}
    return replace(
        called,
        title=f"{base.title}+{name}",
        summary=f"{base.title}, trained on {card.trained_on}.",
        variant_summary=base.variant_summary,
        params={"far": "warn"},
        function=model,
        learns=False,
        channels="colours",
        exceptions={},
        ideal=None,
        notes=model.notes,
        fitted={**on, "state": digest},
        qualifier=_qualifier(about, card, name),
    )


def _qualifier(about: dict[str, str], card: Card, name: str) -> str:
    """Say in a table's row what the name does not: the preset, and whose scores of what were learnt."""
    try:
        parameters = json.loads(about["parameters"])
        preset = parameters.get("preset", "") if isinstance(parameters, dict) else ""
    except (ValueError, RecursionError):
        preset = ""
    words = [preset] if isinstance(preset, str) and preset not in ("", "paper") else []
    words += [card.database] if card.database and card.database != name else []
    return ", ".join(printable(word)[:64] for word in [*words, *([card.scores] if card.scores else [])])


def _stamp(path: str) -> tuple[str, int, int]:
    """Identify the present content of a file, for what is remembered of it."""
    try:
        found = Path(path).stat()
    except OSError as error:
        raise FusionMetricsError(f"{printable(path)}: {error.strerror or error}") from None
    return path, found.st_mtime_ns, found.st_size


@functools.lru_cache(maxsize=32)
def _told(path: str, changed: int, size: int) -> tuple[Card, Familiar | None]:
    _, told = load_told(Path(path))
    return Card.read(told.get(CARD, "")), Familiar.read(told.get(FAMILIAR, ""))


@functools.lru_cache(maxsize=32)
def _digest(path: str, changed: int, size: int) -> str:
    return state_digest(load_state(Path(path))[1])


@functools.lru_cache(maxsize=8)
def _loaded(path: str, changed: int, size: int) -> tuple[Any, str]:
    from fusion_metrics.saved import load  # which makes metrics, and those ask for this module

    return load(path), _digest(path, changed, size)
