"""From votes to a database: mean scores with their intervals, every vote, and a report on the raters."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

import fusion_metrics
from benchmark.csv_files import cell, write_csv
from benchmark.databases.folder import FUSED_COLUMNS, PAIR_COLUMNS, VOTE_COLUMNS
from benchmark.databases.source_lists import SOURCE_COLUMNS, SOURCE_LISTS
from benchmark.errors import BenchmarkError
from benchmark.escaping import file_name
from benchmark.study.create import check_pictures, copy_picture
from benchmark.study.model import SCALES, Study
from benchmark.study.panel_report import raters_table, report_on
from benchmark.study.preferences import comparing_table, preferences_of
from benchmark.study.ratings import Ratings, ratings_of
from benchmark.study.serving import open_study
from benchmark.study.sitting import DETAILS, QUESTIONS
from benchmark.study.votes import Vote, Votes
from benchmark.tables import Table, to_markdown
from fusion_metrics.files import check_folder, write_text

#: Columns beyond those of every database, which are read by nobody who does not know them.
MORE = ("mos_low", "mos_high", "original")


def export_study(folder: Path, target: Path, *, leave_out: Sequence[str] = ()) -> tuple[Table, list[str]]:
    """Write the votes of a study as a new database.

    Parameters
    ----------
    folder : Path
        The study; it may be served meanwhile.
    target : Path
        A folder that does not exist.
    leave_out : sequence of str
        Raters whose votes do not count.

    Returns
    -------
    Table
        About the raters.
    list of str
        What whoever uses the database should know.

    Raises
    ------
    BenchmarkError
        The folder exists, a rater is unknown, or there are no votes.
    """
    if target.exists() or target.is_symlink():
        raise BenchmarkError(f"{target}: exists already, and votes are exported into a new folder")
    check_folder(target)
    study, votes = open_study(folder)
    with closing(votes):
        known = list(votes.raters())
        if unknown := [name for name in leave_out if name not in known]:
            raise BenchmarkError(f"--leave-out {unknown[0]}: takes no part; there are {', '.join(known)}")
        rows, said = votes.all_votes(), votes.conditions()
        lengths = _lengths(study, votes)
    raters = [name for name in known if name not in leave_out]
    check_pictures(study, folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-", ignore_cleanup_errors=True) as made:
        work = Path(made) / "database"
        images = _copy_pictures(study, folder, work)
        if study.design == "rating":
            ratings = ratings_of(study, rows, raters)
            if not ratings.raters:
                raise BenchmarkError(f"{folder}: nobody has rated anything yet")
            fused, table = _ratings(study, ratings)
            write_csv(work / "votes.csv", VOTE_COLUMNS, _every_vote(ratings, images))
        else:
            found = preferences_of(study, rows, raters)
            fused, table = (
                [
                    (found.share[k], None, int(found.compared[k]), found.low[k], found.high[k])
                    for k in range(len(study.items))
                ],
                comparing_table(study, found),
            )
        warnings = _warnings(study, rows, raters, lengths, leave_out)
        _write_fused(study, images, fused, work)
        _write_about(study, target.name, work, warnings)
        _write_records(study, rows, said, images, work)
        report = to_markdown(table) + "".join(f"\n- {warning}" for warning in warnings) + "\n"
        write_text(work / "raters.md", report)
        work.rename(target)
    return table, warnings


Row = tuple[float, float | None, int, float, float]


def _ratings(study: Study, ratings: Ratings) -> tuple[list[Row], Table]:
    report = report_on(study, ratings)
    found = report.opinions
    fused: list[Row] = list(
        zip(
            found.mean.tolist(),
            found.deviation.tolist(),
            found.votes.tolist(),
            found.low.tolist(),
            found.high.tolist(),
            strict=True,
        )
    )
    return fused, raters_table(study, report)


def _lengths(study: Study, votes: Votes) -> Mapping[str, int]:
    """Return how many answers of each rater would count, repeats included."""
    if study.design == "pairs":
        return dict.fromkeys(votes.raters(), study.comparisons)
    return {
        name: sum(slot.kind != "training" for slot in votes.slots(number)) for name, number in votes.raters().items()
    }


def _warnings(
    study: Study, rows: Sequence[Vote], raters: Sequence[str], lengths: Mapping[str, int], leave_out: Sequence[str]
) -> list[str]:
    said = []
    for name in raters:
        done = len({vote.position for vote in rows if vote.rater == name and vote.slot.kind != "training"})
        if done < lengths[name]:
            said.append(f"{name} has answered {done} of {lengths[name]}")
    if leave_out:
        said.append(f"left out: {', '.join(leave_out)}")
    if study.scores == "simulated":
        said.append("the raters were scripts: these scores are simulated, nobody's opinion")
    return said


def _copy_pictures(study: Study, folder: Path, work: Path) -> list[str]:
    """Copy sources and fused images; return the path of each item's picture in the new database."""
    used: set[str] = set()

    def free(stem: str) -> str:
        name, k = f"{stem}.png", 2
        while name.lower() in used:
            name, k = f"{stem}-{k}.png", k + 1
        used.add(name.lower())
        return name

    images = []
    for item in study.items:
        images.append(free(f"fused/{file_name(item.algorithm)}/{file_name(item.pair)}"))
        copy_picture(study, folder, item.picture, work / images[-1])
    pairs, sources = [], []
    for name in study.scene_items():
        scene = study.scenes[name]
        kept = [free(f"sources/{file_name(name)}_{number + 1}") for number in range(len(scene.sources))]
        for picture, path in zip(scene.sources, kept, strict=True):
            copy_picture(study, folder, picture, work / path)
        row = {"pair": name, "modality": scene.modality, "source_a": kept[scene.two[0]], "source_b": kept[scene.two[1]]}
        for column, picture in scene.unseen.items():
            row[column] = free(f"sources/{file_name(name)}_{column}")
            copy_picture(study, folder, picture, work / row[column])
        pairs.append(row)
        if len(kept) > 2:
            sources += [(name, number, path) for number, path in enumerate(kept, start=1)]
    columns = list(dict.fromkeys([*PAIR_COLUMNS, *(column for row in pairs for column in row)]))
    write_csv(work / "pairs.csv", columns, ([row.get(column, "") for column in columns] for row in pairs))
    if sources:
        write_csv(work / SOURCE_LISTS[0], SOURCE_COLUMNS, sources)
    return images


def _write_fused(study: Study, images: Sequence[str], fused: Sequence[Row], work: Path) -> None:
    def shown(value: float | None) -> object:
        return "" if value is None or not np.isfinite(value) else cell(float(value))

    rows = (
        [image, item.pair, item.algorithm, shown(mos), shown(std), votes, shown(low), shown(high), item.image]
        for item, image, (mos, std, votes, low, high) in zip(study.items, images, fused, strict=True)
    )
    write_csv(work / "fused.csv", (*FUSED_COLUMNS, *MORE), rows)


def _every_vote(ratings: Ratings, images: Sequence[str]) -> list[tuple[str, str, object]]:
    return [
        (images[item], name, cell(float(ratings.table[item, k])))
        for item in range(len(images))
        for k, name in enumerate(ratings.raters)
        if np.isfinite(ratings.table[item, k])
    ]


def _write_about(study: Study, name: str, work: Path, warnings: Sequence[str]) -> None:
    scale = SCALES[study.scale]
    rating = study.design == "rating"
    words = ", ".join(f"{value:g} {word}" for value, word in scale.labels.items())
    how = (
        f"Rated one at a time on a scale of {scale.low:g} to {scale.high:g} ({words})."
        if rating
        else "Compared in pairs; mos is the share of comparisons within its scene that an image would win, and cannot "
        "be compared between scenes."
    )
    about: dict[str, str | float] = {
        "name": name,
        "title": study.title,
        "scores": study.scores,
        "score_min": scale.low if rating else 0.0,
        "score_max": scale.high if rating else 1.0,
        "citation": study.database.get("citation", ""),
        "licence": study.database.get("licence", ""),
        "note": f"Study {study.id} of {study.created[:10]}, exported by fmbench {fusion_metrics.__version__}. "
        f"Asked: {study.question} {how} {' '.join(f'{text}.' for text in warnings)}".strip(),
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in about.items()]
    write_text(work / "database.toml", "\n".join(["[database]", *lines]) + "\n")


def _write_records(
    study: Study,
    rows: Sequence[Vote],
    said: Sequence[tuple[str, Mapping[str, Any], str]],
    images: Sequence[str],
    work: Path,
) -> None:
    """Write everything that was recorded but training: corrections, repeats, notes, and viewing conditions."""
    columns = ("rater", "position", "kind", "image", "other", "attempt", "answer", "note", *DETAILS, "at")
    write_csv(
        work / "record.csv",
        columns,
        (
            [
                vote.rater,
                vote.position,
                vote.slot.kind,
                images[vote.slot.item],
                "" if vote.slot.other is None else images[vote.slot.other],
                vote.attempt,
                cell(vote.value),
                " ".join(vote.note.split()),
                *(cell(vote.details.get(name)) for name in DETAILS),
                vote.at,
            ]
            for vote in rows
            if vote.slot.kind != "training"
        ),
    )
    write_csv(
        work / "conditions.csv",
        ("rater", *QUESTIONS, "at"),
        ([name, *(answers.get(question, "") for question in QUESTIONS), at] for name, answers, at in said),
    )
