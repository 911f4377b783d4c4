"""Who takes part: pseudonyms, and links that only their owners have."""

from __future__ import annotations

import hashlib
import re
import secrets

from benchmark.errors import BenchmarkError

#: No spaces, no dots, no @: what people put down here should not be a name or an address.
_PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
MOST = 500


def pseudonyms(text: str) -> tuple[str, ...]:
    """Understand ``NAME,NAME`` or a number.

    >>> pseudonyms("3"), pseudonyms("alpha,beta")
    (('rater-01', 'rater-02', 'rater-03'), ('alpha', 'beta'))

    Raises
    ------
    BenchmarkError
        None, too many, one twice, or something that is no pseudonym.
    """
    if re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII):
        count = int(text)
        if not 1 <= count <= MOST:
            raise BenchmarkError(f"--raters {count}: a study has 1 to {MOST} raters")
        return tuple(f"rater-{number:02d}" for number in range(1, count + 1))
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if not _PSEUDONYM.fullmatch(name):
            raise BenchmarkError(
                f"--raters {name!r}: is not a pseudonym; up to 32 letters, digits, - and _, and nobody's name"
            )
        if names.count(name) > 1:
            raise BenchmarkError(f"--raters: {name} is there twice")
    if len(names) > MOST:
        raise BenchmarkError(f"--raters: a study has 1 to {MOST} raters")
    return names


def new_secret() -> str:
    """Return 192 random bits as text for an address."""
    return secrets.token_urlsafe(24)


def hashed(secret: str) -> str:
    """Return what is stored of a secret. It is random and long, so that a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(session: str) -> str:
    """Return what a page must send with every vote: it follows from the session, which only its cookie knows."""
    return hashlib.sha256(f"csrf {session}".encode()).hexdigest()


def link(address: str, token: str) -> str:
    """Return the link of a rater. What follows the # is not sent with the request, so no log has it."""
    return f"{address.rstrip('/')}/#{token}"
