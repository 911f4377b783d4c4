"""The page ``docs/metrics.md``: every metric and variant, from the registry and from what it does on odd pictures.

Nothing on that page is written by hand: sources, directions and bounds are declared with each metric; what
lower contrast and degenerate pictures do is tried out.
"""

from __future__ import annotations

import inspect
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmark.cost.floor import HEAVY, MEDIUM, cost_class
from benchmark.example_pictures import Pixels, Triple, example
from benchmark.tables import Cell, Table, heads, interval, markdown_table
from fusion_metrics import Image, Metric, MetricSpec, Score
from fusion_metrics.references import reference
from fusion_metrics.scoring import evaluate
from fusion_metrics.spec import CHANNELS, FAMILIES, SOURCES, Trait

#: Rows and columns of the pictures; the largest of all smallest sizes is 176.
SIZE = 192
#: Values up to this are rounding errors of a zero.
ROUNDING = 1e-12
#: Relative difference up to which two values are the same.
SAME = 1e-9

INTRODUCTION = """# Metrics

Made by `fmbench list --page metrics > docs/metrics.md`, a test holds it against the code.

{metrics} metrics in {variants} variants. `paper` is the published definition, the variant that `name` alone means; the
others are called `name:variant`. Those called after scripts reproduce what a script prints, right or wrong: `liu2012`
(Z. Liu's toolbox), `vifb` and `mefb` (X. Zhang's benchmarks), `tang` (L. Tang's evaluation scripts), `thfylsty`;
[which-script.md](which-script.md) shows them side by side.

Pixels are 8-bit or of a stated range, and are held on 0..255 before any metric sees them. 16-bit and float pixels keep
their precision, but metrics that count grey levels round them to 256 bins, each one level wide: publications and
scripts count 256 levels, and more bins than pixels would measure the size of the picture ([Pictures](pictures.md)).

Tried out on pictures of {size}x{size} pixels that `benchmark.example_pictures` makes, but for *colour*, which is
declared:

- *colour*: what a colour picture is to the metric:
{channels}
- *half contrast*: whether the score changes where the contrast of all three pictures is halved and 20 is added.
- *equal*: three equal pictures. *fused flat*: the fused image is 128 everywhere. *a flat*: the first source is 50.
  *both flat*: the sources are 50 and 90. *black*: all three are 0. A dash means that there is no value:
  `UndefinedScore` is raised and says why.

*sources*: how a metric takes the pictures that were fused:
{sources}

A metric that compares with the ground truth was tried out with the first source in place of it.

*cost* is counted from the definition (`benchmark.cost.floor`): `light`, `medium` from {medium}, `heavy` from {heavy}
times what a product of two pictures costs, and the costliest kind of work: `pixels` (arithmetic alone), `histograms`,
`filters`, `transforms` (Fourier) or `networks` (convolutions of many channels). `fmbench bench` measures time.

*measures*:

{families}
"""


def metrics_page(specs: Sequence[MetricSpec], on_metric: Callable[[], None] = lambda: None) -> str:
    """Write the page.

    Parameters
    ----------
    specs : sequence of MetricSpec
        All variants; those of a metric next to each other, `paper` first.
    on_metric : callable, optional
        Called after each variant that was tried out.
    """
    families: dict[str, list[MetricSpec]] = {}
    for spec in specs:
        families.setdefault(spec.name, []).append(spec)
    cases = _cases()
    tried: dict[str, dict[str, Score]] = {}
    for spec in specs:
        if not spec.notes:
            tried[spec.id] = {name: _score(spec, images) for name, images in cases.items()}
        on_metric()
    introduction = INTRODUCTION.format(
        metrics=len(families),
        variants=len(specs),
        size=SIZE,
        medium=MEDIUM,
        heavy=HEAVY,
        channels=_explained(CHANNELS, "  "),
        sources=_explained(SOURCES),
        families=_explained(FAMILIES),
    )
    columns = ("metric", "name in the field", "measures", "", "bounds", "ideal", "sources", "cost", "published")
    lines = [introduction, markdown_table(columns, (_overview(variants[0]) for variants in families.values()))]
    for variants in families.values():
        lines += ["", *_section(variants, tried)]
    return "\n".join(lines) + "\n"


def _overview(spec: MetricSpec) -> tuple[str, ...]:
    return (
        f"[`{spec.name}`](#{spec.name})",
        spec.title,
        spec.family,
        spec.arrow,
        interval(spec.bounds),
        number(spec.ideal),
        spec.sources,
        cost_class(spec.id),
        _cited(spec.cites),
    )


def _section(variants: Sequence[MetricSpec], tried: Mapping[str, Mapping[str, Score]]) -> list[str]:
    paper = variants[0]
    work = reference(paper.cites)
    doi = f" [doi:{work.doi}](https://doi.org/{work.doi})" if work.doi else ""
    authors = "; ".join(without_tex(author) for author in work.authors.split(" and "))
    lines = [f"## {paper.name}", "", *_description(paper), ""]
    lines += [f"Source: {authors}: {without_tex(work.title)}, {work.year}.{doi}", ""]
    definitions = [
        (
            f"`{spec.variant}`",
            spec.variant_summary,
            spec.arrow,
            interval(spec.bounds),
            number(spec.ideal),
            f"{spec.min_size}x{spec.min_size}",
            spec.sources,
            _cited(spec.cites),
        )
        for spec in variants
    ]
    lines += [
        markdown_table(
            ("variant", "what it computes", "", "bounds", "ideal", "smallest", "sources", "cites"), definitions
        )
    ]
    if paper.learns:
        return [*lines, "", "It learns: without opinion scores to be fitted to it has no value."]
    if paper.notes:
        return [*lines, "", "It starts from a network's weights, on which its values depend: none are shown here."]
    odd = ("equal", "fused flat", "a flat", "both flat", "black")
    behaviour: list[tuple[str, ...]] = []
    reasons: dict[str, list[str]] = {}
    exceptions: dict[tuple[Trait, str], list[str]] = {}
    for spec in variants:
        scores = tried[spec.id]
        policies = (spec.channels, _contrast_policy(scores))
        behaviour.append((f"`{spec.variant}`", *policies, *(number(scores[case].value) for case in odd)))
        for case in odd:
            if scores[case].value is None:
                reasons.setdefault(scores[case].reason, []).append(f"{spec.variant}, {case}")
        for trait, reason in spec.exceptions.items():
            exceptions.setdefault((trait, reason), []).append(spec.variant)
    lines += ["", markdown_table(("variant", "colour", "half contrast", *odd), behaviour)]
    lines += [""] if reasons or exceptions else []
    lines += [f"- {trait} ({', '.join(where)}): {reason}" for (trait, reason), where in exceptions.items()]
    lines += [f"- no value ({'; '.join(where)}): {reason}" for reason, where in reasons.items()]
    return lines


def _description(spec: MetricSpec) -> list[str]:
    """Take summary and formula from the docstring, up to its first heading."""
    text = (inspect.getdoc(spec.function) or "").split("\nParameters\n")[0]
    return text.strip().split("\n")


def _explained(words: Mapping[Any, str], indent: str = "") -> str:
    """List words with what they mean."""
    return "\n".join(f"{indent}- `{word}`: {meaning}" for word, meaning in words.items())


def _contrast_policy(scores: Mapping[str, Score]) -> str:
    before, after = scores["even levels"].value, scores["half contrast"].value
    if before is None or after is None:
        return "–"
    return "unchanged" if _same(before, after) else "changes"


def _cases() -> dict[str, tuple[Image, Image, Image]]:
    """Make the pictures once, so that variants share features."""
    grey = example(SIZE)
    flat = np.full_like(grey.a, 128)
    even = Triple(*(picture // 2 * 2 for picture in grey))
    pictures: dict[str, Sequence[Pixels]] = {
        "even levels": even,
        "half contrast": [picture // 2 + 20 for picture in even],
        "equal": (grey.a, grey.a, grey.a),
        "fused flat": (grey.a, grey.b, flat),
        "a flat": (np.full_like(flat, 50), grey.b, grey.fused),
        "both flat": (np.full_like(flat, 50), np.full_like(flat, 90), grey.fused),
        "black": (np.zeros_like(flat), np.zeros_like(flat), np.zeros_like(flat)),
    }
    names = ("a", "b", "fused")
    cases = {}
    for case, three in pictures.items():
        a, b, fused = (
            Image(np.ascontiguousarray(pixels), name=name) for pixels, name in zip(three, names, strict=True)
        )
        cases[case] = (a, b, fused)
    return cases


def _score(spec: MetricSpec, images: tuple[Image, Image, Image]) -> Score:
    a, b, fused = images
    return evaluate(Metric(spec), fused, *((a,) if spec.needs_reference else (a, b)))


def _cited(cites: str) -> str:
    work = reference(cites)
    return f"{without_tex(work.authors.split(',')[0])} {work.year}"


#: Accents in BibTeX, and as marks that combine with the letter before.
_ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "v": "\u030c", "c": "\u0327"}


def without_tex(text: str) -> str:
    r"""Turn a field of a BibTeX entry into plain text.

    Examples
    --------
    >>> without_tex(r"{Petrovi{\'c}}, V. {and} Cvejic, pages 1--2")
    'Petrović, V. and Cvejic, pages 1–2'
    """
    accented = re.sub(r"\\(['`\"^~]|[vc](?=[\s{]))\s*{?(\w)}?", lambda m: m[2] + _ACCENTS[m[1]], text)
    return unicodedata.normalize("NFC", re.sub(r"[{}]", "", accented)).replace("--", "–")


def number(value: float | None) -> str:
    """Print a value with four digits, a dash where there is none."""
    if value is None:
        return "–"
    return "∞" if math.isinf(value) else f"{0.0 if abs(value) < ROUNDING else value:.4g}"


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=SAME, abs_tol=ROUNDING)


def metric_table(specs: Sequence[MetricSpec]) -> Table:
    """Show the catalogue: one row per metric and variant."""
    rows = tuple(
        tuple(
            Cell(text)
            for text in (
                spec.id,
                spec.title,
                spec.family,
                spec.arrow,
                interval(spec.bounds),
                spec.sources,
                spec.variant_summary,
            )
        )
        for spec in specs
    )
    return Table(
        f"{len(specs)} metrics",
        heads("name", "title", "family", "", "bounds", "sources", "what it computes", numbers=()),
        rows,
    )
