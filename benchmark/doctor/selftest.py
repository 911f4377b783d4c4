"""Five numbers that must come out on every machine, of a picture that the project makes itself."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.example_pictures import example
from fusion_metrics import score
from fusion_metrics.health import Finding

SIZE = 64
TOLERANCE = 1e-6
#: What `fusion_metrics.score` gave of `example(64)`, fmbench 0.1.0 on x86-64, 2026-11-29: of histograms, windows,
#: gradients, several scales, and a script's arithmetic.
GOLDEN = {
    "en": 6.658968928526768,
    "ssim": 0.7504976421191576,
    "qabf": 0.5766145548384779,
    "vif": 0.42847194969518027,
    "psnr:tang": 75.9221449913408,
}


def golden_numbers() -> Iterator[Finding]:
    """Compute them, and say which do not come out."""
    a, b, fused = example(SIZE)
    well = []
    for found, (name, golden) in zip(score(fused, a, b, list(GOLDEN)), GOLDEN.items(), strict=True):
        if found.value is None:
            text = f"has no value: {found.reason}"
        elif abs(found.value - golden) > TOLERANCE * abs(golden):
            text = f"is {found.value:.12g} and should be {golden:.12g}"
        else:
            well.append(f"{name} {found.value:.6g}")
            continue
        mend = "install numpy and scipy anew: pip install --force-reinstall numpy scipy"
        yield Finding(name, text, "wrong", mend)
    if well:
        yield Finding("numbers", f"{len(well)} of {len(GOLDEN)} come out: {', '.join(well)}")
