"""SR: overlapping patches as sparse combinations of dictionary atoms, larger codes win."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from benchmark.fusion.registry import fusion_algorithm
from fusion_metrics.image import Array


@fusion_algorithm("sr", title="SR")
def fuse_sr(a: Array, b: Array, *, size: int = 8, step: int = 2, error: float = 0.1, most_atoms: int = 16) -> Array:
    """Fuse two luminances patch by patch: of both sparse codes the one with the larger L1 norm, then the mean overlap.

    Patches of size x size, every `step` pixels, lose their mean and are coded by orthogonal matching pursuit over an
    overcomplete cosine dictionary until the residual's norm is at most `error`; the winner brings its mean along. The
    paper slides by one pixel; two, as in the usual toolbox, and a limit on the number of atoms are for speed.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    size : int
        Side of the patches.
    step : int
        Pixels from one patch to the next.
    error : float
        Largest norm of the residual of a patch, of luminance in 0..1.
    most_atoms : int
        Limit for patches that need more.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    B. Yang, S. Li. Multifocus image fusion and restoration with sparse representation. IEEE Transactions on
    Instrumentation and Measurement 59(4), 2010, 884-892.
    """
    dictionary = cosine_dictionary(size)
    patches = np.stack([_patches(image, size, step) for image in (a, b)])  # (2, n, size^2)
    means = patches.mean(axis=-1, keepdims=True)
    codes, norms = orthogonal_matching_pursuit(
        dictionary, (patches - means).reshape(-1, size * size), error=error, most_atoms=most_atoms
    )
    norm_a, norm_b = norms.reshape(2, -1)
    chosen = np.where((norm_a >= norm_b)[:, None], *(codes.reshape(patches.shape) + means))
    return _overlap_mean(chosen, a.shape, size, step)


def orthogonal_matching_pursuit(
    dictionary: Array, signals: Array, *, error: float, most_atoms: int
) -> tuple[Array, Array]:
    """Approximate every signal by few atoms, the one most correlated with the residual at a time.

    All signals advance together; the chosen atoms are orthonormalised one after the other.

    Parameters
    ----------
    dictionary : ndarray, shape (K, d)
        Atoms of norm 1.
    signals : ndarray, shape (n, d)
    error : float
        A signal is done when the norm of its residual is at most this.
    most_atoms : int
        Or when it has this many atoms.

    Returns
    -------
    approximations : ndarray, shape (n, d)
    norms : ndarray, shape (n,)
        L1 norms of the coefficients.

    References
    ----------
    Y. C. Pati, R. Rezaiifar, P. S. Krishnaprasad. Orthogonal matching pursuit: recursive function approximation with
    applications to wavelet decomposition. Asilomar Conference on Signals, Systems and Computers, 1993, 40-44.
    """
    approximations, norms = np.zeros(signals.shape), np.zeros(len(signals))
    active = np.flatnonzero(np.linalg.norm(signals, axis=1) > error)
    residuals = signals[active]
    support = np.zeros((len(active), 0), dtype=np.intp)
    basis = np.zeros((len(active), 0, signals.shape[1]))  # orthonormal, of the same span as the chosen atoms
    for count in range(1, most_atoms + 1):
        best = np.abs(residuals @ dictionary.T).argmax(axis=1)
        support = np.column_stack([support, best])
        direction = dictionary[best]
        direction = direction - np.einsum("nk,nkd->nd", np.einsum("nkd,nd->nk", basis, direction), basis)
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        basis = np.concatenate([basis, direction[:, None]], axis=1)
        residuals = residuals - np.sum(residuals * direction, axis=1, keepdims=True) * direction

        done = (np.linalg.norm(residuals, axis=1) <= error) | (count == most_atoms)
        if done.any():
            finished, atoms = active[done], dictionary[support[done]]
            approximations[finished] = signals[finished] - residuals[done]
            # In the orthonormal basis the atoms are triangular: cheap and safe to solve for their coefficients.
            triangle = np.einsum("nkd,nld->nkl", basis[done], atoms)
            in_basis = np.einsum("nkd,nd->nk", basis[done], signals[finished])
            norms[finished] = np.abs(np.linalg.solve(triangle, in_basis[..., None])).sum(axis=(1, 2))
            active, residuals, support, basis = (x[~done] for x in (active, residuals, support, basis))
    return approximations, norms


@cache
def cosine_dictionary(size: int, per_axis: int = 16) -> Array:
    """Build the overcomplete cosine dictionary: products of `per_axis` cosines an axis, more than a basis would have.

    Returns
    -------
    ndarray, shape (per_axis^2, size^2)
        Atoms of norm 1; all but the first without a mean along each axis that varies.
    """
    cosines = np.cos(np.arange(per_axis)[:, None] * np.pi / per_axis * np.arange(size))
    cosines[1:] -= cosines[1:].mean(axis=1, keepdims=True)
    cosines /= np.linalg.norm(cosines, axis=1, keepdims=True)
    return np.asarray(np.einsum("pi,qj->pqij", cosines, cosines).reshape(per_axis**2, size**2))


def _starts(length: int, size: int, step: int) -> npt.NDArray[np.intp]:
    """Where patches begin: every `step`, and at the far border."""
    return np.unique(np.append(np.arange(0, length - size + 1, step), length - size))


def _patches(image: Array, size: int, step: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    rows, columns = (_starts(length, size, step) for length in image.shape)
    return windows[np.ix_(rows, columns)].reshape(-1, size * size)


def _overlap_mean(patches: Array, shape: tuple[int, ...], size: int, step: int) -> Array:
    rows, columns = (_starts(length, size, step) for length in shape)
    grid = patches.reshape(len(rows), len(columns), size, size)
    total, count = np.zeros(shape), np.zeros(shape)
    for i in range(size):
        for j in range(size):
            total[np.ix_(rows + i, columns + j)] += grid[:, :, i, j]
            count[np.ix_(rows + i, columns + j)] += 1
    return total / count
