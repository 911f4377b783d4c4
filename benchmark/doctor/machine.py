"""What the machine has: cores, threads, memory, and folders that can be written to."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmark.forked import THREADS
from benchmark.numbers import counted
from fusion_metrics import FusionMetricsError
from fusion_metrics.cache import cache_folder
from fusion_metrics.files import check_folder
from fusion_metrics.health import Finding

#: Below this, embedded databases or their scores do not fit.
FREE, MEMORY = 500 * 2**20, 2 * 2**30
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def computing() -> Iterator[Finding]:
    """Say how many cores and threads there are, what computes matrices, and how much memory there is."""
    import joblib

    usable, cores = joblib.cpu_count(), os.cpu_count() or 1
    of = f" of {cores}" if usable != cores else ""
    yield Finding("cores", f"{usable}{of} usable: --jobs -1 makes as many processes")
    set_ = [f"{name}={os.environ[name]}" for name in THREADS if os.environ.get(name)]
    yield Finding("threads", ", ".join(set_) or f"no limit is set ({', '.join(THREADS[:2])})")
    if find_spec("threadpoolctl") is not None:  # scikit-learn brings it
        import numpy as np
        from threadpoolctl import threadpool_info

        np.ones((2, 2)) @ np.ones((2, 2))
        for library in threadpool_info():
            if library.get("user_api") == "blas":
                about = [library.get("internal_api"), library.get("version"), library.get("architecture")]
                threads = counted(int(library.get("num_threads", 1)), "thread")
                yield Finding("BLAS", f"{' '.join(str(word) for word in about if word)}, {threads}")
                break
    yield memory()


def memory() -> Finding:
    """Say how much memory there is, of the machine or of the container in which this runs."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        whole, free = page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return Finding("memory", "is not told by this system", "note")
    for place in map(Path, _LIMITS):
        try:
            whole = min(whole, int(place.read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    text = f"{size(whole)}, {size(min(free, whole))} of it unused"
    if whole < MEMORY:
        return Finding("memory", text, "note", "use fewer processes: --jobs 1")
    return Finding("memory", text)


def folders() -> Iterator[Finding]:
    """Say where scores are kept, how large that is, and whether it and the folder of scratch files can be written."""
    cache = cache_folder()
    where = "$FMBENCH_CACHE" if os.environ.get("FMBENCH_CACHE") else "the usual place"
    if problem := unwritable(cache):
        text = f"{cache} ({where}): {problem}; nothing can be kept"
        yield Finding("cache", text, "wrong", "set FMBENCH_CACHE to a folder that can be written")
    else:
        there = next(folder for folder in (cache, *cache.absolute().parents) if folder.exists())
        free = shutil.disk_usage(there).free
        held = f"{size(sum(_sizes(cache)))} in it" if cache.exists() else "not made yet"
        text = f"{cache} ({where}), {held}, {size(free)} free"
        low = free < FREE
        mend = "make room, or set FMBENCH_CACHE to a folder elsewhere" if low else ""
        yield Finding("cache", text, "wrong" if low else "well", mend)
        broken = sorted(cache.glob("scores.sqlite.broken-*"))
        if broken:
            text = f"{counted(len(broken), 'file')} of scores that had been damaged"
            yield Finding("set aside", text, "note", f"delete {broken[0].with_name('scores.sqlite.broken-*')}")
    try:
        scratch = Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        yield Finding("scratch", str(error), "wrong", "set TMPDIR to a folder that can be written")
        return
    problem = unwritable(scratch)
    mend = "set TMPDIR to a folder that can be written"
    yield Finding("scratch", f"{scratch}{f': {problem}' if problem else ''}", *(("wrong", mend) if problem else ()))


def unwritable(folder: Path) -> str:
    """Say why a folder cannot be written to; empty if it can. A folder that is not there is not made."""
    try:
        check_folder(folder)
        if folder.is_dir():  # permissions say little on network file systems
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"fmbench")
    except FusionMetricsError as error:
        return str(error).removeprefix(f"{folder}: ")
    except OSError as error:
        return f"cannot be written ({error.strerror or error})"
    return ""


def size(count: float) -> str:
    """Write a number of bytes.

    >>> size(999), size(405 * 2**20), size(31.3 * 2**30)
    ('999 bytes', '405 MiB', '31.3 GiB')
    """
    units = ("bytes", "KiB", "MiB", "GiB", "TiB")
    power = 0
    while count >= 1000 and power + 1 < len(units):
        count, power = count / 1024, power + 1
    return f"{count:.0f} {units[power]}" if count >= 100 else f"{count:.3g} {units[power]}"


def _sizes(folder: Path) -> Iterator[int]:
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                yield (Path(place) / name).lstat().st_size
            except OSError:  # gone since
                continue
