"""`fmbench data check`: everything that is wrong with a database, one line each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmark.csv_files import parse_number, read_csv
from benchmark.databases import Database
from benchmark.databases.folder import VOTE_COLUMNS
from benchmark.errors import BenchmarkError
from fusion_metrics import Image, InvalidImage
from fusion_metrics.given import check_sizes

#: A mean opinion score may differ from the mean of the votes by rounding, in parts of the scale.
MOS_TOLERANCE = 1e-3


def check_database(
    database: Database,
    on_image: Callable[[], None] = lambda: None,
    on_note: Callable[[str], None] = lambda note: None,
) -> Iterator[str]:
    """Yield one line per problem: unreadable images, differing sizes, scores off the scale, votes that do not fit.

    Parameters
    ----------
    database : Database
    on_image : callable, optional
        Called after each fused image.
    on_note : callable, optional
        Called with what is worth knowing but may be meant, such as equal pixels under two names.
    """
    yield from database.warnings
    sources: dict[str, list[Image]] = {}
    for pair in database.pairs.values():
        sources[pair.name] = []
        for path in filter(None, (*pair.sources, pair.mask, pair.reference)):
            try:
                sources[pair.name].append(Image.open(path, database.reading))
            except InvalidImage as error:
                yield str(error)
        yield from _sizes(sources[pair.name])
    same: dict[str, list[str]] = defaultdict(list)
    used = {image.pair for image in database.fused}
    for name in sorted(set(database.pairs) - used) if database.fused else []:
        yield f"{database.root / 'pairs.csv'}: pair {name!r} has no fused image"
    for member in database.fused:
        if member.problem:
            yield member.problem
        try:
            image = Image.open(member.path, database.reading)
            same[image.digest].append(member.image)
            yield from _sizes([*sources.get(member.pair, [])[:1], image])
        except InvalidImage as error:
            yield str(error)
        if member.mos is not None:
            try:
                database.q(member.mos)
            except BenchmarkError as error:
                yield f"{error}, {member.image}"
        on_image()
    if twins := [names for names in same.values() if len(names) > 1]:
        count = sum(map(len, twins))
        on_note(
            f"{database.root / 'fused.csv'}: {count} fused images have the same pixels as another, such as "
            f"{' and '.join(twins[0][:2])}"
        )
    if database.scores != "none" and all(member.mos is None for member in database.fused):
        yield f"{database.root / 'fused.csv'}: scores are said to be {database.scores}, but no image has a mos"
    if database.votes is not None:
        yield from _votes(database, database.votes)


def _sizes(images: list[Image]) -> Iterator[str]:
    try:
        if images:
            check_sizes(images)
    except InvalidImage as error:
        yield str(error)


def _votes(database: Database, path: Path) -> Iterator[str]:
    import pandas as pd  # takes a second, which other checks need not wait for

    given: list[tuple[str, float]] = []
    try:
        for line, row in read_csv(path, VOTE_COLUMNS):
            try:
                given.append((row["image"], parse_number(row["score"])))
            except BenchmarkError as error:
                given.append((row["image"], math.nan))
                yield f"{line}: score {error}"
    except BenchmarkError as error:
        yield str(error)
        return
    votes = pd.DataFrame(given, columns=["image", "score"]).groupby("image", sort=False)["score"]
    found = votes.agg(["size", "count", "mean"])
    members = {member.image: member for member in database.fused}
    for image in sorted(set(found.index) - set(members)):
        yield f"{path}: image {image!r} is not in fused.csv"
    slack = MOS_TOLERANCE * (database.score_max - database.score_min)
    for image, size, count, mean in found.itertuples(name=None):
        member = members.get(image)
        if member is None or member.mos is None or count < size:
            continue
        if member.n_votes is not None and member.n_votes != size:
            yield f"{path}: {image} has {size} votes, fused.csv says {member.n_votes}"
        elif not abs(mean - member.mos) <= slack:
            yield f"{path}: the mean vote of {image} is {mean:.3f}, fused.csv says {member.mos:.3f}"
