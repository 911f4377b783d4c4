"""How far the raters of a study are."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from benchmark.study.serving import open_study
from benchmark.tables import Cell, Table, count, heads


def status_table(folder: Path) -> Table:
    """Return a line a rater: votes, corrections, and when the last one came."""
    study, votes = open_study(folder)
    with closing(votes):
        raters, rows = votes.raters(), votes.all_votes()
        lengths = {name: len(votes.slots(number)) for name, number in raters.items()}
    training = len(study.training) // (1 if study.design == "rating" else 2)
    lines = []
    for name in raters:
        mine = [vote for vote in rows if vote.rater == name]
        places = {vote.position for vote in mine if vote.slot.kind != "training"}
        trained = {vote.position for vote in mine if vote.slot.kind == "training"}
        total = lengths[name] - training if study.design == "rating" else study.comparisons
        last = datetime.fromisoformat(mine[-1].at).astimezone().strftime("%Y-%m-%d %H:%M") if mine else "never"
        lines.append(
            (
                Cell(name),
                Cell(f"{len(trained)} of {training}"),
                count(len(places)),
                count(total),
                count(len(mine) - len(places) - len(trained)),
                Cell(last),
            )
        )
    done = sum(int(line[2].text) for line in lines)
    title = f"{study.title}: {done} votes of {sum(int(line[3].text) for line in lines)}, {study.scores} raters"
    numbers = {"votes", "of", "corrected"}
    return Table(title, heads("rater", "training", "votes", "of", "corrected", "last", numbers=numbers), tuple(lines))
