"""The command line: parses and prints; everything it says is computed elsewhere."""

from benchmark.cli import (  # noqa: F401 - their import adds the commands
    attend,
    bench,
    compare,
    data,
    fuse,
    identify,
    listing,
    report,
    reproduce,
    run,
    score,
    study,
    train,
)
from benchmark.cli.group import main

__all__ = ["main"]
