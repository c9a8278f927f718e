"""Harm indices as folders that a spreadsheet and a text editor can write."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from hhpu.errors import ArgumentError, DefinitionError, OutputError, not_utf8
from hhpu.indices._index import Example, HarmIndex, Weight, parse_amount, row_name
from hhpu.indices.codes import Notation, read_code
from hhpu.provenance import Citation

__all__ = ["read_index", "read_toml", "write_index"]

_HEAD: Final = ("name", "edition", "title", "unit", "scale", "codes", "licence")
_OPTIONAL: Final = ("keys", "note", "approximate", "interval_threshold", "digest", "citations")
_COLUMNS: Final = ("code", "weight", "basis", "citation")
_MORE_COLUMNS: Final = ("description", "note", "lowest", "median", "highest")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_SPREADSHEET_TRUTHS: Final = frozenset({"true", "false"})


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    ArgumentError
        If it cannot be opened.
    DefinitionError
        If it is not UTF-8 text or not TOML; the message says where.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArgumentError(message) from error
    except UnicodeDecodeError as error:
        raise DefinitionError(str(path), [not_utf8(raw, error)]) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(str(path), [f"it is not TOML: {error}"]) from error


def read_citations(raw: object, faults: list[str]) -> tuple[Citation, ...]:
    """Read ``[[citations]]``, adding what is wrong to ``faults``."""
    citations = []
    if not isinstance(raw, list):
        faults.append("citations are written under [[citations]], in double brackets")
    allowed = {field.name for field in attrs.fields(Citation)}
    for number, entry in enumerate(raw if isinstance(raw, list) else [], start=1):
        if not isinstance(entry, dict) or not {"key", "title"} <= set(entry):
            faults.append(f"citation {number}: key and title are needed")
        elif set(entry) - allowed:
            strange = ", ".join(sorted(set(entry) - allowed))
            known = ", ".join(sorted(allowed))
            faults.append(f"citation {number}: unknown {strange}; it may have {known}")
        elif not all(
            isinstance(v, dt.date if k == "read" else str) and v for k, v in entry.items()
        ):
            faults.append(f"citation {number}: text only, and read = a date such as 2026-11-01")
        else:
            citations.append(Citation(**entry))
    return tuple(citations)


def read_index(folder: str | Path) -> HarmIndex:
    """Read a harm index from a folder of ``index.toml``, ``weights.csv`` and ``examples.csv``.

    Parameters
    ----------
    folder : str or Path
        The folder.

    Returns
    -------
    HarmIndex
        Checked; its supplier is the folder's name.

    Raises
    ------
    ArgumentError
        If the folder or a file cannot be opened.
    DefinitionError
        With every fault at once, by file and line.

    Examples
    --------
    >>> import tempfile
    >>> from hhpu import load_registry
    >>> folder = Path(tempfile.mkdtemp()) / "ons"
    >>> index = load_registry(plugins="none").index("ons-css")
    >>> _ = write_index(index, folder)
    >>> read_index(folder) == index
    True
    """
    folder = Path(folder)
    if not folder.is_dir():
        message = f"{folder} is not a folder; a harm index is one with index.toml and weights.csv"
        raise ArgumentError(message)
    head = read_toml(folder / "index.toml")
    faults: list[str] = []
    keys = _judge_head(head, faults)
    citations = read_citations(head.get("citations", []), faults)
    if faults:
        raise DefinitionError(str(folder), faults)
    scale = head["scale"]
    if scale < 1 or set(str(scale)[1:]) - {"0"} or str(scale)[0] != "1":
        raise DefinitionError(str(folder), [f"index.toml: scale {scale} is not a power of ten"])
    lines = _read_weights(folder / "weights.csv", head, tuple(keys), faults)
    examples = _read_examples(folder / "examples.csv", scale, faults)
    if faults and not lines:
        raise DefinitionError(str(folder), faults)
    try:
        index = HarmIndex(
            **{key: head[key] for key in _HEAD},
            keys=tuple(keys),
            note=head.get("note", ""),
            approximate=head.get("approximate", False),
            interval_threshold=head.get("interval_threshold"),
            citations=citations,
            weights=tuple(weight for _, weight in lines),
            examples=examples,
            supplier=f"folder {folder.name}",
        )
    except DefinitionError as error:
        raise DefinitionError(str(folder), [*faults, *_located(error.faults, lines)]) from error
    if faults:
        raise DefinitionError(str(folder), faults)
    if head.get("digest", index.digest) != index.digest:
        fault = (
            f"its numbers or words were changed after release: index.toml says {head['digest']}, "
            f"the content is {index.digest}; publish a new edition"
        )
        raise DefinitionError(f"harm index {index.name!r} edition {index.edition!r}", [fault])
    return index


def _judge_head(head: Mapping[str, Any], faults: list[str]) -> list[str]:
    missing = [key for key in _HEAD if key not in head]
    faults += [f"index.toml: {key} is missing" for key in missing]
    strange = sorted(set(head) - {*_HEAD, *_OPTIONAL})
    if strange:
        known = ", ".join((*_HEAD, *_OPTIONAL))
        faults.append(f"index.toml: unknown {', '.join(strange)}; it may have {known}")
    for key in ("name", "edition", "title", "unit", "codes", "licence", "note", "digest"):
        if key in head and not isinstance(head[key], str):
            faults.append(f'index.toml: {key} must be text in quotes, e.g. "{head[key]}"')
    if not isinstance(head.get("scale", 1), int) or isinstance(head.get("scale"), bool):
        faults.append("index.toml: scale must be a whole number, a power of ten")
    if not isinstance(head.get("approximate", False), bool):
        faults.append("index.toml: approximate is true or false, without quotes")
    keys = head.get("keys", [])
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        faults.append("index.toml: keys must be a list of column names")
        keys = []
    return keys


def _read_rows(
    path: Path,
    needed: tuple[str, ...],
    faults: list[str],
    *,
    optional: tuple[str, ...] = (),
    remedy: str = "",
) -> list[dict[str, str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArgumentError(message) from error
    except UnicodeDecodeError:
        faults.append(f"{path.name}: not UTF-8 text; save it as CSV UTF-8")
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        rows = [(reader.line_num, [_CONTROLS.sub(" ", c).strip() for c in row]) for row in reader]
    except csv.Error as error:
        faults.append(f"{path.name} line {reader.line_num}: not CSV: {error}")
        return []
    rows = [(number, row) for number, row in rows if any(row)]
    if not rows:
        faults.append(f"{path.name}: it is empty")
        return []
    header = rows[0][1]
    while header and not header[-1]:
        header.pop()
    absent = [name for name in needed if name not in header]
    doubled = sorted({name for name in header if header.count(name) > 1})
    strange = [name for name in header if name not in {*needed, *optional}]
    if absent:
        faults.append(f"{path.name}: no column {', '.join(absent)}; it has {', '.join(header)}")
    if doubled:
        faults.append(f"{path.name}: column {', '.join(doubled)} stands twice")
    if strange:
        faults.append(
            f"{path.name}: unknown column {', '.join(n or 'without a name' for n in strange)}; it "
            f"may have {', '.join((*needed, *optional))}. Remove it{remedy}"
        )
    if absent or doubled or strange:
        return []
    found = []
    for number, row in rows[1:]:
        if any(row[len(header) :]):
            faults.append(f"{path.name} line {number}: {len(row)} cells for {len(header)} columns")
            continue
        cells = [*row[: len(header)], *([""] * (len(header) - len(row)))]
        found.append(dict(zip(header, cells, strict=True)) | {"": str(number)})
    return found


def _read_weights(
    path: Path, head: Mapping[str, Any], keys: tuple[str, ...], faults: list[str]
) -> list[tuple[str, Weight]]:
    weights = []
    scale = head["scale"]
    level = head["codes"] if head["codes"] in list(Notation) else None
    needed = (*_COLUMNS, *(key for key in keys if key not in (*_COLUMNS, *_MORE_COLUMNS)))
    remedy = ", or name it in keys if weights depend on it"
    for row in _read_rows(path, needed, faults, optional=_MORE_COLUMNS, remedy=remedy):
        where = f"{path.name} line {row['']}"
        known = len(faults)
        amounts: dict[str, int | None] = {}
        for name in ("weight", "lowest", "median", "highest"):
            text = row.get(name, "")
            amount = parse_amount(text, scale) if text else None
            if isinstance(amount, str):
                faults.append(f"{where}: {name} {amount}")
                amount = None
            amounts[name] = amount
        if amounts["weight"] is None and not row["weight"] and row["basis"] != "interval-only":
            faults.append(f"{where}: no weight; a weight of zero is written as 0")
        if len(faults) > known:
            continue
        code = row["code"]
        if level is not None:
            code = read_code(code, notation=level).code or code
        weight = Weight(
            code=code,
            basis=row["basis"],
            citation=tuple(key.strip() for key in row["citation"].split(";") if key.strip()),
            keys=tuple(_key_value(row.get(key, "")) for key in keys),
            description=row.get("description", ""),
            note=row.get("note", ""),
            **amounts,
        )
        weights.append((where, weight))
    return weights


def _located(faults: Iterable[str], lines: list[tuple[str, Weight]]) -> Iterable[str]:
    """Put the line before each fault of one row, and leave out what bad rows made of the rest."""
    places: dict[str, list[str]] = {}
    for where, weight in lines:
        places.setdefault(row_name(weight), []).append(where)
    for fault in faults:
        named = next((name for name in places if fault.startswith((f"{name}:", f"{name} "))), None)
        yield f"{places[named][0]}: {fault}" if named else fault


def _key_value(cell: str) -> str | None:
    """Read a key cell: empty means any; a spreadsheet writes true as TRUE."""
    lowered = cell.casefold()
    return lowered if lowered in _SPREADSHEET_TRUTHS else cell or None


def _read_examples(path: Path, scale: int, faults: list[str]) -> tuple[Example, ...]:
    if not path.exists():
        return ()
    examples = []
    for row in _read_rows(path, ("codes", "harm"), faults):
        harm = parse_amount(row["harm"], scale)
        if isinstance(harm, str):
            faults.append(f"{path.name} line {row['']}: harm {harm}")
        else:
            codes = tuple(code.strip() for code in row["codes"].split(";") if code.strip())
            examples.append(Example(codes=codes, harm=harm))
    return tuple(examples)


def toml_value(value: object) -> str:
    """Write one value as TOML: text, whole number, truth, date, or a list of those."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    text = str(value)
    escaped = "".join(_ESCAPES.get(c, f"\\u{ord(c):04X}" if ord(c) < 32 else c) for c in text)
    return f'"{escaped}"'


_ESCAPES: Final = {
    '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\x7f": "\\u007F",
}  # fmt: skip


def write_index(index: HarmIndex, folder: str | Path) -> Path:
    """Write a harm index as a folder that `read_index` reads back as the same index.

    Parameters
    ----------
    index : HarmIndex
        The index.
    folder : str or Path
        A folder that does not exist yet, or is empty.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ArgumentError
        If the folder holds anything: an edition is never overwritten.
    OutputError
        If it cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} is there already: an edition is never overwritten"
        raise ArgumentError(message)
    lines = [f"{key} = {toml_value(getattr(index, key))}" for key in _HEAD]
    lines.append(f"keys = {toml_value(index.keys)}")
    if index.note:
        lines.append(f"note = {toml_value(index.note)}")
    if index.approximate:
        lines.append("approximate = true")
    if index.interval_threshold is not None:
        lines.append(f"interval_threshold = {index.interval_threshold}")
    lines.append(f"digest = {toml_value(index.digest)}")
    for citation in index.citations:
        lines += ["", "[[citations]]"]
        lines += [f"{key} = {toml_value(value)}" for key, value in citation.to_dict().items()]
    optional = [
        name
        for name in _MORE_COLUMNS
        if any(getattr(weight, name) not in ("", None) for weight in index.weights)
    ]
    table = [[*_COLUMNS, *index.keys, *optional]]
    for weight in index.weights:
        cells = [
            weight.code,
            "" if weight.weight is None else index.amount(weight.weight),
            weight.basis,
            ";".join(weight.citation),
            *(key or "" for key in weight.keys),
        ]
        for name in optional:
            held = getattr(weight, name)
            cells.append(index.amount(held) if isinstance(held, int) else held or "")
        table.append(cells)
    files = {"index.toml": "\n".join(lines) + "\n", "weights.csv": _as_csv(table)}
    if index.examples:
        cases = [[";".join(e.codes), index.amount(e.harm)] for e in index.examples]
        files["examples.csv"] = _as_csv([["codes", "harm"], *cases])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_bytes(text.encode("utf-8"))
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}"
        raise OutputError(message) from error
    return folder


def _as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
