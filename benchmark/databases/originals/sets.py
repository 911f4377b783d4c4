"""Which public sets of human opinion scores there are, and how each gets here: with a known hash, or by hand."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmark.databases.fetch import download, unpacked
from benchmark.errors import BenchmarkError
from fusion_metrics.cache import cache_folder

_FILE = Path(__file__).with_name("sets.toml")
#: What an archive that was put into place may be called.
ARCHIVES = ("*.zip", "*.tar", "*.tar.*", "*.tgz")


@dataclass(frozen=True)
class PublicSet:
    """A public set of human opinion scores.

    Attributes
    ----------
    name, title : str
    address : str
        Where its authors say it is.
    archive, sha256 : str
        What may be downloaded, and its hash; empty where the hash is not known.
    licence : str
        Or "states none".
    citation : str
    converter : str
        Of its original layout; empty where there is none.
    """

    name: str
    title: str
    address: str
    archive: str
    sha256: str
    licence: str
    citation: str
    converter: str

    @property
    def place(self) -> Path:
        """The folder into which its archive is put by hand."""
        return cache_folder() / "downloads" / self.name


@cache
def public_sets() -> dict[str, PublicSet]:
    """Return all public sets by name."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: PublicSet(name, **table) for name, table in tables.items()}


def public_set(name: str) -> PublicSet:
    """Return the public set of a name.

    Raises
    ------
    BenchmarkError
        There is none.
    """
    known = public_sets()
    if name not in known:
        raise BenchmarkError(f"{name}: no public set of that name; there are {', '.join(known)}")
    return known[name]


@dataclass(frozen=True)
class Fetched:
    """A set that is there, in its original layout.

    Attributes
    ----------
    folder : Path
    sha256 : str
        Of the archive; what nobody has vouched for where the set's own is not known.
    vouched : bool
    """

    folder: Path
    sha256: str
    vouched: bool


def fetch_set(known: PublicSet) -> Fetched:
    """Download a set whose hash is known, or unpack the archive that somebody put into its place.

    Raises
    ------
    BenchmarkError
        The hash is not known and no archive is there, which says where it belongs; or as `download` and `unpacked`.
    """
    if known.archive and known.sha256:
        return Fetched(unpacked(download(known.archive, known.sha256), known.archive), known.sha256, True)
    found = [path for pattern in ARCHIVES for path in sorted(known.place.glob(pattern)) if path.is_file()]
    if not found:
        raise BenchmarkError(
            f"{known.name}: hash unknown, so nothing is downloaded; get it from {known.address} and put the archive "
            f"(.zip or .tar) into {known.place}, or unpack it yourself"
        )
    if len(found) > 1:
        raise BenchmarkError(f"{known.place}: several archives: {', '.join(path.name for path in found)}")
    with found[0].open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Fetched(unpacked(found[0], found[0].name), digest, False)
