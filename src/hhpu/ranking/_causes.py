"""The links whose contribution changed from one ranking to the next, and the cause of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.domain import EvidentialStatus, Role
from hhpu.indices import UNREADABLE_FLAG
from hhpu.ledger import Ledger
from hhpu.ranking._fates import Fate
from hhpu.ranking._scores import Scores
from hhpu.tables import STATUS_CODES

__all__ = ["OWN", "TOGETHER", "Cause", "changed_links", "versions_on"]

Ints = npt.NDArray[np.int64]


class Cause(StrEnum):
    """What changes a score or a rank, in the order in which causes are taken into account."""

    RE_WEIGHTED = "re-weighted"
    RE_DEFINED = "re-defined"
    MERGED_IDENTITY = "merged identity"
    CANCELLED = "cancelled or cleared"
    REMOVED = "removed from the records"
    RE_LINKED = "linked to another person"
    UNUSABLE = "row not usable"
    STATUS_CHANGED = "status changed"
    UNREADABLE = "status, role or flag not readable"
    RE_CLASSIFIED = "re-classified"
    DATE_CHANGED = "date changed"
    BIRTH_CHANGED = "date of birth changed"
    VERSION_CHANGED = "another version counts"
    LATE_RECORDED = "late-recorded"
    AGED_OUT = "aged out"
    AGED = "aged"
    NEW_OFFENCE = "new offence"
    OVERTAKEN = "others moved"
    STATE_CHANGED = "state changed"

    @property
    def meaning(self) -> str:
        """The cause in a sentence."""
        return _MEANINGS[self]


_MEANINGS: Final[Mapping[Cause, str]] = {
    Cause.RE_WEIGHTED: "the harm index gives other weights",
    Cause.RE_DEFINED: "the harm definition, its window or the method changed",
    Cause.MERGED_IDENTITY: "records were joined to one person, or parted",
    Cause.CANCELLED: "an offence was cancelled, or the person eliminated or acquitted",
    Cause.REMOVED: "an offence is no longer in the records",
    Cause.RE_LINKED: "an offence is another person's now, or was another's at the last run",
    Cause.UNUSABLE: "an offence stands in a row that cannot be used, or did at the last run",
    Cause.STATUS_CHANGED: "the evidential status of an offence changed",
    Cause.UNREADABLE: "a status, role or flag is a word not understood, or was at the last run",
    Cause.RE_CLASSIFIED: "an offence has another code, role or flag",
    Cause.DATE_CHANGED: "an offence has another date",
    Cause.BIRTH_CHANGED: "a date of birth was corrected, and with it who was below the age",
    Cause.VERSION_CHANGED: "of two versions of one offence the other one counts",
    Cause.LATE_RECORDED: "an offence of before the last run came to be known",
    Cause.AGED_OUT: "an offence left the window",
    Cause.AGED: "offences weigh less with age",
    Cause.NEW_OFFENCE: "an offence of after the last run",
    Cause.OVERTAKEN: "other people's scores changed",
    Cause.STATE_CHANGED: "availability changed: custody, death, move, management or age",
}
TOGETHER: Final = tuple(Cause)[:3]
OWN: Final = tuple(Cause)[3:-2]


def changed_links(base: Scores, last: Scores) -> pd.DataFrame:
    """Find every link whose contribution changed from one scoring of a ledger to a later one.

    Returns
    -------
    pandas.DataFrame
        ``person, cause, change, code``, a line for each link.
    """
    size = len(last.ledger)
    was, now = _by_row(base, size), _by_row(last, size)
    counted_was, counted_now = _counted(base, size), _counted(last, size)
    rows = np.flatnonzero((was != now) | (counted_was != counted_now))
    ledger = last.ledger
    codes = np.array([code or "(no code)" for code in ledger.types.columns["code"]] or [""])
    keys = ledger.key[rows]
    table = pd.DataFrame(
        {
            "row": rows,
            "person": ledger.offender[rows].astype(np.int64),
            "key": keys,
            "alone": np.where(keys == 0, rows, -1),
            "change": now[rows] - was[rows],
            "was": counted_was[rows],
            "now": counted_now[rows],
        }
    )
    if table.empty:
        return pd.DataFrame({"person": [], "cause": [], "change": [], "code": []})
    groups = table.groupby(["person", "key", "alone"], sort=False)
    table["link"] = groups.ngroup()
    size_of = int(table["link"].max()) + 1
    was_row, now_row = (
        _first(table.loc[table[side], ["link", "row"]], size_of) for side in ("was", "now")
    )
    both = (was_row >= 0) & (now_row >= 0)
    cause = np.empty(size_of, dtype=object)
    cause[both] = _changed(ledger, was_row[both], now_row[both])
    lost, gained = (was_row >= 0) & (now_row < 0), (was_row < 0) & (now_row >= 0)
    cause[lost] = _lost(last, was_row[lost], since=base.as_of)
    cause[gained] = _gained(base, now_row[gained], since=base.as_of, now=last.as_of)
    alone = np.flatnonzero((cause == Cause.REMOVED) | (cause == Cause.LATE_RECORDED))
    shown_row = np.where(lost, was_row, now_row)[alone]
    cause[alone] = _elsewhere(ledger, shown_row, cause[alone], since=base.as_of, now=last.as_of)
    changes = table.groupby("link")["change"].sum()
    shown = np.where(now_row >= 0, now_row, was_row)
    return pd.DataFrame(
        {
            "person": ledger.offender[shown].astype(np.int64),
            "cause": cause,
            "change": changes.to_numpy(),
            "code": codes[ledger.kind[shown]],
        }
    )


def _by_row(scores: Scores, size: int) -> Any:
    values = np.zeros(size, dtype=scores.contributions.dtype)
    values[scores.rows] = scores.contributions
    return values


def _counted(scores: Scores, size: int) -> npt.NDArray[np.bool_]:
    counted = np.zeros(size, dtype=bool)
    counted[scores.rows] = True
    return counted


def _first(table: pd.DataFrame, size: int) -> Ints:
    rows = np.full(size, -1, dtype=np.int64)
    rows[table["link"].to_numpy()[::-1]] = table["row"].to_numpy()[::-1]
    return rows


def _changed(ledger: Any, was: Ints, now: Ints) -> list[Cause]:
    kinds = ledger.kind[was] != ledger.kind[now]
    statuses = ledger.status[was] != ledger.status[now]
    days = ledger.day[was] != ledger.day[now]
    found = np.select(
        [was == now, kinds, statuses, days],
        [0, 1, 2, 3],
        default=4,
    )
    causes = (
        Cause.AGED, Cause.RE_CLASSIFIED, Cause.STATUS_CHANGED, Cause.DATE_CHANGED,
        Cause.VERSION_CHANGED,
    )  # fmt: skip
    return [causes[place] for place in found.tolist()]


_NEVER: Final = frozenset(
    STATUS_CODES[status] for status in EvidentialStatus if status.never_scores
)


def _lost(last: Scores, rows: Ints, *, since: int) -> list[Cause]:
    """Why rows that counted do not: they left the window, or their link has another version."""
    in_force = versions_on(last, rows, last.as_of, at_other=since)
    found = []
    for row in rows.tolist():
        fate = Fate(int(last.fates[row]))
        if fate is Fate.OUTSIDE_WINDOW:
            found.append(Cause.AGED_OUT)
            continue
        other = in_force.get(row)
        found.append(Cause.REMOVED if other is None else _cause_of_version(last, row, other))
    return found


def _cause_of_version(scores: Scores, row: int, other: int) -> Cause:
    ledger, fate = scores.ledger, Fate(int(scores.fates[other]))
    if fate is Fate.STATUS_ZERO:
        cleared = int(ledger.status[other]) in _NEVER or int(ledger.status[row]) in _NEVER
        return Cause.CANCELLED if cleared else Cause.STATUS_CHANGED
    if fate in (Fate.UNREADABLE_STATUS, Fate.UNREADABLE_ROLE) or (
        fate is Fate.UNMAPPED and scores.compiled.reason[ledger.kind[other]] == UNREADABLE_FLAG
    ):
        return Cause.UNREADABLE
    if fate is Fate.OUTSIDE_WINDOW:
        return Cause.AGED_OUT if ledger.day[row] == ledger.day[other] else Cause.DATE_CHANGED
    if fate is Fate.BELOW_AGE:
        return Cause.BIRTH_CHANGED if ledger.day[row] == ledger.day[other] else Cause.DATE_CHANGED
    if fate in (Fate.DUPLICATE, Fate.COUNTED):
        return Cause.VERSION_CHANGED
    return Cause.RE_CLASSIFIED


def _gained(base: Scores, rows: Ints, *, since: int, now: int) -> list[Cause]:
    """Why rows count that did not: new, known late, or another version of what was known."""
    in_force = versions_on(base, rows, since, at_other=now)
    ledger = base.ledger
    found = []
    for row in rows.tolist():
        other = in_force.get(row)
        if other is None:
            late = int(ledger.day[row]) <= since
            found.append(Cause.LATE_RECORDED if late else Cause.NEW_OFFENCE)
        elif Fate(int(base.fates[other])) is Fate.OUTSIDE_WINDOW and int(ledger.day[other]) > since:
            found.append(Cause.NEW_OFFENCE)
        else:
            cause = _cause_of_version(base, row, other)
            reinstated = cause is Cause.CANCELLED
            found.append(Cause.STATUS_CHANGED if reinstated else cause)
    return found


def _elsewhere(ledger: Ledger, rows: Ints, causes: Any, *, since: int, now: int) -> list[Cause]:
    """Whether offences that came or went stand in unusable rows, or are another person's."""
    unusable = {
        t: set(zip(*(column.tolist() for column in ledger.unusable_on(t)), strict=True))
        for t in (since, now)
    }
    moved = _moved(ledger, ledger.key[rows], since=since, now=now)
    found = []
    for row, cause in zip(rows.tolist(), causes, strict=True):
        key = int(ledger.key[row])
        at = now if cause is Cause.REMOVED else since
        if key and (int(ledger.offender[row]), key) in unusable[at]:
            found.append(Cause.UNUSABLE)
        else:
            found.append(Cause.RE_LINKED if key in moved else cause)
    return found


def _moved(ledger: Ledger, keys: npt.NDArray[np.uint64], *, since: int, now: int) -> set[int]:
    """Of some offences those that one person is suspected of no more and another is since."""
    keys = keys[keys != 0]
    rows = np.flatnonzero(np.isin(ledger.key, keys))
    rows = rows[_suspected(ledger, rows)]
    was, is_now = (
        set(zip(ledger.key[at].tolist(), ledger.offender[at].tolist(), strict=True))
        for at in (
            rows[(ledger.known_from[rows] <= t) & (ledger.known_to[rows] > t)] for t in (since, now)
        )
    )
    return {key for key, _ in was - is_now} & {key for key, _ in is_now - was}


def _suspected(ledger: Ledger, rows: Ints) -> npt.NDArray[np.bool_]:
    """Whether rows are of a suspect, and not of a victim or witness."""
    sides = np.array([role in _SUSPECTED for role in ledger.types.columns["role"]], dtype=bool)
    return sides[ledger.kind[rows]]


_SUSPECTED: Final = (None, Role.SUSPECT, Role.OFFENDER)


def versions_on(scores: Scores, rows: Ints, t: int, *, at_other: int) -> dict[int, int]:
    """For each row the version of its link that was in force on a day, where there was one.

    A version as a suspect is taken before one as a victim or witness. The latter is only the same
    link in another role where it was not in force at the other date too; else it is a link of its
    own.
    """
    ledger = scores.ledger
    keyed = rows[ledger.key[rows] != 0]
    there = (ledger.known_from <= t) & (ledger.known_to > t)
    same = np.flatnonzero(there & np.isin(ledger.key, ledger.key[keyed]) & (ledger.key != 0))
    suspected = _suspected(ledger, same)
    lasting = (ledger.known_from[same] <= at_other) & (ledger.known_to[same] > at_other)
    same = np.concatenate([same[~suspected & ~lasting], same[suspected]])
    masked = np.isin(same, ledger.duplicates_on(t))
    held = {
        (int(ledger.key[row]), int(ledger.offender[row])): row
        for row in [*same[masked].tolist(), *same[~masked].tolist()]
    }
    found = {row: row for row in rows[ledger.key[rows] == 0].tolist() if there[row]}
    for row in keyed.tolist():
        other = held.get((int(ledger.key[row]), int(ledger.offender[row])))
        if other is not None:
            found[row] = other
    return found
