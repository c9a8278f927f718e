"""Files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hhpu.errors import OutputError

__all__ = ["unwritable", "whole", "write_whole"]


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path beside a file, to write to; it takes the file's place at the end.

    Raises
    ------
    OutputError
        If it cannot be written; what was there is then there unchanged.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(str(path), error) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written; what was there is then there unchanged.
    """
    with whole(path) as part:
        part.write_bytes(content)


def unwritable(name: str, error: OSError) -> OutputError:
    """Make the error for what cannot be written."""
    return OutputError(f"{name} cannot be written: {error.strerror or error}; nothing was changed")
