"""Column contracts derived from the record classes, and records to tables and back."""

from __future__ import annotations

import datetime as dt
import operator
import types
import typing
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.domain import Correction, Decision, Identity, Offence, Offender, Spell
from hhpu.errors import ArgumentError

__all__ = [
    "CORRECTIONS",
    "DECISIONS",
    "IDENTITIES",
    "OFFENCES",
    "PEOPLE",
    "SPELLS",
    "Column",
    "ColumnKind",
    "TableContract",
    "contract_of",
    "records_to_table",
    "table_to_records",
]

R = TypeVar("R", Offence, Offender, Spell, Identity, Correction, Decision)


class ColumnKind(StrEnum):
    """What a column holds."""

    IDENTIFIER = "identifier"
    TEXT = "text"
    DATE = "date"
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"


@attrs.frozen
class Column:
    """One column of a contract.

    Parameters
    ----------
    name : str
        Our name of the column.
    kind : ColumnKind
        What it holds.
    required : bool
        Whether a table without the column is refused.
    nullable : bool
        Whether a cell may be empty.
    allowed : tuple of str
        The allowed values of a choice.
    unit : str or None
        The unit, where there is one.
    description : str
        What it means.
    """

    name: str
    kind: ColumnKind
    required: bool
    nullable: bool
    allowed: tuple[str, ...]
    unit: str | None
    description: str


@attrs.frozen
class TableContract:
    """The columns of a table, derived from a record class.

    Parameters
    ----------
    name : str
        Name of the table.
    record : type
        The record class of one row.
    columns : tuple of Column
        Its columns, in the order of the record's fields.

    Examples
    --------
    >>> OFFENCES.column("role").allowed
    ('suspect', 'offender', 'victim', 'witness')
    """

    name: str
    record: type
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Find a column by name.

        Raises
        ------
        ArgumentError
            If there is none; the message lists those there are.
        """
        for column in self.columns:
            if column.name == name:
                return column
        message = f"{self.name} has no column {name!r}; it has {', '.join(self.names)}"
        raise ArgumentError(message)


def _kind_of(hint: Any) -> tuple[ColumnKind, bool, tuple[str, ...]]:
    nullable = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        members = [m for m in typing.get_args(hint) if m is not type(None)]
        nullable = True
        (hint,) = members
    if isinstance(hint, typing.NewType):
        return ColumnKind.IDENTIFIER, nullable, ()
    if isinstance(hint, type):
        if issubclass(hint, StrEnum):
            return ColumnKind.CHOICE, nullable, tuple(str(member) for member in hint)
        kinds = {
            str: ColumnKind.TEXT, bool: ColumnKind.FLAG, int: ColumnKind.NUMBER,
            dt.date: ColumnKind.DATE,
        }  # fmt: skip
        if hint in kinds:
            return kinds[hint], nullable, ()
    message = f"no column kind for {hint!r}"
    raise TypeError(message)


def contract_of(record: type) -> TableContract:
    """Derive the column contract of a record class.

    Parameters
    ----------
    record : type
        `hhpu.Offence`, `hhpu.Offender`, `hhpu.Spell`, `hhpu.Identity`, `hhpu.Correction` or
        `hhpu.Decision`.

    Returns
    -------
    TableContract
        One column for each field, in order.
    """
    hints = typing.get_type_hints(record)
    columns = []
    for field in attrs.fields(record):
        kind, nullable, allowed = _kind_of(hints[field.name])
        columns.append(
            Column(
                name=field.name,
                kind=kind,
                required=field.default is attrs.NOTHING,
                nullable=nullable,
                allowed=allowed,
                unit=field.metadata["unit"],
                description=field.metadata["description"],
            )
        )
    names = {
        Offence: "offences", Offender: "people", Spell: "spells", Identity: "identities",
        Correction: "corrections", Decision: "decisions",
    }  # fmt: skip
    return TableContract(name=names[record], record=record, columns=tuple(columns))


OFFENCES = contract_of(Offence)
PEOPLE = contract_of(Offender)
SPELLS = contract_of(Spell)
IDENTITIES = contract_of(Identity)
CORRECTIONS = contract_of(Correction)
DECISIONS = contract_of(Decision)

_CONTRACTS = {
    contract.record: contract
    for contract in (OFFENCES, PEOPLE, SPELLS, IDENTITIES, CORRECTIONS, DECISIONS)
}


def records_to_table(records: Iterable[R], record: type[R]) -> pd.DataFrame:
    """Lay records out as a table, one row each, without loss.

    Parameters
    ----------
    records : iterable of record
        Records of one class.
    record : type
        Their class; it gives the columns even where there are no records.

    Returns
    -------
    pandas.DataFrame
        One column for each field: text as ``object``, dates as ``datetime64[s]``, flags as
        ``boolean``, numbers as ``Int64``; empty cells are missing values.

    Examples
    --------
    >>> table = records_to_table([Offence(offender_id="P1", code="8/06")], Offence)
    >>> table_to_records(table, Offence)[0].code
    '8/06'
    """
    rows = list(records)
    contract = _CONTRACTS[record]
    columns: dict[str, Any] = {}
    for column in contract.columns:
        cells = [getattr(row, column.name) for row in rows]
        if column.kind is ColumnKind.DATE:
            columns[column.name] = np.array(
                [np.datetime64("NaT" if cell is None else cell, "D") for cell in cells],
                dtype="datetime64[s]",
            )
        elif column.kind is ColumnKind.FLAG:
            columns[column.name] = pd.array(cells, dtype="boolean")
        elif column.kind is ColumnKind.NUMBER:
            columns[column.name] = pd.array(cells, dtype="Int64")
        else:
            texts = [None if cell is None else str(cell) for cell in cells]
            columns[column.name] = pd.Series(texts, dtype=object)
    return pd.DataFrame(columns)


def table_to_records(table: pd.DataFrame, record: type[R]) -> list[R]:
    """Read a table made by `records_to_table`, or of the same form, as records.

    Parameters
    ----------
    table : pandas.DataFrame
        A table with the contract's columns; absent optional columns are read as empty.
    record : type
        The class of the records.

    Returns
    -------
    list of record
        One record for each row, in order.

    Raises
    ------
    ArgumentError
        If a required column is absent, or a cell is not of its column's kind.
    """
    contract = _CONTRACTS[record]
    missing = [c.name for c in contract.columns if c.required and c.name not in table.columns]
    if missing:
        message = f"the table has no column {', '.join(missing)}"
        raise ArgumentError(message)
    hints = typing.get_type_hints(record)
    cells = {
        column.name: _cells(table[column.name], column, hints[column.name])
        for column in contract.columns
        if column.name in table.columns
    }
    names = list(cells)
    try:
        return [
            record(**dict(zip(names, row, strict=True)))
            for row in zip(*cells.values(), strict=True)
        ]
    except ValueError as error:
        message = f"a row is not a valid {record.__name__}: {error}"
        raise ArgumentError(message) from error


def _cells(series: pd.Series, column: Column, hint: Any) -> Sequence[Any]:
    absent = series.isna().to_numpy()
    values = series.to_numpy(dtype=object)
    convert: Any
    if column.kind is ColumnKind.DATE:
        values, convert = _dates(series, column), (lambda cell: cell)
    elif column.kind is ColumnKind.FLAG:
        convert = _flag
    elif column.kind is ColumnKind.NUMBER:
        convert = _whole
    elif column.kind is ColumnKind.CHOICE:
        convert = next(m for m in (*typing.get_args(hint), hint) if isinstance(m, type))
    else:
        convert = str
    try:
        return [None if gone else convert(v) for v, gone in zip(values, absent, strict=True)]
    except ValueError:
        allowed = f"one of {column.allowed}" if column.allowed else f"a {column.kind}"
        message = f"column {column.name} holds a value that is not {allowed}"
        raise ArgumentError(message) from None


def _dates(series: pd.Series, column: Column) -> npt.NDArray[Any]:
    try:
        days = pd.to_datetime(series, format="ISO8601").to_numpy(dtype="datetime64[D]")
    except (ValueError, TypeError):
        message = f"column {column.name} holds a value that is not a date"
        raise ArgumentError(message) from None
    return days.astype(object)


def _flag(cell: object) -> bool:
    if cell not in (True, False):
        message = "not a flag"
        raise ValueError(message)
    return bool(cell)


def _whole(cell: object) -> int:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    try:
        return operator.index(cell)  # type: ignore[arg-type]
    except TypeError:
        message = "not a whole number"
        raise ValueError(message) from None
