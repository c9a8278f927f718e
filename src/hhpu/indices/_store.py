"""The store of registered indices: a folder on this machine from which names resolve."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import attrs

from hhpu.errors import ArgumentError, HhpuError, OutputError, PluginError, RegistryConflict
from hhpu.files import move
from hhpu.indices._folders import read_index, read_toml, write_index
from hhpu.indices._index import HarmIndex

__all__ = [
    "REGISTERED",
    "SUPPLIER",
    "Registered",
    "index_store",
    "read_store",
    "register_index",
    "remove_index",
]

REGISTERED: Final = "registered"
SUPPLIER: Final = "registered folder"
VARIABLE: Final = "HHPU_INDEX_STORE"
_OFFICIAL: Final = "cambridge"
_PART_OF_A_PATH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


@attrs.frozen
class Registered:
    """An index in the store.

    Parameters
    ----------
    folder : Path
        Where it is.
    index : HarmIndex
        As the registry will give it.
    new : bool
        False if the same content was registered already, and nothing was written.
    """

    folder: Path
    index: HarmIndex
    new: bool


def index_store() -> Path:
    """Say where indices are registered.

    The environment variable ``HHPU_INDEX_STORE`` names the folder, which may be shared; else it is
    the user's own data folder.

    Returns
    -------
    Path
        The folder; it need not be there yet.

    Raises
    ------
    OutputError
        If nothing says where it is: the process has no home folder.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return _found(Path(named).expanduser)
    return _found(_of_the_user) / "hhpu" / "indices"


def _of_the_user() -> Path:
    """The user's own data folder."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        data = Path(local) if local else Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        # The specification of XDG_DATA_HOME has relative paths ignored.
        given = Path(os.environ.get("XDG_DATA_HOME") or "")
        data = given if given.is_absolute() else Path.home() / ".local" / "share"
    return data


def _found(folder: Callable[[], Path]) -> Path:
    try:
        return folder()
    except RuntimeError as error:
        message = (
            f"there is no home folder to keep registered indices in: name a folder by {VARIABLE}"
        )
        raise OutputError(message) from error


def register_index(
    index: HarmIndex,
    *,
    store: str | Path | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Registered:
    """Register an index, so that `load_registry` finds it by name.

    It is written whole or not at all, as the folder ``NAME/EDITION`` of the store. The same content
    again changes nothing.

    Parameters
    ----------
    index : HarmIndex
        Named ``cambridge``, ``registered``, or something that begins with ``registered-``.
    store : str or Path, optional
        Another folder than that of `index_store`.
    files : mapping of str to bytes, optional
        Further files to keep beside the index, by name.

    Returns
    -------
    Registered
        Where it is, and whether it is new.

    Raises
    ------
    ArgumentError
        If the index has a name that a registered index may not have.
    RegistryConflict
        If other content is registered under its name and edition.
    PluginError
        If what is registered under its name and edition cannot be read.
    OutputError
        If the store cannot be written; nothing is then registered.
    """
    if not _may_be_named(index.name):
        message = f"a registered index is named {_OFFICIAL}, or begins with {REGISTERED + '-'!r}"
        raise ArgumentError(message)
    target = _store_of(store) / index.name / index.edition
    try:
        if os.path.lexists(target):
            return _there_already(index, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        made = tempfile.mkdtemp(prefix=f".{index.edition}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        folder = write_index(index, Path(made) / "index")
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content)
        written = attrs.evolve(_read_folder(folder), supplier=SUPPLIER)
        move(folder, target)
    except OSError as error:
        if os.path.lexists(target):
            return _there_already(index, target)
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return Registered(folder=target, index=written, new=True)


def remove_index(name: str, edition: str, *, store: str | Path | None = None) -> Path:
    """Take an index out of the store, readable or not.

    Parameters
    ----------
    name, edition : str
        Which.
    store : str or Path, optional
        Another folder than that of `index_store`.

    Returns
    -------
    Path
        The folder that was removed.

    Raises
    ------
    ArgumentError
        If it is not registered.
    OutputError
        If it cannot be removed.
    """
    place = _store_of(store)
    target = place / name / edition
    named = all(_PART_OF_A_PATH.fullmatch(part) for part in (name, edition))
    try:
        if not named or not target.is_dir():
            there = ", ".join(f"{f.parent.name} {f.name}" for f in _folders(place)) or "nothing"
            message = f"index {name!r} edition {edition!r} is not registered; registered: {there}"
            raise ArgumentError(message)
        aside = Path(tempfile.mkdtemp(prefix=f".{edition}.", suffix=".part", dir=target.parent))
        move(target, aside / "removed")
    except OSError as error:
        message = f"{target} cannot be removed: {error.strerror or error}"
        raise OutputError(message) from error
    shutil.rmtree(aside, ignore_errors=True)
    return target


def read_store(faults: list[str], *, store: str | Path | None = None) -> list[HarmIndex]:
    """Read every registered index, adding what is wrong to ``faults``."""
    try:
        place = _store_of(store)
    except OutputError:
        if os.environ.get(VARIABLE):
            raise
        return []
    try:
        folders = _folders(place)
    except OSError as error:
        faults.append(
            f"{REGISTERED}: the store {place} cannot be read: {error.strerror}; name "
            f"another by {VARIABLE}"
        )
        return []
    found = []
    for folder in folders:
        try:
            found.append(attrs.evolve(_read_placed(folder), supplier=SUPPLIER))
        except (HhpuError, OSError) as error:
            faults.append(_fault(folder, error))
    return found


def _store_of(store: str | Path | None) -> Path:
    return index_store() if store is None else _found(Path(store).expanduser)


def _may_be_named(name: str) -> bool:
    return name in (_OFFICIAL, REGISTERED) or name.startswith(f"{REGISTERED}-")


def _folders(store: Path) -> list[Path]:
    """List ``NAME/EDITION`` in order; what begins with a point is unfinished or the system's."""
    if not os.path.lexists(store):
        return []
    names = [path for path in store.iterdir() if path.is_dir() and path.name[0] != "."]
    return sorted(
        path for name in names for path in name.iterdir() if path.is_dir() and path.name[0] != "."
    )


def _read_placed(folder: Path) -> HarmIndex:
    index = _read_folder(folder)
    if (index.name, index.edition) != (folder.parent.name, folder.name):
        message = f"it holds {index.name} {index.edition}"
        raise ArgumentError(message)
    if not _may_be_named(index.name):
        message = f"it may not hold {index.name!r}: {_OFFICIAL}, or a name with {REGISTERED + '-'}"
        raise ArgumentError(message)
    return index


def _read_folder(folder: Path) -> HarmIndex:
    """Read a folder that must say its digest, so that a changed number cannot pass."""
    index = read_index(folder)
    if "digest" not in read_toml(folder / "index.toml"):
        message = "its index.toml has lost the line with the digest"
        raise ArgumentError(message)
    return index


def _there_already(index: HarmIndex, target: Path) -> Registered:
    try:
        other = _read_placed(target)
    except (HhpuError, OSError) as error:
        raise PluginError([_fault(target, error)]) from error
    if other.digest != index.digest:
        message = (
            f"index {index.name!r} edition {index.edition!r} is registered already with other "
            f"content ({other.digest[:19]}; this is {index.digest[:19]}): an edition never "
            f"changes, and a copy of the workbook that was saved again counts as another. To "
            f"replace it: {_removal(target)}"
        )
        raise RegistryConflict(message, sources=(str(target), "this call"))
    return Registered(folder=target, index=attrs.evolve(other, supplier=SUPPLIER), new=False)


def _removal(folder: Path) -> str:
    return f"hhpu indices remove {folder.parent.name} --edition {folder.name}"


def _fault(folder: Path, error: BaseException) -> str:
    told = " ".join(str(error).split())
    return (
        f"{REGISTERED}: the folder {folder} is not as it was registered: {told}. Remove it "
        f"({_removal(folder)}) and register the workbook again"
    )


def _unwritable(target: Path, error: OSError) -> OutputError:
    told = error.strerror or error
    return OutputError(f"{target} cannot be written: {told}; nothing was registered")
