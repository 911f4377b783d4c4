"""The signature of a score: one short line that a paper can carry, and that another person can run again.

It names metric and variant, the metric's version, the parameters that differ from those of the variant, what becomes of
colours, what a metric was fitted to, how many sources it looked at if more than two were fused, what was decided when
files were read, and the packages that computed it:

>>> from fusion_metrics import Metric, create
>>> create("te:nava", q=0.5).signature
'te:nava|v1|q=0.5|grey=rgb2gray|fmbench=0.1.0'
>>> Metric.from_signature("te:nava|v1|q=0.5|grey=rgb2gray|fmbench=0.1.0").params["q"]
0.5

Fields are separated by ``|``. Values of parameters are JSON, words without their quotation marks; a field of a
parameter that is a value with fields of its own, such as an `EdgeModel`, is ``model.strength.slope=-12.0``.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from operator import attrgetter
from typing import Any
from urllib.parse import quote, unquote

import fusion_metrics
from fusion_metrics.errors import FusionMetricsError, UnknownMetric
from fusion_metrics.grey import GREY_RULES
from fusion_metrics.parameters import changes_of, with_changes
from fusion_metrics.printable import printable
from fusion_metrics.registry import find
from fusion_metrics.spec import CHANNELS, DEFAULT_VARIANT, MetricSpec

PACKAGE = "fmbench"
#: How the line begins that stands in place of a signature beside scores that another program computed.
FOREIGN_HEAD = "foreign:"
#: What can be said of a fit: the data set, a digest of its images, scores and folds, how many folds, the seed, and a
#: digest of what was learnt.
FITTED = ("on", "data", "folds", "seed", "state")

_OWN_PACKAGES = ("fusion_metrics", "baselines", "learned", "benchmark")
_COLOURS = ("grey", "channels")
_NAME = re.compile(r"[^|=:@\s]+")
_PLAIN = " !$&'()*+,-./:<>@[]^_`{}~"
_SHOWN = 200
_CASES = (attrgetter("sources"), attrgetter("reading"))


@dataclass(frozen=True)
class Signature:
    """A signature, taken apart; `str` puts it together, `parse_signature` takes it apart.

    Attributes
    ----------
    metric : str
    variant : str
        With the protocol of a metric that was fitted in folds: ``paper@pair``.
    version : int
        That of the metric, which is raised whenever its values change.
    parameters : mapping of str to str
        Those that differ from the variant's own, as they are written; all of them for a metric with a network, whose
        defaults depend on the weights that are on a machine.
    colours : str
        ``grey=`` and a rule of `fusion_metrics.grey`, or ``channels=`` and one of `fusion_metrics.spec.CHANNELS`.
    fitted : mapping of str to str
        What a metric that learns was fitted to, see `FITTED`.
    reading : tuple of str
        What was decided when files became pixels.
    packages : mapping of str to str
        Versions of the packages that computed the score.
    sources : tuple of str
        How many sources the metric looked at where more than two were fused: ``9``, or ``2 of 9``.
    """

    metric: str
    variant: str
    version: int
    parameters: Mapping[str, str]
    colours: str
    fitted: dict[str, str] = field(default_factory=dict)
    reading: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        cases = {"sources": self.sources, "reading": self.reading}
        return "|".join(
            (
                f"{self.metric}:{self.variant}",
                f"v{self.version}",
                *(f"{name}={value}" for name, value in self.parameters.items()),
                self.colours,
                *(f"{name}={_quoted(value)}" for name, value in self.fitted.items()),
                *(f"{name}={';'.join(map(_quoted, each))}" for name, each in cases.items() if each),
                *(f"{name}={_quoted(value)}" for name, value in self.packages.items()),
            )
        )

    @property
    def identifier(self) -> str:
        """The metric and variant as `find` knows them, without the protocol of a fit."""
        base = self.variant.partition("@")[0]
        return self.metric if base == DEFAULT_VARIANT else f"{self.metric}:{base}"

    def spec(self) -> MetricSpec:
        """Look up what was signed, with the parameters and colours that the signature names.

        Raises
        ------
        FusionMetricsError
            There is no such metric, variant or parameter, or the metric has another version here.
        """
        found = find(self.identifier)
        if found.version != self.version:
            raise FusionMetricsError(
                f"{self.identifier}: the signature is of version {self.version} ({_listed(self.packages)}), but this "
                f"is version {found.version} ({_listed(_packages(found))}), whose values are others"
            )
        state = self.fitted.get("state", "")
        if found.fitted and state not in ("", found.fitted["state"]):
            raise FusionMetricsError(
                f"{self.identifier}: the signature is of what has the digest {printable(state[:_SHOWN])}, but what is "
                f"called so here has {found.fitted['state']}"
            )
        params = with_changes(found, self.parameters)
        name, _, value = self.colours.partition("=")
        if found.learns:
            return dataclasses.replace(found, params=params)
        if name == "grey" and value in GREY_RULES:
            return dataclasses.replace(found, params=params, channels="luminance", grey=value)
        if name == "channels" and value in CHANNELS:
            return dataclasses.replace(found, params=params, channels=value)  # type: ignore[arg-type]
        raise FusionMetricsError(f"{self.identifier}: colours cannot be made '{printable(self.colours)}'")


def signature_of(
    spec: MetricSpec, params: Mapping[str, Any] | None = None, *, fitted: dict[str, str] | None = None
) -> Signature:
    """Sign what a metric computes.

    Parameters
    ----------
    spec : MetricSpec
    params : mapping, optional
        The parameters in force; those of `spec` by default.
    fitted : mapping of str to str, optional
        See `Signature`.
    """
    given = spec.params if params is None else params
    # A network's defaults depend on the weights at hand; one that was trained beforehand has what it learnt.
    own = {} if spec.requires and not spec.fitted else _declared(spec).params
    if spec.learns:
        colours = "channels=own"
    elif spec.channels == "luminance":
        colours = f"grey={spec.grey}"
    else:
        colours = f"channels={spec.channels}"
    return Signature(
        metric=spec.name,
        variant=spec.variant,
        version=spec.version,
        parameters=changes_of(own, given),
        colours=colours,
        fitted=fitted or {},
        packages=_packages(spec),
    )


def with_decisions(signature: str, decisions: Iterable[str], sources: str = "") -> str:
    """Add to a signature what was decided when files were read, and how many sources were looked at."""
    reading = tuple(dict.fromkeys(decisions))
    if not (reading or sources):
        return signature
    taken = (sources,) if sources else ()
    return str(dataclasses.replace(parse_signature(signature), sources=taken, reading=reading))


def common_signatures(signatures: Iterable[str]) -> list[str]:
    """Sign many scores by few lines: decisions about files, numbers of sources, and seeds of fits, on one line.

    Lines of scores that another program computed stay as they are, and come last.
    """
    different = list(dict.fromkeys(filter(None, signatures)))
    if len(different) < 2:
        return different
    groups: dict[str, list[Signature]] = {}
    foreign = [text for text in different if text.startswith(FOREIGN_HEAD)]
    for one in map(parse_signature, (text for text in different if not text.startswith(FOREIGN_HEAD))):
        groups.setdefault(str(_without_cases(one)), []).append(one)
    return [*(str(_together(group)) for group in groups.values()), *foreign]


def common_signature(signatures: Iterable[str]) -> str:
    """Sign many scores of one metric by one line.

    Returns
    -------
    str
        Empty where the scores have no signature.

    Raises
    ------
    FusionMetricsError
        They differ in more than decisions about files, numbers of sources, and seeds.
    """
    [common, *others] = common_signatures(signatures) or [""]
    if others:
        raise FusionMetricsError(f"scores of one metric are signed differently: {common} and {others[0]}")
    return common


def _without_cases(one: Signature) -> Signature:
    return dataclasses.replace(one, sources=(), reading=(), fitted={**one.fitted, "seed": ""})


def _together(group: Sequence[Signature]) -> Signature:
    sources, decisions = (dict.fromkeys(each for one in group for each in of(one)) for of in _CASES)
    seeds = dict.fromkeys(one.fitted["seed"] for one in group if "seed" in one.fitted)
    fitted = group[0].fitted | ({"seed": ",".join(seeds)} if seeds else {})
    return dataclasses.replace(group[0], sources=tuple(sources), reading=tuple(decisions), fitted=fitted)


def parse_signature(text: str) -> Signature:
    """Take a signature apart, whether or not the metric is known here.

    Raises
    ------
    FusionMetricsError
        The text is no signature; the message says where it ceases to be one.
    """
    shown = printable(text.strip())
    shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."

    def wrong(what: str) -> FusionMetricsError:
        return FusionMetricsError(f"'{shown}' is no signature of a score: {what}")

    if text.strip().startswith(FOREIGN_HEAD):
        raise FusionMetricsError(f"'{shown}' is a score that another program computed, so there is nothing to repeat")
    head, *fields = text.strip().split("|")
    metric, _, variant = head.partition(":")
    base, at, protocol = variant.partition("@")
    if not all(_NAME.fullmatch(part) for part in (metric, base, *([protocol] if at else []))):
        raise wrong("it does not begin with METRIC:VARIANT")
    if not fields or not re.fullmatch(r"v[0-9]{1,9}", fields[0], re.ASCII):
        raise wrong("no version such as v1 follows the metric")
    pairs = [(name, value) for name, _, value in (each.partition("=") for each in fields[1:])]
    names = [name for name, _ in pairs]
    if any("=" not in each for each in fields[1:]) or not all(_NAME.fullmatch(name) for name in names):
        raise wrong("behind the version, every field is NAME=VALUE")
    if PACKAGE not in names:
        raise wrong(f"it does not end with {PACKAGE}= and a version")
    # A parameter may be called as what follows the parameters; only the last of them is not one.
    end = max(i for i, name in enumerate(names) if name == PACKAGE)
    places = [i for i, name in enumerate(names[:end]) if name in _COLOURS]
    if not places:
        raise wrong("it does not say what becomes of colours, grey= or channels=")
    parameters, about, packages = pairs[: places[-1]], pairs[places[-1] + 1 : end], pairs[end:]
    for part in (parameters, about, packages):
        if len({name for name, _ in part}) < len(part):
            raise wrong("a field is there twice")
    if strange := [name for name, _ in about if name not in (*FITTED, "sources", "reading")]:
        raise wrong(f"{printable(strange[0])} stands behind the colours")
    found = dict(about)
    sources, reading = (found.pop(name, "") for name in ("sources", "reading"))
    return Signature(
        metric=metric,
        variant=variant,
        version=int(fields[0][1:]),
        parameters=dict(parameters),
        colours="=".join(pairs[places[-1]]),
        fitted={name: _unquoted(value) for name, value in found.items()},
        sources=tuple(map(_unquoted, sources.split(";"))) if sources else (),
        reading=tuple(map(_unquoted, reading.split(";"))) if reading else (),
        packages={name: _unquoted(value) for name, value in packages},
    )


def _quoted(text: str) -> str:
    return quote(text, safe=_PLAIN, errors="surrogatepass")


def _unquoted(text: str) -> str:
    return unquote(text, errors="surrogatepass")


def _listed(packages: Mapping[str, str]) -> str:
    return printable(", ".join(f"{name} {number}" for name, number in packages.items()))


def _declared(spec: MetricSpec) -> MetricSpec:
    """Find the variant as it was declared: a specification may be a changed copy."""
    try:
        return find(spec.id)
    except UnknownMetric:
        return spec


def _packages(spec: MetricSpec) -> dict[str, str]:
    found = {PACKAGE: fusion_metrics.__version__}
    module = getattr(spec.function, "declared_in", spec.function.__module__).partition(".")[0]
    return found if module in _OWN_PACKAGES else found | _foreign(module)


@functools.cache
def _foreign(module: str) -> dict[str, str]:
    """Name the package that brings a module, with its version."""
    [package, *_] = packages_distributions().get(module) or [module]
    try:
        return {package: version(package)}
    except PackageNotFoundError:
        return {package: "unknown"}
