"""Outcomes of runs for tests: a small database with made-up scores, analysed as a run analyses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmark.analysis.analyse import analyse
from benchmark.analysis.measure import Options
from benchmark.analysis.outcome import Outcome
from benchmark.databases.folder import load_folder
from benchmark.scoring.rows import ScoreRow
from fusion_metrics import create
from tests.databases import write_database

OPTIONS = Options(replicates=50, permutations=99)
#: How much of a metric's score is opinion, the rest being noise; `qcv` is better where it is lower, `rsfe` near 0.
SKILL = {"qabf": 1.0, "qcv": 0.8, "rsfe": 0.6}


def small_outcome(
    folder: Path,
    *,
    skill: Mapping[str, float] = SKILL,
    without: Sequence[str] = (),
    scores: str = "human",
    pairs: int = 4,
    steps: int = 4,
    about: Mapping[str, str] | None = None,
    votes: bool = True,
) -> Outcome:
    """Write a database and analyse made-up scores.

    Parameters
    ----------
    folder : Path
    skill : mapping of str to float
        Metrics with scores.
    without : sequence of str
        Metrics that have no score.
    scores, pairs, steps
        See `write_database`.
    about : mapping of str to str, optional
        Lines of ``database.toml``, in place of those there or added.
    votes : bool
        Whether there are raw votes, of three raters.
    """
    write_database(folder, pairs=pairs, steps=steps, scores=scores, size=24)
    toml = folder / "database.toml"
    kept = [line for line in toml.read_text().splitlines() if line.partition(" = ")[0] not in (about or {})]
    toml.write_text("\n".join([*kept, *(f"{key} = {value}" for key, value in (about or {}).items())]) + "\n")
    rng = np.random.default_rng(0)
    table = folder / "votes.csv"
    if votes:
        lines = table.read_text().splitlines()
        third = [line.replace(",r1,", ",r3,") for line in lines if ",r1," in line]
        table.write_text("\n".join([*lines, *third]) + "\n")
    else:
        table.unlink()
    database = load_folder(folder)
    rows = []
    for name, share in skill.items():
        spec = create(name).spec
        for image in database.fused:
            quality = share * database.q(image.mos or 0) + (1 - abs(share)) * rng.random() + 0.01 * rng.random()
            value = quality if spec.higher_is_better else 2 - quality
            rows.append(
                ScoreRow(database.name, image.pair, image.algorithm, image.image, name, "paper", value, "ok", "", 0.0)
            )
    for name in without:
        rows += [
            ScoreRow(database.name, image.pair, image.algorithm, image.image, name, "paper", None, "error", "no GPU", 0)
            for image in database.fused
        ]
    specs = [create(name).spec for name in (*skill, *without)]
    return Outcome(database, rows, specs, analyse(database, rows, specs, options=OPTIONS))
