"""What is found only by looking at several rows: duplicates, contradictions, two roles at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.blocks import in_blocks, rows_where
from hhpu.domain import Role
from hhpu.errors import InputRefused
from hhpu.ledger._types import Types
from hhpu.tables import STATUS_CODES, Days

__all__ = ["Contested", "Links"]

Ints = npt.NDArray[np.int64]
_BUCKET_BITS = 22
_BLOCK = 1 << 18
_MIX = np.uint64(0x9E3779B97F4A7C15)


@attrs.frozen(eq=False)
class Links:
    """The columns of a ledger in which several rows are looked at together.

    Parameters
    ----------
    key, offender, kind, day, known_from, known_to, status, mask, delay
        The ledger's columns.
    types : Types
        Its types.
    same_ids : callable
        Whether the offence ids of some rows equal those of others, pair by pair.
    as_read : callable
        Of the source row of each of some rows, of which a late status may have made two versions:
        first day known, last day known, status.
    """

    key: npt.NDArray[np.uint64]
    offender: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int32]
    day: Days
    known_from: Days
    known_to: Days
    status: npt.NDArray[np.int8]
    mask: npt.NDArray[np.uint8]
    delay: npt.NDArray[np.int16]
    types: Types
    same_ids: Callable[[Ints, Ints], bool]
    as_read: Callable[[Ints], tuple[Days, Days, npt.NDArray[np.int8]]]

    def roles(self, rows: Ints) -> npt.NDArray[np.int8]:
        """The roles of some rows."""
        roles: npt.NDArray[np.int8] = _roles(self.types)[self.kind[rows]]
        return roles

    def in_order(self, rows: Ints) -> Ints:
        """Rows by offence, person, role, and inside a link the version that decides first.

        The latest first day known, then the most final status (one that never scores before a
        proven one, that before an unproven one), then a row that has a code, then placing day,
        type, last day known, delay of recording and age, then the same of the whole source row:
        nothing that depends on the order of the input.
        """
        kinds = self.kind[rows]
        uncoded = np.array([code is None for code in self.types.columns["code"]])[kinds]
        first, last, status = self.as_read(rows)
        keys: list[npt.NDArray[Any]] = [
            last, -_FINALITY[status], -first.astype(np.int64), self.mask[rows], self.delay[rows],
            self.known_to[rows], self.types.rank[kinds], self.day[rows], uncoded,
            -_FINALITY[self.status[rows]],
            -self.known_from[rows].astype(np.int64), self.roles(rows), self.offender[rows],
            self.key[rows],
        ]  # fmt: skip
        return rows[np.lexsort(keys)]

    def confirm(self, rows: Ints) -> None:
        """Make sure that rows of one key, side by side, have one offence id.

        Raises
        ------
        InputRefused
            If two different offence ids share one 64-bit key.
        """
        key = self.key[rows]
        pairs = np.flatnonzero(key[1:] == key[:-1])
        if not self.same_ids(rows[pairs], rows[pairs + 1]):
            message = (
                "two different offence ids share one 64-bit key: change one of the two at source"
            )
            raise InputRefused(message)

    def contested(self) -> Contested:
        """Find the links of which two versions are in force at once.

        Where versions of one person, offence and role overlap, only one counts on a day: the one
        known latest. The others are duplicates on that day, and count when it does not hold.
        """
        roles = _roles(self.types).astype(np.uint64)

        def link(rows: slice) -> npt.NDArray[np.uint64]:
            person = self.offender[rows].astype(np.uint64) << np.uint64(2)
            joined: npt.NDArray[np.uint64] = person | roles.take(self.kind[rows])
            joined *= _MIX
            joined ^= self.key[rows]
            return joined

        rows = self.in_order(self._repeated(link))
        self.confirm(rows)
        group = np.cumsum(np.concatenate([[0], ~self._same_link(rows)])) if len(rows) else rows
        by_start: list[npt.NDArray[Any]] = [self.known_from[rows], group]
        order = np.lexsort(by_start)
        begin, end, of = self.known_from[rows][order], self.known_to[rows][order], group[order]
        overlap = (of[1:] == of[:-1]) & (begin[1:] < end[:-1])
        inside = np.isin(group, of[1:][overlap])
        return Contested(
            rows=rows[inside],
            group=group[inside],
            known_from=self.known_from[rows[inside]],
            known_to=self.known_to[rows[inside]],
        )

    def faults(self, duplicates: Ints) -> Mapping[str, Ints]:
        """Give the rows of each fault, by reason code."""
        rows = self.in_order(self._repeated(lambda rows: self.key[rows]))
        self.confirm(rows)
        found = {
            "duplicate-link": duplicates,
            "suspect-victim-join": _joined(self, rows, duplicates),
            "contradicting-code": _contradicting(self, rows, _codes(self.types)[self.kind]),
            "contradicting-date": _contradicting(self, rows, self.day),
            "suspect-and-victim": _both_roles(self, rows),
            "victim-elsewhere": _victims_elsewhere(self),
        }
        return MappingProxyType({reason: rows for reason, rows in found.items() if len(rows)})

    def _repeated(self, value: Callable[[slice], npt.NDArray[np.uint64]]) -> Ints:
        """Rows with an offence id, in force some day, whose value stands in another row too."""
        if not self.key.any():
            return np.zeros(0, dtype=np.int64)
        size = len(self.key)
        short = np.empty(size, dtype=np.uint32)

        def shorten(rows: slice) -> None:
            short[rows] = value(rows) >> np.uint64(32)

        in_blocks(shorten, size, block=_BLOCK)
        short.sort()
        again = rows_where(lambda rows: short[1:][rows] == short[:-1][rows], size - 1)
        marked = np.zeros(1 << _BUCKET_BITS, dtype=bool)
        marked[short[again] >> np.uint32(32 - _BUCKET_BITS)] = True

        def find(rows: slice) -> tuple[Ints, npt.NDArray[np.uint64]]:
            mine = value(rows)
            bucket = (mine >> np.uint64(64 - _BUCKET_BITS)).astype(np.int64)
            maybe = np.flatnonzero(marked.take(bucket))
            return maybe + rows.start, mine[maybe]

        found = in_blocks(find, size, block=_BLOCK)
        rows, values = (np.concatenate(column) for column in zip(*found, strict=True))
        ordered = np.sort(values)
        repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        if not len(repeated):
            return rows[:0]
        place = np.minimum(np.searchsorted(repeated, values), len(repeated) - 1)
        rows = rows[repeated[place] == values]
        held: Ints = rows[(self.key[rows] != 0) & (self.known_to[rows] > self.known_from[rows])]
        return held

    def _same_link(self, rows: Ints) -> npt.NDArray[np.bool_]:
        columns = (self.key[rows], self.offender[rows], self.roles(rows))
        same: npt.NDArray[np.bool_] = np.logical_and.reduce([c[1:] == c[:-1] for c in columns])
        return same


_SUSPECT, _VICTIM, _OTHER = 0, 1, 2


def _finality() -> npt.NDArray[np.int8]:
    order = [
        "unreadable", "unknown", "suspect", "arrested", "charged", "no-further-action", "cautioned",
        "convicted", "eliminated", "acquitted", "not-guilty", "cancelled",
    ]  # fmt: skip
    names = ["unknown", *STATUS_CODES, "unreadable"]
    return np.array([order.index(name) for name in names], dtype=np.int8)


_FINALITY = _finality()


def _roles(types: Types) -> npt.NDArray[np.int8]:
    places: dict[str | None, int] = {
        None: _SUSPECT,
        Role.SUSPECT: _SUSPECT,
        Role.OFFENDER: _SUSPECT,
        Role.VICTIM: _VICTIM,
    }
    return np.array([places.get(role, _OTHER) for role in types.columns["role"]], dtype=np.int8)


def _codes(types: Types) -> npt.NDArray[np.int32]:
    places: dict[str | None, int] = {}
    codes = [places.setdefault(code, len(places)) for code in types.columns["code"]]
    return np.array(codes, dtype=np.int32)


@attrs.frozen(eq=False)
class Contested:
    """Rows of links of which several versions are in force at once, the deciding one first.

    Parameters
    ----------
    rows, group : numpy.ndarray of int64
        Ledger rows, and a number for each link, ascending.
    known_from, known_to : numpy.ndarray of int32
        Of those rows.
    """

    rows: Ints
    group: Ints
    known_from: Days
    known_to: Days

    def masked_on(self, t: int) -> Ints:
        """The rows that are duplicates on a day: known then, and not the version that counts."""
        known = (self.known_from <= t) & (self.known_to > t)
        group = self.group[known]
        masked: Ints = self.rows[known][1:][group[1:] == group[:-1]]
        return masked

    def unmasked(self) -> tuple[Ints, Days, Days]:
        """The rows with the intervals in which each is known and is the version that counts.

        A row that is masked in the middle of its interval has several.
        """
        found: list[tuple[int, int, int]] = []
        taken: list[tuple[int, int]] = []
        last = -1
        columns = (self.rows, self.group, self.known_from, self.known_to)
        for row, group, begin, end in zip(*(c.tolist() for c in columns), strict=True):
            if group != last:
                taken, last = [], group
            free = begin
            for start, stop in sorted(taken):
                if start >= end:
                    break
                if free < start:
                    found.append((row, free, start))
                free = max(free, stop)
            if free < end:
                found.append((row, free, end))
            taken.append((begin, end))
        rows, begins, ends = zip(*found, strict=True) if found else ((), (), ())
        return (
            np.array(rows, dtype=np.int64),
            np.array(begins, dtype=np.int32),
            np.array(ends, dtype=np.int32),
        )

    def ever_masked(self) -> Ints:
        """The rows that are duplicates on some day, ascending."""
        masked = np.zeros(len(self.rows), dtype=bool)
        for back in range(1, len(self.rows)):
            same = self.group[back:] == self.group[:-back]
            if not same.any():
                break
            overlap = (self.known_from[back:] < self.known_to[:-back]) & (
                self.known_from[:-back] < self.known_to[back:]
            )
            masked[back:] |= same & overlap
        return np.sort(self.rows[masked])


def _starts(same: npt.NDArray[np.bool_], size: int) -> Ints:
    return np.flatnonzero(np.concatenate([np.ones(min(size, 1), dtype=bool), ~same]))


def _joined(links: Links, rows: Ints, duplicates: Ints) -> Ints:
    if not len(duplicates):
        return duplicates
    starts = _starts(links._same_link(rows), len(rows))
    sizes = np.diff(np.append(starts, len(rows)))
    first = rows[starts]
    suspects = links.roles(first) == _SUSPECT
    offences, which = np.unique(links.key[first[suspects]], return_inverse=True)
    count = np.bincount(which)
    least = np.full(len(offences), np.iinfo(np.int64).max)
    np.minimum.at(least, which, sizes[suspects])
    most = np.zeros(len(offences), dtype=np.int64)
    np.maximum.at(most, which, sizes[suspects])
    multiplied = offences[(count > 1) & (least == most) & (most > 1)]
    return duplicates[np.isin(links.key[duplicates], multiplied)]


def _contradicting(links: Links, rows: Ints, value: npt.NDArray[np.int32]) -> Ints:
    key = links.key
    groups = rows[np.argsort(key[rows], kind="stable")]
    if not len(groups):
        return groups
    starts = _starts(key[groups][1:] == key[groups][:-1], len(groups))
    sizes = np.diff(np.append(starts, len(groups)))
    held = value[groups]
    several = np.maximum.reduceat(held, starts) != np.minimum.reduceat(held, starts)
    found: set[int] = set()
    for start, size in zip(starts[several].tolist(), sizes[several].tolist(), strict=True):
        mine = groups[start : start + size]
        begin = links.known_from[mine].astype(np.int64)
        end = links.known_to[mine].astype(np.int64)
        found.update(mine[_clashing(begin, end, value[mine])].tolist())
    return np.array(sorted(found), dtype=np.int64)


def _clashing(begin: Ints, end: Ints, value: npt.NDArray[np.int32]) -> list[int]:
    """Places of intervals that overlap one of another value: a sweep forward and one back."""
    order = np.argsort(begin, kind="stable").tolist()
    starts, ends, values = begin.tolist(), end.tolist(), value.tolist()
    clashing = []
    longest: dict[int, int] = {}
    for place in order:
        mine = values[place]
        if any(until > starts[place] for held, until in longest.items() if held != mine):
            clashing.append(place)
        longest[mine] = max(longest.get(mine, ends[place]), ends[place])
        if len(longest) > 2:
            kept = sorted(longest.items(), key=lambda pair: -pair[1])[:2]
            longest = dict(kept)
    following: tuple[int, int] | None = None
    beyond: int | None = None
    for place in reversed(order):
        mine = values[place]
        unlike = beyond
        if following is not None and following[1] != mine:
            unlike = beyond = following[0]
        if unlike is not None and unlike < ends[place]:
            clashing.append(place)
        following = (starts[place], mine)
    return clashing


def _both_roles(links: Links, rows: Ints) -> Ints:
    key, offender = links.key, links.offender
    rows = rows[links.roles(rows) != _OTHER]
    if not len(rows):
        return rows
    keys: list[npt.NDArray[Any]] = [offender[rows], key[rows]]
    rows = rows[np.lexsort(keys)]
    same = (key[rows][1:] == key[rows][:-1]) & (offender[rows][1:] == offender[rows][:-1])
    starts = _starts(same, len(rows))
    roles = links.roles(rows)
    mixed = np.maximum.reduceat(roles, starts) != np.minimum.reduceat(roles, starts)
    sizes = np.diff(np.append(starts, len(rows)))
    return np.sort(rows[np.repeat(mixed, sizes)])


def _victims_elsewhere(links: Links) -> Ints:
    roles = _roles(links.types)
    if not (roles == _VICTIM).any():
        return np.zeros(0, dtype=np.int64)
    victims = np.flatnonzero((roles == _VICTIM)[links.kind])
    suspected = np.zeros(int(links.offender.max()) + 1, dtype=bool)
    suspected[links.offender[(roles == _SUSPECT)[links.kind]]] = True
    return victims[suspected[links.offender[victims]]]
