"""Which weights are on this machine, and whether the files are what their names say; needs no torch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from fusion_metrics import FusionMetricsError
from fusion_metrics.health import Finding
from learned.backbones.weights import FILES, check_hash, downloadable, find


def weights_found() -> Iterator[Finding]:
    """Look for the weights of every backbone, and hold those whose names have a hash against it."""
    named = os.environ.get("FMBENCH_WEIGHTS")
    if named and not Path(named).is_dir():
        mend = "set FMBENCH_WEIGHTS to a folder that has them, or unset it"
        yield Finding("FMBENCH_WEIGHTS", f"{named}: is no folder", "wrong", mend)
    lacking = []
    for backbone in FILES:
        path = find(backbone)
        if path is None:
            lacking.append(backbone)
            continue
        if path.suffix != ".pth":
            yield Finding(backbone, f"{path} (its name has no hash to check)")
            continue
        try:
            check_hash(path, path.name)
        except (FusionMetricsError, OSError) as error:
            yield Finding(backbone, str(error), "wrong", f"delete {path}, and download it again")
        else:
            yield Finding(backbone, f"{path} (its hash is right)")
    if lacking:
        text = f"no ImageNet weights of {', '.join(lacking)}: metrics that want them say so, or start from random ones"
        first = next((backbone for backbone in lacking if backbone in downloadable()), "")
        mend = "put them into the folder $FMBENCH_WEIGHTS"
        mend += f", or: fmbench models fetch {first}" if first else ""
        yield Finding("missing", text, "note", mend)
