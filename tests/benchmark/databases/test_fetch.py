"""Downloads, from a server that the test starts on loopback."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmark.databases.fetch import fetch
from benchmark.databases.folder import load_folder
from benchmark.errors import BenchmarkError
from tests.conftest import ROOT
from tests.databases import write_database


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which it is served; proxies of the environment are not asked."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_an_archive_with_the_right_hash_is_unpacked(served: tuple[Path, str], tmp_path: Path, kind: str) -> None:
    folder, address = served
    write_database(tmp_path / "made" / "small")
    archive = Path(shutil.make_archive(str(folder / "db"), kind, tmp_path / "made"))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    [found] = fetch(f"{address}/{archive.name}", digest)
    assert len(load_folder(found).fused) == 8
    with pytest.raises(BenchmarkError, match="refused"):
        fetch(f"{address}/{archive.name}", "0" * 64)


def test_an_archive_without_a_database(served: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = served
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "notes.txt").write_text("nothing")
    archive = Path(shutil.make_archive(str(folder / "db"), "zip", tmp_path / "made"))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    with pytest.raises(BenchmarkError, match=r"no database\.toml in it"):
        fetch(f"{address}/{archive.name}", digest)
    with pytest.raises(BenchmarkError, match="cannot be downloaded"):
        fetch(f"{address}/absent.zip", digest)


KILLED = """
import os, signal, sys, zipfile
from benchmark.databases.fetch import fetch

def killed(archive, path):
    archive.extract("small/database.toml", path)
    os.kill(os.getpid(), signal.SIGKILL)

zipfile.ZipFile.extractall = killed
fetch(*sys.argv[1:])
"""


def test_what_a_killed_process_unpacked_is_not_taken_for_the_whole(served: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = served
    write_database(tmp_path / "made" / "small")
    archive = Path(shutil.make_archive(str(folder / "db"), "zip", tmp_path / "made"))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    ended = subprocess.run([sys.executable, "-c", KILLED, f"{address}/{archive.name}", digest], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    downloads = tmp_path / "cache" / "downloads"
    assert list(downloads.rglob("database.toml"))
    [found] = fetch(f"{address}/{archive.name}", digest)
    assert len(load_folder(found).fused) == 8
    assert len(list(downloads.rglob("database.toml"))) == 1


@pytest.mark.parametrize(("name", "content"), [("x.zip", b"no archive"), ("x.tar.gz", b"no archive"), ("x.tgz", b"")])
def test_a_broken_archive_is_one_line(served: tuple[Path, str], name: str, content: bytes) -> None:
    folder, address = served
    (folder / name).write_bytes(content)
    with pytest.raises(BenchmarkError, match=f"{name}: cannot be unpacked"):
        fetch(f"{address}/{name}", hashlib.sha256(content).hexdigest())
