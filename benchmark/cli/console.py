"""The two streams of a command."""

from __future__ import annotations

from rich.console import Console

#: Width of tables that go into a file or a pipe.
PIPE_WIDTH = 200


def error_console() -> Console:
    """Where errors and progress go."""
    return Console(stderr=True)


def output_console() -> Console:
    """Where results go."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def say(message: str, style: str) -> None:
    """Print one line to standard error."""
    error_console().print(message, style=style, markup=False, highlight=False, soft_wrap=True)
