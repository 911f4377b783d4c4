"""Handcrafted metrics: one module a metric, or a small family.

Every module of this package is imported here, so a new metric is one new file.
"""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
