"""Databases from elsewhere: downloaded once, refused unless their hash is the one asked for."""

from __future__ import annotations

from pathlib import Path

from benchmark.databases.folder import is_database
from benchmark.errors import BenchmarkError
from fusion_metrics.cache import cache_folder


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
    import pooch

    if len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef"):
        raise BenchmarkError(f"{sha256!r} is not a SHA-256 hash of 64 hexadecimal digits")
    suffixes = Path(url).suffixes
    unpack = pooch.Unzip() if suffixes[-1:] == [".zip"] else pooch.Untar() if ".tar" in suffixes[-2:] else None
    if unpack is None and suffixes[-1:] != [".tgz"]:
        raise BenchmarkError(f"{url}: is neither a .zip nor a .tar file")
    try:
        files = pooch.retrieve(
            url, f"sha256:{sha256.lower()}", path=cache_folder() / "downloads", processor=unpack or pooch.Untar()
        )
    except ValueError as error:
        raise BenchmarkError(f"{url}: refused, {' '.join(str(error).split())}") from None
    except OSError as error:
        raise BenchmarkError(f"{url}: cannot be downloaded or unpacked ({error})") from None
    found = sorted({Path(file).parent for file in files if is_database(Path(file).parent)})
    if not found:
        raise BenchmarkError(f"{url}: no database.toml in it")
    return found
