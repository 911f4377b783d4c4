"""What every metric promises, as checks that a metric of another project can be put to.

With pytest, one test a check and variant:

    import pytest

    import my_package.metrics  # declares "mad"
    from fusion_metrics.testing import conformance_checks


    @pytest.mark.parametrize("check", conformance_checks("mad"))
    def test_mad_is_a_metric(check) -> None:
        check()

or all of them at once with `check_metric`. Where a metric has a reason to leave what is expected, its declaration says
so: ``exceptions={"prefers blur": "blur adds no edges"}``. An exception that does not hold fails like any other promise.

Needs ``pip install 'fmbench[testing]'``.
"""

from fusion_metrics.testing.checks import NonConformance
from fusion_metrics.testing.suite import check_metric, conformance_checks

__all__ = ["NonConformance", "check_metric", "conformance_checks"]
