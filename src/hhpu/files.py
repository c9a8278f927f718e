"""Files that appear whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hhpu.errors import OutputError

__all__ = ["move", "unwritable", "whole", "write_whole"]


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
            move(part, path)
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


def move(path: Path, target: Path) -> None:
    """Put a file or folder in the place of another; on Windows wait while a program has it open.

    Raises
    ------
    OSError
        If it cannot be done. If that is because a file is open, the error names it and says what
        to do.
    """
    for wait in (*_WAITS, None):
        try:
            path.replace(target)
        except OSError as error:
            if getattr(error, "winerror", None) not in _OPEN_ELSEWHERE:
                raise
            if wait is None:
                raise _told_in_use(error, path, target) from error
            time.sleep(wait)
        else:
            return


_WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.6, 0.65)
_OPEN_ELSEWHERE: Final = frozenset({5, 32, 33})  # access denied, sharing and lock violation


def _told_in_use(error: OSError, *places: Path) -> PermissionError:
    files = sorted({name for place in places for name in _held(place)})
    named = ", ".join(files[:5]) or f"{places[1].name} or a file in it"
    are, them = ("are", "them") if len(files) > 1 else ("is", "it")
    told = f"{named} {are} in use: close {them} in Excel (or wait for OneDrive) and run again"
    return PermissionError(error.errno, told)


def _held(place: Path) -> Iterator[str]:
    """The files of a folder, or the file, that cannot be written just now."""
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if path.is_file():
            try:
                path.open("r+b").close()
            except OSError:
                yield path.name
