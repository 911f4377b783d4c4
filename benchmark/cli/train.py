"""`fmbench train`: fit a metric that learns, and keep it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from benchmark.cli.console import error_console
from benchmark.cli.group import main
from benchmark.cli.options import fresh_option, jobs_option
from benchmark.cli.outputs import out_folder
from benchmark.cli.screen import allow_outside_option, show_progress, watch
from benchmark.errors import BenchmarkError
from benchmark.scoring.splits import BEST, PROTOCOLS
from fusion_metrics import create
from fusion_metrics.execution import Execution, executing


@main.command("train")
@click.argument("metric")
@click.option("--database", required=True, metavar="NAME", help="A folder, or an embedded database; with scores.")
@click.option("--preset", metavar="quick|standard|paper", help="How much is trained; see the metric's page.")
@click.option(
    "--split",
    type=click.Choice([*PROTOCOLS, *(protocol + BEST for protocol in PROTOCOLS)]),
    help="Fit fold by fold instead of to everything, and predict the rest; -best: keep the epoch that does best on "
    "that very rest, as the papers do.",
)
@click.option("--folds", default=5, show_default=True, type=click.IntRange(min=2), help="With --split.")
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--devices", default=1, show_default=True, type=click.IntRange(min=1), help="How many of them.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    callback=out_folder,
    help="Folder for the model.",
)
@jobs_option
@fresh_option
@allow_outside_option
def train_command(
    metric: str,
    database: str,
    preset: str | None,
    split: str | None,
    folds: int,
    seed: int,
    device: str,
    devices: int,
    out: Path,
    jobs: int,
    fresh: bool,
) -> None:
    """Fit METRIC to the opinion scores of a database; what was interrupted goes on where it stopped.

    Writes OUT/METRIC.safetensors, or with --split one file a fold and OUT/predictions-SPLIT.csv, and prints how well
    the predictions agree with the scores.
    """
    from benchmark.csv_files import write_csv
    from benchmark.run import open_scored
    from benchmark.scoring.folds import Prediction, fit_folds
    from benchmark.scoring.material import gather
    from benchmark.scoring.store import ScoreStore
    from benchmark.statistics.agreement import agreement
    from fusion_metrics.cache import cache_folder

    chosen = create(metric, **({"preset": preset} if preset else {}))
    if chosen.obstacle:
        raise BenchmarkError(f"{chosen.spec.id}: {chosen.obstacle}")
    opened = open_scored(database, watch=watch())
    with (
        ScoreStore(cache_folder() / "scores.sqlite", fresh=fresh) as store,
        show_progress(f"preparing {opened.name}", len(opened.fused)) as advance,
    ):
        material = gather(opened, chosen, store=store, jobs=jobs, on_progress=lambda known, stored: advance(known))
    stem = chosen.spec.id.replace(":", "-")
    with executing(Execution(device, devices, _say, time.time() if fresh else None)):  # type: ignore[arg-type]
        if split is None:
            path = out / f"{stem}.safetensors"
            chosen.fit_prepared(material, seed=seed).save(path)
            click.echo(path)
            return
        rows = []
        predicted = material.q * float("nan")
        for fold in fit_folds(chosen, material, split, folds=folds, seed=seed):
            fold.metric.save(path := out / f"{stem}-{split}-fold{fold.number}.safetensors")
            click.echo(path)
            predicted[fold.held] = fold.predicted
            rows += [
                (material.names[i], material.groups[i], fold.number, float(material.q[i]), float(q))
                for i, q in zip(fold.held, fold.predicted, strict=True)
            ]
    write_csv(out / f"predictions-{split}.csv", ("image", "pair", "fold", "q", "predicted"), rows)
    found = agreement(predicted, material.q, on_scale=True)
    click.echo(
        f"{Prediction(predicted, split).variant(chosen.spec.id)} on {opened.name} ({opened.scores} scores), {found.n} "
        f"images: SRCC {found.srcc:.3f}, KRCC {found.krcc:.3f}, PLCC {found.plcc:.3f}, RMSE {found.rmse:.3f}"
    )


def _say(done: int, total: int, about: str) -> None:
    error_console().print(f"epoch {done}/{total}: {about}", style="dim", highlight=False, soft_wrap=True)
