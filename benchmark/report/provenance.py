"""What the numbers came from: versions, hashes of what went in, and the machine, without its name."""

from __future__ import annotations

import hashlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import fusion_metrics
from benchmark.analysis.outcome import Outcome
from benchmark.databases import Database
from benchmark.databases.source_lists import SOURCE_LISTS
from benchmark.scoring.splits import Split

#: Packages that numbers or pictures depend on.
PACKAGES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "scikit-image",
    "PyWavelets",
    "pillow",
    "nilearn",
    "nibabel",
    "matplotlib",
    "torch",
)

Facts = list[tuple[str, str]]


def versions() -> Facts:
    """List this project, Python, and the packages that are installed."""
    found = [("fmbench", fusion_metrics.__version__), ("Python", platform.python_version())]
    for name in PACKAGES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "not installed"))
    return found


def machine() -> Facts:
    """Describe the processor and the system."""
    return [("processor", _processor()), ("cores", str(os.cpu_count())), ("system", platform.platform())]


def inputs(outcome: Outcome) -> Facts:
    """Hash the database and the splits of one outcome, and list the options of its analysis and the signatures."""
    options = (f"{name} {value}" for name, value in vars(outcome.analysis.options).items())
    facts = [("database, SHA-256", database_digest(outcome.database)), ("analysis", ", ".join(options))]
    for split in outcome.splits:
        what = f"{split.protocol}, seed {split.seed}, {split.n_folds} folds"
        facts.append((f"split {what}, SHA-256", split_digest(split)))
    facts += [("signature", line) for line in outcome.table.signatures]
    return facts


def database_digest(database: Database) -> str:
    """Hash the tables and pictures of a database; what is not used of it does not count."""
    found = hashlib.sha256()
    tables = [database.root / name for name in ("database.toml", "pairs.csv", "fused.csv", "votes.csv")]
    lists = [listed for name in SOURCE_LISTS if (listed := database.root / name).is_file()]
    pairs = database.pairs.values()
    sources = [path for pair in pairs for path in (*pair.sources, pair.mask)]
    references = [pair.reference for pair in pairs if pair.reference is not None]
    used: list[Path | None] = [*tables, *lists, *sources, *references]
    for path in (*used, *(image.path for image in database.fused)):
        content = path.read_bytes() if path is not None and path.is_file() else b""
        found.update(hashlib.sha256(content).digest())
    return found.hexdigest()


def split_digest(split: Split) -> str:
    """Hash which image is in which fold."""
    lines = (f"{image},{fold}" for image, fold in zip(split.images, split.folds, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine()
