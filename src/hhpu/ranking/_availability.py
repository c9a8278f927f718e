"""Availability: what stands beside a rank and never inside a score."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import PersonState, Spell
from hhpu.ledger import Ledger, birthdays, match_people
from hhpu.tables import FOREVER, NO_DAY, SPELLS, Checked, Coded, Tabular, check

__all__ = ["Availability", "availability_on"]

_ADULT: Final = 18
_WORDS: Final = {
    PersonState.DECEASED: "deceased",
    PersonState.IN_CUSTODY: "in custody",
    PersonState.MOVED_OUT: "moved out",
    PersonState.MANAGED: "already managed",
}


@attrs.frozen(eq=False)
class Availability:
    """Who is available to the unit at a date, and why not.

    Parameters
    ----------
    reasons : mapping of int to tuple of str
        For each person that is not plainly available, as a place in the ledger's people: why.
    spells_checked : bool
        Whether a table of states was given.
    ages_checked : bool
        Whether dates of birth were given.
    strangers : bool
        Whether the table of states holds rows, and nobody who is in the offences.
    unborn : numpy.ndarray of bool
        People without a date of birth, in the order of the ledger's people.
    """

    reasons: dict[int, tuple[str, ...]]
    spells_checked: bool
    ages_checked: bool
    strangers: bool
    unborn: npt.NDArray[np.bool_]

    def word(self, person: int) -> str:
        """``no``, ``yes``, or ``unchecked`` where there was nothing to check by."""
        if person in self.reasons:
            return "no"
        return "yes" if self.spells_checked else "unchecked"

    def why(self, person: int) -> str:
        """The reasons in words, and what could not be checked."""
        reasons = list(self.reasons.get(person, ()))
        if self.ages_checked and self.unborn[person]:
            reasons.append("age unchecked")
        return "; ".join(reasons)


def availability_on(
    ledger: Ledger, as_of: int, spells: Tabular[Spell] | Checked | None = None
) -> Availability:
    """Judge availability at a date from states known then and ages.

    Parameters
    ----------
    ledger : Ledger
        The people.
    as_of : int
        Day number.
    spells : dataframe, path, iterable of Spell, or Checked, optional
        The states. A spell holds on ``[starts_on, ends_on)`` and is known on
        ``[known_from, known_to)``, with ``known_from`` falling back to ``starts_on``.

    Returns
    -------
    Availability
        Reasons for each person who is not plainly available.
    """
    reasons: dict[int, list[str]] = {}
    strangers = False
    if spells is not None:
        table = spells if isinstance(spells, Checked) else check(spells, contract=SPELLS)
        named = table.coded("offender_id")
        if named is not None and len(table):
            strangers = not (match_people(named.values, ledger.people) >= 0).any()
        for person, reason in _states(ledger, as_of, table):
            held = reasons.setdefault(person, [])
            if reason not in held:
                held.append(reason)
    unborn = np.ones(len(ledger.people), dtype=bool)
    if ledger.born is not None:
        unborn = ledger.born == NO_DAY
        adult = birthdays(ledger.born, _ADULT)
        for person in np.flatnonzero((adult != NO_DAY) & (adult > as_of)).tolist():
            reasons.setdefault(person, []).append("under 18: available to a youth route only")
    return Availability(
        reasons={person: tuple(sorted(found)) for person, found in reasons.items()},
        spells_checked=spells is not None,
        ages_checked=ledger.born is not None,
        strangers=strangers,
        unborn=unborn,
    )


def _states(ledger: Ledger, as_of: int, table: Checked) -> list[tuple[int, str]]:
    named, state = table.columns["offender_id"], table.columns["state"]
    starts = table.days("starts_on")
    if not isinstance(named, Coded) or not isinstance(state, Coded) or starts is None:
        return []
    size = len(table)
    ends = _or_default(table, "ends_on", np.full(size, NO_DAY, dtype=np.int32), FOREVER)
    known_from = _or_default(table, "known_from", starts, None)
    known_to = _or_default(table, "known_to", np.full(size, NO_DAY, dtype=np.int32), FOREVER)
    if known_from is starts:
        fallen = known_from
    else:
        fallen = np.where(known_from == NO_DAY, starts, known_from)
    holds = (starts <= as_of) & (ends > as_of) & (fallen <= as_of) & (known_to > as_of)
    person = match_people(named.values, ledger.people)[named.codes]
    if ledger.persons is not None:
        person = np.where(person >= 0, ledger.persons[person], person)
    found = []
    for row in np.flatnonzero(holds & (person >= 0)).tolist():
        word = _WORDS[PersonState(state.values[state.codes[row]])]
        details = [
            column.values[column.codes[row]]
            for column in (table.coded("management_type"), table.coded("entry_route"))
            if column is not None and column.codes[row] >= 0
        ]
        if details and word == _WORDS[PersonState.MANAGED]:
            word = f"{word} ({', by '.join(details)})"
        found.append((int(person[row]), word))
    return found


def _or_default(
    table: Checked, name: str, default: npt.NDArray[np.int32], empty: int | None
) -> npt.NDArray[np.int32]:
    column = table.days(name)
    column = default if column is None else column
    return column if empty is None else np.where(column == NO_DAY, np.int32(empty), column)
