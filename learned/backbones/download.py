"""``python -m learned.backbones.download resnet34``: download ImageNet weights from PyTorch's public model store."""

from __future__ import annotations

import argparse
import sys

from fusion_metrics import FusionMetricsError
from learned.backbones.weights import download, downloadable


def main(arguments: list[str] | None = None) -> int:
    """Download the weights of each backbone named, and print where they are; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m learned.backbones.download", description=__doc__)
    parser.add_argument("backbone", nargs="+", choices=downloadable())
    for backbone in parser.parse_args(arguments).backbone:
        try:
            print(download(backbone))
        except FusionMetricsError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
