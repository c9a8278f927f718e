"""The door: any dataframe, a CSV or Parquet file, or records."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import warnings
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

import attrs
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from hhpu.domain import Correction, Decision, Identity, Offence, Offender, Spell
from hhpu.errors import ArgumentError, InputRefused
from hhpu.tables._contract import TableContract, records_to_table
from hhpu.tables._named import SettingNames, Settings, other_encoding
from hhpu.tables._problems import REASONS, Outcome, Problem, Problems, in_order

__all__ = ["Frame", "Source", "Tabular", "open_source", "refuse"]

Record: TypeAlias = Offence | Offender | Spell | Identity | Correction | Decision
R = TypeVar("R", bound=Record)


class Frame(Protocol):
    """A dataframe of any library that narwhals reads: what all of them have."""

    @property
    def columns(self) -> Any:
        """The names of its columns, or the columns."""

    def join(self, *args: Any, **kwargs: Any) -> Any:
        """Join it with another."""


Tabular: TypeAlias = Frame | str | Path | Iterable[R]

_HEADER = re.compile(r"[A-Za-z_][A-Za-z_ ./()-]{0,39}\d?")
_DEFAULT = Settings()
_NO_ROWS = np.zeros(0, dtype=np.int64)


@attrs.frozen(eq=False)
class Source:
    """The columns that are wanted of an input, under our names.

    Parameters
    ----------
    columns : mapping of str to narwhals Series
        By our name.
    rows : int
        How many rows there are.
    unused : tuple of str
        Names of columns that were not read.
    """

    columns: Mapping[str, Any]
    rows: int
    unused: tuple[str, ...]


def refuse(
    faults: Iterable[tuple[str, str, str]], *, settings: Settings = _DEFAULT, below: str = ""
) -> InputRefused:
    """Make the error for structural faults: (reason, column, detail) each; and what is below."""
    found = in_order(
        Problem(
            reason=r, column=c, rows=_NO_ROWS, outcome=Outcome.REFUSED, detail=d,
            advice=settings.advice(r, c),
        )
        for r, c, d in faults
    )  # fmt: skip
    problems = Problems(found=found, rows_in=0, rows_excluded=0)
    lines = "\n".join(_sentence(problem) for problem in found)
    return InputRefused(f"the input is refused:\n{lines}{below}", problems=problems)


def _sentence(problem: Problem) -> str:
    reason = REASONS[problem.reason]
    column = f" [{problem.column}]" if problem.column else ""
    return f"  - {problem.reason}{column}: {reason.meaning}. {problem.detail}. {problem.remedy}."


def open_source(
    data: Tabular[Record],
    *,
    contract: TableContract,
    columns: Mapping[str, str] | None = None,
    extra: tuple[str, ...] = (),
    encoding: str = "utf-8",
    settings: Settings = _DEFAULT,
) -> Source:
    """Open an input and pick out the columns of a contract.

    Raises
    ------
    InputRefused
        With every structural fault at once.
    ArgumentError
        If the mapping names a column that the contract does not have.
    """
    mapping = dict(columns or {})
    known = (*contract.names, *extra)
    strangers = sorted(set(mapping) - set(known))
    if strangers:
        told = settings.named.written("columns", column=strangers[0], theirs=mapping[strangers[0]])
        message = f"{told}: {', '.join(strangers)} not among {', '.join(known)}"
        raise ArgumentError(message)
    if isinstance(data, str | Path):
        frame = _read_file(Path(data), encoding=encoding, named=settings.named)
    elif isinstance(data, Iterable) and not hasattr(data, "columns"):
        frame = _records_frame(data, contract)
    elif isinstance(data, pd.DataFrame):
        frame = data
    else:
        try:
            frame = nw.from_native(data)
        except nw.exceptions.DuplicateError as error:
            raise refuse([("duplicate-column", "", "a name stands more than once")]) from error
        except TypeError as error:
            message = (
                f"{type(data).__name__} is no dataframe, path or iterable of "
                f"{contract.record.__name__} records"
            )
            raise ArgumentError(message) from error
    return _pick(frame, known=known, mapping=mapping, contract=contract, settings=settings)


def _records_frame(data: Iterable[Any], contract: TableContract) -> pd.DataFrame:
    records = list(data)
    if not all(isinstance(record, contract.record) for record in records):
        message = f"an iterable must hold {contract.record.__name__} records only"
        raise ArgumentError(message)
    if contract.record is Offence:
        return records_to_table(records, Offence)
    if contract.record is Offender:
        return records_to_table(records, Offender)
    if contract.record is Identity:
        return records_to_table(records, Identity)
    if contract.record is Correction:
        return records_to_table(records, Correction)
    if contract.record is Decision:
        return records_to_table(records, Decision)
    return records_to_table(records, Spell)


def _pick(
    frame: pd.DataFrame | Any,
    *,
    known: tuple[str, ...],
    mapping: Mapping[str, str],
    contract: TableContract,
    settings: Settings,
) -> Source:
    columns = frame.collect_schema() if isinstance(frame, nw.LazyFrame) else frame.columns
    names = [str(name) for name in columns]
    faults: list[tuple[str, str, str]] = []
    if not names:
        raise refuse([("no-data", "", "0 columns")])
    wanted = {ours: mapping.get(ours, ours) for ours in known}
    doubled = sorted({name for name in names if names.count(name) > 1} & set(wanted.values()))
    faults += [("duplicate-column", name, "its name stands more than once") for name in doubled]
    required = {c.name for c in contract.columns if c.required} | set(mapping)
    for ours, theirs in wanted.items():
        if theirs not in names and ours in required:
            faults.append(
                ("missing-column", ours, f"looked for {theirs!r} {_among(names, wanted)}")
            )
    if faults:
        raise refuse(faults, settings=settings)
    present = {ours: theirs for ours, theirs in wanted.items() if theirs in names}
    chosen = list(dict.fromkeys(present.values()))
    if isinstance(frame, pd.DataFrame):
        native = frame[[name for name in frame.columns if str(name) in chosen]]
        frame = nw.from_native(native.rename(columns=str), eager_only=True)
    else:
        frame = frame.select(chosen)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
    rows = len(frame)
    if not rows and contract.record in (Offence, Offender):
        raise refuse([("no-rows", "", "0 rows below the header")])
    unused = tuple(name for name in names if name not in chosen)
    return Source(
        columns={ours: frame[theirs] for ours, theirs in present.items()}, rows=rows, unused=unused
    )


def _among(names: list[str], wanted: Mapping[str, str]) -> str:
    if not set(names) & set(wanted.values()):
        return (
            f"among {len(names)} columns, none of them known: is the first line a header? "
            "Its words are not shown, for they may be a person's"
        )
    plain = [repr(name) for name in names if _HEADER.fullmatch(name)]
    hidden = len(names) - len(plain)
    return f"among {', '.join(plain[:40])}" + (f" and {hidden} others" if hidden else "")


def _read_file(path: Path, *, encoding: str, named: SettingNames) -> Any:
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArgumentError(message) from error
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            message = f"{path} is not a whole gzip file"
            raise InputRefused(message) from error
    if raw[:4] == b"PAR1":
        return _read_parquet(io.BytesIO(raw), path)
    if not raw.strip():
        raise refuse([("no-data", "", "the file is empty")])
    return _read_csv(raw, path, encoding=encoding, named=named)


def _read_parquet(handle: io.BytesIO, path: Path) -> Any:
    if find_spec("pyarrow") is None:
        message = f"{path} is Parquet: install hhpu[parquet], or write it as CSV"
        raise ArgumentError(message)
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        return nw.from_native(pq.read_table(handle))
    except ArrowException as error:
        message = f"{path} is not a readable Parquet file"
        raise InputRefused(message) from error


def _read_csv(raw: bytes, path: Path, *, encoding: str, named: SettingNames) -> pd.DataFrame:
    text = _decoded(raw, path, encoding, named)
    lines = text.splitlines(keepends=True)
    skipped = 0
    while skipped < len(lines) and (not lines[skipped].strip() or lines[skipped][:4] == "sep="):
        skipped += 1
    text = "".join(lines[skipped:]) if skipped else text
    if not text.strip():
        raise refuse([("no-data", "", "the file is empty")])
    try:
        header = next(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        message = f"{path} has no readable header: a quote is opened there and not closed"
        raise InputRefused(message) from error
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        message = f"{path} has one column whose name holds another separator: write it with commas"
        raise InputRefused(message)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text),
                dtype=str,
                header=None,
                skiprows=1,
                names=list(range(len(header))),
                index_col=False,
                keep_default_na=False,
                na_values=[""],
                skip_blank_lines=True,
            )
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame({i: pd.Series(dtype=str) for i in range(len(header))})
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        message = f"{path} is not regular CSV: {_irregular(text, len(header), skipped)}"
        raise InputRefused(message) from error
    frame.columns = pd.Index([name.strip() for name in header], dtype=object)
    return frame


def _decoded(raw: bytes, path: Path, encoding: str, named: SettingNames) -> str:
    if raw[:4] == b"PK\x03\x04":
        message = f"{path} is a workbook, not CSV: save it as CSV UTF-8 from the spreadsheet"
        raise InputRefused(message)
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        which = "encoding_set" if named.encoding_set else "encoding"
        told = named.written(which, value=encoding)
        message = f"{told} is not known; utf-8 and cp1252 are the usual ones"
        raise ArgumentError(message) from error
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16")
        except UnicodeError as error:
            message = f"{path} begins as utf-16 text and is none: save it as CSV UTF-8"
            raise InputRefused(message) from error
    try:
        return raw.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except UnicodeError as error:
        other = other_encoding(encoding)
        told = named.written("encoding", value=other)
        where = "" if other == "utf-8" else " for a file saved by a spreadsheet on Windows"
        message = f"{path} is not {encoding} text: declare its encoding, such as {told}{where}"
        raise InputRefused(message) from error


def _irregular(text: str, width: int, skipped: int) -> str:
    found = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""))
        found += [
            f"line {reader.line_num + skipped} has {len(row)} cells"
            for row in reader
            if len(row) > width
        ]
    except csv.Error:
        found.append("a quote is opened and not closed")
    if not found:
        return "a quote is opened and not closed"
    more = f" and {len(found) - 10} more" if len(found) > 10 else ""
    return (
        f"the header has {width} cells, but {'; '.join(found[:10])}{more}. Put cells that hold a "
        "comma in double quotes"
    )
