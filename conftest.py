"""What collecting tests and doctests has in common: modules that need torch are skipped where it is not installed."""

from __future__ import annotations

import sys
from collections.abc import Generator
from importlib.util import find_spec
from typing import Any

import pytest

#: What `pip install 'fmbench[learned]'` brings; everything else works without it.
LEARNED = ("torch", "lightning_fabric")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Turn a module that cannot be imported for want of torch from an error into a skip that says so."""
    report = yield
    raised = report.call.excinfo
    # A test module's import error is the cause of pytest's own, a doctest's is not wrapped.
    error = None if raised is None else raised.value.__cause__ or raised.value
    if isinstance(error, ModuleNotFoundError) and error.name in LEARNED:
        for name, module in list(sys.modules.items()):  # half of it is there, and would be found by the next import
            if getattr(module, "__file__", None) == str(collector.path):
                del sys.modules[name]
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 0, f"Skipped: needs {error.name}: pip install 'fmbench[learned]'")
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the examples of metrics with a network: their modules can be imported without torch, as listings must."""
    lacking = [name for name in LEARNED if find_spec(name) is None]
    for item in items:
        if lacking and isinstance(item, pytest.DoctestItem) and item.path.match("learned/*/metric.py"):
            item.add_marker(pytest.mark.skip(reason=f"needs {lacking[0]}: pip install 'fmbench[learned]'"))
