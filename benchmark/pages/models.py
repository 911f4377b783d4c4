"""Trained metrics as they are shown: the list of all, and the card of one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmark.tables import ABSENT, Cell, Table, heads
from fusion_metrics import FusionMetricsError, Metric, create
from fusion_metrics.learning import load_told
from fusion_metrics.trained.card import Held
from fusion_metrics.trained.model import Model
from fusion_metrics.trained.places import places


def models_table() -> Table:
    """List every trained metric that is on this machine."""
    rows, wrong = [], []
    for place in places():
        kept = "shipped" if place.shipped else "own"
        try:
            card = model_of(create(place.id)).card
            found = (card.database or ABSENT, card.scores or ABSENT, kept, f"{place.path.stat().st_size / 1000:.0f}")
        except (FusionMetricsError, OSError) as error:
            found = (ABSENT, ABSENT, kept, ABSENT)
            wrong.append(f"{place.id} cannot be used: {error}")
        rows.append((Cell(place.id), *map(Cell, found)))
    notes = (
        "usable wherever a metric is named: fmbench score --metrics NAME; fmbench models show NAME prints the card",
        "human, simulated: whose opinion scores it learnt",
        *wrong,
    )
    return Table("Trained metrics", heads("name", "trained on", "scores", "kept", "kB"), tuple(rows), notes)


def model_of(metric: Metric) -> Model:
    """Return what a trained metric learnt, or raise an error that says that it is none."""
    if not isinstance(metric.spec.function, Model):
        raise FusionMetricsError(
            f"{metric.spec.id}: is not trained beforehand, so it has no card; see: fmbench models list"
        )
    return metric.spec.function


def card_lines(metric: Metric) -> Iterator[str]:
    """Print the card of a trained metric, line by line."""
    model = model_of(metric)
    card, familiar = model.card, model.familiar
    path = Path(model.path)
    about, _ = load_told(path)
    size = path.stat().st_size
    yield f"{metric.spec.id}"
    lines = [
        ("metric", f"{about['metric']}, version {about['version']}, {metric.spec.title.partition('+')[0]}"),
        ("parameters", about["parameters"]),
        ("trained on", card.trained_on + (f", {card.pairs} source pairs ({card.title})" if card.title else "")),
        ("scores", _scores(card.scores)),
        ("seed", str(card.seed)),
        ("made by", card.command or ABSENT),
        ("versions", ", ".join(f"{name} {number}" for name, number in card.versions.items()) or ABSENT),
        ("file", f"{model.path}, {size / 1000:.0f} kB"),
        ("digest", model.digest),
    ]
    if card.precision:
        rounded = f"{card.precision}; that changes no prediction of a training picture by more than {card.rounding:.1e}"
        lines.append(("kept in", rounded))
    if familiar is not None:
        far = f"a distance above {familiar.threshold:.2f}, which 1 % of held-out training pictures exceed"
        lines.append(("far is", far))
    yield from (f"  {name:<11} {text}" for name, text in lines)
    yield "  agreement with opinion scores of pictures that it has not seen"
    if card.held_out is None and not card.elsewhere:
        yield "    not measured"
    if card.held_out is not None:
        yield from _held(card.held_out, "other source pairs of the same database, fitted in folds")
    for held in card.elsewhere:
        yield from _held(held, "another database")


def _held(held: Held, what: str) -> Iterator[str]:
    yield f"    {held.database} ({held.scores} scores), {what}, {held.images} images"
    yield (
        f"      SRCC {_number(held.srcc)}, KRCC {_number(held.krcc)}, PLCC {_number(held.plcc)}, "
        f"RMSE {_number(held.rmse)}; SRCC within source pairs {_number(held.within_pairs)}"
    )
    if held.folds:
        yield f"      SRCC in each fold: {_numbers(held.folds)}"
    else:
        yield f"      {held.far} of {held.images} images are far from the training"
    if held.command:
        yield f"      {held.command}"


def _scores(scores: str) -> str:
    told = {
        "simulated": "simulated readers, nobody's opinion",
        "human": "people's opinions",
    }
    return told.get(scores, ABSENT)


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(map(_number, values))


def _number(value: float) -> str:
    return ABSENT if math.isnan(value) else f"{value:.3f}"
