"""Weights that networks of a run miss: on a terminal they are offered for download, once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from benchmark.cli.console import say
from benchmark.cli.screen import say_warning
from benchmark.numbers import listed
from benchmark.runs.request import Request, with_preset
from fusion_metrics import FusionMetricsError, Metric
from fusion_metrics.files import write_text
from fusion_metrics.selection import select

#: Where it is remembered whose weights were not wanted, so that nobody is asked twice.
DECLINED = "declined.txt"


def on_a_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Ask for yes or no, which is the default; an interrupt ends the command."""
    try:
        return click.confirm(question, default=False, err=True)
    except click.Abort:
        raise KeyboardInterrupt from None


def offer_weights(metrics: str, preset: str | None, ask: Callable[[str], bool] = confirm) -> frozenset[str]:
    """Offer to download the weights that metrics of a request miss, all in one question.

    Without a terminal nothing is asked and nothing downloaded. What was declined is not offered again. A download that
    fails is said in one line, and the run goes on as it would have without.

    Parameters
    ----------
    metrics : str
        The request, see `fusion_metrics.selection.select`.
    preset : str, optional
        How much of networks is trained.
    ask : callable, optional
        It is given the question.

    Returns
    -------
    frozenset of str
        The backbones whose weights are there now.
    """
    from learned.backbones.weights import MEGABYTES, download, downloadable, downloads

    if not on_a_terminal():
        return frozenset()
    declined = _declined(downloads() / DECLINED)
    missed: dict[str, list[Metric]] = {}
    for metric in select(metrics).metrics:
        chosen = with_preset(metric, preset)
        backbone = _lacking(chosen)
        if backbone in downloadable() and backbone not in declined:
            missed.setdefault(backbone, []).append(chosen)
    if not missed:
        return frozenset()
    size = sum(MEGABYTES[backbone] for backbone in missed)
    if not ask(f"{_missed(missed)} Fetch them ({size} MB) now?"):
        with suppress(FusionMetricsError, OSError):  # then it is asked again
            write_text(downloads() / DECLINED, "\n".join(sorted({*declined, *missed})) + "\n")
        say(f"not fetched, and not asked again; later: fmbench models fetch {' '.join(missed)}")
        return frozenset()
    fetched = set()
    for backbone in missed:
        say(f"fetching {backbone} ({MEGABYTES[backbone]} MB)")
        try:
            say(f"fetched: {download(backbone)}")
        except FusionMetricsError as error:
            say_warning(f"warning: {error}; goes on without them")
        else:
            fetched.add(backbone)
    return frozenset(fetched)


def with_weights(request: Request, fetched: frozenset[str]) -> Request:
    """Let the metrics of a run start from what has just been fetched, as they will from the next command on."""
    return replace(request, metrics=tuple(_started(metric, fetched) for metric in request.metrics))


def _started(metric: Metric, fetched: frozenset[str]) -> Metric:
    if not fetched or _lacking(metric) not in fetched or metric.params.get("weights") != "random":
        return metric
    return Metric(replace(metric.spec, params={**metric.params, "weights": "imagenet"}))


def _lacking(metric: Metric) -> str:
    try:
        return metric.lacking
    except FusionMetricsError:  # parameters that do not go together, as is said where metrics are chosen
        return ""


def _missed(missed: Mapping[str, Sequence[Metric]]) -> str:
    metrics = [metric for each in missed.values() for metric in each]
    random = list(dict.fromkeys(metric.spec.id for metric in metrics if not metric.obstacle))
    out = list(dict.fromkeys(metric.spec.id for metric in metrics if metric.obstacle))
    would = [f"{listed(random, 4)} would start from random weights"] if random else []
    would += [f"{listed(out, 4)} would be left out"] if out else []
    return f"Weights of {listed(list(missed))} are not on this machine: {', and '.join(would)}."


def _declined(path: Path) -> set[str]:
    try:
        return set(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError):
        return set()
