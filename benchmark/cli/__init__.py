"""The command line: parses and prints; everything it says is computed elsewhere."""

from benchmark.cli import (  # noqa: F401 - their import adds the commands
    attend,
    bench,
    cite,
    compare,
    data,
    doctor,
    fuse,
    identify,
    listing,
    models,
    report,
    reproduce,
    rerun,
    run,
    score,
    study,
    train,
)
from benchmark.cli.group import main

__all__ = ["main"]
