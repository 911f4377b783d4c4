"""Requests for metrics: the one place where ``all,!nsct_pcnn,te:nava`` is understood.

A request is a list of words separated by commas:

========================  ==========================================================================
``qabf``, ``te:nava``     one metric, in its published definition or in a variant; letters in any case, also as it
                          is written: ``Q^AB/F``, ``MS-SSIM``
``all``                   every metric in its published definition
``all-variants``          every metric in every variant
``@medical``              a set of metrics with a name, see `fusion_metrics.communities`
``!pattern``              leaves out what the pattern fits: ``!fmi`` all variants of ``fmi``,
                          ``!fmi:tang`` that one, ``!q*`` every metric whose name begins with ``q``
``bmpri+phantom``         a metric that learns, trained on `phantom` beforehand; see `fusion_metrics.trained`
``models/x.safetensors``  the same, from a file that `fmbench train` wrote
``cddfuse``, ``@tang``    all that a script computes, in its order; see `fusion_metrics.scripts`
========================  ==========================================================================

Metrics come in the order in which they are asked for, each once. What is left out stays out wherever the word stands,
and a request that only leaves out begins from ``all``. A script's name needs the ``@`` only where a metric has it too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fusion_metrics.communities import COMMUNITIES
from fusion_metrics.errors import UnknownMetric, nearest
from fusion_metrics.metric import Metric, create
from fusion_metrics.registry import list_metrics
from fusion_metrics.scripts import list_scripts
from fusion_metrics.spec import DEFAULT_VARIANT, MetricSpec
from fusion_metrics.trained.model import is_file
from fusion_metrics.trained.places import PLUS, taken_apart


@dataclass(frozen=True)
class Selection:
    """What a request stands for.

    Attributes
    ----------
    metrics : tuple of Metric
        In the order of the request, each once.
    named : frozenset of str
        The identifiers that were asked for by their own names, not as a part of ``all``. What cannot be computed is
        an error among these, and is merely left out otherwise.
    missing : tuple of MetricSpec
        Metrics that ``all`` or ``all-variants`` would hold, but which need what is not installed.
    """

    metrics: tuple[Metric, ...]
    named: frozenset[str]
    missing: tuple[MetricSpec, ...] = ()


def select(request: str | Iterable[str | Metric]) -> Selection:
    """Understand a request for metrics.

    Parameters
    ----------
    request : str or iterable
        Words separated by commas, see the module; or an iterable of such words and of metrics.

    Raises
    ------
    UnknownMetric
        A word that fits no metric, or a request that leaves none.

    Examples
    --------
    >>> [metric.spec.id for metric in select("QABF, te:nava, qabf").metrics]
    ['qabf', 'te:nava']
    """
    words = _words(request)
    patterns = [word[1:].strip() for word in words if isinstance(word, str) and word.startswith("!")]
    wanted = [word for word in words if not (isinstance(word, str) and word.startswith("!"))]
    if not words:
        raise UnknownMetric("no metric named")
    for pattern in patterns:
        _check_pattern(pattern)
    chosen: dict[tuple[str, str], Metric] = {}
    named: set[str] = set()
    missing: dict[str, MetricSpec] = {}
    for word in wanted or ["all"]:
        every = word.casefold() if isinstance(word, str) else ""
        if every in ("all", "all-variants"):
            specs = list_metrics(variants=every == "all-variants")
            found = [Metric(spec) for spec in specs if not spec.missing]
            missing |= {spec.id: spec for spec in specs if spec.missing and not _left_out(spec, patterns)}
        else:
            found = [word if isinstance(word, Metric) else _named(word)]
            named |= {metric.spec.id for metric in found}
        for metric in found:
            if not _left_out(metric.spec, patterns):
                chosen.setdefault((metric.spec.id, metric.parameters), metric)
    _check_names(chosen.values())
    if not chosen and not missing:
        raise UnknownMetric("no metric left: everything that was named is also left out")
    return Selection(tuple(chosen.values()), frozenset(named), tuple(missing.values()))


def select_metrics(metrics: str | Iterable[str | Metric]) -> list[Metric]:
    """Turn a request into metrics; see `select`, which also says which of them were named."""
    return list(select(metrics).metrics)


def _words(request: str | Iterable[str | Metric]) -> list[str | Metric]:
    """Take a request apart, and put what a named set stands for in its place."""
    scripts = {script.name.casefold(): list(script.columns.values()) for script in list_scripts()}
    communities = {community.name: community.metrics for community in COMMUNITIES}
    metrics = {spec.name for spec in list_metrics()}
    words: list[str | Metric] = []
    for part in [request] if isinstance(request, str) else request:
        if isinstance(part, Metric):
            words.append(part)
            continue
        for word in filter(None, map(str.strip, part.split(","))):
            name = word.removeprefix("@")
            if name.casefold() in scripts and (word != name or name not in metrics):
                words += scripts[name.casefold()]
            elif word == name:
                words.append(word)
            elif name.casefold() in communities:
                words += _words(communities[name.casefold()])
            else:
                raise UnknownMetric.named("set of metrics", name, {**communities, **scripts})
    return words


def _named(word: str) -> Metric:
    """Make the metric of a name, in any case where only one metric is meant."""
    if is_file(word):
        return create(word)
    if PLUS in word:
        name, variant, trained = taken_apart(word)
        return create(_named(f"{name}:{variant}").spec.id, trained=trained)
    identifiers = {spec.id for spec in list_metrics(variants=True)}
    name, _, variant = word.partition(":")
    plain = name if variant.casefold() == DEFAULT_VARIANT else word
    if plain not in identifiers:
        name = _spelt(name)
        plain = name if variant.casefold() in ("", DEFAULT_VARIANT) else f"{name}:{variant}"
        alike = [identifier for identifier in sorted(identifiers) if identifier.casefold() == plain.casefold()]
        if len(alike) > 1:
            raise UnknownMetric(f"{word!r} may be {' or '.join(alike)}")
        plain = alike[0] if alike else plain
        if not alike and name not in (names := {spec.name for spec in list_metrics()}):
            raise UnknownMetric.named("metric", name, {*names, *(script.name for script in list_scripts())})
    return create(plain)


def _check_names(metrics: Iterable[Metric]) -> None:
    """Refuse two metrics of one name that learnt different things: no table could tell them apart."""
    seen: dict[str, Metric] = {}
    for metric in metrics:
        other = seen.setdefault(metric.spec.id, metric)
        if metric.spec.fitted != other.spec.fitted:
            raise UnknownMetric(f"two different metrics are called {metric.spec.id}: rename one of the files")


def _spelt(name: str) -> str:
    """Return the name of the metric whose name or title is spelt with the same letters: ``Q^AB/F``, ``MS-SSIM``."""
    letters = _letters(name)
    found = {spec.name for spec in list_metrics() if letters in (_letters(spec.name), _letters(spec.title))}
    return found.pop() if letters and len(found) == 1 else name


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _left_out(spec: MetricSpec, patterns: Iterable[str]) -> bool:
    return any(_fits(spec, pattern) for pattern in patterns)


def _fits(spec: MetricSpec, pattern: str) -> bool:
    text = f"{spec.name}:{spec.variant}" if ":" in pattern else spec.name
    return fnmatchcase(text.casefold(), pattern.casefold())


def _check_pattern(pattern: str) -> None:
    specs = list_metrics(variants=True)
    if not any(_fits(spec, pattern) for spec in specs):
        known = {spec.id for spec in specs}
        raise UnknownMetric(f"'!{pattern}' leaves out no metric{nearest(pattern, known) if pattern else ''}")
