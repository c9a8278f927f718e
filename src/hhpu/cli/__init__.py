"""The command line: ``hhpu ...`` and ``python -m hhpu``; it parses, calls the library, prints."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Final

from hhpu.cli._parser import parse
from hhpu.errors import HhpuError

__all__ = ["main"]

_INTERRUPTED: Final = 130
_READER_GONE: Final = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the program's name; those of the process if not given.

    Returns
    -------
    int
        0 done; 2 a wrong call; 3 input refused; 130 interrupted; 141 the reader of the output
        went away.

    Examples
    --------
    >>> main(["rank", "offences.csv"])
    2
    """
    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    _stop_in_good_order()
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except HhpuError as error:
        _tell(f"hhpu {arguments.command}: {error}")
        return error.exit_code
    except BrokenPipeError:
        _forget_output()
        return _READER_GONE
    except KeyboardInterrupt:
        _tell(f"hhpu {arguments.command}: interrupted; nothing was left half-written")
        return _INTERRUPTED
    return code


def _stop_in_good_order() -> None:
    """Let a request to end the process run what tidies up, as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _tell(message: str) -> None:
    print(message, file=sys.stderr)


def _forget_output() -> None:
    """Send what is still buffered nowhere, so that the end of the process is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
