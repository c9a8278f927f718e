"""Manifests: what a run or rectification was made from, and how its files are known again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from hhpu.errors import ArgumentError, InputRefused
from hhpu.provenance import canonical_json, sha256_of

__all__ = [
    "MANIFEST",
    "MARK",
    "RECTIFICATION",
    "RECTIFIED",
    "RUN_FOLDERS",
    "WITHDRAWAL",
    "WITHDRAWN",
    "earlier_runs",
    "is_as_written",
    "read_manifest",
    "read_rectification",
    "read_withdrawal",
    "registered_digest",
    "sealed",
    "verify_files",
    "versions",
    "withdrawn_runs",
]

FORMAT: Final = "hhpu run manifest"
MANIFEST: Final = "manifest.json"
MARK: Final = (MANIFEST, f'{{\n  "format": "{FORMAT}"')
RECTIFIED: Final = "hhpu rectification"
WITHDRAWAL: Final = "hhpu withdrawal"
VERSIONS: Final = MappingProxyType({FORMAT: 2, RECTIFIED: 1, WITHDRAWAL: 1})
RECTIFICATION: Final = "rectification.json"
WITHDRAWN: Final = "withdrawn.json"
RUN_FOLDERS: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


def versions() -> dict[str, str]:
    """The versions of what computes."""
    packages = ("hhpu", "numpy", "pandas", "scipy", "narwhals", "attrs", "pluggy")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def sealed(
    content: Mapping[str, Any], files: Mapping[str, bytes], *, form: str = FORMAT
) -> dict[str, Any]:
    """Give a manifest its format, the digests of its files, and its own digest."""
    plain = json.loads(canonical_json(dict(content)))
    ordered = {key: plain[key] for key in content}
    manifest = {"format": form, "version": VERSIONS[form], **ordered}
    manifest["files"] = {
        name: f"sha256:{hashlib.sha256(files[name]).hexdigest()}" for name in sorted(files)
    }
    return manifest | {"digest": _digest(manifest)}


def registered_digest(manifest: Mapping[str, Any]) -> str:
    """The digest of the registered definition whatever its index; version 1 held no other."""
    told: Mapping[str, str] = manifest["registered_definition"]
    return told["digest" if manifest["version"] == 1 else "digest_without_index"]


def _digest(manifest: Mapping[str, Any]) -> str:
    content = {key: value for key, value in manifest.items() if key != "digest"}
    return sha256_of(str(manifest["format"]).encode(), canonical_json(content))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a run.

    Raises
    ------
    InputRefused
        If it is none, is of a newer version, or was changed since it was written.
    """
    return _read(folder / MANIFEST, form=FORMAT, noun="run")


def read_rectification(folder: Path) -> dict[str, Any]:
    """Read what a rectification says of itself.

    Raises
    ------
    InputRefused
        If it is none, is of a newer version, or was changed since it was written.
    """
    return _read(folder / RECTIFICATION, form=RECTIFIED, noun="rectification")


def read_withdrawal(folder: Path) -> dict[str, Any]:
    """Read what was withdrawn, and why, from a folder that was set aside.

    Raises
    ------
    InputRefused
        If it is none, is of a newer version, or was changed since it was written.
    """
    return _read(folder / WITHDRAWN, form=WITHDRAWAL, noun="withdrawal")


def _read(path: Path, *, form: str, noun: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        number = content["version"]
        known = content["format"] == form and type(number) is int and number >= 1
        digest = _digest(content)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArgumentError(message) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"{path} is not the manifest of a {noun}"
        raise InputRefused(message) from error
    if not known:
        message = f"{path} is not the manifest of a {noun}"
        raise InputRefused(message)
    if number > VERSIONS[form]:
        message = (
            f"{path} is of version {number}; this hhpu reads up to {VERSIONS[form]}: "
            "use the hhpu that wrote it, or a newer one"
        )
        raise InputRefused(message)
    if content.get("digest") != digest:
        message = (
            f"{path} was changed after it was written: its digest does not match. Put back the "
            f"copy that was kept, or move its folder away and make the {noun} again"
        )
        raise InputRefused(message)
    missing = [key for key in _KEYS[form] if key not in content]
    if missing:
        message = (
            f"{path} is not whole: it lacks {', '.join(missing)}. Put back the copy that was kept"
        )
        raise InputRefused(message)
    return content


_KEYS: Final = MappingProxyType(
    {
        FORMAT: (
            "force", "as_of", "previous", "declaration", "inputs", "ledger", "index",
            "registered_definition", "definition", "method", "versions", "bracket", "files",
        ),
        RECTIFIED: ("force", "decided_on", "corrections", "runs", "versions", "files"),
        WITHDRAWAL: ("force", "as_of", "reason", "manifest", "extract", "ledger", "files"),
    }
)  # fmt: skip


def verify_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Make sure that the files of a run are as they were written.

    Raises
    ------
    InputRefused
        With the names of all that are missing or changed.
    """
    faults = []
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" != digest:
            faults.append(f"{name} was changed after it was written")
    if faults:
        told = "\n".join(f"  - {fault}" for fault in faults)
        message = (
            f"the run in {folder} is not as it was written:\n{told}\n"
            "Make that run again, which writes the same files, or put back the copies that were "
            "kept. Work in copies: a spreadsheet that saves a file changes it"
        )
        raise InputRefused(message)


def is_as_written(folder: Path, manifest: Mapping[str, Any], name: str) -> bool:
    """Whether one file of a run is as it was written."""
    path = folder / name
    if not path.is_file():
        return False
    digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    return bool(manifest["files"].get(name) == digest)


def earlier_runs(folder: Path, *, before: dt.date | None = None) -> list[tuple[dt.date, Path]]:
    """The runs in a folder that were not withdrawn, by date; before a date where one is given."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        try:
            day = dt.date.fromisoformat(path.name)
        except ValueError:
            continue
        there = (path / MANIFEST).is_file() and not (path / WITHDRAWN).is_file()
        if there and (before is None or day < before):
            found.append((day, path))
    return sorted(found)


def withdrawn_runs(folder: Path) -> list[Path]:
    """The folders of runs that were made and then withdrawn, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if (path / MANIFEST).is_file() and (path / WITHDRAWN).is_file()
    )
