"""What stands when a run is written: nothing made is replaced, nothing withdrawn comes back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import pandas as pd

from hhpu.errors import InputRefused
from hhpu.ledger import ExtractTaken, Ledger
from hhpu.runs._declaration import RunDeclaration
from hhpu.runs._manifest import MANIFEST, earlier_runs, is_as_written, read_manifest

if TYPE_CHECKING:
    from hhpu.runs._run import Run

__all__ = ["Standing", "refuse_overtaken", "refuse_replacing", "taken_by"]

_NOT_COMPARED: Final = frozenset({MANIFEST, "report.html"})
_WITH_LAST_IN: Final = frozenset({"bracket.csv", "to-assess.csv"})


@attrs.frozen(kw_only=True)
class Standing:
    """What stood when a run was made.

    Parameters
    ----------
    again : bool
        Whether a run of its date was there.
    last : str or None
        Digest of the manifest of the last run; None for a first run.
    extracts : tuple of ExtractTaken
        What the kept ledger had taken; empty where none is kept.
    """

    again: bool = False
    last: str | None = None
    extracts: tuple[ExtractTaken, ...] = ()


def taken_by(declaration: RunDeclaration) -> tuple[ExtractTaken, ...]:
    """What the kept ledger has taken; nothing where none is kept."""
    if declaration.keeps_versions or not declaration.ledger.is_file():
        return ()
    return Ledger.load(declaration.ledger).extracts


def refuse_overtaken(run: Run, held: tuple[ExtractTaken, ...]) -> None:
    """Refuse to write a run if what it was made from stands no more.

    Parameters
    ----------
    run : Run
        The run.
    held : tuple of ExtractTaken
        What the kept ledger has taken by now.

    Raises
    ------
    InputRefused
        If a run was withdrawn or written meanwhile.
    """
    declaration, was, mine = run.declaration, run.standing, run.ledger.extracts
    if not declaration.keeps_versions and held != was.extracts and held[: len(mine)] != mine:
        told = f"its last is of {held[-1].day}" if held else "it is not there"
        message = (
            f"the ledger {declaration.ledger} is not the one that this run was made from, for "
            f"another run was written or withdrawn since ({told}): make the run again"
        )
        raise InputRefused(message)
    earlier = earlier_runs(declaration.folder, before=run.as_of)
    last = read_manifest(earlier[-1][1])["digest"] if earlier else None
    if last != was.last or (was.again and not (run.folder / MANIFEST).is_file()):
        message = (
            f"the runs in {declaration.folder} changed since this run was made, the last before it "
            "or that of its own date: make the run again"
        )
        raise InputRefused(message)


def refuse_replacing(run: Run, files: Mapping[str, bytes]) -> None:
    """Refuse to write a run in the place of another of its date.

    The report is made anew, and so is the manifest: packages may be of other versions. `last_in`
    may differ where other earlier runs can be read.

    Raises
    ------
    InputRefused
        With the files that would be others, and what changed since.
    """
    folder = run.folder
    if not (folder / MANIFEST).is_file():
        return
    then, now = read_manifest(folder), json.loads(files[MANIFEST])
    was, made = then["files"], now["files"]
    names = sorted((set(was) | set(made)) - _NOT_COMPARED)
    others = [name for name in names if was.get(name) != made.get(name)]
    if then.get("earlier") != now["earlier"]:
        others = [
            name
            for name in others
            if not (name in _WITH_LAST_IN and name in was and _same(folder, then, name, files))
        ]
    if others:
        causes = "\n".join(f"  - {cause}" for cause in _changed(then, now))
        message = (
            f"the run of {run.as_of} is there, and would not be the same: {', '.join(others)} "
            f"would have other content. A run that was made is not replaced. What changed "
            f"since:\n{causes}\n"
            "Put it back as it was; or, if the run should not have been made and is the last, "
            "withdraw it (hhpu withdraw)"
        )
        raise InputRefused(message)


def _same(folder: Path, then: Mapping[str, Any], name: str, files: Mapping[str, bytes]) -> bool:
    """Whether a list is the same but for `last_in`; one that was damaged cannot be compared."""
    if not is_as_written(folder, then, name):
        return True
    was, now = (
        pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False, lineterminator="\n")
        for raw in ((folder / name).read_bytes(), files[name])
    )
    return was.drop(columns="last_in", errors="ignore").equals(
        now.drop(columns="last_in", errors="ignore")
    )


def _changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What a run was made from and is not any more, by two of its manifests."""
    found = False
    for name, told in now["inputs"].items():
        if then["inputs"].get(name, {}).get("sha256") != told["sha256"]:
            found = True
            yield f"the content of {told['file']} ({name})"
    for noun in ("index", "definition"):
        if then[noun]["digest"] != now[noun]["digest"]:
            found = True
            yield f"the {noun} {now[noun]['name']}"
    if then["previous"] != now["previous"]:
        found = True
        days = [each["previous"] or "none" for each in (then, now)]
        yield f"the run before it: {days[1]}, and then {days[0]}"
    for name, version in now["versions"].items():
        if then["versions"].get(name) != version:
            found = True
            yield f"the version of {name}: {version}, and then {then['versions'].get(name)}"
    if not found:
        yield "nothing that its manifest names: the earlier runs, or hhpu itself"
