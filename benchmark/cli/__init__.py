"""The command line: parses and prints; everything it says is computed elsewhere."""

from benchmark.cli import bench, data, fuse, identify, reproduce, run, score  # noqa: F401 - their import adds the commands
from benchmark.cli.group import main

__all__ = ["main"]
