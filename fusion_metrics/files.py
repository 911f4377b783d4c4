"""Files that are written whole or not at all, and never in place of something that is not a file.

Whatever is written goes to a scratch file beside the target, which takes the target's place when it is complete. A
killed run, a full disk or an error leaves the old file as it was. Devices, pipes and the streams of this process
cannot be replaced: what is meant for them is copied into them.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from fusion_metrics.errors import FusionMetricsError

#: Symbolic links that are followed one after the other; more are a loop.
LINKS = 40
_STREAM = re.compile(r"/dev/(?:fd/(\d+)|(stdin|stdout|stderr))|/proc/(?:self|\d+)/fd/(\d+)")
_NAMED_STREAMS = {"stdin": 0, "stdout": 1, "stderr": 2}


class UnwritableFile(FusionMetricsError):
    """A file or a folder that cannot be written: what it is and why, in one line."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : Path
        The target. Its folder is made. A symbolic link stays, and what it points to is replaced; the permissions of
        an existing file stay; a device, a pipe or a stream such as ``/dev/stdout`` is written to when all is there.

    Yields
    ------
    Path
        An empty scratch file with the suffix of the target, to be written in its stead.

    Raises
    ------
    UnwritableFile
        The target is a folder, or an operating-system error such as a full disk came up.
    """
    try:
        target, stream = _target(path)
        check_file(path)
        if stream is not None or (target.exists() and not target.is_file()):
            with TemporaryDirectory() as folder:
                scratch = Path(folder) / (path.name or "output")
                scratch.touch()
                yield scratch
                _pour(scratch, target, stream)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch, mode = _scratch_beside(target)
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        yield scratch
        scratch.chmod(mode)
        scratch.replace(target)
    except OSError as error:
        if error.filename is not None and Path(os.fsdecode(error.filename)) not in (scratch, target):
            raise  # about another file, such as one that is copied
        raise unwritable(path, error) from None
    finally:
        with suppress(OSError):
            scratch.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, whole or not at all; see `whole`."""
    with whole(path) as scratch:
        scratch.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes, whole or not at all; see `whole`."""
    with whole(path) as scratch:
        scratch.write_bytes(content)


def check_file(path: Path) -> None:
    """Refuse a target that `whole` could not write, as far as that can be known before; nothing is made.

    Raises
    ------
    UnwritableFile
        It is a folder or write-protected, or its folder can neither be made nor written to.
    """
    target, stream = _target(path)
    if stream is not None:
        return
    if target.is_dir():
        raise UnwritableFile(f"{path}: is a folder, not a file that could be written")
    if target.exists():
        if not os.access(target, os.W_OK):
            raise UnwritableFile(f"{path}: cannot be written, it is write-protected")
        if not target.is_file():
            return
    check_folder(target.parent, path)


def check_folder(folder: Path, about: Path | None = None) -> None:
    """Refuse a folder that can neither be made nor written to; nothing is made.

    Parameters
    ----------
    folder : Path
    about : Path, optional
        What the error names, where it is not the folder itself.

    Raises
    ------
    UnwritableFile
    """
    named = folder if about is None else about
    try:
        there = next(above for above in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(above))
        if not there.is_dir():
            raise UnwritableFile(f"{named}: cannot be written, {there} is not a folder")
    except OSError as error:
        raise unwritable(named, error) from None
    if not os.access(there, os.W_OK | os.X_OK):
        raise UnwritableFile(f"{named}: cannot be written, the folder {there} is write-protected")


def unwritable(path: Path, error: OSError) -> UnwritableFile:
    """Say in one line that an operating-system error kept a file from being written."""
    return UnwritableFile(f"{path}: cannot be written ({error.strerror or error})")


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Keep out other processes that hold the same lock file; where it cannot be made, nobody is kept out."""
    try:
        import fcntl
    except ImportError:  # a system without such locks
        yield
        return
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("ab")
    except OSError:
        yield
        return
    with file:
        with suppress(OSError):  # a network file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _target(path: Path) -> tuple[Path, int | None]:
    """Follow symbolic links; return what they lead to, and its number if it is an open stream of this process."""
    target = path
    for _ in range(LINKS):
        if found := _STREAM.fullmatch(os.path.abspath(target)):  # noqa: PTH100 - links are not to be followed here
            number, name, other = found.groups()
            return target, _NAMED_STREAMS[name] if name else int(number or other)
        if not target.is_symlink():
            return target, None
        target = target.parent / target.readlink()
    raise UnwritableFile(f"{path}: cannot be written, it is a symbolic link that leads back to itself")


def _scratch_beside(target: Path) -> tuple[Path, int]:
    """Make an empty file beside the target; return it and the permissions that the finished file is to have."""
    # Hashes, because the name of the target may be as long as names can be.
    stem = f".fmbench-{_short(target.name)}-{_short(platform.node())}-"
    for left in target.parent.glob(f"{stem}*"):
        if not _is_alive(left.name.removeprefix(stem).partition("-")[0]):
            left.unlink(missing_ok=True)  # of a process that was killed
    scratch = target.with_name(f"{stem}{os.getpid()}-{secrets.token_hex(4)}{target.suffix[:20]}")
    os.close(os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    there = target if target.exists() else scratch
    return scratch, stat.S_IMODE(there.stat().st_mode)


def _short(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:8]


def _is_alive(process: str) -> bool:
    if os.name != "posix":  # elsewhere this would end the process
        return True
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except (OSError, ValueError):
        return True
    return True


def _pour(scratch: Path, target: Path, stream: int | None) -> None:
    """Copy into what cannot be replaced."""
    for own in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            own.flush()
    number = os.dup(stream) if stream is not None else os.open(target, os.O_WRONLY)
    with scratch.open("rb") as source, os.fdopen(number, "wb") as sink:
        shutil.copyfileobj(source, sink)
