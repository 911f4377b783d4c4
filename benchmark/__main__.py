"""The command `fmbench`, also as `python -m benchmark`: what must hold before and after the command line itself."""

from __future__ import annotations

import atexit
import gc
import signal


def main() -> None:
    """Load the command line and run it.

    Loading takes long enough to be interrupted, and an exception raised in the middle of somebody's import ends as a
    traceback. So SIGINT ends the process at once until there is a command that can handle it, and again after it.
    """
    # At its end Python looks for cycles of objects, a tenth of a second for nothing; not among frozen ones.
    atexit.register(gc.freeze)
    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else ignored, as under nohup
    if heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from benchmark.cli import main as command

    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        command()
    finally:
        if heard:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    main()
