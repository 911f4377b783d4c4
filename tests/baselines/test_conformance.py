"""The shipped suite over every registered metric and every variant: what a user may rely on, one test a promise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fusion_metrics.testing import conformance_checks


@pytest.mark.parametrize("check", conformance_checks())
def test_metric_keeps_its_promise(check: Callable[[], None]) -> None:
    check()
