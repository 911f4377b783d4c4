from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fusion_metrics.compiled import compiled

MODULE = """
from fusion_metrics.compiled import compiled

@compiled
def square(x):
    return x * x

@compiled(error_model="numpy")
def sum_of_squares(x):
    total = 0.0
    for value in x:
        total += square(value)
    return total / 1.0
"""
SCRIPT = """
import sys
import numpy as np
import squares
assert "numba" not in sys.modules
assert squares.sum_of_squares(np.arange(4.0)) == 14.0
stats = squares.sum_of_squares.dispatcher.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def start(folder: Path) -> subprocess.Popen[str]:
    variables = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    variables |= {"FMBENCH_CACHE": str(folder / "cache"), "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    return subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True, env=variables)


def test_what_two_processes_compile_at_once_a_later_one_finds_in_the_cache_folder(tmp_path: Path) -> None:
    (tmp_path / "squares.py").write_text(MODULE)
    together = [start(tmp_path) for _ in range(2)]
    assert {process.communicate()[0].split()[-1] for process in together} <= {"0", "1"}
    assert [process.returncode for process in together] == [0, 0]
    assert start(tmp_path).communicate()[0].split() == ["1", "0"]
    assert list((tmp_path / "cache" / "compiled").rglob("squares.*.nbc"))


def test_what_cannot_be_kept_is_compiled_nevertheless() -> None:
    namespace: dict[str, object] = {}
    exec("def double(x):\n    return 2.0 * x", namespace)  # noqa: S102 - of no file, for which numba keeps nothing
    double = compiled(namespace["double"])  # type: ignore[call-overload]
    np.testing.assert_array_equal(double(np.arange(3.0)), [0.0, 2.0, 4.0])


def test_a_compiled_function_says_what_it_does() -> None:
    @compiled
    def half(x: float) -> float:
        """Halve a number."""
        return x / 2.0

    assert (half.__name__, half.__doc__) == ("half", "Halve a number.")
    assert half(3.0) == pytest.approx(1.5)


def test_a_compiled_function_that_returns_a_tuple_is_refused() -> None:
    """Of an interrupt while numba makes it the process would die."""

    @compiled
    def twice(x: float) -> tuple[float, float]:
        return x, x

    with pytest.raises(TypeError, match="twice returns a tuple"):
        twice(1.0)


INTERRUPTED = """
import os, signal, threading
import numpy as np
from fusion_metrics.compiled import compiled

@compiled
def ten_sums(values, count):
    sums = np.zeros(10)
    for k in range(count):
        sums[k % 10] += np.sin(0.1 * k + values[0])
    return sums

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a script
values = np.arange(10.0)
ten_sums(values, 3)
try:
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    for _ in range(1000):
        ten_sums(values, 20_000_000)
except KeyboardInterrupt:
    print("interrupted, and alive")
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
ten_sums(values, 3)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT of one process to itself")
def test_an_interrupt_of_a_compiled_function_is_an_interrupt(tmp_path: Path) -> None:
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED)
    variables = {**os.environ, "FMBENCH_CACHE": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=variables, check=False)
    assert (done.returncode, done.stdout) == (0, "interrupted, and alive\n")
