"""The command `fmbench`, to which the modules beside this one add their commands."""

from __future__ import annotations

import errno
import io
import sys
from typing import Any

import click

import fusion_metrics
from benchmark.cli.outputs import CarefulCommand
from benchmark.cli.screen import BAD_INPUT, INTERRUPTED, say_error
from benchmark.cli.signs import TERMINATED, Terminated, close_broken_output, heeding_terminate, saying_messages
from benchmark.errors import BenchmarkError
from fusion_metrics import FusionMetricsError

#: Commands in the order in which they are met, each group of them as one.
ORDER = (
    *("score", "compare", "report", "run", "identify", "list"),
    *("cite", "rerun", "doctor"),
    *("study", "data", "fuse", "train", "models", "attend", "reproduce", "bench"),
)


class _Commands(click.Group):
    """Turn the project's errors into one line and exit code 2."""

    command_class = CarefulCommand

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which they are met; those that are not known here come last."""
        return sorted(super().list_commands(ctx), key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Parse; an interrupt here would be click's, which has another exit code."""
        try:
            return super().make_context(*arguments, **more)
        except KeyboardInterrupt:
            say_error("interrupted")
            sys.exit(INTERRUPTED)

    def invoke(self, ctx: click.Context) -> object:
        for stream in (sys.stdout, sys.stderr):  # a name that the terminal's encoding lacks must not stop a run
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            with heeding_terminate(), saying_messages():
                return super().invoke(ctx)
        except (BenchmarkError, FusionMetricsError) as error:
            say_error(str(error))
            ctx.exit(BAD_INPUT)
        except OSError as error:
            if error.errno == errno.EPIPE:  # click knows what to do about a closed pipe
                raise
            say_error(f"{error.filename or 'an output'}: {error.strerror or error}")
            close_broken_output()
            ctx.exit(BAD_INPUT)
        except Terminated:
            say_error("terminated; what was scored is stored, the same command goes on from there")
            ctx.exit(TERMINATED)
        except KeyboardInterrupt:
            say_error("interrupted; what was scored is stored, the same command goes on from there")
            ctx.exit(INTERRUPTED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(fusion_metrics.__version__, prog_name="fmbench")
def main() -> None:
    """Image-fusion quality metrics, measured against human judgement."""
