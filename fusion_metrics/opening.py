"""What must be known about a path before it is opened: opening a pipe waits for ever, a device has no end."""

from __future__ import annotations

import errno
import os
import stat

_KINDS = (
    (stat.S_ISDIR, "is a folder, not a file"),
    (stat.S_ISFIFO, "is a pipe, not a file"),
    (stat.S_ISSOCK, "is a socket, not a file"),
    (stat.S_ISCHR, "is a device, not a file"),
    (stat.S_ISBLK, "is a device, not a file"),
)
_CAUSES = {
    errno.ENOENT: "no such file",
    errno.ENOTDIR: "no such file",
    errno.ELOOP: "is a link that leads back to itself",
    errno.ENAMETOOLONG: "no such file, the name is too long",
    errno.EACCES: "permission denied",
}


def why_not_readable(path: str | os.PathLike[str]) -> str:
    """Say why a path cannot be read as a regular file; empty if it can.

    Examples
    --------
    >>> why_not_readable(os.sep), why_not_readable("absent.png")
    ('is a folder, not a file', 'no such file')
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a path of bytes that are not UTF-8 is one too
    except OSError as error:
        return _CAUSES.get(error.errno or 0, error.strerror or "cannot be opened")
    except ValueError:  # a NUL character
        return "no such file, the name holds a NUL character"
    if not stat.S_ISREG(mode):
        return next((cause for is_kind, cause in _KINDS if is_kind(mode)), "is not a regular file")
    return "" if os.access(path, os.R_OK) else "permission denied"
