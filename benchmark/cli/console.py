"""The two streams of a command."""

from __future__ import annotations

from rich.console import Console

from fusion_metrics.printable import printable

#: Width of tables that go into a file or a pipe.
PIPE_WIDTH = 200


def error_console() -> Console:
    """Where errors and progress go."""
    return Console(stderr=True)


def output_console() -> Console:
    """Where results go."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def say(message: str, style: str = "dim") -> None:
    """Print one line to standard error."""
    print_line(error_console(), message, style)


def print_line(console: Console, message: str, style: str) -> None:
    """Print text of anybody's as what it is: no markup, no control characters, one line."""
    console.print(printable(message), style=style, markup=False, highlight=False, soft_wrap=True)
