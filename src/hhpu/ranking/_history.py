"""The history of everybody at a date: all that a ranking method may see."""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.indices import Compiled
from hhpu.ledger import Ledger
from hhpu.ranking._fates import status_percentages

__all__ = ["History", "history_from", "values_of"]

Ints = npt.NDArray[np.int64]


@attrs.frozen(eq=False, repr=False, kw_only=True)
class History:
    """The counted offences at a date, person by person.

    Nothing that became known later, and nothing of the people but their offences, is in it.

    Parameters
    ----------
    as_of : int
        Day number; the end of that day.
    people : numpy.ndarray of int64
        Everybody with at least one counted offence, as places in the ledger's people, ascending.
    person : numpy.ndarray of int32
        The place in ``people`` of each counted offence.
    age : numpy.ndarray of int64
        Whole days from its placing date to ``as_of``.
    harm : numpy.ndarray of int64
        Its weight times the percentage of its status, over ``denominator``.
    denominator : int
        What ``harm`` is divided by to be in the index's unit.
    """

    as_of: int
    people: Ints
    person: npt.NDArray[np.int32]
    age: Ints
    harm: Ints
    denominator: int

    def __len__(self) -> int:
        return len(self.people)

    def __repr__(self) -> str:
        return f"History({len(self.people)} people, {len(self.person)} offences)"


def values_of(ledger: Ledger, compiled: Compiled, rows: Ints) -> Ints:
    """The harm of rows: weight times percentage of the status."""
    percent = status_percentages(compiled.definition)
    table = (compiled.weight[:, None] * percent[None, :]).ravel()
    found: Ints = table.take(ledger.kind[rows] * np.int32(len(percent)) + ledger.status[rows])
    return found


def history_from(ledger: Ledger, compiled: Compiled, as_of: int, rows: Ints) -> History:
    """The history that counted ledger rows are."""
    persons = ledger.offender[rows]
    people = np.flatnonzero(np.bincount(persons, minlength=len(ledger.people)))
    place = np.zeros(len(ledger.people), dtype=np.int32)
    place[people] = np.arange(len(people), dtype=np.int32)
    return History(
        as_of=as_of,
        people=people,
        person=place[persons],
        age=as_of - ledger.day[rows].astype(np.int64),
        harm=values_of(ledger, compiled, rows),
        denominator=compiled.definition.bound_index.scale * 100,
    )
