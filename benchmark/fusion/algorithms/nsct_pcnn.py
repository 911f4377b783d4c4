"""NSCT-PCNN: contourlets, with pulse-coupled neurons driven by the spatial frequency of the coefficients."""

from __future__ import annotations

from benchmark.fusion.registry import fusion_algorithm
from benchmark.fusion.rules import choose_by
from fusion_metrics.image import Array
from fusion_metrics.nsct import insct, nsct
from fusion_metrics.pcnn import simplified_pcnn, spatial_frequency


@fusion_algorithm("nsct_pcnn", title="NSCT-PCNN")
def fuse_nsct_pcnn(
    a: Array,
    b: Array,
    *,
    levels: tuple[int, ...] = (0, 1, 3, 3),
    alpha_l: float = 0.06931,
    beta: float = 0.2,
    iterations: int = 200,
) -> Array:
    """Fuse two luminances in the contourlet domain: in every band the coefficient whose neuron fires more often.

    The neurons of `fusion_metrics.pcnn.simplified_pcnn` are fed with the `spatial_frequency` of the coefficients, with
    the decay and strength of linking that the fusion literature commonly gives for this method. The low band is fused
    like the others. Borders of the transform are periodic: mirrored ones would triple the number of neurons.

    Parameters
    ----------
    a, b : ndarray, shape (H, W)
        Luminance in 0..1.
    levels : tuple of int
        log2 of the number of directions per level, coarse to fine.
    alpha_l, beta, iterations : float, float, int
        Decay of the linking, its strength, and the iterations of the network.

    Returns
    -------
    ndarray, shape (H, W)
        Fused luminance, not clipped.

    References
    ----------
    X. Qu, J. Yan, H. Xiao, Z. Zhu. Image fusion algorithm based on spatial frequency-motivated pulse coupled
    neural networks in nonsubsampled contourlet transform domain. Acta Automatica Sinica 34(12), 2008, 1508-1514.
    """

    def rule(band_a: Array, band_b: Array) -> Array:
        times_a, times_b = (
            simplified_pcnn(spatial_frequency(band), alpha_l=alpha_l, beta=beta, iterations=iterations)
            for band in (band_a, band_b)
        )
        return choose_by(times_a, times_b, band_a, band_b)

    contourlets_a, contourlets_b = (nsct(image, levels, border="periodic") for image in (a, b))
    return insct(contourlets_a.combine(contourlets_b, low=rule, bands=rule))
