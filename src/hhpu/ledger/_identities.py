"""Records that are one person: a dated map, applied when a ledger is scored, and reversible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import Identity
from hhpu.errors import InputRefused
from hhpu.ledger._people import match_people
from hhpu.tables import FOREVER, IDENTITIES, NO_DAY, Checked, Days, Tabular, Texts, check

if TYPE_CHECKING:
    from hhpu.ledger._ledger import Ledger

__all__ = ["as_persons"]

Places = npt.NDArray[np.int32]


def as_persons(ledger: Ledger, identities: Tabular[Identity] | Checked, day: int) -> Ledger:
    """Give every link to the person whose record it stands under, as known on a day."""
    table = identities
    if not isinstance(table, Checked):
        table = check(table, contract=IDENTITIES)
    records, persons = table.coded("offender_id"), table.coded("person_id")
    if records is None or persons is None:
        message = "identities take a table with offender_id, person_id and known_from"
        raise InputRefused(message)
    people = ledger.people
    strangers = persons.values.take(np.flatnonzero(match_people(persons.values, people) < 0))
    if len(strangers):
        people = Texts.joined([people, strangers.take(strangers.order())])
    known = _held(table, "known_from", NO_DAY) <= day
    known &= _held(table, "known_to", FOREVER) > day
    known &= (records.codes >= 0) & (persons.codes >= 0)
    rows = np.flatnonzero(known)
    record = match_people(records.values, people)[records.codes[rows]]
    person = match_people(persons.values, people)[persons.codes[rows]]
    there = record >= 0
    person_of = _followed(record[there], person[there], len(people))
    born = None if ledger.born is None else _births(ledger.born, person_of)
    return attrs.evolve(
        ledger,
        people=people,
        born=born,
        offender=person_of[ledger.offender],
        persons=person_of,
    )


def _held(table: Checked, name: str, empty: int) -> Days:
    days = table.days(name)
    if days is None:
        return np.full(len(table), empty, dtype=np.int32)
    return np.where(days == NO_DAY, np.int32(empty), days)


def _followed(record: npt.NDArray[np.int64], person: npt.NDArray[np.int64], size: int) -> Places:
    """Follow each record to the person at the end of its chain."""
    pairs = np.unique(np.stack([record, person], axis=1), axis=0)
    twice = int((np.diff(pairs[:, 0]) == 0).sum()) if len(pairs) else 0
    if twice:
        message = (
            f"{twice} records are given to two persons at once: close the earlier row (known_to), "
            "or remove one"
        )
        raise InputRefused(message)
    given = np.arange(size, dtype=np.int32)
    if len(pairs):
        given[pairs[:, 0]] = pairs[:, 1]
    found = given
    for _ in range(size.bit_length() + 1):
        found = found[found]
    if np.array_equal(given[found], found):
        return found
    message = "the identities go round in a circle: a record is given to one that is given to it"
    raise InputRefused(message)


def _births(born: Days, person_of: Places) -> Days:
    """The date of birth on which all records of a person agree that have one."""
    size = len(person_of)
    given = np.flatnonzero(born != NO_DAY)
    earliest = np.full(size, np.iinfo(np.int32).max, dtype=np.int32)
    latest = np.full(size, NO_DAY, dtype=np.int32)
    np.minimum.at(earliest, person_of[given], born[given])
    np.maximum.at(latest, person_of[given], born[given])
    return np.where(earliest == latest, earliest, np.int32(NO_DAY)).astype(np.int32)
