"""What a database is: source pairs, fused images, and scores whose origin is always named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from benchmark.errors import BenchmarkError
from fusion_metrics.reading import STRICT, Reading

ScoreOrigin = Literal["human", "simulated", "none"]


@dataclass(frozen=True)
class SourcePair:
    """The registered source images that were fused into one: two as a rule, more for exposures and focus stacks.

    Attributes
    ----------
    name, modality : str
    source_a, source_b : Path
        The two that a metric for exactly two takes.
    mask : Path or None
        Where what must not be lost (lesion) is, if that is known.
    reference : Path or None
        The ground truth, if there is one.
    sources : tuple of Path
        All sources in their order, `source_a` and `source_b` among them; just these two unless more are given.
    """

    name: str
    modality: str
    source_a: Path
    source_b: Path
    mask: Path | None = None
    reference: Path | None = None
    sources: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", self.sources or (self.source_a, self.source_b))


@dataclass(frozen=True)
class FusedImage:
    """One fused image and its mean opinion score.

    Attributes
    ----------
    image : str
        The path as the database writes it.
    path : Path
    pair, algorithm : str
    mos, mos_std : float or None
        In the units of the database; None where nobody scored.
    n_votes : int or None
    problem : str
        Why this image cannot be scored although its database is readable; empty if it can.
    """

    image: str
    path: Path
    pair: str
    algorithm: str
    mos: float | None = None
    mos_std: float | None = None
    n_votes: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class VolumeSlices:
    """What the pairs of a database are slices of.

    Attributes
    ----------
    of : mapping of str to str
        The volume of each pair.
    remarks : tuple of str
        How slices were taken, and which were left out.
    """

    of: Mapping[str, str]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Database:
    """A set of source pairs and their fused images.

    Attributes
    ----------
    name, title : str
        What it is called in files, and in words.
    scores : {"human", "simulated", "none"}
        Where the opinion scores come from. Every table prints this word.
    score_min, score_max : float
        The ends of the scale on which the scores were given.
    root : Path
        The folder.
    pairs : mapping of str to SourcePair
        The source images, by the name of the pair.
    fused : tuple of FusedImage
        The images that algorithms made of them, with opinion scores where there are any.
    votes : Path or None
        ``votes.csv`` where raw votes exist.
    citation, licence, note : str
        Prose from ``database.toml``.
    warnings : tuple of str
        What was wrong with ``database.toml`` without making the database unusable.
    reading : Reading
        What is done with pictures that can be read in more than one way.
    fit : str
        What is done with a fused image that is not as large as its sources, one of `benchmark.databases.fitting.FITS`.
    volumes : VolumeSlices or None
        Where the pairs are slices of volumes.
    only_two : bool
        Whether metrics that take all sources get `source_a` and `source_b` alone.
    """

    name: str
    title: str
    scores: ScoreOrigin
    score_min: float
    score_max: float
    root: Path
    pairs: Mapping[str, SourcePair]
    fused: tuple[FusedImage, ...]
    votes: Path | None = None
    citation: str = ""
    licence: str = ""
    note: str = ""
    warnings: tuple[str, ...] = ()
    reading: Reading = STRICT
    fit: str = "refuse"
    volumes: VolumeSlices | None = None
    only_two: bool = False

    def q(self, mos: float) -> float:
        """Bring an opinion score to 0..1: ``(MOS - min) / (max - min)``.

        Raises
        ------
        BenchmarkError
            The score lies outside the scale of the database.
        """
        if not self.score_min <= mos <= self.score_max:
            scale = f"{self.score_min:g}..{self.score_max:g}"
            raise BenchmarkError(f"{self.root / 'fused.csv'}: mos {mos:g} is off the scale {scale}")
        return (mos - self.score_min) / (self.score_max - self.score_min)


def select_algorithms(database: Database, patterns: str) -> Database:
    """Keep the fused images of the algorithms that patterns name.

    Parameters
    ----------
    database : Database
    patterns : str
        Separated by commas, with ``*`` and ``?``. A pattern with ``!`` in front leaves out what it matches; if all have
        one, everything else stays.

    Returns
    -------
    Database
        Called ``NAME-part``; its title says which part.

    Raises
    ------
    BenchmarkError
        Nothing is left.
    """
    matching = algorithms_that_match(patterns)
    kept = [image for image in database.fused if matching(image.algorithm)]
    if not kept:
        known = ", ".join(dict.fromkeys(image.algorithm for image in database.fused))
        raise BenchmarkError(f"{database.name}: no algorithm matches {patterns!r}; there are {known}")
    if len(kept) == len(database.fused):
        return database
    pairs = {name: pair for name, pair in database.pairs.items() if name in {image.pair for image in kept}}
    title = f"{database.title}, algorithms {patterns}"
    return replace(database, name=f"{database.name}-part", title=title, pairs=pairs, fused=tuple(kept))


def algorithms_that_match(patterns: str) -> Callable[[str], bool]:
    """Understand patterns as `select_algorithms` does.

    >>> matching = algorithms_that_match("nsct*,!*pcnn")
    >>> matching("nsct"), matching("nsct_pcnn"), matching("gff")
    (True, False, False)
    """
    given = [pattern.strip() for pattern in patterns.split(",") if pattern.strip()]
    wanted = [pattern for pattern in given if not pattern.startswith("!")] or ["*"]
    unwanted = [pattern.removeprefix("!") for pattern in given if pattern.startswith("!")]

    def matches(algorithm: str, among: list[str]) -> bool:
        return any(fnmatchcase(algorithm, pattern) for pattern in among)

    return lambda algorithm: matches(algorithm, wanted) and not matches(algorithm, unwanted)
