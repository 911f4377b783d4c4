"""Text of anybody's, such as a file name, made fit to be printed on one line."""

from __future__ import annotations

import unicodedata

#: Categories of characters that steer a terminal or hide text: controls, formats such as the marks that turn the
#: direction of writing, halves of surrogate pairs, separators of lines and of paragraphs.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""Write every character that is not to be printed as an escape.

    A byte of a file name that is not UTF-8 comes out as that byte.

    Examples
    --------
    >>> printable("Gr\udcfc\x1b[31m\n"), printable("a b")
    ('Gr\\xfc\\x1b[31m\\n', 'a b')
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _UNPRINTABLE else c for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte that it could not decode
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
