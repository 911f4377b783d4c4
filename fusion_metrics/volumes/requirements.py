"""What volumes need beyond pictures, imported when the first one is opened."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fusion_metrics.errors import InvalidImage
from fusion_metrics.printable import printable


def needed(module: str, path: str) -> Any:
    """Import a module, or say in one line how it is had.

    Raises
    ------
    InvalidImage
        It is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise InvalidImage(f"{printable(path)}: needs {package}: pip install 'fmbench[medical]'") from None
