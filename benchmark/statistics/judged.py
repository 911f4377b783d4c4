"""What metrics are judged by: opinion scores of fused images, and the source pair and algorithm of each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy.typing as npt

from benchmark.statistics.arrays import Index, Labels, complete, numbered
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Judged:
    """Opinion scores of fused images, whose source pairs and algorithms are numbered once, in the order of their names.

    Attributes
    ----------
    q : ndarray, shape (n,)
        Opinion scores in 0..1.
    pair, algorithm : ndarray of int, shape (n,)
        The number of each image's source pair and fusion algorithm.
    pairs, algorithms : tuple
        Their names, sorted.
    """

    q: Array
    pair: Index
    algorithm: Index
    pairs: tuple[str | int, ...]
    algorithms: tuple[str | int, ...]

    @classmethod
    def of(cls, q: npt.ArrayLike, pairs: Labels, algorithms: Labels) -> Judged:
        """Check opinion scores and give numbers to the groups of their images.

        Parameters
        ----------
        q : array_like, shape (n,)
            Opinion scores in 0..1.
        pairs, algorithms : sequence of str or int, length n
            Source pair and fusion algorithm of each image. Not every algorithm needs an image of every pair.

        Raises
        ------
        ValueError
            Missing opinion scores; labels that are not one for each image.

        Examples
        --------
        >>> Judged.of([0.1, 0.2, 0.3], ["b", "a", "b"], ["x", "x", "y"]).pair
        array([1, 0, 1])
        """
        opinions = complete(q, "the opinion scores")
        pair, pair_names = numbered(pairs, len(opinions), "pairs")
        algorithm, algorithm_names = numbered(algorithms, len(opinions), "algorithms")
        return cls(opinions, pair, algorithm, pair_names, algorithm_names)

    def by(self, q: Array) -> Judged:
        """Judge the same images by other opinion scores."""
        return replace(self, q=q)
