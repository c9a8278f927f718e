"""What is judged of one column, and of the columns of one row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hhpu.blocks import in_blocks, rows_where
from hhpu.domain import OLDEST, Wrong
from hhpu.tables._columns import (
    Coded,
    Identifiers,
    ReadDays,
    gathered,
    read_coded,
    read_identifiers,
    read_numbers,
)
from hhpu.tables._contract import CORRECTIONS, OFFENCES, Column, ColumnKind, TableContract
from hhpu.tables._dates import NO_DAY, Days, judge_days
from hhpu.tables._named import Settings
from hhpu.tables._problems import DAMAGED_ID, REASONS, Outcome, Problem
from hhpu.tables._texts import Texts, keys_of_texts

__all__ = [
    "Column_",
    "Findings",
    "judge_rows",
    "judged_days",
    "placeholder_rows",
    "read_classifier",
    "read_victim_age",
    "read_words",
    "whole_column",
]

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Column_ = Coded | Identifiers | Days

_MOST_VALUES: Final = 1_000
_NEVER_EMPTIED: Final = frozenset({"role", "status"})
_UNREAD: Final = "?"
_FLAG: Final = ("false", _UNREAD, "true")
_ADULT: Final = 18
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,99}(?:\.0{0,99})?")
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


_DAMAGED_ID: Final = re.compile(r"\d(?:[.,]\d+)?[Ee][+-]\d{2,}")
_DAMAGED_STARTS: Final = np.zeros(1 << 16, dtype=bool)
for _digit in "0123456789":
    for _next in ".,Ee":
        _DAMAGED_STARTS[ord(_digit) | ord(_next) << 8] = True


class Findings:
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

    def take(self, other: Findings) -> None:
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


def read_classifier(series: Any, name: str, findings: Findings) -> Coded:
    coded = read_coded(series)
    _judge_classifier(coded, name, findings)
    return coded


def _judge_classifier(coded: Coded, name: str, findings: Findings) -> None:
    if coded.numeric:
        findings.faults.append(("numeric-classifier", name, "it holds numbers"))
    if len(coded.values) > _MOST_VALUES:
        found = f"{len(coded.values)} distinct values; at most {_MOST_VALUES}"
        findings.faults.append(("too-many-values", name, found))


def judged_days(read: ReadDays, name: str, findings: Findings, *, placing: bool) -> Days:
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


def read_words(
    series: Any,
    column: Column,
    translate: Mapping[str, str] | None,
    findings: Findings,
    *,
    classifies: bool,
) -> Coded | Identifiers:
    """Read words; of a flag that classifies, a cell that cannot be read stays one of its own."""
    if column.name == "offence_id":
        identifiers = read_identifiers(series)
        if identifiers.numeric:
            findings.found.append(whole_column("number-as-id", column.name, len(series)))
        findings.add(DAMAGED_ID, column.name, _damaged_rows(identifiers.held))
        filler = _filler_ids(identifiers.keys)
        findings.add("placeholder-offence-id", column.name, filler)
        identifiers.keys[filler] = 0
        return identifiers
    coded = read_coded(series)
    if coded.numeric and column.kind is ColumnKind.IDENTIFIER:
        findings.found.append(whole_column("number-as-id", column.name, len(coded.codes)))
    if column.kind is ColumnKind.IDENTIFIER:
        findings.add(DAMAGED_ID, column.name, _damaged_rows(coded))
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
    unread = _UNREAD if classifies and column.kind is ColumnKind.FLAG else None
    known = dict(zip(words, understood, strict=True))
    return coded.recode(lambda text: known[text] or (f"{_UNREAD}{text}" if stays else unread))


def read_victim_age(series: Any, name: str, findings: Findings) -> Coded:
    """Read ages as the flag whether they are under 18, or unread: nothing else of them is used."""
    coded = read_numbers(series)
    texts = coded.values.tolist()
    ages = [int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None for text in texts]
    unread = np.array([age is None for age in ages] + [False])
    impossible = np.array([age is not None and not 0 <= age <= OLDEST for age in ages] + [False])
    findings.add("unreadable-age", name, _rows_of(coded, unread))
    findings.add("impossible-age", name, _rows_of(coded, impossible))
    said = {
        text: str(age < _ADULT).lower()
        for text, age in zip(texts, ages, strict=True)
        if age is not None and 0 <= age <= OLDEST
    }
    return coded.recode(lambda text: said.get(text, _UNREAD))


def _damaged_rows(held: Coded | Texts | npt.NDArray[Any]) -> Rows:
    """Rows of identifiers that a spreadsheet rounded: what several were is one text."""
    if isinstance(held, np.ndarray):
        return np.zeros(0, dtype=np.int64)
    texts = held.values if isinstance(held, Coded) else held
    maybe = _starting(texts, _DAMAGED_STARTS)
    damaged = np.array(
        [place for place in maybe.tolist() if _DAMAGED_ID.fullmatch(texts[place].strip())],
        dtype=np.int64,
    )
    if not isinstance(held, Coded) or not len(damaged):
        return damaged
    table = np.zeros(len(texts) + 1, dtype=bool)
    table[damaged] = True
    return _rows_of(held, table)


def _filler_ids(keys: npt.NDArray[np.uint64]) -> Rows:
    maybe = rows_where(lambda rows: _FILLER_BUCKETS[keys[rows] >> np.uint64(48)], len(keys))
    return maybe[np.isin(keys[maybe], _FILLER_KEYS)]


def judge_rows(
    contract: TableContract, read: dict[str, Column_], findings: Findings, *, as_of: int | None
) -> None:
    """Judge what takes the whole row to see."""
    _judge_people(read, findings)
    _judge_victims(read, findings)
    _judge_required(contract, read, findings)
    _judge_spells(read, findings)
    if contract is CORRECTIONS:
        _judge_corrections(read, findings)
    if contract is OFFENCES:
        _judge_order(read, findings, as_of=as_of)
        _judge_known(read, findings)


def _judge_people(read: Mapping[str, Any], findings: Findings) -> None:
    people = read["offender_id"]
    findings.add("no-person", "offender_id", _empty(people))
    findings.add("placeholder-person", "offender_id", placeholder_rows(people))
    if "name" in read:
        rows = placeholder_rows(read["name"])
        findings.add("placeholder-person", "name", rows, outcome=Outcome.KEPT)


def _judge_victims(read: dict[str, Column_], findings: Findings) -> None:
    """Let the youngest victim's age tell whether a victim was under 18, beside the flag.

    Where the two disagree the one that says so is used: an age that is another victim's, or a flag
    that nobody ticked, must not hide a child. For the same reason one that cannot be read is not
    answered by another that says no.
    """
    aged, flag = read.pop("victim_age", None), read.get("child_victim")
    if not isinstance(aged, Coded):
        return
    if not isinstance(flag, Coded):
        read["child_victim"] = aged
        return
    one, other = _truths(flag), _truths(aged)
    no, yes = _FLAG.index("false"), _FLAG.index("true")
    differ = rows_where(
        lambda rows: (
            (np.minimum(one[rows], other[rows]) == no) & (np.maximum(one[rows], other[rows]) == yes)
        ),
        len(one),
    )
    findings.add("contradicting-victim-age", "child_victim, victim_age", differ)
    read["child_victim"] = Coded(np.maximum(one, other), Texts.of(_FLAG))


def _truths(flag: Coded) -> npt.NDArray[np.int32]:
    """A flag as its place in `_FLAG`, or -1 for an empty cell."""
    table = [_FLAG.index(word) for word in flag.values.tolist()]
    return gathered(np.array([*table, -1], dtype=np.int32), flag.codes)


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
    return np.array(
        [
            place
            for place in _starting(values, _PLACEHOLDER_STARTS).tolist()
            if _PLACEHOLDER.fullmatch(values[place])
        ],
        dtype=np.int64,
    )


def _starting(values: Texts, starts: Mask) -> Rows:
    """Places of the texts whose first two bytes are marked in a table."""
    return rows_where(lambda rows: starts[values.words(0, rows) & np.uint64(0xFFFF)], len(values))


def _judge_required(contract: TableContract, read: Mapping[str, Any], findings: Findings) -> None:
    for column in contract.columns:
        if column.nullable or column.name == "offender_id" or column.name not in read:
            continue
        findings.add("required-value-missing", column.name, _empty(read[column.name]))


def _judge_order(read: Mapping[str, Any], findings: Findings, *, as_of: int | None) -> None:
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


def _judge_spells(read: Mapping[str, Any], findings: Findings) -> None:
    if "ends_on" in read and "starts_on" in read:
        wrong = (read["ends_on"] != NO_DAY) & (read["ends_on"] <= read["starts_on"])
        findings.add("dates-out-of-order", "starts_on, ends_on", np.flatnonzero(wrong))


_CORRECTABLE: Final = (
    "code", "status", "day", "domestic_abuse", "hate", "child_abuse", "child_victim", "detection",
)  # fmt: skip


def _judge_corrections(read: Mapping[str, Any], findings: Findings) -> None:
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


def _judge_known(read: Mapping[str, Any], findings: Findings) -> None:
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
