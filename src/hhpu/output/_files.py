"""Output that appears whole or not at all: files, a folder, a folder beside a file."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pandas as pd

from hhpu.errors import OutputError
from hhpu.files import move, unwritable, write_whole

__all__ = [
    "alone",
    "as_it_was",
    "csv_bytes",
    "json_bytes",
    "made_by_system",
    "make_folder",
    "publishing",
    "publishing_folder",
    "remove_remains",
    "write_bytes",
]


def csv_bytes(table: pd.DataFrame) -> bytes:
    r"""Write a table as CSV: UTF-8, ``\n`` line ends, ``true`` and ``false``, no index."""
    flags = table.select_dtypes("bool").columns
    words = {name: np.where(table[name], "true", "false") for name in flags}
    text: str = table.assign(**words).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Write a mapping as JSON that a person can read.

    Raises
    ------
    ValueError
        If a number is NaN or infinite, which JSON cannot hold.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise unwritable(path.name, error) from error


def made_by_system(name: str) -> bool:
    """Whether Windows, macOS or Excel puts a file of that name into a folder by itself."""
    return name.lower() in _SYSTEM or name.startswith("~$")


_SYSTEM: Final = frozenset({"desktop.ini", "thumbs.db", ".ds_store"})


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are not there.

    Raises
    ------
    OutputError
        If it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(str(path), error) from error


@contextmanager
def publishing(
    file: Path, *, inputs: Iterable[Path] = (), beside: frozenset[str] = frozenset()
) -> Iterator[Path]:
    """Give a temporary folder whose content takes its place at the end, whole or not at all.

    Parameters
    ----------
    file : Path
        The file to write. It is to be written into the temporary folder under its own name.
    inputs : iterable of Path
        Files that are read and so never replaced.
    beside : frozenset of str
        Names of the files of the folder of the same stem; empty for no folder. They are to be
        written into the folder ``beside`` of the temporary folder.

    Yields
    ------
    Path
        The temporary folder, in the folder of ``file``.

    Raises
    ------
    OutputError
        Before anything is done, if it can be seen that the output cannot be written; else when it
        cannot. What was there is then there unchanged.
    """
    file = _resolved(file)
    folder = file.with_suffix("") if beside else None
    for path in inputs:
        if path.exists() and file.exists() and file.samefile(path):
            message = f"{file.name} is also an input; name another file"
            raise OutputError(message)
        if folder is not None and folder in path.expanduser().resolve().parents:
            message = (
                f"the folder {folder.name}/ beside {file.name} holds the input {path.name}: "
                "name another file"
            )
            raise OutputError(message)
    _judge_file(file)
    if folder is not None:
        if folder == file:
            message = f"{file.name}: name the file with its ending, such as {file.name}.csv"
            raise OutputError(message)
        _judge_folder(folder, beside)
    with _temporary(file) as temporary:
        if folder is not None:
            (temporary / "beside").mkdir()
        yield temporary
        try:
            _swap(temporary, file, folder)
        except OSError as error:
            raise unwritable(str(file), error) from error


@contextmanager
def publishing_folder(
    folder: Path, *, own: frozenset[str], mark: tuple[str, str]
) -> Iterator[Path]:
    """Give a temporary folder that replaces ``folder`` at the end, whole or not at all.

    Parameters
    ----------
    folder : Path
        The folder to make; one that is there must be empty, or an earlier one of its kind.
    own : frozenset of str
        The names that an earlier one may hold.
    mark : tuple of str
        Name and first line of the file by which an earlier one is known.

    Yields
    ------
    Path
        The temporary folder to fill, which holds nothing.

    Raises
    ------
    OutputError
        As in `publishing`.
    """
    folder = _resolved(folder)
    if folder.exists():
        _judge_folder(folder, own)
        name, line = mark
        marked = folder / name
        there = marked.is_file() and marked.read_text("utf-8", "replace").startswith(line)
        if not there and not all(made_by_system(entry.name) for entry in folder.iterdir()):
            message = f"{folder} is not empty and not an earlier one of this command: name another"
            raise OutputError(message)
    with _temporary(folder) as temporary:
        made = temporary / "made"
        made.mkdir()
        yield made
        try:
            _swap_folder(temporary, made, folder)
        except OSError as error:
            raise unwritable(str(folder), error) from error


_PART: Final = ".part"
_BEFORE: Final = "before"
_OTHER_FORMS = frozenset({".xlsx", ".xls", ".xlsm", ".ods", ".parquet", ".gz", ".zip"})


def _resolved(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except (OSError, RuntimeError) as error:
        message = f"{path} is not a path that can be written: {error}"
        raise OutputError(message) from error


def _judge_file(file: Path) -> None:
    if file.is_dir():
        message = f"{file} is a folder: name a file"
        raise OutputError(message)
    if file.suffix.lower() in _OTHER_FORMS:
        message = f"{file.name}: the output is CSV; name it so"
        raise OutputError(message)
    if not file.parent.is_dir():
        message = f"{file.parent} is not there: make the folder first"
        raise OutputError(message)
    if file.exists() and not (file.is_file() and os.access(file, os.W_OK)):
        message = f"{file} cannot be replaced: it is read-only or no ordinary file"
        raise OutputError(message)


def _judge_folder(folder: Path, own: frozenset[str]) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        message = f"{folder} is a file, where a folder is to be written: name another output"
        raise OutputError(message)
    strange = sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.name not in own and not made_by_system(entry.name)
    )
    if strange:
        message = (
            f"the folder {folder} is there already and holds {len(strange)} entries of another "
            f"kind, such as {strange[0]}: nothing was touched; name another output"
        )
        raise OutputError(message)


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    try:
        made = target.parent / f".{target.name}.{secrets.token_hex(4)}{_PART}"
        made.mkdir()
    except OSError as error:
        raise unwritable(str(target), error) from error
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _swap(temporary: Path, file: Path, folder: Path | None) -> None:
    if folder is None:
        move(temporary / file.name, file)
        return
    with _set_aside(folder, temporary / _BEFORE):
        move(temporary / "beside", folder)
        move(temporary / file.name, file)


def _swap_folder(temporary: Path, made: Path, folder: Path) -> None:
    with _set_aside(folder, temporary / _BEFORE):
        move(made, folder)


@contextmanager
def _set_aside(folder: Path, place: Path) -> Iterator[None]:
    """Move a folder away, and back again if what follows does not succeed."""
    there = folder.exists()
    if there:
        move(folder, place)
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            if folder.exists():
                move(folder, place.with_name("failed"))
            if there:
                move(place, folder)


@contextmanager
def as_it_was(path: Path) -> Iterator[None]:
    """Put a file back as it was if what follows does not succeed."""
    before = path.read_bytes() if path.is_file() else None
    try:
        yield
    except BaseException:
        if before is None and path.is_file():
            path.unlink()
        elif before is not None and not (path.is_file() and path.read_bytes() == before):
            write_whole(path, before)
        raise


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other processes that write a file out meanwhile; a process that dies lets go.

    Raises
    ------
    OutputError
        If another holds it, or the lock beside the file cannot be written.
    """
    beside = path.with_name(f".{path.name}.lock")
    try:
        lock = beside.open("ab")
    except OSError as error:
        raise unwritable(str(path), error) from error
    with lock:
        if not (_locked(lock) and _is_open_as(lock, beside)):
            message = f"{path} is being written by another run: wait for it to end"
            raise OutputError(message)
        try:
            yield
        finally:
            with suppress(OSError):
                beside.unlink()


def _is_open_as(file: IO[bytes], path: Path) -> bool:
    """Whether the file of a path is the open one, and not another that took its place."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _locked(lock: IO[bytes]) -> bool:
    """Lock an open file, if nobody holds it; closing it lets go."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remove_remains(folder: Path, *, of: str) -> None:
    """Remove what processes that were killed had written of folders; their writers are kept out.

    A folder that such a process had set aside, and not yet replaced, is put back.

    Parameters
    ----------
    folder : Path
        The folder in which they lie.
    of : str
        The names of theirs, as a pattern.

    Raises
    ------
    OutputError
        If one cannot be put back.
    """
    for path in sorted(folder.glob(f".{of}.*{_PART}")):
        target = folder / path.name[1:].rsplit(".", 2)[0]
        if (path / _BEFORE).is_dir() and not target.exists():
            try:
                move(path / _BEFORE, target)
            except OSError as error:
                raise unwritable(str(target), error) from error
        shutil.rmtree(path, ignore_errors=True)
