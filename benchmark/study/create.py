"""Making a study of a database: pictures are copied, orders drawn and links given out, all of it or nothing."""

from __future__ import annotations

import hashlib
import io
import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

import fusion_metrics
from benchmark.databases import Database
from benchmark.databases.model import FusedImage, SourcePair
from benchmark.errors import BenchmarkError
from benchmark.study.model import (
    DESCRIPTION,
    PICTURES,
    VOTES,
    Design,
    Item,
    Picture,
    Scene,
    Study,
    write_study,
)
from benchmark.study.orders import order_of
from benchmark.study.raters import new_secret
from benchmark.study.votes import Votes
from fusion_metrics import FusionMetricsError, Image
from fusion_metrics.files import check_folder, write_text

QUESTIONS = {
    "rating": "How good is the fused image as a whole?",
    "pairs": "Which fused image is better as a whole?",
}
#: Reasons that are listed; of a database without its pictures, hundreds would say the same.
LISTED = 5


@dataclass(frozen=True)
class Plan:
    """What was asked for; the attributes are those of `Study` where they have the same name.

    Attributes
    ----------
    raters : tuple of str
        Pseudonyms.
    training : int
        Items for training: comparisons, in a study of pairs.
    training_pairs : tuple of str
        Source pairs that are used for training alone. Without them training shows some of the items that are rated
        later.
    pairs : int
        Source pairs to draw; 0 for all.
    comparisons : int
        0 for as many as there are items.
    simulated : bool
        The raters are scripts.
    """

    design: Design
    raters: tuple[str, ...]
    scale: str = "acr"
    title: str = ""
    question: str = ""
    seed: int = 0
    repeat: float = 0.05
    comparisons: int = 0
    pause: int = 40
    training: int = 3
    training_pairs: tuple[str, ...] = ()
    pairs: int = 0
    sources: str = "beside"
    zoom: str = "whole"
    notes: bool = False
    simulated: bool = False


def create_study(
    database: Database, folder: Path, plan: Plan, on_picture: Callable[[], None] = lambda: None
) -> tuple[Study, Mapping[str, str]]:
    """Make the folder of a study.

    Parameters
    ----------
    database : Database
    folder : Path
        It must not exist.
    plan : Plan
    on_picture : callable, optional
        Called after each fused image.

    Returns
    -------
    Study
    mapping of str to str
        The token of each rater, which is stored nowhere.

    Raises
    ------
    BenchmarkError
        A folder that exists, pictures that are missing or do not fit, or nothing to rate.
    """
    if folder.exists() or folder.is_symlink():
        raise BenchmarkError(f"{folder}: exists already, and a study is never written over; name another with --out")
    check_folder(folder)
    training, rated = _chosen(database, plan)
    if not rated:
        raise BenchmarkError(f"{database.root}: there is no fused image to rate")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-", ignore_cleanup_errors=True) as made:
        work = Path(made) / "study"
        (work / PICTURES).mkdir(parents=True)
        store = _Store(database, work / PICTURES)
        items, scenes = store.copy([*training, *rated], on_picture)
        first, rest = items[: len(training)], items[len(training) :]
        study = _described(database, plan, folder.name, first, rest, scenes, store.pictures)
        text = write_study(study)
        write_text(work / DESCRIPTION, text)
        tokens = {name: new_secret() for name in plan.raters}
        people = [
            (name, token, order_of(study, number, len(tokens)) if study.design == "rating" else ())
            for number, (name, token) in enumerate(tokens.items())
        ]
        Votes.create(work / VOTES, hashlib.sha256(text.encode()).hexdigest(), people)
        work.rename(folder)
    return study, tokens


def _described(
    database: Database,
    plan: Plan,
    name: str,
    training: Sequence[Item],
    items: Sequence[Item],
    scenes: Mapping[str, Scene],
    pictures: Mapping[str, Picture],
) -> Study:
    return Study(
        id=secrets.token_hex(8),
        name=name,
        title=plan.title or database.title,
        question=plan.question or QUESTIONS[plan.design],
        design=plan.design,
        scale=plan.scale,
        scores="simulated" if plan.simulated else "human",
        seed=plan.seed,
        repeat=plan.repeat,
        comparisons=plan.comparisons or len(items),
        pause=plan.pause,
        sources=plan.sources,
        zoom=plan.zoom,
        notes=plan.notes,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        package=f"fmbench {fusion_metrics.__version__}",
        database={
            "name": database.name,
            "title": database.title,
            "citation": database.citation,
            "licence": database.licence,
            "reading": str(database.reading),
        },
        scenes=scenes,
        items=tuple(items),
        training=tuple(training),
        pictures=pictures,
    )


def _chosen(database: Database, plan: Plan) -> tuple[list[FusedImage], list[FusedImage]]:
    """Return the fused images for training, and those that are rated."""
    if problems := [image.problem for image in database.fused if image.problem]:
        raise BenchmarkError(problems[0])
    names = list(dict.fromkeys(image.pair for image in database.fused))
    if unknown := [name for name in plan.training_pairs if name not in names]:
        raise BenchmarkError(f"{database.root}: no fused image of a pair {unknown[0]!r}, which --training-pairs names")
    rng = np.random.default_rng([plan.seed, 2])
    names = [name for name in names if name not in plan.training_pairs]
    if plan.pairs and plan.pairs < len(names):
        names = [names[number] for number in sorted(rng.choice(len(names), plan.pairs, replace=False))]
    rated = [image for image in database.fused if image.pair in set(names)]
    shown = [image for image in database.fused if image.pair in plan.training_pairs] or rated
    if plan.design == "rating":
        order = rng.permutation(len(shown))[: plan.training]
        return [shown[number] for number in order], rated
    together: dict[str, list[FusedImage]] = {}
    for image in shown:
        together.setdefault(image.pair, []).append(image)
    able = [images for images in together.values() if len(images) > 1]
    if not able or all(sum(image.pair == name for image in rated) < 2 for name in names):
        raise BenchmarkError(f"{database.root}: no source pair has two fused images, so there is nothing to compare")
    training = []
    for number in range(plan.training):
        images = able[number % len(able)]
        training += [images[k] for k in rng.choice(len(images), 2, replace=False)]
    return training, rated


class _Store:
    """Pictures of a study: pixels and nothing else, under names that tell nothing."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder
        self.pictures: dict[str, Picture] = {}

    def copy(self, images: Sequence[FusedImage], on_picture: Callable[[], None]) -> tuple[list[Item], dict[str, Scene]]:
        """Copy fused images and their sources; say of all that cannot be copied why."""
        problems: list[str] = []
        items: list[Item] = []
        scenes: dict[str, Scene] = {}
        for image in images:
            try:
                if image.pair not in scenes:
                    scenes[image.pair] = self._scene(self._database.pairs[image.pair])
                picture = self._put(image.path)
                items.append(Item(image.image, image.pair, image.algorithm, picture))
                sizes = {
                    (self.pictures[name].width, self.pictures[name].height)
                    for name in (picture, *scenes[image.pair].sources)
                }
                if len(sizes) > 1:
                    problems.append(f"{image.path}: is not as large as its sources")
            except (FusionMetricsError, BenchmarkError) as error:
                problems.append(str(error))
            on_picture()
        if problems:
            told = list(dict.fromkeys(problems))
            more = f"; and {len(told) - LISTED} more" if len(told) > LISTED else ""
            raise BenchmarkError("; ".join(told[:LISTED]) + more)
        return items, scenes

    def _scene(self, pair: SourcePair) -> Scene:
        named = pair.modality.split("/")
        told = len(named) == len(pair.sources) and all(named)
        labels = named if told else [f"Source {_letter(number)}" for number in range(len(pair.sources))]
        unseen = {"mask": pair.mask, "reference": pair.reference}
        return Scene(
            pair.modality,
            tuple(self._put(path) for path in pair.sources),
            tuple(labels),
            (pair.sources.index(pair.source_a), pair.sources.index(pair.source_b)),
            {column: self._put(path) for column, path in unseen.items() if path is not None},
        )

    def _put(self, path: Path) -> str:
        image = Image.open(path, self._database.reading)
        pixels = np.rint(image.pixels).astype(np.uint8)
        file = io.BytesIO()
        Pillow.fromarray(pixels).save(file, "PNG")
        content = file.getvalue()
        digest = hashlib.sha256(content).hexdigest()
        name = digest[:20]
        if name not in self.pictures:
            (self._folder / f"{name}.png").write_bytes(content)
            height, width = image.shape
            self.pictures[name] = Picture(digest, width, height, not image.is_colour)
        return name


def _letter(number: int) -> str:
    return chr(65 + number) if number < 26 else str(number + 1)


def check_pictures(study: Study, folder: Path) -> None:
    """Refuse a study whose pictures are missing or were altered.

    Raises
    ------
    BenchmarkError
        Naming the first that is.
    """
    for name, picture in study.pictures.items():
        path = folder / PICTURES / f"{name}.png"
        if not path.is_file():
            raise BenchmarkError(f"{path}: is missing; restore the study from a copy")
        if hashlib.sha256(path.read_bytes()).hexdigest() != picture.sha256:
            raise BenchmarkError(f"{path}: was altered after the study was made; restore the study from a copy")


def copy_picture(study: Study, folder: Path, name: str, target: Path) -> None:
    """Copy a picture out of a study."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / PICTURES / f"{name}.png", target)
