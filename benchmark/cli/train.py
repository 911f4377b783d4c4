"""`fmbench train`: fit a metric that learns, and keep it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark.cli.console import error_console
from benchmark.cli.group import main
from benchmark.cli.options import fresh_option, jobs_option
from benchmark.cli.outputs import out_folder
from benchmark.cli.pictures import reading_option
from benchmark.cli.screen import allow_outside_option, print_lines, watch
from benchmark.errors import BenchmarkError
from benchmark.scoring.splits import BEST, PROTOCOLS
from fusion_metrics import Metric, create
from fusion_metrics.execution import Execution, executing
from fusion_metrics.trained.places import identifier

if TYPE_CHECKING:
    from benchmark.runs.request import Computing


@main.command("train", short_help="Fit a metric that learns to opinion scores.")
@click.argument("metric")
@click.option("--database", required=True, metavar="NAME", help="A folder, or an embedded database; with scores.")
@click.option("--preset", metavar="quick|compact|standard|paper", help="How much is trained; see the metric's page.")
@click.option(
    "--split",
    type=click.Choice([*PROTOCOLS, *(protocol + BEST for protocol in PROTOCOLS)]),
    help="Fit fold by fold instead of to everything, and predict the rest; -best: keep the epoch that does best on "
    "that very rest, as the papers do.",
)
@click.option("--folds", default=5, show_default=True, type=click.IntRange(min=2), help="With --split.")
@click.option("--seed", default=0, show_default=True, help="Of everything random.")
@click.option(
    "--accelerator",
    "--device",
    "device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where large networks are trained: on cuda in bfloat16, and compiled; auto: there, if there is one.",
)
@click.option("--devices", default=1, show_default=True, type=click.IntRange(min=1), help="How many of them.")
@click.option(
    "--compile/--no-compile",
    "compiled",
    default=None,
    help="Compile large networks by torch.compile.  [default: on one accelerator]",
)
@click.option("--estimate", is_flag=True, help="Train nothing: measure a few steps, and say how long all would take.")
@click.option(
    "--save-as",
    metavar="NAME",
    help="Keep it under this name: METRIC+NAME is then a metric of every command (see: fmbench models).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    callback=out_folder,
    help="Folder for the model.",
)
@jobs_option
@fresh_option
@allow_outside_option
@reading_option
def train_command(
    metric: str,
    database: str,
    preset: str | None,
    estimate: bool,
    save_as: str | None,
    out: Path | None,
    jobs: int,
    fresh: bool,
    **how: Any,
) -> None:
    """Fit METRIC to the opinion scores of a database; what was interrupted goes on where it stopped.

    With --save-as it is kept among your own, with a model card. With --out it
    writes OUT/METRIC.safetensors, or with --split one file a fold and OUT/predictions-SPLIT.csv, and prints how well
    the predictions agree with the scores. With --estimate it needs neither, and
    keeps nothing.
    """
    from benchmark.runs.measuring import called
    from benchmark.runs.models import train_as
    from benchmark.runs.request import Computing
    from benchmark.runs.train import train

    dealt = {name: how[name] for name in ("split", "folds", "seed")}
    given = [save_as is not None, out is not None]
    if given.count(True) > 1 or not (any(given) or estimate) or (save_as is not None and dealt["split"]):
        raise BenchmarkError("give --save-as NAME, which fits to everything, or --out FOLDER, with --split or without")
    if estimate and how["devices"] > 1:
        raise BenchmarkError(f"--devices {how['devices']}: --estimate measures on one; leave out --devices")
    chosen = create(metric, **({"preset": preset} if preset else {}))
    since = time.time() if fresh else None
    execution = Execution(how["device"], how["devices"], _say, since, how["compiled"])
    computing = Computing(jobs, fresh=fresh)
    with executing(execution):
        if estimate:
            print_lines(_estimated(chosen, database, save_as is not None, computing, dealt))
            return
        if save_as is not None:
            chosen_preset = f" --preset {preset}" if preset else ""
            what = f"fmbench train {metric} --database {called(database)}{chosen_preset}"
            command = f"{what} --seed {dealt['seed']} --save-as {save_as}"
            path = train_as(
                *(chosen, database, save_as), seed=dealt["seed"], command=command, computing=computing, watch=watch()
            )
            click.echo(f"{identifier(chosen.spec.name, chosen.spec.variant, save_as)}: {path}")
            return
        assert out is not None  # noqa: S101 - checked above
        found = train(
            chosen,
            database,
            out,
            **dealt,
            computing=computing,
            on_file=lambda path: click.echo(path),
            watch=watch(),
        )
    if found is not None:
        click.echo(found)


def _estimated(metric: Metric, database: str, card: bool, computing: Computing, dealt: Mapping[str, Any]) -> list[str]:
    from benchmark.runs.estimate import estimate

    return estimate(metric, database, card=card, computing=computing, watch=watch(), **dealt).lines()


def _say(done: int, total: int, about: str) -> None:
    error_console().print(f"epoch {done}/{total}: {about}", style="dim", highlight=False, soft_wrap=True)
