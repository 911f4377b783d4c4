"""Text of anybody's, such as the name of an algorithm, made harmless where it goes: a spreadsheet, LaTeX, Markdown."""

from __future__ import annotations

import re

from fusion_metrics.printable import printable

#: A spreadsheet takes a cell that begins so for a formula and runs it.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)", re.ASCII)

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "_": r"\_",
    "#": r"\#",
    "$": r"\$",
    "^": r"\^{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "←": r"$\leftarrow$",
    "∞": r"$\infty$",
    "†": r"$^{\dagger}$",
}
#: Backticks, brackets and signs that begin code, links and HTML; the pipe ends a cell.
_MARKDOWN = {"|": r"\|", "`": r"\`", "[": r"\[", "]": r"\]", "<": "&lt;", ">": "&gt;", "\\": r"\\"}


def csv_text(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula; numbers stay as they are.

    `plain_text` takes it away again, so that names survive being written and read.

    Examples
    --------
    >>> csv_text("=cmd()"), csv_text("-x"), csv_text("-0.5"), csv_text("gff")
    ("'=cmd()", "'-x", '-0.5', 'gff')
    """
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return text if text.isascii() else "".join(printable(c) if "\ud800" <= c <= "\udfff" else c for c in text)


def plain_text(cell: str) -> str:
    """Undo `csv_text`.

    Examples
    --------
    >>> plain_text("'=cmd()"), plain_text("'tis")
    ('=cmd()', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def latex(text: str) -> str:
    r"""Escape what LaTeX would take for a command; one line.

    Examples
    --------
    >>> latex("a_b & 50 %")
    'a\\_b \\& 50 \\%'
    """
    return "".join(_LATEX.get(character, character) for character in _one_line(text))


def latex_title(title: str) -> str:
    r"""Print the title of a metric as the field writes it.

    Examples
    --------
    >>> latex_title("Q^AB/F"), latex_title("Q_CV"), latex_title("MS-SSIM")
    ('$Q^{AB/F}$', '$Q_{\\mathrm{CV}}$', 'MS-SSIM')
    """
    parts = re.fullmatch(r"([A-Za-z]+)([_^])(\S+)", title)
    if not parts:
        return latex(title)
    small = rf"\mathrm{{{parts[3]}}}" if len(parts[3]) > 1 and parts[3].isalpha() else parts[3]
    return f"${parts[1]}{parts[2]}{{{small}}}$"


def markdown(text: str) -> str:
    r"""Escape what Markdown would take for a cell's end, code, a link or HTML; one line.

    Examples
    --------
    >>> markdown("a|b <script>")
    'a\\|b &lt;script&gt;'
    """
    return "".join(_MARKDOWN.get(character, character) for character in _one_line(text))


def file_name(name: str) -> str:
    """Make a name of a metric or a database one of a file: ``te:nava`` becomes ``te-nava``.

    >>> file_name("te:nava"), file_name("bmpri@pair"), file_name("../x")
    ('te-nava', 'bmpri@pair', '-x')
    """
    return re.sub(r"[^\w@.+-]+", "-", name).lstrip(".")[:100] or "-"


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))
