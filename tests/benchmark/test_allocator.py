from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark import allocator

#: Prints how many MB a process has before, within and after, where within 200 arrays of 1 MB were made and freed.
SCRIPT = """
import numpy as np
from benchmark.allocator import freed_memory_kept

def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 // 10**6

def work():
    arrays = [np.ones(2**17) for _ in range(200)]

print(held())
with freed_memory_kept():
    work()
    print(held())
print(held())
"""


def has_glibc() -> bool:
    return Path("/proc/self/statm").exists() and hasattr(allocator.ctypes.CDLL(None), "gnu_get_libc_version")


def held(**variables: str) -> tuple[int, ...]:
    undecided = {name: value for name, value in os.environ.items() if name not in allocator._DECIDED_BY}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env={**undecided, **variables}
    )
    return tuple(map(int, done.stdout.split()))


@pytest.mark.skipif(not has_glibc(), reason="needs the GNU C library and /proc")
def test_freed_memory_is_kept_and_then_given_back() -> None:
    before, within, after = held()
    assert within > before + 150
    assert after < before + 50


@pytest.mark.skipif(not has_glibc(), reason="needs the GNU C library and /proc")
def test_who_sets_the_allocator_decides() -> None:
    before, within, _ = held(MALLOC_TRIM_THRESHOLD_="131072")
    assert within < before + 50
