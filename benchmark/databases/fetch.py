"""Databases from elsewhere: downloaded once, refused unless their hash is the one asked for."""

from __future__ import annotations

import lzma
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

from benchmark.databases.folder import is_database
from benchmark.errors import BenchmarkError
from fusion_metrics.cache import cache_folder
from fusion_metrics.files import alone

#: What damaged, encrypted and malicious archives raise.
_NOT_UNPACKED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


def fetch(url: str, sha256: str) -> list[Path]:
    """Download and unpack an archive.

    Parameters
    ----------
    url : str
        Of a zip or tar file.
    sha256 : str
        Hash of the archive, 64 hexadecimal digits.

    Returns
    -------
    list of Path
        The databases in it.

    Raises
    ------
    BenchmarkError
        The download fails, the hash differs, the archive cannot be unpacked, or no database is in it.
    """
    folder = unpacked(download(url, sha256), url)
    found = sorted({file.parent for file in folder.rglob("database.toml") if is_database(file.parent)})
    if not found:
        raise BenchmarkError(f"{url}: no database.toml in it")
    return found


def download(url: str, sha256: str) -> Path:
    """Download an archive, if it was not downloaded before.

    Raises
    ------
    BenchmarkError
        It is no archive, the download fails, or the hash differs.
    """
    import pooch

    if len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef"):
        raise BenchmarkError(f"{sha256!r} is not a SHA-256 hash of 64 hexadecimal digits")
    _is_zip(url)
    try:
        return Path(pooch.retrieve(url, f"sha256:{sha256.lower()}", path=cache_folder() / "downloads"))
    except ValueError as error:
        raise BenchmarkError(f"{url}: refused, {' '.join(str(error).split())}") from None
    except OSError as error:
        raise BenchmarkError(f"{url}: cannot be downloaded ({error})") from None


def unpacked(archive: Path, name: str) -> Path:
    """Unpack an archive beside itself, if it was not unpacked before.

    Parameters
    ----------
    archive : Path
        A zip or tar file.
    name : str
        What it is called in errors; its ending says what it is.

    Raises
    ------
    BenchmarkError
        It cannot be unpacked.
    """
    is_zip = _is_zip(name)
    folder = archive.with_name(f"{archive.name}.unpacked")
    try:
        with alone(archive.with_name(f"{archive.name}.lock")):
            if not folder.exists():
                _unpack(archive, folder, is_zip=is_zip)
    except _NOT_UNPACKED as error:
        raise BenchmarkError(f"{name}: cannot be unpacked ({' '.join(str(error).split())})") from None
    return folder


def _is_zip(name: str) -> bool:
    suffixes = Path(name).suffixes
    if not (suffixes[-1:] in ([".zip"], [".tgz"]) or ".tar" in suffixes[-2:]):
        raise BenchmarkError(f"{name}: is neither a .zip nor a .tar file")
    return suffixes[-1] == ".zip"


def _unpack(archive: Path, folder: Path, *, is_zip: bool) -> None:
    """Unpack beside the folder that is to be, so that a process that is killed leaves nothing that looks complete."""
    begun = f".{archive.name}-"
    for left in archive.parent.glob(f"{begun}*"):  # nobody else unpacks now, so this is of one that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=begun, ignore_cleanup_errors=True) as scratch:
        work = Path(scratch) / "content"
        work.mkdir()
        if is_zip:
            with zipfile.ZipFile(archive) as opened_zip:
                opened_zip.extractall(work)  # noqa: S202 - which leaves out ".." and leading slashes
        else:
            with tarfile.open(archive) as opened_tar:
                opened_tar.extractall(work, filter="data")
        work.rename(folder)
