"""The ending of a file's name decides its format; what no format belongs to is refused before hours of work."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from benchmark.errors import BenchmarkError

#: A table as it is read, and a table with all digits.
READ = {".tex": "LaTeX", ".md": "Markdown", ".html": "HTML"}
STORED = {".csv": "CSV", ".xlsx": "Excel", ".json": "JSON", ".parquet": "Parquet"}
#: What must be installed to write a format.
NEEDED = {".xlsx": "openpyxl", ".parquet": "pyarrow"}


def ending_of(path: Path) -> str:
    """Return the ending that decides the format, in lower case; what is no regular file gets CSV.

    Raises
    ------
    BenchmarkError
        No format belongs to it, or what writes that format is not installed.

    >>> ending_of(Path("table.TEX")), ending_of(Path("/dev/stdout"))
    ('.tex', '.csv')
    """
    ending = path.suffix.lower()
    known = READ | STORED
    if ending not in known:
        if not ending and (path.is_relative_to("/dev") or path.is_relative_to("/proc") or _is_special(path)):
            return ".csv"
        what = f"no format belongs to the ending {path.suffix}" if ending else "without an ending there is no format"
        raise BenchmarkError(f"{path}: {what}; endings are {', '.join(known)}")
    module = NEEDED.get(ending)
    if module and find_spec(module) is None:
        raise BenchmarkError(f"{path}: writing {known[ending]} needs {module}: pip install {module}")
    return ending


def _is_special(path: Path) -> bool:
    """Whether a path is a pipe or a device."""
    return path.exists() and not path.is_file() and not path.is_dir()
