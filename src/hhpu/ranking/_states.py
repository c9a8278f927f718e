"""States of people over time: one reading of the table of spells, for whatever asks of it."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import PersonState
from hhpu.ledger import Ledger, match_people
from hhpu.tables import FOREVER, NO_DAY, SPELLS, Checked, Coded, Days, check

__all__ = ["States", "read_states"]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@attrs.frozen(eq=False, repr=False)
class States:
    """The spells of the people of a ledger.

    Parameters
    ----------
    table : Checked
        The table that was read.
    person : numpy.ndarray of int64
        Whose each spell is, as a place in the ledger's people and under its identities; -1 for
        somebody who is not there.
    state : Coded
        The state.
    starts, ends : numpy.ndarray of int32
        A spell holds on ``[starts, ends)``.
    known_from, known_to : numpy.ndarray of int32
        It is known on ``[known_from, known_to)``; ``known_from`` falls back to ``starts``.
    """

    table: Checked
    person: Ints
    state: Coded
    starts: Days
    ends: Days
    known_from: Days
    known_to: Days

    def __len__(self) -> int:
        return len(self.person)

    def __repr__(self) -> str:
        return f"States({len(self)} spells)"

    def known_on(self, day: int) -> Mask:
        """Which spells were known on a day."""
        return (self.known_from <= day) & (self.known_to > day)

    def of(self, state: PersonState) -> Mask:
        """Which spells are of a state."""
        among = [value == state for value in self.state.values.tolist()]
        return np.array([*among, False], dtype=bool)[self.state.codes]


def read_states(ledger: Ledger, spells: Any) -> States | None:
    """Read a table of spells against the people of a ledger.

    Parameters
    ----------
    ledger : Ledger
        The people, and the persons whom their records are.
    spells : dataframe, path, iterable of Spell, or Checked
        The table.

    Returns
    -------
    States or None
        None for a table checked under another contract, which has no states.
    """
    table = spells if isinstance(spells, Checked) else check(spells, contract=SPELLS)
    named, state = table.coded("offender_id"), table.coded("state")
    starts = table.days("starts_on")
    if named is None or state is None or starts is None:
        return None
    person = match_people(named.values, ledger.people)[named.codes]
    if ledger.persons is not None:
        person = np.where(person >= 0, ledger.persons[person], person)
    known_from = _or_empty(table, "known_from", NO_DAY)
    return States(
        table=table,
        person=person,
        state=state,
        starts=starts,
        ends=_or_empty(table, "ends_on", FOREVER),
        known_from=np.where(known_from == NO_DAY, starts, known_from),
        known_to=_or_empty(table, "known_to", FOREVER),
    )


def _or_empty(table: Checked, name: str, empty: int) -> Days:
    column = table.days(name)
    if column is None:
        return np.full(len(table), empty, dtype=np.int32)
    return np.where(column == NO_DAY, np.int32(empty), column)
