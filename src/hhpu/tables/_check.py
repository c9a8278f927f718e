"""Boundary 1: judge an input row by row, collect every problem, exclude only what is unusable."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.blocks import at_once, in_blocks, rows_where
from hhpu.domain import EvidentialStatus, Wrong
from hhpu.errors import ArgumentError, expect
from hhpu.provenance import FrozenMapping
from hhpu.tables._columns import (
    Coded,
    Identifiers,
    ReadDays,
    UnreadableColumn,
    is_missing,
    read_coded,
    read_days,
    read_identifiers,
)
from hhpu.tables._contract import CORRECTIONS, OFFENCES, Column, ColumnKind, TableContract
from hhpu.tables._dates import NO_DAY, DateOrder, Days, judge_days, read_day
from hhpu.tables._named import ARGUMENTS, SettingNames, Settings
from hhpu.tables._problems import REASONS, Outcome, Problem, Problems, in_order
from hhpu.tables._sources import Source, open_source, refuse
from hhpu.tables._texts import Texts, keys_of_texts

__all__ = ["Checked", "check"]

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Column_ = Coded | Identifiers | Days

PLACING_DATES: Final = ("committed_on", "recorded_on", "reported_on")
CLASSIFYING: Final = (
    "code", "role", "domestic_abuse", "hate", "child_abuse", "child_victim", "detection",
    "division",
)  # fmt: skip
_MOST_VALUES: Final = 1_000
_MANY_ROWS: Final = 100_000
_NEVER_EMPTIED: Final = frozenset({"role", "status"})
_SETTABLE: Final = frozenset({"placeholder-person"})
_POLICIES: Final = frozenset({str(Outcome.EXCLUDED), str(Outcome.KEPT)})

_TRUE: Final = frozenset({"true", "t", "yes", "y", "1"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "0"})

_PLACEHOLDER: Final = re.compile(
    r"(?:un(?:known|identified)(?: (?:male|female|suspect|offender|person|man|woman))?|"
    r"unk (?:male|female|suspect|offender|person)|not known|no (?:name|person)|nobody|"
    r"(?:mr|mrs|ms|male|female|suspect|offender|person|man|woman) unknown|do not use|"
    r"anonymous|j(?:ohn|ane) doe|test (?:person|record|test)|dummy)[ _#-]*\d*|[?.-]|"
    r"(?:unk|n/?a|n/?k|none|null|nan|anon|test|tbc)(?:[ _#-]+\d{1,2})?",
    re.IGNORECASE,
)
_PLACEHOLDER_STARTS: Final = np.zeros(1 << 16, dtype=bool)
for _single in "?.-":
    _PLACEHOLDER_STARTS[ord(_single)] = True
for _start in (
    "un", "n/", "na", "nk", "no", "nu", "an", "jo", "ja", "te", "du", "tb", "mr", "ms", "ma", "fe",
    "su", "of", "pe", "wo", "do",
):  # fmt: skip
    for _spelt in {_start, _start.upper(), _start.title(), _start[0] + _start[1].upper()}:
        _PLACEHOLDER_STARTS[ord(_spelt[0]) | ord(_spelt[1]) << 8] = True


_FILLERS: Final = ("0", "-", "?", "n/a", "na", "none", "null", "nan", "unk", "unknown", "tbc")
_FILLER_KEYS: Final = keys_of_texts(
    [spell(filler) for filler in _FILLERS for spell in (str.lower, str.upper, str.title)]
)


_FILLER_BUCKETS: Final = np.zeros(1 << 16, dtype=bool)
_FILLER_BUCKETS[_FILLER_KEYS >> np.uint64(48)] = True


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
    unused : tuple of str
        Columns of the input that were not read.
    named : SettingNames
        How the settings are called where the reader of a message stands.
    """

    contract: TableContract
    columns: Mapping[str, Column_] = attrs.field(converter=_frozen)
    rows: npt.NDArray[np.int32]
    rows_in: int
    problems: Problems
    date: str
    unused: tuple[str, ...]
    named: SettingNames

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
        return attrs.evolve(self, columns=columns, rows=self.rows[kept], problems=problems)

    def identifiers(self, name: str) -> Identifiers | None:
        """An identifier column as keys; None where the input has none."""
        column = self.columns.get(name)
        return column if isinstance(column, Identifiers) else None


class _Findings:
    """Problems as they are found, and which rows they exclude."""

    def __init__(self, rows: int, policy: Mapping[str, str], settings: Settings) -> None:
        self.size = rows
        self.excluded: list[Rows] = []
        self.found: list[Problem] = []
        self.faults: list[tuple[str, str, str]] = []
        self.policy = policy
        self.settings = settings

    def add(self, reason: str, column: str, rows: Rows, *, outcome: Outcome | None = None) -> None:
        if not len(rows):
            return
        outcome = outcome or REASONS[reason].outcome
        if reason in self.policy:
            outcome = Outcome(self.policy[reason])
        if outcome is Outcome.EXCLUDED:
            self.excluded.append(rows)
        advice = "" if reason in self.policy else self.settings.advice(reason, column)
        self.found.append(
            Problem(reason=reason, column=column, rows=rows, outcome=outcome, advice=advice)
        )

    def take(self, other: _Findings) -> None:
        self.excluded += other.excluded
        self.found += other.found
        self.faults += other.faults

    def kept(self) -> npt.NDArray[np.int32]:
        if not self.excluded:
            return np.arange(self.size, dtype=np.int32)
        usable: Mask = np.ones(self.size, dtype=bool)
        for rows in self.excluded:
            usable[rows] = False
        return np.flatnonzero(usable).astype(np.int32)


def _in_turn(
    read: Callable[[str], tuple[Column_ | None, _Findings]], names: list[str], rows: int
) -> list[tuple[Column_ | None, _Findings]]:
    if rows < _MANY_ROWS:
        return [read(name) for name in names]
    return at_once(read, names)


def check(
    data: Any,
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
        `OFFENCES`, `PEOPLE`, `SPELLS`, `IDENTITIES` or `CORRECTIONS`.
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
    extra = tuple(name for name in classify if name not in contract.names)
    source = open_source(
        data, contract=contract, columns=dict(columns or {}), extra=extra, encoding=encoding,
        settings=settings,
    )  # fmt: skip
    _demand(source, (date,) if offences else (), "it is the placing date of this call", settings)
    _demand(source, extra, "asked for as classifying", settings)
    placing = date if offences else ""

    def read_one(name: str) -> tuple[Column_ | None, _Findings]:
        mine = _Findings(source.rows, policy or {}, settings)
        series = source.columns[name]
        column = next((c for c in contract.columns if c.name == name), None)
        try:
            if column is None:
                return _read_classifier(series, name, mine), mine
            if column.kind is ColumnKind.DATE:
                days = read_days(series, order=date_order, zone=zone)
                return _judged(days, name, mine, placing=name == placing), mine
            return _read_words(series, column, translations.get(name), mine), mine
        except (UnreadableColumn, UnicodeError):
            mine.faults.append(("unreadable-column", name, f"its type is {series.dtype}"))
            return None, mine

    findings = _Findings(source.rows, policy or {}, settings)
    read: dict[str, Column_] = {}
    for name, (column, mine) in zip(
        source.columns, _in_turn(read_one, list(source.columns), source.rows), strict=True
    ):
        findings.take(mine)
        if column is not None:
            read[name] = column
    if findings.faults:
        raise refuse(findings.faults, settings=settings)

    _judge_people(read, findings)
    _judge_required(contract, read, findings)
    _judge_spells(read, findings)
    if contract is CORRECTIONS:
        _judge_corrections(read, findings)
    if offences:
        _judge_order(read, findings, as_of=None if as_of is None else read_day(as_of, "as_of"))
        _judge_known(read, findings)
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
            f"\n      {p.reason} [{p.column}]: {p.size} rows. {p.remedy}" for p in problems.found
        )
        refused = refuse([("no-usable-rows", "", f"{source.rows} rows in:{listed}\n   ")])
        refused.problems = problems
        raise refused
    return Checked(
        contract=contract,
        columns=kept,
        rows=rows,
        rows_in=source.rows,
        problems=problems,
        date=placing,
        unused=source.unused,
        named=named,
    )


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


def whole_column(reason: str, column: str, rows: int) -> Problem:
    """Make the problem of every row of a column."""
    return Problem(
        reason=reason,
        column=column,
        rows=np.zeros(0, dtype=np.int64),
        outcome=Outcome.KEPT,
        detail="the whole column",
        whole=rows,
    )


def _read_classifier(series: Any, name: str, findings: _Findings) -> Coded:
    coded = read_coded(series)
    _judge_classifier(coded, name, findings)
    return coded


def _judge_classifier(coded: Coded, name: str, findings: _Findings) -> None:
    if coded.numeric:
        findings.faults.append(("numeric-classifier", name, "it holds numbers"))
    if len(coded.values) > _MOST_VALUES:
        found = f"{len(coded.values)} distinct values; at most {_MOST_VALUES}"
        findings.faults.append(("too-many-values", name, found))


def _judged(read: ReadDays, name: str, findings: _Findings, *, placing: bool) -> Days:
    days, unread = read.days, read.rows
    empty = _empty(days) if placing else None
    days, judged = judge_days(days, open_ended=name in ("known_to", "ends_on"))
    for reason, rows in (*unread.items(), *judged.items()):
        unusable = placing and reason in ("unreadable-date", "impossible-date", "placeholder-date")
        findings.add(reason, name, rows, outcome=Outcome.EXCLUDED if unusable else None)
    if empty is not None and len(empty):
        told = [np.zeros(0, dtype=np.int64), *unread.values()]
        findings.add("no-placing-date", name, np.setdiff1d(empty, np.concatenate(told)))
    return days


def _read_words(
    series: Any, column: Column, translate: Mapping[str, str] | None, findings: _Findings
) -> Coded | Identifiers:
    if column.name == "offence_id":
        identifiers = read_identifiers(series)
        if identifiers.numeric:
            findings.found.append(whole_column("number-as-id", column.name, len(series)))
        filler = _filler_ids(identifiers.keys)
        findings.add("placeholder-offence-id", column.name, filler)
        identifiers.keys[filler] = 0
        return identifiers
    coded = read_coded(series)
    if coded.numeric and column.kind is ColumnKind.IDENTIFIER:
        findings.found.append(whole_column("number-as-id", column.name, len(coded.codes)))
    if column.name == "division":
        _judge_classifier(coded, column.name, findings)
    if column.kind not in (ColumnKind.FLAG, ColumnKind.CHOICE):
        return coded
    theirs = {k.strip().casefold(): v for k, v in (translate or {}).items()}
    allowed = {word.casefold(): word for word in column.allowed}

    def understand(text: str) -> str | None:
        word = theirs.get(text.casefold(), text).casefold()
        if column.kind is ColumnKind.FLAG:
            return "true" if word in _TRUE else "false" if word in _FALSE else None
        return allowed.get("-".join(re.split(r"[\s_-]+", word)))

    words = coded.values.tolist()
    understood = [understand(text) for text in words]
    bad = np.array([word is None for word in understood] + [False])
    reason = "unreadable-flag" if column.kind is ColumnKind.FLAG else "unreadable-choice"
    if column.name in _NEVER_EMPTIED:
        reason = f"unreadable-{column.name}"
    if bad.any():
        findings.add(reason, column.name, _rows_of(coded, bad))
    stays = column.name in _NEVER_EMPTIED
    known = dict(zip(words, understood, strict=True))
    return coded.recode(lambda text: known[text] or (f"?{text}" if stays else None))


def _filler_ids(keys: npt.NDArray[np.uint64]) -> Rows:
    maybe = rows_where(lambda rows: _FILLER_BUCKETS[keys[rows] >> np.uint64(48)], len(keys))
    return maybe[np.isin(keys[maybe], _FILLER_KEYS)]


def _judge_people(read: Mapping[str, Any], findings: _Findings) -> None:
    people = read["offender_id"]
    findings.add("no-person", "offender_id", _empty(people))
    findings.add("placeholder-person", "offender_id", placeholder_rows(people))
    if "name" in read:
        rows = placeholder_rows(read["name"])
        findings.add("placeholder-person", "name", rows, outcome=Outcome.KEPT)


def _empty(column: Column_) -> Rows:
    """Rows without a value."""
    if isinstance(column, np.ndarray):
        return rows_where(lambda rows: column[rows] == NO_DAY, len(column))
    if isinstance(column, Identifiers):
        return rows_where(lambda rows: column.keys[rows] == 0, len(column.keys))
    return rows_where(lambda rows: column.codes[rows] < 0, len(column.codes))


def placeholder_rows(column: Coded) -> Rows:
    """Rows of an identifier or name that stands for no identified person."""
    found = _placeholders(column.values)
    if not len(found):
        return found
    table = np.zeros(len(column.values) + 1, dtype=bool)
    table[found] = True
    return _rows_of(column, table)


def _rows_of(column: Coded, table: Mask) -> Rows:
    """Rows whose distinct value, or lack of one, is marked in a table."""
    return rows_where(lambda rows: table[column.codes[rows]], len(column.codes))


def _placeholders(values: Texts) -> Rows:
    places = rows_where(
        lambda rows: _PLACEHOLDER_STARTS[values.words(0, rows) & np.uint64(0xFFFF)],
        len(values),
    )
    return np.array(
        [place for place in places.tolist() if _PLACEHOLDER.fullmatch(values[place])],
        dtype=np.int64,
    )


def _judge_required(contract: TableContract, read: Mapping[str, Any], findings: _Findings) -> None:
    for column in contract.columns:
        if column.nullable or column.name == "offender_id" or column.name not in read:
            continue
        findings.add("required-value-missing", column.name, _empty(read[column.name]))


def _judge_order(read: Mapping[str, Any], findings: _Findings, *, as_of: int | None) -> None:
    pairs = (
        ("committed_on", "reported_on"),
        ("committed_on", "recorded_on"),
        ("reported_on", "recorded_on"),
        ("committed_on", "committed_to"),
    )
    for earlier, later in pairs:
        if earlier in read and later in read:
            late = _later(read[earlier], read[later])
            findings.add("dates-out-of-order", f"{earlier}, {later}", late)
    if "committed_on" in read and "committed_to" in read:
        spans = _later(read["committed_to"], read["committed_on"])
        findings.add("continuing-offence", "committed_to", spans)
    if as_of is not None:
        for name in ("committed_on", "reported_on", "recorded_on"):
            if name in read:
                findings.add("future-date", name, _after(read[name], as_of))
    findings.add("no-code", "code", _empty(read["code"]))


def _after(days: Days, day: int) -> Rows:
    return rows_where(lambda rows: days[rows] > day, len(days))


def _later(one: Days, other: Days) -> Rows:
    """Rows in which one date is later than another, where both are given."""
    return rows_where(
        lambda rows: (one[rows] > other[rows]) & (one[rows] != NO_DAY) & (other[rows] != NO_DAY),
        len(one),
    )


def _judge_spells(read: Mapping[str, Any], findings: _Findings) -> None:
    if "ends_on" in read and "starts_on" in read:
        wrong = (read["ends_on"] != NO_DAY) & (read["ends_on"] <= read["starts_on"])
        findings.add("dates-out-of-order", "starts_on, ends_on", np.flatnonzero(wrong))


_CORRECTABLE: Final = (
    "code", "status", "day", "domestic_abuse", "hate", "child_abuse", "child_victim", "detection",
)  # fmt: skip


def _judge_corrections(read: Mapping[str, Any], findings: _Findings) -> None:
    """Find the corrections whose values do not go with what they say is wrong."""
    size = findings.size

    def given(name: str) -> Mask:
        held = np.ones(size, dtype=bool)
        held[_empty(read[name]) if name in read else slice(None)] = False
        return held

    what = np.array([*read["what"].values.tolist(), ""], dtype=object)[read["what"].codes]
    values = np.logical_or.reduce([given(name) for name in _CORRECTABLE])
    corrected = what == Wrong.CORRECTED
    findings.add("correction-without-value", "what", np.flatnonzero(corrected & ~values))
    findings.add("stray-correction", "what", np.flatnonzero((what != "") & ~corrected & values))
    if "to_offender_id" in read:
        other, one = read["to_offender_id"], read["offender_id"]
        named = given("to_offender_id")
        rows = np.flatnonzero(named)
        same = [
            other.values[int(o)] == one.values[int(p)] if p >= 0 else False
            for o, p in zip(other.codes[rows], one.codes[rows], strict=True)
        ]
        stray = (what != "") & (what != Wrong.WRONG_PERSON) & named
        stray[rows[np.array(same, dtype=bool)]] = True
        findings.add("stray-correction", "to_offender_id", np.flatnonzero(stray))


def _judge_known(read: Mapping[str, Any], findings: _Findings) -> None:
    known = read.get("known_from", read.get("recorded_on"))
    if "known_from" in read and "recorded_on" in read:
        known = np.where(read["known_from"] == NO_DAY, read["recorded_on"], read["known_from"])
    if known is None:
        findings.found.append(whole_column("known-from-missing", "known_from", findings.size))
    else:
        findings.add("known-from-missing", "known_from", _empty(known))
        if "known_to" in read:
            to = read["known_to"]
            empty = (to != NO_DAY) & (known != NO_DAY) & (to <= known)
            findings.add("empty-known-interval", "known_to", np.flatnonzero(empty))
    status = read.get("status")
    if status is not None:
        dated = read.get("status_from")

        def undated(rows: slice) -> Mask:
            given: Mask = status.codes[rows] >= 0
            return given if dated is None else given & (dated[rows] == NO_DAY)

        if all(in_blocks(lambda rows: bool(undated(rows).all()), findings.size)):
            findings.found.append(whole_column("status-without-date", "status", findings.size))
        else:
            findings.add("status-without-date", "status", rows_where(undated, findings.size))


STATUS_CODES: Final[Mapping[str, int]] = MappingProxyType(
    {str(status): number for number, status in enumerate(EvidentialStatus, start=1)}
)
