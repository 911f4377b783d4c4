"""Running the server: one address, found free before anything else, until somebody ends it."""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import BenchmarkError
from benchmark.study.create import check_pictures
from benchmark.study.model import VOTES, Study, read_study
from benchmark.study.votes import Votes
from fusion_metrics.files import check_folder

MISSING = "a study is served by starlette and uvicorn, which are not installed: pip install 'fmbench[study]'"


@dataclass(frozen=True)
class Address:
    """Where a study is served.

    Attributes
    ----------
    host : str
    port : int
        0 for any that is free.
    certificate, key : Path or None
        Files for TLS.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    certificate: Path | None = None
    key: Path | None = None

    @property
    def local(self) -> bool:
        """Whether nobody but this machine can come here."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def url(self, port: int | None = None) -> str:
        """Return the address as a browser takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{port or self.port}"


def open_study(folder: Path) -> tuple[Study, Votes]:
    """Open a study with its votes.

    Raises
    ------
    BenchmarkError
        See `read_study` and `Votes`.
    """
    if not folder.is_dir():
        raise BenchmarkError(f"{folder}: no such folder; fmbench study create makes a study")
    study, known = read_study(folder)
    return study, Votes(folder / VOTES, known)


def serve(folder: Path, address: Address, on_ready: Callable[[Study, str], None]) -> None:
    """Serve a study until the process is interrupted.

    Parameters
    ----------
    folder : Path
    address : Address
    on_ready : callable
        Called with the study and its address as soon as that is taken.

    Raises
    ------
    BenchmarkError
        starlette or uvicorn are missing, the address is in use, or the study cannot be served.
    """
    try:
        import uvicorn

        from benchmark.study.server import Server
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in ("starlette", "uvicorn", "anyio", "h11"):
            raise BenchmarkError(MISSING) from None
        raise
    study, votes = open_study(folder)
    try:
        check_folder(folder)
        check_pictures(study, folder)
        _check_certificate(address)
        with _listening(address) as taken:
            config = uvicorn.Config(
                Server(study, folder, votes).app(),
                log_level="critical",  # what goes wrong is said in one line by the server itself
                access_log=False,
                server_header=False,
                ws="none",
                lifespan="off",
                limit_concurrency=200,
                timeout_graceful_shutdown=2,
                ssl_certfile=address.certificate,
                ssl_keyfile=address.key,
            )
            server = uvicorn.Server(config)
            on_ready(study, address.url(taken.getsockname()[1]))
            server.run([taken])
            if server.should_exit:  # by a signal, which the event loop sometimes swallows
                raise KeyboardInterrupt
    finally:
        votes.close()


def _check_certificate(address: Address) -> None:
    if address.certificate is None or address.key is None:
        return
    for path in (address.certificate, address.key):
        if not path.is_file():
            raise BenchmarkError(f"{path}: no such file")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(address.certificate, address.key)
    except (ssl.SSLError, OSError) as error:
        raise BenchmarkError(
            f"{address.certificate}: is no PEM certificate with the key {address.key} ({error.strerror or error})"
        ) from None


def _listening(address: Address) -> socket.socket:
    try:
        family, kind, _, _, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind)
    except OSError as error:
        raise BenchmarkError(f"--host {address.host}: {error.strerror or error}") from None
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(place)
        taken.listen(128)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise BenchmarkError(
                f"--port {address.port}: is in use on {address.host}; name another, or --port 0 for any that is free"
            ) from None
        if error.errno == errno.EACCES:
            raise BenchmarkError(
                f"--port {address.port}: needs more rights than you have; take one above 1023"
            ) from None
        raise BenchmarkError(f"--host {address.host}: {error.strerror or error}") from None
    return taken
