"""The opinion scores of a database, as arrays in the order of its scored images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from benchmark.csv_files import parse_number, read_csv
from benchmark.databases import Database
from benchmark.databases.folder import VOTE_COLUMNS
from benchmark.errors import BenchmarkError
from benchmark.statistics.arrays import Index
from benchmark.statistics.judged import Judged
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Opinions:
    """The opinion scores of a database, image by image.

    Attributes
    ----------
    images, pairs, algorithms : tuple of str, length n
        Of the fused images that have a score.
    q : ndarray, shape (n,)
        (MOS - min) / (max - min).
    votes : ndarray, shape (n, raters), or None
        Raw votes in the units of the database, NaN where a rater did not vote; None where there are none.
    raters : tuple of str
    """

    images: tuple[str, ...]
    pairs: tuple[str, ...]
    algorithms: tuple[str, ...]
    q: Array
    votes: Array | None
    raters: tuple[str, ...]

    @classmethod
    def of(cls, database: Database) -> Opinions:
        """Collect the opinion scores of a database."""
        scored = [image for image in database.fused if image.mos is not None]
        images = tuple(image.image for image in scored)
        q = np.array([database.q(image.mos) for image in scored if image.mos is not None])
        votes, raters = _votes(database, images)
        return cls(images, tuple(i.pair for i in scored), tuple(i.algorithm for i in scored), q, votes, raters)

    @cached_property
    def whole_votes(self) -> Array:
        """Votes of the raters who scored every image, shape (n, raters)."""
        if self.votes is None:
            return np.empty((len(self.images), 0))
        whole: Array = self.votes[:, np.isfinite(self.votes).all(axis=0)]
        return whole

    @property
    def whole(self) -> str:
        """How many raters scored every image, in words."""
        if self.votes is None:
            return "no single votes"
        raters = self.whole_votes.shape[1]
        many = "one rater" if raters == 1 else f"{raters or 'no'} raters"
        return f"{many} scored every image"

    @cached_property
    def judged(self) -> Judged:
        """What statistics ask for: the scores, and the groups that images belong to, numbered."""
        return Judged.of(self.q, self.pairs, self.algorithms)

    def part(self, used: Index) -> Opinions:
        """Keep the opinion scores of some of the images."""
        names = ([values[i] for i in used] for values in (self.images, self.pairs, self.algorithms))
        images, pairs, algorithms = map(tuple, names)
        votes = None if self.votes is None else self.votes[used]
        return Opinions(images, pairs, algorithms, self.q[used], votes, self.raters)


def _votes(database: Database, images: Sequence[str]) -> tuple[Array | None, tuple[str, ...]]:
    if database.votes is None:
        return None, ()
    given = []
    for line, row in read_csv(database.votes, VOTE_COLUMNS):
        try:
            given.append((row["image"], row["rater"], parse_number(row["score"])))
        except BenchmarkError as error:
            raise BenchmarkError(f"{line}: score {error}") from None
    votes = pd.DataFrame(given, columns=["image", "rater", "score"]).drop_duplicates(["image", "rater"], keep="last")
    raters = votes["rater"].unique().tolist()
    table = votes.pivot(index="image", columns="rater", values="score").reindex(index=list(images), columns=raters)
    return table.to_numpy(np.float64), tuple(raters)
