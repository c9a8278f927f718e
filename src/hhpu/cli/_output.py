"""Standard output."""

from __future__ import annotations

import sys

from hhpu.errors import OutputError

__all__ = ["write_out"]


def write_out(content: bytes) -> None:
    """Write bytes to standard output as they are.

    Raises
    ------
    OutputError
        If they cannot be written; a reader that went away is a `BrokenPipeError`.
    """
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    try:
        if binary is None:
            sys.stdout.write(content.decode("utf-8"))
        else:
            binary.write(content)
            binary.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"standard output cannot be written: {error.strerror}"
        raise OutputError(message) from error
