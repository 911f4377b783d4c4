"""What every answer of the server carries, and who is answered at all: headers, origins, sizes, rates."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from urllib.parse import urlsplit

#: The page takes everything from its own server and nothing from anywhere else, and nobody may frame it.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}
#: Bytes of a request; a vote with a note has about a thousand.
LARGEST = 16_384
#: Callers that are remembered at most.
REMEMBERED = 10_000


class Rate:
    """So many calls at once, and so many a second; each caller has a bucket that fills again.

    Parameters
    ----------
    burst : float
    per_second : float
    """

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst, self._speed = burst, per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, caller: str, now: float | None = None) -> bool:
        """Take one from the caller's bucket, unless it is empty.

        >>> rate = Rate(2, 1)
        >>> [rate.allows("x", now) for now in (0.0, 0.0, 0.0, 1.0)]
        [True, True, False, True]
        """
        moment = time.monotonic() if now is None else now
        with self._lock:
            left, before = self._left.pop(caller, (self._burst, moment))
            left = min(self._burst, left + (moment - before) * self._speed)
            allowed = left >= 1.0
            self._left[caller] = (left - 1.0 if allowed else left, moment)
            while len(self._left) > REMEMBERED:
                self._left.popitem(last=False)
        return allowed


def same_origin(scheme: str, headers: Mapping[str, str]) -> bool:
    """Whether a request that changes something comes from a page of this server itself.

    >>> same_origin("http", {"origin": "http://a:1", "host": "a:1"}), same_origin("http", {"host": "a:1"})
    (True, False)
    """
    origin, host = headers.get("origin"), headers.get("host")
    if not origin or not host or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    parts = urlsplit(origin)
    return parts.scheme == scheme and parts.netloc == host
