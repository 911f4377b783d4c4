"""Whether the pictures of a database may be passed on, as far as its licence line says."""

from __future__ import annotations

import re

#: Nothing here decides about law: where the line says or hints that passing on is not allowed, the report says so.
FORBIDS = re.compile(
    r"""\b(never|not|no|non|cannot|mustn't|don't)\b[^.;:]{0,40}\b(re-?)?(distribut|publish|shar|commit|pass)
      | \b(local|private|internal|personal)\b[^.;:]{0,20}\b(use|measurement)\b
      | \b(not|un)\s*(stated|specified|known|clear)\b | \bunknown\b | \bterms\s+not\b
      | \ball\s+rights\s+reserved\b | \bconfidential\b | \bon\s+request\b | \bproprietary\b""",
    re.IGNORECASE | re.VERBOSE,
)


def keeps_pictures_here(licence: str) -> bool:
    """Whether a licence line forbids passing pictures on, leaves it open, or is missing.

    >>> [keeps_pictures_here(line) for line in ("CC BY 4.0", "for local measurement only, never redistribute", "")]
    [False, True, True]
    """
    return not licence.strip() or FORBIDS.search(licence) is not None
