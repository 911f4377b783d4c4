"""Which fused images a label of a table means: a path, a base name, a stem, a method, or a method and a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath, PureWindowsPath

from benchmark.databases import FusedImage
from benchmark.databases.from_files import IMAGE_SUFFIXES
from benchmark.errors import BenchmarkError
from benchmark.identify.spellings import plain
from fusion_metrics.errors import nearest

#: Labels of a row that is about all images.
ALL = frozenset({"mean", "average", "avg", "all", "overall", "total"})


class Named:
    """The fused images of a database by every name that a table may give them."""

    def __init__(self, fused: Sequence[FusedImage]) -> None:
        self._fused = tuple(fused)
        self._known = _names(fused)
        self._methods: dict[str, tuple[str, ...]] = {}
        for image in fused:
            key = plain(image.algorithm)
            self._methods[key] = (*self._methods.get(key, ()), image.image)
        self._algorithms = tuple(dict.fromkeys(image.algorithm for image in fused))

    def is_image(self, label: str) -> bool:
        """Whether a label names one fused image or a few of the same base name."""
        return bool(self._find(label))

    def is_method(self, label: str) -> bool:
        """Whether a label names a method of the database."""
        return plain(label) in self._methods

    def images(self, image: str | None, algorithm: str | None) -> tuple[str, ...]:
        """Say which fused images a row is about: one, or all over which it gives the mean.

        Parameters
        ----------
        image : str or None
            The label of the image, None in a table without such a column.
        algorithm : str or None
            The same of the method.

        Raises
        ------
        BenchmarkError
            Nothing of that name, or too much.
        """
        of_method = None if algorithm is None else self._of_method(algorithm)
        if image is None or (plain(image) in ALL and not self.is_image(image)):
            if of_method is None and len(self._algorithms) > 1:
                raise BenchmarkError(f"a mean over {', '.join(self._algorithms[:5])}: which of them is meant?")
            return tuple(one.image for one in self._fused) if of_method is None else of_method
        candidates = self._find(image)
        if not candidates:
            raise BenchmarkError(f"no fused image is called {image!r}{nearest(image, self._known)}")
        images = candidates if of_method is None else tuple(one for one in candidates if one in of_method)
        if not images:
            raise BenchmarkError(f"{algorithm} has no fused image {image!r}")
        if len(images) > 1:
            raise BenchmarkError(f"image {image!r} may be {' or '.join(images[:3])}")
        return images

    def describe(self, images: tuple[str, ...]) -> str:
        """Name images as an error does."""
        if len(images) == 1:
            return images[0]
        methods = {one.algorithm for one in self._fused if one.image in images}
        return f"the mean of {', '.join(sorted(methods))}"

    def _find(self, label: str) -> tuple[str, ...]:
        """Look up a label as it is, without its suffix (a table may be of JPEGs), and by the last parts of its path.

        Of a longer path at least the folder and the file must be known: a file alone may be that of any method.
        """
        path = PurePath(PureWindowsPath(label).as_posix() if "\\" in label else label)
        lasts = [PurePath(*path.parts[start:]) for start in range(max(1, len(path.parts) - 1))]
        names = [last.as_posix() for last in lasts]
        if path.suffix.lower() in IMAGE_SUFFIXES:
            names += [last.with_suffix("").as_posix() for last in lasts]
        return next((self._known[name] for name in names if name in self._known), ())

    def _of_method(self, label: str) -> tuple[str, ...]:
        found = self._methods.get(plain(label))
        if found is None:
            raise BenchmarkError(f"no method is called {label!r}{nearest(label, self._algorithms)}")
        return found


def _names(fused: Sequence[FusedImage]) -> Mapping[str, tuple[str, ...]]:
    """Map every way to name an image to the images it may mean; the database's own name means that image alone."""
    known: dict[str, dict[str, None]] = {}
    for image in fused:
        path = PurePath(image.image)
        names = {image.pair, f"{image.algorithm}/{path.name}", f"{image.algorithm}/{path.stem}"}
        for start in range(len(path.parts)):
            last = PurePath(*path.parts[start:])
            names |= {last.as_posix(), last.with_suffix("").as_posix()}
        for name in names - {""}:
            known.setdefault(name, {})[image.image] = None
    return {name: tuple(images) for name, images in known.items()} | {one.image: (one.image,) for one in fused}
