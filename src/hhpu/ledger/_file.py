"""A ledger as one file: the same ledger gives the same bytes, and changed content is found."""

from __future__ import annotations

import datetime as dt
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError, InputRefused
from hhpu.ledger._history import ExtractTaken
from hhpu.ledger._types import Types
from hhpu.ledger._unusable import Unusable
from hhpu.provenance import canonical_json, sha256_of
from hhpu.tables import Identifiers, Problems, Texts

if TYPE_CHECKING:
    from hhpu.ledger._ledger import Ledger

__all__ = ["dump", "parse", "read"]

FORMAT: Final = "hhpu ledger"
VERSION: Final = 2
COLUMNS: Final = {
    "offender": "<i4", "kind": "<i4", "day": "<i4", "known_from": "<i4", "known_to": "<i4",
    "status": "<i1", "key": "<u8", "mask": "<u1", "delay": "<i2",
}  # fmt: skip
UNUSABLE: Final = {"person": "<u8", "offence": "<u8", "known_from": "<i4", "known_to": "<i4"}
_UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError,
    LookupError, TypeError, OverflowError, AttributeError,
)  # fmt: skip
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_HEADER: Final = "header.json"
_DIGEST: Final = "digest.txt"


def dump(ledger: Ledger) -> bytes:
    """Write a ledger as the bytes of an uncompressed ``.npz``, its rows in canonical order."""
    order = ledger.canonical_order
    named, used = np.unique(ledger.offender), np.unique(ledger.kind)
    people = named[np.argsort(ledger.people_rank[named])]
    kinds = used[np.argsort(ledger.types.rank[used])]
    columns: dict[str, npt.NDArray[Any]] = {name: getattr(ledger, name)[order] for name in COLUMNS}
    columns["offender"] = _places(people, len(ledger.people))[columns["offender"]]
    columns["kind"] = _places(kinds, len(ledger.types))[columns["kind"]]
    arrays = {name: columns[name].astype(form) for name, form in COLUMNS.items()}
    if ledger.born is not None:
        arrays["born"] = ledger.born[people].astype("<i4")
    for name, texts in (
        ("people", ledger.people.take(people)),
        ("offence_ids", ledger.id_texts(order)),
    ):
        lengths, held = texts.packed()
        arrays[f"{name}_lengths"] = np.frombuffer(lengths, dtype="<i8").astype("<i4")
        arrays[f"{name}_bytes"] = np.frombuffer(held, dtype="<u1")
    for name, form in UNUSABLE.items():
        arrays[f"unusable_{name}"] = getattr(ledger.unusable, name).astype(form)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "date": ledger.date,
        "notation": ledger.notation,
        "criminal_age": ledger.criminal_age,
        "columns": sorted(ledger.types.columns),
        "types": [ledger.types.rows[kind] for kind in kinds.tolist()],
        "extracts": [attrs.asdict(taken) for taken in ledger.extracts],
        "seen": ledger.seen,
        "rows": len(ledger),
    }
    members = {_HEADER: canonical_json(header)}
    members |= {f"{name}.npy": _npy(array) for name, array in arrays.items()}
    members[_DIGEST] = _digest(members).encode("ascii")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=_MOMENT), content)
    return made.getvalue()


def parse(raw: bytes, name: str) -> dict[str, Any]:
    """Read the bytes of a ledger file as the fields of a ledger, its parts apart.

    Raises
    ------
    InputRefused
        If it is no ledger file, is of a newer version, or was changed since it was written.
    """
    members = _members(raw, name)
    try:
        header = json.loads(members[_HEADER])
        known = header["format"] == FORMAT
    except (KeyError, ValueError, TypeError, UnicodeDecodeError) as error:
        message = f"{name} is not a ledger file: it has no readable {_HEADER}"
        raise InputRefused(message) from error
    if not known or not isinstance(header.get("version"), int):
        message = f"{name} is not a ledger file"
        raise InputRefused(message)
    if header["version"] > VERSION:
        message = (
            f"{name} is a ledger file of version {header['version']}; this hhpu reads up to "
            f"{VERSION}: use the hhpu that wrote it, or a newer one"
        )
        raise InputRefused(message)
    stated = members.pop(_DIGEST, b"").decode("ascii", "replace")
    if stated != _digest(members):
        message = (
            f"{name} was changed after it was written: its digest does not match. Take the copy "
            "that was kept, or start a new ledger from the extracts"
        )
        raise InputRefused(message)
    try:
        fields = _fields(members, header)
        sound = _sound(fields, header)
    except _UNREADABLE as error:
        message = f"{name} is not a whole ledger file"
        raise InputRefused(message) from error
    if not sound:
        message = f"{name} is not a whole ledger file: its columns do not fit together"
        raise InputRefused(message)
    return fields


def _sound(fields: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
    """Whether columns are as long as stated and point only to people and types that are there."""
    rows, people, kinds = header["rows"], fields["people"], header["types"]
    whole = all(
        fields[name].shape == (rows,) and fields[name].dtype == np.dtype(form)
        for name, form in COLUMNS.items()
    )
    born = fields["born"]
    whole &= len(fields["part"]["ids"].held) == rows and (born is None or len(born) == len(people))
    unusable = fields["unusable"]
    whole &= all(
        getattr(unusable, name).shape == (len(unusable),)
        and getattr(unusable, name).dtype == np.dtype(form)
        for name, form in UNUSABLE.items()
    )
    return whole and all(
        int(fields[name].min(initial=0)) >= 0 and int(fields[name].max(initial=-1)) < size
        for name, size in (("offender", len(people)), ("kind", len(kinds)))
    )


def _fields(members: Mapping[str, bytes], header: Mapping[str, Any]) -> dict[str, Any]:
    arrays = {
        member.removesuffix(".npy"): np.load(io.BytesIO(content), allow_pickle=False)
        for member, content in members.items()
        if member.endswith(".npy")
    }
    ids = _texts(arrays, "offence_ids")
    key = arrays["key"]
    rows = header["rows"]
    return {
        "people": _texts(arrays, "people"),
        "born": arrays.get("born"),
        "types": Types(
            columns={
                column: tuple(row[place] for row in header["types"])
                for place, column in enumerate(header["columns"])
            }
        ),
        **{column: arrays[column] for column in COLUMNS},
        "date": header["date"],
        "notation": header["notation"],
        "criminal_age": header["criminal_age"],
        "extracts": tuple(
            ExtractTaken(**(taken | {"day": dt.date.fromisoformat(taken["day"])}))
            for taken in header["extracts"]
        ),
        "unusable": Unusable(
            **{
                name: arrays[f"unusable_{name}"] if header["version"] > 1 else np.zeros(0, form)
                for name, form in UNUSABLE.items()
            }
        ),
        "seen": _seen(header.get("seen")),
        "part": {
            "size": rows,
            "rows": np.arange(rows, dtype=np.int32),
            "ids": Identifiers(keys=key, held=ids),
            "problems": Problems(found=(), rows_in=rows, rows_excluded=0),
            "split": 0,
        },
    }


def _seen(days: list[str] | None) -> tuple[dt.date, dt.date] | None:
    if days is None:
        return None
    first, last = map(dt.date.fromisoformat, days)
    return first, last


def read(path: Path) -> bytes:
    """Read a file.

    Raises
    ------
    ArgumentError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArgumentError(message) from error


def _members(raw: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return {member: archive.read(member) for member in archive.namelist()}
    except _UNREADABLE as error:
        message = f"{name} is not a whole ledger file"
        raise InputRefused(message) from error


def _digest(members: Mapping[str, bytes]) -> str:
    parts = [part for name in sorted(members) for part in (name.encode(), members[name])]
    return sha256_of(FORMAT.encode(), *parts)


def _npy(array: npt.NDArray[Any]) -> bytes:
    made = io.BytesIO()
    np.lib.format.write_array(made, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return made.getvalue()


def _places(kept: npt.NDArray[Any], size: int) -> npt.NDArray[np.int32]:
    places = np.full(size, -1, dtype=np.int32)
    places[kept] = np.arange(len(kept), dtype=np.int32)
    return places


def _texts(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Texts:
    lengths = arrays[f"{name}_lengths"].astype(np.int64)
    begins = np.zeros(len(lengths), dtype=np.int64)
    np.cumsum(lengths[:-1], out=begins[1:])
    return Texts.at(arrays[f"{name}_bytes"], begins, lengths)
