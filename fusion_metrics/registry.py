"""The catalogue: `@metric` declares, plug-ins are found through entry points, `list_metrics` shows what there is."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import entry_points
from typing import Any, TypeVar, Unpack

from fusion_metrics.errors import FusionMetricsError, UnknownMetric
from fusion_metrics.grey import GREY_RULES
from fusion_metrics.learning import Learner
from fusion_metrics.spec import CHANNELS, DEFAULT_VARIANT, EXCEPTIONS, FAMILIES, MetricSpec, Options, Sources, Variant
from fusion_metrics.trained.model import is_file, trained
from fusion_metrics.trained.places import PLUS

ENTRY_POINTS = "fusion_metrics.metrics"
#: What the positional parameters of a metric's function say about the sources that it takes.
_TAKEN: Mapping[tuple[str, ...], Sources] = {
    ("sources", "fused"): "all",
    ("a", "b", "fused"): "two",
    ("fused",): "none",
    ("reference", "fused"): "reference",
}

Declared = TypeVar("Declared", bound=Callable[..., Any])

_specs: dict[str, dict[str, MetricSpec]] = {}
_plugins_loaded = False


def metric(
    name: str,
    *,
    title: str,
    family: str,
    higher_is_better: bool,
    bounds: tuple[float, float],
    cites: str,
    variants: Mapping[str, Variant],
    **options: Unpack[Options],
) -> Callable[[Declared], Declared]:
    """Declare a function of images, or a `Learner`, as a metric; see `MetricSpec` for the meaning of each word.

    The function takes ``(sources, fused)``, which is any number of sources, ``(a, b, fused)``, which is exactly two,
    ``(reference, fused)``, which is the ground truth, or ``(fused)``, and keyword-only parameters with defaults; a
    learner has them in ``prepare`` and in ``__init__``. Those defaults are the ``paper`` variant. What is declared is
    returned unchanged.

    Raises
    ------
    FusionMetricsError
        The declaration contradicts itself, or the name is taken.
    """

    def declare(function: Declared) -> Declared:
        if name in _specs and not _same_source(owner := next(iter(_specs[name].values())).function, function):
            raise FusionMetricsError(
                f"metric {name!r} of {function.__module__} is already declared by {owner.__module__}"
            )
        if DEFAULT_VARIANT not in variants:
            raise FusionMetricsError(f"metric {name!r} has no variant {DEFAULT_VARIANT!r}")
        learns = isinstance(function, type) and issubclass(function, Learner)
        images = _positional(function.prepare)[1:] if learns else _positional(function)  # type: ignore[attr-defined]
        if images not in _TAKEN or (learns and _TAKEN[images] in ("all", "reference")):
            more = "" if learns else ", (sources, fused), (reference, fused)"
            known = f"(a, b, fused){more} or (fused)"
            raise FusionMetricsError(f"metric {name!r} takes {list(images)}, not {known}")
        base = MetricSpec(
            name=name,
            variant=DEFAULT_VARIANT,
            title=title,
            family=family,
            summary=(inspect.getdoc(function) or "").split("\n", 1)[0],
            variant_summary="",
            higher_is_better=higher_is_better,
            bounds=bounds,
            cites=cites,
            params=_defaults(function),
            sources=_TAKEN[images],
            function=function,
            learns=learns,
            **options,
        )
        declared: dict[str, MetricSpec] = {}
        for variant_name, variant in variants.items():
            declared[variant_name] = _varied(base, variant_name, variant, declared)
        _specs[name] = declared
        return function

    return declare


def _varied(base: MetricSpec, name: str, variant: Variant, declared: Mapping[str, MetricSpec]) -> MetricSpec:
    """Make the specification of a variant from that of its metric, or of the variant that it is an alias of."""
    what = f"metric {base.name!r}, variant {name!r}"
    if variant.alias_of is not None:
        base = _renamed(base, variant, declared, what)
    elif variant.function is not None:
        taken = _TAKEN.get(_positional(variant.function))
        # What compares with sources may, in a variant, compare with the ground truth instead.
        known = (
            ("reference",) if base.needs_reference else ("all", "two", "reference") if base.needs_sources else ("none",)
        )
        if taken is None or taken not in known:
            raise FusionMetricsError(f"{what}: its function takes other images than the metric's")
        # What is said of the metric's own function need not hold of another: it is stated anew.
        base = replace(base, function=variant.function, params=_defaults(variant.function), ideal=None, exceptions={})
        base = replace(base, sources=taken)
    if variant.sources == "all" and not (base.sources == "all" and takes_sequence(base.function)):
        raise FusionMetricsError(f"{what}: its function does not take all sources")
    if base.sources == "all" and (variant.sources or ("all" if name == DEFAULT_VARIANT else "two")) == "two":
        base = replace(base, sources="two")
    if unknown := set(variant.params) - set(base.params):
        raise FusionMetricsError(f"{what}: no parameter {unknown}")
    spec = replace(
        base,
        variant=name,
        variant_summary=variant.summary,
        params={**base.params, **variant.params},
        exceptions={trait: why for trait, why in {**base.exceptions, **variant.exceptions}.items() if why},
        **variant.changes(),
    )
    if strange := set(spec.exceptions) - set(EXCEPTIONS):
        raise FusionMetricsError(f"{what}: no exception {strange}; known: {', '.join(EXCEPTIONS)}")
    if spec.channels not in CHANNELS or (spec.learns and spec.channels != "luminance"):
        raise FusionMetricsError(f"{what}: channels cannot be {spec.channels!r}")
    if spec.grey not in GREY_RULES:
        raise FusionMetricsError(f"{what}: grey cannot be {spec.grey!r}")
    if reserved := {"channels", "grey"} & set(spec.params):
        raise FusionMetricsError(
            f"{what}: a parameter cannot be called {reserved.pop()}, which is declared beside parameters"
        )
    return spec


def _renamed(base: MetricSpec, variant: Variant, declared: Mapping[str, MetricSpec], what: str) -> MetricSpec:
    """Take over another variant's specification under the metric's own name and title."""
    name, _, target = str(variant.alias_of).rpartition(":")
    known = declared if name in ("", base.name) else _specs.get(name, {})
    if target not in known:
        raise FusionMetricsError(f"{what}: {variant.alias_of!r}, of which it is an alias, is not declared yet")
    spec = known[target]
    if variant.params or variant.function or spec.needs_sources != base.needs_sources:
        raise FusionMetricsError(f"{what}: an alias computes what {spec.id} computes")
    return replace(
        spec,
        name=base.name,
        title=base.title,
        family=base.family,
        summary=base.summary,
        alias_of=spec.computed_as,
    )


def _defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """List the keyword-only parameters of a function, or of a learner's ``__init__``, with their defaults."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def _same_source(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Whether both are the same definition, as after a module was executed again."""
    places = [(inspect.getsourcefile(function), function.__qualname__) for function in (one, other)]
    return places[0] == places[1]


def _positional(function: Callable[..., Any]) -> tuple[str, ...]:
    parameters = inspect.signature(function).parameters.values()
    return tuple(p.name for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY)


@functools.cache
def takes_sequence(function: Callable[..., Any]) -> bool:
    """Whether a metric's function gets its sources as one sequence; otherwise each is an argument, if it takes any."""
    return _TAKEN.get(_positional(function)) == "all"


def list_metrics(*, variants: bool = False, family: str | None = None) -> list[MetricSpec]:
    """List the declared metrics, by family, in the order of `FAMILIES`, and by name.

    Parameters
    ----------
    variants : bool
        Every variant of every metric, instead of the ``paper`` variant alone.
    family : str, optional
        Only this family.
    """
    _load_plugins()
    found = [
        spec
        for declared in _specs.values()
        for spec in declared.values()
        if (variants or spec.variant == DEFAULT_VARIANT) and family in (None, spec.family)
    ]
    rank = {name: k for k, name in enumerate(FAMILIES)}

    def place(spec: MetricSpec) -> tuple[Any, ...]:
        family = (rank.get(spec.family, len(rank)), spec.family)
        return *family, spec.name, spec.variant != DEFAULT_VARIANT, spec.variant

    return sorted(found, key=place)


def find(identifier: str) -> MetricSpec:
    """Look up ``name`` or ``name:variant``, or what was trained beforehand: ``name+training``, or a file.

    Raises
    ------
    UnknownMetric
        With the nearest names that exist.
    """
    _load_plugins()
    if PLUS in identifier or is_file(identifier):
        return trained(identifier, find)
    name, _, variant = identifier.strip().partition(":")
    if name not in _specs:
        raise UnknownMetric.named("metric", name, _specs)
    declared = _specs[name]
    if (variant or DEFAULT_VARIANT) not in declared:
        raise UnknownMetric.named(f"variant of {name}", variant, declared)
    return declared[variant or DEFAULT_VARIANT]


def _load_plugins() -> None:
    """Import every plug-in once; one that fails is reported and left out, the others stay usable."""
    global _plugins_loaded
    if _plugins_loaded:
        return
    _plugins_loaded = True
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            entry.load()
        except Exception as error:  # noqa: BLE001 - foreign code must not take the others along
            warnings.warn(f"plug-in {entry.name!r} ({entry.value}) left out: {error!r}", RuntimeWarning, stacklevel=2)
