"""The fate of every ledger row at a date, and the rows that count."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from hhpu.blocks import in_blocks
from hhpu.indices import UNKNOWN_STATUS, Compiled, HarmDefinition
from hhpu.ledger import UNREADABLE_STATUS, Ledger, counts_on
from hhpu.tables import STATUS_CODES

__all__ = ["UNSCORED", "Fate", "counted_rows", "non_recent", "row_fates", "status_percentages"]

Ints = npt.NDArray[np.int64]
_BLOCK: Final = 1 << 18
_STATUS_NAMES: Final = (UNKNOWN_STATUS, *STATUS_CODES)


class Fate(IntEnum):
    """What became of a ledger row at a date: exactly one for each row."""

    COUNTED = 0
    BELOW_AGE = 1
    DUPLICATE = 2
    NOT_YET_KNOWN = 3
    SUPERSEDED = 4
    OUTSIDE_WINDOW = 5
    OTHER_ROLE = 6
    STATUS_ZERO = 7
    UNREADABLE_STATUS = 8
    UNMAPPED = 9
    INTERVAL_ONLY = 10
    OUT_OF_DEFINITION = 11
    APART = 12
    UNREADABLE_ROLE = 13

    @property
    def label(self) -> str:
        """The fate in words."""
        return _FATES[self]


_FATES: Final[Mapping[Fate, str]] = MappingProxyType(
    {
        Fate.COUNTED: "counted",
        Fate.BELOW_AGE: "committed below the age of criminal responsibility",
        Fate.DUPLICATE: "duplicate",
        Fate.NOT_YET_KNOWN: "not yet known",
        Fate.SUPERSEDED: "superseded",
        Fate.OUTSIDE_WINDOW: "outside the window",
        Fate.OTHER_ROLE: "not a suspect or offender",
        Fate.STATUS_ZERO: "status worth 0",
        Fate.UNREADABLE_STATUS: "unreadable status",
        Fate.UNMAPPED: "unmapped",
        Fate.INTERVAL_ONLY: "interval without a point weight",
        Fate.OUT_OF_DEFINITION: "out of definition",
        Fate.APART: "in a series kept apart",
        Fate.UNREADABLE_ROLE: "unreadable role",
    }
)

_OF_TYPE: Final = np.array(
    [
        Fate.COUNTED,
        Fate.OTHER_ROLE,
        Fate.OUT_OF_DEFINITION,
        Fate.UNMAPPED,
        Fate.INTERVAL_ONLY,
        Fate.APART,
        Fate.UNREADABLE_ROLE,
    ],
    dtype=np.int8,
)
UNSCORED: Final = (
    Fate.UNMAPPED,
    Fate.INTERVAL_ONLY,
    Fate.UNREADABLE_STATUS,
    Fate.UNREADABLE_ROLE,
)


def status_percentages(definition: HarmDefinition) -> Ints:
    """The percentage of each status by its place in a ledger; an unreadable one is 0."""
    percentages = definition.percentages()
    return np.array([*(percentages[name] for name in _STATUS_NAMES), 0], dtype=np.int64)


def non_recent(ledger: Ledger, rows: Ints, after: int | None) -> npt.NDArray[np.bool_]:
    """Whether rows were recorded more than so many days after their placing date."""
    if after is None:
        return np.zeros(len(rows), dtype=bool)
    late: npt.NDArray[np.bool_] = ledger.delay[rows] > after
    return late


def row_fates(ledger: Ledger, compiled: Compiled, as_of: int) -> npt.NDArray[np.int8]:
    """Give every ledger row exactly one fate at a date; earlier tests win."""
    definition = compiled.definition
    fates = _OF_TYPE[compiled.fate][ledger.kind]
    if "non-recent" in definition.apart:
        late = non_recent(ledger, np.arange(len(ledger)), definition.non_recent_after)
        fates[late & (fates == Fate.COUNTED)] = Fate.APART
    weightless = status_percentages(definition)[ledger.status] == 0
    suspected = (fates != Fate.OTHER_ROLE) & (fates != Fate.UNREADABLE_ROLE)
    fates[weightless & suspected] = Fate.STATUS_ZERO
    fates[(ledger.status == UNREADABLE_STATUS) & suspected] = Fate.UNREADABLE_STATUS
    outside = ledger.day > as_of
    if definition.window is not None:
        outside |= ledger.day <= as_of - definition.window
    fates[outside] = Fate.OUTSIDE_WINDOW
    fates[ledger.known_to <= as_of] = Fate.SUPERSEDED
    fates[ledger.known_from > as_of] = Fate.NOT_YET_KNOWN
    fates[ledger.duplicates_on(as_of)] = Fate.DUPLICATE
    fates[ledger.mask != 0] = Fate.BELOW_AGE
    fates.flags.writeable = False
    return fates


def scored_by_type(compiled: Compiled) -> npt.NDArray[np.bool_]:
    """Whether a row scores, by its type and status; dates, age and duplicates apart."""
    scored: npt.NDArray[np.bool_] = (_OF_TYPE[compiled.fate] == Fate.COUNTED)[:, None] & (
        status_percentages(compiled.definition) > 0
    )[None, :]
    return scored


def counted_rows(ledger: Ledger, compiled: Compiled, t: int) -> Ints:
    """The ledger rows that count at a date: those whose fate is `Fate.COUNTED`."""
    definition = compiled.definition
    after = None if definition.window is None else -definition.window
    table = scored_by_type(compiled)
    every, scored, statuses = bool(table.all()), table.ravel(), np.int32(table.shape[1])
    duplicates = np.sort(ledger.duplicates_on(t))

    def find(block: slice) -> Ints:
        counts = counts_on(
            ledger.day[block], ledger.known_from[block], ledger.known_to[block],
            t=t, after=after, upto=0,
        )  # fmt: skip
        counts &= ledger.mask[block] == 0
        first, last = np.searchsorted(duplicates, (block.start, block.stop))
        counts[duplicates[first:last] - block.start] = False
        rows = np.flatnonzero(counts)
        if not every:
            place = ledger.kind[block][rows] * statuses + ledger.status[block][rows]
            rows = rows[scored.take(place)]
        found: Ints = rows + block.start
        return found

    rows = np.concatenate(
        [np.zeros(0, dtype=np.int64), *in_blocks(find, len(ledger), block=_BLOCK)]
    )
    if "non-recent" in definition.apart:
        rows = rows[~non_recent(ledger, rows, definition.non_recent_after)]
    return rows
