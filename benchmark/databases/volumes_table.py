"""Which volumes were matched with which, a line a fused volume: the dry run of `fmbench score --plan`."""

from __future__ import annotations

from benchmark.databases.model import Database, FusedImage, VolumeSlices
from benchmark.tables import ABSENT, Cell, Table, heads
from fusion_metrics.volumes.address import volume_of


def volumes_table(database: Database, slices: VolumeSlices) -> Table:
    """List every fused volume with its algorithm, its sources and its slices; what is not matched says so."""
    held: dict[tuple[str, str], list[FusedImage]] = {}
    for image in database.fused:
        held.setdefault((slices.of[image.pair], image.algorithm), []).append(image)
    rows = []
    for (volume, algorithm), images in held.items():
        pair = None if images[0].problem else database.pairs.get(images[0].pair)
        a, b = (volume_of(pair.source_a).name, volume_of(pair.source_b).name) if pair else (ABSENT, ABSENT)
        names = [image.pair.rpartition("/")[2] for image in images]
        shown = names[0] if len(names) == 1 else f"{names[0]}..{names[-1]} ({len(names)})"
        fused = volume_of(images[0].path).name
        rows.append(tuple(map(Cell, (volume, algorithm, a, b, fused, shown if pair else "not matched"))))
    matched = [image for image in database.fused if not image.problem]
    volumes = {(slices.of[image.pair], image.algorithm) for image in matched}
    notes = [
        f"{len(matched)} slices of {len(volumes)} fused volumes would be scored; reading: {database.reading}",
        *slices.remarks,
    ]
    return Table(
        f"{database.title}: what belongs together",
        heads("volume", "algorithm", "a", "b", "fused", "slices", numbers=()),
        tuple(rows),
        tuple(notes),
    )
