"""Whether the embedded databases are built, and still are what was built."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.databases import EMBEDDED
from benchmark.databases.embedded import built_in, verify
from benchmark.errors import BenchmarkError
from fusion_metrics.health import Finding


def built() -> Iterator[Finding]:
    """Hold every file of a built database against its hash."""
    for database in EMBEDDED.values():
        folder = built_in(database)
        if not folder.exists():
            mend = f"fmbench data build {database.name}"
            yield Finding(database.name, "not built yet; the first use builds it", "well", mend)
            continue
        try:
            verify(folder)
        except BenchmarkError as error:
            yield Finding(database.name, str(error), "wrong", f"delete {folder}; the next use builds it again")
        except OSError as error:
            yield Finding(database.name, f"{folder}: cannot be read ({error.strerror})", "wrong", f"delete {folder}")
        else:
            yield Finding(database.name, f"{folder}, every file as it was built")
