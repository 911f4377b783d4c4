"""Who is cited for the numbers of a table, and what a methods section says of them: made from signatures alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.errors import BenchmarkError
from benchmark.escaping import latex, latex_title
from benchmark.numbers import counted, listed
from benchmark.signed.read import read_signed
from fusion_metrics import FusionMetricsError, MetricSpec
from fusion_metrics.references import reference
from fusion_metrics.registry import find
from fusion_metrics.scripts import Script, script_of
from fusion_metrics.selection import select_metrics
from fusion_metrics.signature import PACKAGE, Signature, parse_signature
from fusion_metrics.trained.places import PLUS, taken_apart

#: The project itself, and the tests of a comparison of methods, in ``references.bib``.
OWN = "fmbench2026"
RANKS = ("friedman1937", "iman1980", "nemenyi1963")
PAIRS, BEST = "westfall1993", "hsu1984"
_CHANNELS = {
    "each": "as the mean over red, green and blue",
    "colours": "in all three channels",
    "side by side": "with their three channels side by side",
    "own": "as the network takes them",
}


@dataclass(frozen=True)
class Citation:
    r"""What a paper prints about the metrics of a table.

    Attributes
    ----------
    methods : str
        Sentences for the methods section, as LaTeX with its ``\cite``.
    bibtex : str
        The works that they cite.
    unknown : tuple of str
        Metrics of which no work is known here, because what declares them is not installed.
    """

    methods: str
    bibtex: str
    unknown: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.methods}\n\n{self.bibtex}"


def citation(signatures: Sequence[Signature], *, compares: bool = False, ranks: bool = False) -> Citation:
    """Say who is cited for what was computed.

    Parameters
    ----------
    signatures : sequence of Signature
    compares : bool
        Whether methods were tested against each other by the permutation tests of `fmbench compare`.
    ranks : bool
        Whether their ranks were tested, too.
    """
    known: dict[str, tuple[Signature, MetricSpec]] = {}
    unknown: dict[str, None] = {}
    for one in signatures:
        try:
            known.setdefault(f"{one.metric}:{one.variant}", (one, _declared(one)))
        except FusionMetricsError:
            unknown[one.identifier] = None
    cites = _Cites()
    sentences = [
        _versions(signatures, cites),
        *_metrics(list(known.values()), cites),
        *([f"No reference is known here of {latex(listed(list(unknown)))}."] if unknown else []),
        *_colours(signatures),
        *_readings(signatures),
        *_fits(list(known.values())),
        *(_tests(cites, ranks=ranks) if compares else ()),
    ]
    return Citation(" ".join(sentences), cites.bibtex(_version_note(signatures)), tuple(unknown))


def _declared(one: Signature) -> MetricSpec:
    """Look up what was signed; what was trained beforehand is cited as its metric, even where its file is gone."""
    try:
        return find(one.identifier)
    except FusionMetricsError:
        metric, variant, name = taken_apart(one.identifier)
        if not name:
            raise
        spec = find(f"{metric}:{variant}")
        return replace(spec, name=one.metric, title=f"{spec.title}{PLUS}{name}")


class _Cites:
    """Collects keys as they are cited."""

    def __init__(self) -> None:
        self._works: dict[str, str] = {}

    def __call__(self, *works: str) -> str:
        r"""Write ``\cite`` of works, which are keys or whole entries."""
        found = {reference(work).key: reference(work).bibtex for work in works if work}
        self._works |= found
        return rf"~\cite{{{','.join(found)}}}" if found else ""

    def bibtex(self, version: str) -> str:
        entries = dict(self._works)
        if version and OWN in entries:
            entries[OWN] = entries[OWN].rstrip().removesuffix("}").rstrip() + f"\n  note = {{{version}}},\n}}"
        return "\n\n".join(entries.values())


def _version_note(signatures: Iterable[Signature]) -> str:
    versions = _packages(signatures).get(PACKAGE, ())
    return f"Version {listed(list(versions))}" if versions else ""


def _packages(signatures: Iterable[Signature]) -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for one in signatures:
        for name, version in one.packages.items():
            found.setdefault(name, {})[version] = None
    return found


def _versions(signatures: Sequence[Signature], cites: _Cites) -> str:
    packages = _packages(signatures)
    own = listed(list(packages.pop(PACKAGE, ())))
    others = [f"{name} {listed(list(versions))}" for name, versions in packages.items()]
    more = f", with metrics of {latex(listed(others))}" if others else ""
    return f"Fused images were scored with fmbench{f' {latex(own)}' if own else ''}{cites(OWN)}{more}."


def _metrics(known: Sequence[tuple[Signature, MetricSpec]], cites: _Cites) -> list[str]:
    """Name the metrics in their published definitions, then those of each script, then other variants."""
    published: list[str] = []
    variants: list[str] = []
    by_script: dict[str, tuple[Script, list[str]]] = {}
    for one, spec in known:
        script = script_of(spec)
        variant = "" if spec.variant == "paper" or (script and spec.variant == script.name) else spec.variant
        works = dict.fromkeys((find(taken_apart(spec.name)[0]).cites, spec.cites))
        if script is not None:
            works.pop(script.cites, None)
        named = _named(one, spec, variant) + cites(*works)
        if script is not None:
            by_script.setdefault(script.name, (script, []))[1].append(named)
        else:
            (variants if variant else published).append(named)
    found = []
    if published:
        several = len(published) > 1
        what = "their published definitions" if several else "its published definition"
        found.append(f"{'The metrics are' if several else 'The metric is'} {listed(published)}, in {what}.")
    if variants:
        verb = "were" if len(variants) > 1 else "was"
        found.append(
            f"{listed(variants)} {verb} computed in the {'variants' if len(variants) > 1 else 'variant'} named."
        )
    for script, names in by_script.values():
        verb = "were" if len(names) > 1 else "was"
        what = f"{latex(script.title)} ({latex(script.state)})"
        found.append(f"{listed(names)} {verb} computed as by {what}{cites(script.cites)}.")
    return found


def _named(one: Signature, spec: MetricSpec, variant: str) -> str:
    """Name a metric with what it differs in from its declaration."""
    changed = [] if spec.requires else [f"{name} = {value}" for name, value in one.parameters.items()]
    more = [f"variant {variant}" if variant else "", *changed]
    return latex_title(spec.title) + (f" ({latex(', '.join(filter(None, more)))})" if any(more) else "")


def _colours(signatures: Sequence[Signature]) -> list[str]:
    """Say what became of colours; a metric of another rule than most is named."""
    by_rule: dict[str, list[str]] = {}
    for one in signatures:
        names = by_rule.setdefault(one.colours, [])
        names += [one.identifier] if one.identifier not in names else []
    parts = []
    for rule, names in sorted(by_rule.items(), key=lambda item: -len(item[1])):
        kind, _, value = rule.partition("=")
        how = f"on their luminance ({latex(value)})" if kind == "grey" else _CHANNELS.get(value, latex(value))
        who = f" by {latex(listed(names))}" if len(by_rule) > 1 else ""
        parts.append(f"{how}{who}")
    return [f"Pictures in colour were scored {'; '.join(parts)}."] if parts else []


def _readings(signatures: Sequence[Signature]) -> list[str]:
    decisions = dict.fromkeys(each for one in signatures for each in one.reading)
    return [f"When files were read, this was decided: {latex('; '.join(decisions))}."] if decisions else []


def _fits(known: Sequence[tuple[Signature, MetricSpec]]) -> list[str]:
    """Say to what metrics that learn were fitted."""
    found = []
    for one, spec in known:
        fitted = one.fitted
        if not fitted:
            continue
        parts = []
        if "on" in fitted:
            parts.append(f"to opinion scores of {fitted['on']}")
        if "folds" in fitted:
            protocol = one.variant.partition("@")[2]
            parts.append(f"in {counted(int(fitted['folds']), 'fold')}{f' (protocol {protocol})' if protocol else ''}")
        if "seed" in fitted:
            parts.append(f"seed {fitted['seed']}")
        if "state" in fitted:
            parts.append(f"digest of what it learnt {fitted['state']}")
        found.append(f"{latex_title(spec.title)} was fitted: {latex(', '.join(parts))}.")
    return found


def _tests(cites: _Cites, *, ranks: bool) -> list[str]:
    pairs = (
        "Any two methods were compared over the same images by paired permutation tests of their means, adjusted for "
        f"all pairs by step-down maxT{cites(PAIRS)}; methods that are not significantly worse than the best are those "
        f"of multiple comparisons with the best{cites(BEST)}."
    )
    if not ranks:
        return [pairs]
    friedman = (
        "Differences of ranks were tested by Friedman's test with the correction of Iman and Davenport, and by "
        f"Nemenyi's critical difference{cites(*RANKS)}."
    )
    return [friedman, pairs]


def cite(tables: Sequence[str | Path] | str | Path = (), *, metrics: str | None = None) -> Citation:
    """Say who is cited for the metrics of signed tables, or for metrics that are named.

    Parameters
    ----------
    tables : path or sequence of path
        Files that were written here, in any format.
    metrics : str, optional
        Names such as ``"qabf,ssim:vifb"`` instead.

    Returns
    -------
    Citation
        BibTeX, and sentences for the methods section; `str` gives both.

    Raises
    ------
    BenchmarkError
        Neither or both are given, or a file has no signatures.

    Examples
    --------
    >>> import benchmark
    >>> print(benchmark.cite(metrics="qabf").methods.rpartition(". ")[2])
    Pictures in colour were scored on their luminance (rgb2gray).
    """
    paths = [tables] if isinstance(tables, str | Path) else list(tables)
    if bool(paths) == (metrics is not None):
        raise BenchmarkError(
            "nothing to cite: give signed tables or metrics" if not paths else "give tables or metrics"
        )
    if metrics is not None:
        return citation([parse_signature(metric.signature) for metric in select_metrics(metrics)])
    read = [read_signed(Path(path)) for path in paths]
    signatures = [one for table in read for one in table.signatures]
    return citation(
        signatures, compares=any(table.compares for table in read), ranks=any(table.ranks for table in read)
    )
