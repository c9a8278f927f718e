"""Boundary 1: judge an input row by row, collect every problem, exclude only what is unusable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.blocks import at_once
from hhpu.domain import EvidentialStatus
from hhpu.errors import ArgumentError, expect
from hhpu.provenance import FrozenMapping
from hhpu.tables._columns import Coded, Identifiers, UnreadableColumn, is_missing, read_days
from hhpu.tables._contract import OFFENCES, ColumnKind, TableContract
from hhpu.tables._dates import DateOrder, Days, read_day
from hhpu.tables._judge import (
    Column_,
    Findings,
    judge_rows,
    judged_days,
    read_classifier,
    read_victim_age,
    read_words,
)
from hhpu.tables._named import ARGUMENTS, SettingNames, Settings
from hhpu.tables._problems import DAMAGED_ID, Outcome, Problem, Problems, in_order
from hhpu.tables._sources import Record, Source, Tabular, open_source, refuse

__all__ = ["Checked", "check", "policy_of"]

Rows = npt.NDArray[np.int64]

PLACING_DATES: Final = ("committed_on", "recorded_on", "reported_on")
CLASSIFYING: Final = (
    "code", "role", "domestic_abuse", "hate", "child_abuse", "child_victim", "detection",
    "division",
)  # fmt: skip
_MANY_ROWS: Final = 100_000
_SETTABLE: Final = frozenset({"placeholder-person"})
_POLICIES: Final = frozenset({str(Outcome.EXCLUDED), str(Outcome.KEPT)})


def policy_of(*, keep_placeholders: bool) -> dict[str, str]:
    """Give the policy of a check that keeps people who look like placeholders, or does not."""
    return {"placeholder-person": str(Outcome.KEPT)} if keep_placeholders else {}


def _no_links() -> npt.NDArray[np.uint64]:
    return np.zeros((0, 2), dtype=np.uint64)


def _frozen(value: Mapping[str, Column_]) -> Mapping[str, Column_]:
    return FrozenMapping(value)


@attrs.frozen(eq=False)
class Checked:
    """An input after the check: usable rows as compact columns, and all the problems.

    Parameters
    ----------
    contract : TableContract
        The contract it was checked against.
    columns : mapping of str to Coded, Identifiers or days
        The usable rows, by our name of the column.
    rows : numpy.ndarray of int32
        The source row of each usable row, numbered from 0 below the header.
    rows_in : int
        How many rows came in.
    problems : Problems
        Everything found.
    date : str
        The placing date (offences only).
    read : tuple of str
        Columns of the input that were read, by our name. ``victim_age`` is among them and not
        among ``columns``: it is read only for ``child_victim``.
    unused : tuple of str
        Columns of the input that were not read.
    unusable : numpy.ndarray of uint64
        Digests of offender id and offence id of each link whose row cannot be used though both can
        be read, in order (offences only).
    named : SettingNames
        How the settings are called where the reader of a message stands.
    """

    contract: TableContract
    columns: Mapping[str, Column_] = attrs.field(converter=_frozen)
    rows: npt.NDArray[np.int32]
    rows_in: int
    problems: Problems
    date: str
    read: tuple[str, ...]
    unused: tuple[str, ...]
    named: SettingNames
    unusable: npt.NDArray[np.uint64] = attrs.field(factory=_no_links)

    def __len__(self) -> int:
        return len(self.rows)

    def coded(self, name: str) -> Coded | None:
        """A text, choice or flag column; None where the input has none."""
        column = self.columns.get(name)
        return column if isinstance(column, Coded) else None

    def days(self, name: str) -> Days | None:
        """A date column as day numbers; None where the input has none."""
        column = self.columns.get(name)
        return column if isinstance(column, np.ndarray) else None

    def without(self, rows: Rows, problem: Problem) -> Checked:
        """Exclude some more rows, for a reason found in another table."""
        kept = np.setdiff1d(np.arange(len(self)), rows)
        problems = attrs.evolve(
            self.problems,
            found=in_order([*self.problems.found, problem]),
            rows_excluded=self.problems.rows_excluded + len(rows),
        )
        columns = {name: _take(column, kept) for name, column in self.columns.items()}
        unusable = np.concatenate([self.unusable, _links_of(self.columns, rows)])
        return attrs.evolve(
            self,
            columns=columns,
            rows=self.rows[kept],
            problems=problems,
            unusable=np.unique(unusable, axis=0),
        )

    def identifiers(self, name: str) -> Identifiers | None:
        """An identifier column as keys; None where the input has none."""
        column = self.columns.get(name)
        return column if isinstance(column, Identifiers) else None


def _in_turn(
    read: Callable[[str], tuple[Column_ | None, Findings]], names: list[str], rows: int
) -> list[tuple[Column_ | None, Findings]]:
    if rows < _MANY_ROWS:
        return [read(name) for name in names]
    return at_once(read, names)


def check(
    data: Tabular[Record],
    *,
    contract: TableContract = OFFENCES,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    classify: tuple[str, ...] = (),
    date: str = "committed_on",
    date_order: DateOrder = "iso",
    timezone: str = "Europe/London",
    as_of: dt.date | str | None = None,
    policy: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    named: SettingNames | None = None,
) -> Checked:
    """Check an input against a contract, row by row.

    Only what makes a row unusable excludes it: no person, or no placing date. Everything else is
    kept and counted. What depends on several rows (duplicates, contradictions) is found on the
    ledger, after all parts are added.

    Parameters
    ----------
    data : dataframe, path or iterable of records
        Any dataframe that narwhals reads, a CSV or Parquet file (gzip too), or records.
    contract : TableContract
        `OFFENCES`, `PEOPLE`, `SPELLS`, `IDENTITIES`, `CORRECTIONS` or `DECISIONS`.
    columns : mapping, optional
        Our column name to theirs, where they differ.
    values : mapping, optional
        For each of our columns, their value to ours.
    classify : tuple of str
        Further text columns by which offences are classified (an index's key columns).
    date : str
        The placing date: ``committed_on``, ``recorded_on`` or ``reported_on``.
    date_order : {"iso", "dmy"}
        How dates in text are written.
    timezone : str
        Local civil time, for times with an offset.
    as_of : datetime.date or str, optional
        Day of the ranking, to count dates after it.
    policy : mapping, optional
        ``{"placeholder-person": "kept"}`` keeps people who look like placeholders.
    encoding : str
        Of a CSV file.
    named : SettingNames, optional
        How all this is called where the reader of a message stands; as here if not given.

    Returns
    -------
    Checked
        The usable rows and the problems.

    Raises
    ------
    InputRefused
        For structural faults only, all at once.
    ArgumentError
        For an argument that cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"offender_id": ["1", None], "code": "8/06",
    ...                       "committed_on": "2025-01-04"})
    >>> checked = check(table)
    >>> len(checked), checked.problems.count("no-person")
    (1, 1)
    """
    named = named or ARGUMENTS
    zone = _settings(date, date_order, timezone, policy or {}, named)
    translations = _translations(contract, values or {}, named)
    settings = Settings(named=named, date=date, date_order=date_order)
    offences = contract is OFFENCES
    extra = _further(contract, classify, named)
    source = open_source(
        data, contract=contract, columns=dict(columns or {}), extra=extra, encoding=encoding,
        settings=settings,
    )  # fmt: skip
    _demand(source, (date,) if offences else (), "it is the placing date of this call", settings)
    _demand(source, extra, "asked for as classifying", settings)
    placing = date if offences else ""

    def read_column(name: str, mine: Findings) -> Column_:
        series = source.columns[name]
        if name in extra:
            return read_classifier(series, name, mine)
        column = contract.column(name)
        if column.kind is ColumnKind.DATE:
            days = read_days(series, order=date_order, zone=zone)
            return judged_days(days, name, mine, placing=name == placing)
        if column.kind is ColumnKind.NUMBER:
            return read_victim_age(series, name, mine)
        return read_words(series, column, translations.get(name), mine, classifies=offences)

    def read_one(name: str) -> tuple[Column_ | None, Findings]:
        mine = Findings(source.rows, policy or {}, settings)
        try:
            return read_column(name, mine), mine
        except (UnreadableColumn, UnicodeError):
            kind = source.columns[name].dtype
            mine.faults.append(("unreadable-column", name, f"its type is {kind}"))
            return None, mine

    findings = Findings(source.rows, policy or {}, settings)
    read: dict[str, Column_] = {}
    for name, (column, mine) in zip(
        source.columns, _in_turn(read_one, list(source.columns), source.rows), strict=True
    ):
        findings.take(mine)
        if column is not None:
            read[name] = column
    if findings.faults:
        raise refuse(findings.faults, settings=settings)

    ends = None if as_of is None or not offences else read_day(as_of, "as_of")
    judge_rows(contract, read, findings, as_of=ends)
    rows = findings.kept()
    all_kept = len(rows) == source.rows
    kept = read if all_kept else {n: _take(column, rows) for n, column in read.items()}

    def reveal(name: str, at: Rows) -> list[str]:
        series = source.columns.get(name)
        if series is None:
            return [""] * len(at)
        return ["" if is_missing(v) else str(v) for v in series[at.tolist()].to_list()]

    problems = Problems(
        found=in_order(findings.found),
        rows_in=source.rows,
        rows_excluded=source.rows - len(rows),
        reveal=reveal,
    )
    if source.rows and not len(rows):
        listed = "".join(
            f"\n      {p.reason} [{p.column}]: {p.size} rows. {p.remedy}." for p in problems.found
        )
        refused = refuse([("no-usable-rows", "", f"{source.rows} rows in")], below=listed)
        refused.problems = problems
        raise refused
    return Checked(
        contract=contract,
        columns=kept,
        rows=rows,
        rows_in=source.rows,
        problems=problems,
        date=placing,
        read=tuple(source.columns),
        unused=source.unused,
        unusable=_unusable(read, rows, findings) if offences else _no_links(),
        named=named,
    )


def _unusable(
    read: Mapping[str, Column_], kept: npt.NDArray[np.int32], findings: Findings
) -> npt.NDArray[np.uint64]:
    left = np.ones(findings.size, dtype=bool)
    left[kept] = False
    for problem in findings.found:
        if problem.reason in ("placeholder-person", DAMAGED_ID):
            left[problem.rows] = False
    return np.unique(_links_of(read, np.flatnonzero(left)), axis=0)


def _links_of(read: Mapping[str, Column_], rows: Rows) -> npt.NDArray[np.uint64]:
    """Digests of person and offence of the rows that have both."""
    people, offences = read.get("offender_id"), read.get("offence_id")
    if not isinstance(people, Coded) or not isinstance(offences, Identifiers):
        return _no_links()
    rows = rows[(people.codes[rows] >= 0) & (offences.keys[rows] != 0)]
    persons = people.values.take(people.codes[rows].astype(np.int64)).keys()
    return np.stack([persons, offences.keys[rows]], axis=1)


def _translations(
    contract: TableContract, values: Mapping[str, Mapping[str, str]], named: SettingNames
) -> Mapping[str, Mapping[str, str]]:
    expect(contract, TableContract, "contract=", "OFFENCES, PEOPLE, SPELLS, ...")
    for name, words in values.items():
        column = contract.column(name)
        allowed = ("true", "false") if column.kind is ColumnKind.FLAG else column.allowed
        if not allowed:
            told = named.written("values", column=name) or name
            message = f"{told}: {name} is neither a choice nor a flag"
            raise ArgumentError(message)
        strange = sorted(set(words.values()) - set(allowed))
        if strange:
            told = named.written("values", column=name) or name
            message = f"{told}: {', '.join(strange)} not among {', '.join(allowed)}"
            raise ArgumentError(message)
    return values


def _further(
    contract: TableContract, classify: tuple[str, ...], named: SettingNames
) -> tuple[str, ...]:
    """The columns asked for as classifying that the contract does not have."""
    unfit = [name for name in classify if name in contract.names and name not in CLASSIFYING]
    if unfit:
        told = named.written("classify", value=unfit[0])
        message = (
            f"{told}: {', '.join(unfit)} not usable: identifiers, dates, statuses and ages never "
            "classify; the age of a victim does as child_victim"
        )
        raise ArgumentError(message)
    return tuple(name for name in classify if name not in contract.names)


def _demand(source: Source, names: tuple[str, ...], why: str, settings: Settings) -> None:
    missing = [name for name in names if name not in source.columns]
    if missing:
        raise refuse([("missing-column", name, why) for name in missing], settings=settings)


def _settings(
    date: str, date_order: str, timezone: str, policy: Mapping[str, str], named: SettingNames
) -> ZoneInfo:
    if date not in PLACING_DATES:
        told = named.written("date", value=date)
        message = f"{told}: the placing date is one of {', '.join(PLACING_DATES)}"
        raise ArgumentError(message)
    if date_order not in ("iso", "dmy"):
        message = f"{named.written('date_order', value=date_order)}: iso or dmy"
        raise ArgumentError(message)
    unsettable = sorted(set(policy) - _SETTABLE)
    if unsettable or set(policy.values()) - _POLICIES:
        message = (
            f"policy= takes {', '.join(sorted(_SETTABLE))}, each with one of "
            f"{', '.join(sorted(_POLICIES))}"
        )
        raise ArgumentError(message)
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        message = f"{named.written('timezone', value=timezone)} is not a known time zone"
        raise ArgumentError(message) from error


def _take(column: Column_, rows: npt.NDArray[np.integer[Any]]) -> Column_:
    return column[rows] if isinstance(column, np.ndarray) else column.take(rows)


STATUS_CODES: Final[Mapping[str, int]] = MappingProxyType(
    {str(status): number for number, status in enumerate(EvidentialStatus, start=1)}
)
