"""Dask clusters on this machine, of processes that tests may kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class LocalCluster:
    """A scheduler and workers without nannies, each a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._told = folder / "scheduler.json"
        self._environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "False"}
        self.workers: list[subprocess.Popen[bytes]] = []
        self._scheduler = self._start("dask_scheduler", "--port", "0", "--scheduler-file", str(self._told))
        while not self._told.exists():
            assert self._scheduler.poll() is None
            time.sleep(0.05)
        self.address = str(json.loads(self._told.read_text())["address"])

    def _start(self, module: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", f"distributed.cli.{module}", "--host", "127.0.0.1"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        env = {**self._environment, **environment}
        return subprocess.Popen([*command, "--no-dashboard", *options], cwd=self.folder, env=env, **quiet)  # type: ignore[call-overload]

    def add_worker(self, **environment: str) -> None:
        """Start one more worker, in this environment."""
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        self.workers.append(self._start("dask_worker", self.address, *options, **environment))

    def wait(self) -> None:
        """Wait until the scheduler knows all workers."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=120)

    def kill(self, worker: int) -> None:
        """End a worker at once."""
        self.workers[worker].send_signal(signal.SIGKILL)
        self.workers[worker].wait()

    def close(self) -> None:
        """End all of them."""
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()


@contextmanager
def local_cluster(folder: Path, workers: int = 2) -> Iterator[LocalCluster]:
    """Run a cluster; skip the test where dask is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dask's own deprecations
        pytest.importorskip("distributed", reason="dask is not installed: pip install 'fmbench[distributed]'")
    folder.mkdir()
    cluster = LocalCluster(folder)
    try:
        for _ in range(workers):
            cluster.add_worker()
        cluster.wait()
        yield cluster
    finally:
        cluster.close()
