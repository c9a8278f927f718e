"""The last run withdrawn: its extract leaves the kept ledger, its folder is set aside."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import attrs

from hhpu.errors import ArgumentError, InputRefused, OutputError, expect
from hhpu.files import move, write_whole
from hhpu.ledger import Ledger, with_births
from hhpu.output import alone, as_it_was, json_bytes, make_folder, remove_remains
from hhpu.provenance import canonical_json
from hhpu.runs._declaration import RunDeclaration
from hhpu.runs._manifest import (
    MANIFEST,
    RUN_FOLDERS,
    WITHDRAWAL,
    WITHDRAWN,
    earlier_runs,
    read_manifest,
    sealed,
    versions,
)
from hhpu.runs._reading import read_table
from hhpu.tables import day_to_date, read_day

__all__ = ["withdraw"]

LEDGER: Final = "ledger.npz"


def withdraw(declaration: RunDeclaration, *, as_of: dt.date | str, reason: str = "") -> Path:
    """Withdraw the last run, whose extract should not have been believed.

    The kept ledger is then as the run before left it, and a repaired extract of the same date can
    be run. The folder of the run is renamed and never deleted: it keeps the ledger as it was
    (``ledger.npz``) and what was withdrawn (``withdrawn.json``), and no later run takes it for one.

    Parameters
    ----------
    declaration : RunDeclaration
        Whose run it is: `read_run` reads one.
    as_of : datetime.date or str
        The date of the last run.
    reason : str
        Why; kept in ``withdrawn.json``.

    Returns
    -------
    Path
        The folder that was set aside, such as ``2026-03-31.withdrawn``.

    Raises
    ------
    ArgumentError
        If there is no run of that date.
    InputRefused
        If a later run is there, if the ledger is not that of the run, or if what the run before
        left cannot be had again.
    OutputError
        If it cannot be written, or another run is being written; what was there is unchanged.
    """
    expect(declaration, RunDeclaration, "withdraw()", "read_run() reads one from a file")
    expect(reason, str, "reason=", "why the run is withdrawn")
    day = day_to_date(read_day(as_of, "as_of"))
    if day is None or not declaration.folder.is_dir():
        message = f"there is no run of {as_of} in {declaration.folder}"
        raise ArgumentError(message)
    folder, kept = declaration.folder / day.isoformat(), declaration.ledger
    make_folder(kept.parent)
    with alone(kept):
        remove_remains(declaration.folder, of=RUN_FOLDERS)
        if (folder / WITHDRAWN).is_file() and not _takes(declaration, day):
            return _set_aside(folder)
        return _withdraw(declaration, day, folder, reason)


def _takes(declaration: RunDeclaration, day: dt.date) -> bool:
    """Whether the kept ledger still holds the extract of a day."""
    if declaration.keeps_versions or not declaration.ledger.is_file():
        return False
    return Ledger.load(declaration.ledger).extracts[-1].day == day


def _withdraw(declaration: RunDeclaration, day: dt.date, folder: Path, reason: str) -> Path:
    """Write what was withdrawn into the folder, the ledger without its extract; rename it."""
    past = [each for each in earlier_runs(declaration.folder) if each[0] != day]
    if past and past[-1][0] > day:
        message = (
            f"the run of {day} is not the last: only the last run is withdrawn, and that is of "
            f"{past[-1][0]}. What came later rests on it"
        )
        raise InputRefused(message)
    manifest = read_manifest(folder) if (folder / MANIFEST).is_file() else None
    kept = declaration.ledger
    if manifest is None and (declaration.keeps_versions or not _takes(declaration, day)):
        message = f"there is no run of {day} in {declaration.folder}"
        raise ArgumentError(message)
    ledger = left = None
    if not declaration.keeps_versions:
        ledger = _ledger_of(declaration, day, manifest)
        left = _without(ledger, declaration, past[-1] if past else None)
    told = {
        "force": declaration.force,
        "name": declaration.name,
        "as_of": day,
        "reason": reason,
        "manifest": None if manifest is None else manifest["digest"],
        "extract": None if ledger is None else attrs.asdict(ledger.extracts[-1]),
        "ledger": None if ledger is None else ledger.digest,
        "ledger_left": None if left is None else left.digest,
        "versions": versions(),
    }
    files = {} if ledger is None else {LEDGER: kept.read_bytes()}
    files |= {WITHDRAWN: json_bytes(sealed(told, files, form=WITHDRAWAL))}
    with as_it_was(kept), _added(folder, files):
        if left is not None:
            left.save(kept)
        elif ledger is not None:
            _remove(kept)
        return _set_aside(folder)


def _remove(kept: Path) -> None:
    try:
        kept.unlink()
    except OSError as error:
        message = f"{kept} cannot be removed: {error.strerror}; nothing was changed"
        raise OutputError(message) from error


@contextmanager
def _added(folder: Path, files: dict[str, bytes]) -> Iterator[None]:
    """Add files to a folder, and take them away again if what follows does not succeed."""
    new = not folder.exists()
    make_folder(folder)
    try:
        for name, content in files.items():
            write_whole(folder / name, content)
        yield
    except BaseException:
        for name in files:
            (folder / name).unlink(missing_ok=True)
        if new:
            with suppress(OSError):
                folder.rmdir()
        raise


def _set_aside(folder: Path) -> Path:
    """Rename the folder of a withdrawn run to a name that no other has."""
    number, target = 1, folder.with_name(f"{folder.name}.withdrawn")
    while target.exists():
        number += 1
        target = folder.with_name(f"{folder.name}.withdrawn-{number}")
    try:
        move(folder, target)
    except OSError as error:
        message = f"{folder} cannot be renamed: {error.strerror}; nothing was changed"
        raise OutputError(message) from error
    return target


def _ledger_of(
    declaration: RunDeclaration, day: dt.date, manifest: dict[str, Any] | None
) -> Ledger:
    """The kept ledger, once it is seen that the run's extract is its last."""
    if not declaration.ledger.is_file():
        message = (
            f"there is a run of {day}, and no ledger {declaration.ledger}: put back the one that "
            "was kept with it"
        )
        raise InputRefused(message)
    ledger = Ledger.load(declaration.ledger)
    taken = json.loads(canonical_json([attrs.asdict(each) for each in ledger.extracts]))
    told = taken if manifest is None else manifest["ledger"]["extracts"]
    if taken != told or ledger.extracts[-1].day != day:
        message = (
            f"the ledger {declaration.ledger} has not taken the extracts of which the run of {day} "
            f"tells; its last is of {ledger.extracts[-1].day}. Put back the one that was kept with "
            "that run"
        )
        raise InputRefused(message)
    return ledger


def _without(
    ledger: Ledger, declaration: RunDeclaration, last: tuple[dt.date, Path] | None
) -> Ledger | None:
    """The ledger without its last extract, once it is seen to be that of the run before."""
    if len(ledger.extracts) == 1:
        return None
    left = ledger.withdraw_last()
    day = left.extracts[-1].day
    if last is None or last[0] != day:
        message = (
            f"the extract before is of {day}, and there is no run of that day in "
            f"{declaration.folder} to tell what the ledger was: put its folder back, or make that "
            f"run again (hhpu run {declaration.path.name} --as-of {day})"
        )
        raise InputRefused(message)
    told = read_manifest(last[1])["ledger"]["digest"]
    if left.digest == told:
        return left
    path = declaration.source("people", day)
    if path is not None and path.is_file():
        left = with_births(left, read_table(declaration, "people", path))
        if left.digest == told:
            return left
    message = (
        f"the ledger cannot be made again as the run of {day} left it: dates of birth changed "
        f"since, and the people of {day} are not there as they were. Put back their file, or the "
        "copy of the ledger that was kept with that run"
    )
    raise InputRefused(message)
