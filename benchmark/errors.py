"""Errors of the benchmark: one line that names the file and the cause; the command line exits with 2."""

from __future__ import annotations


class BenchmarkError(ValueError):
    """Something about a database, a folder or a request that the user can mend."""
