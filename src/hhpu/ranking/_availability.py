"""Availability: what stands beside a rank and never inside a score."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import PersonState, Spell
from hhpu.ledger import Ledger, birthdays
from hhpu.ranking._states import States, read_states
from hhpu.tables import NO_DAY, Checked, Tabular

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
    states = None if spells is None else read_states(ledger, spells)
    if states is not None:
        strangers = len(states) > 0 and not (states.person >= 0).any()
        for person, reason in _reasons(states, as_of):
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


def _reasons(states: States, as_of: int) -> list[tuple[int, str]]:
    holds = (states.starts <= as_of) & (states.ends > as_of) & states.known_on(as_of)
    words = [_WORDS[PersonState(value)] for value in states.state.values.tolist()]
    found = []
    for row in np.flatnonzero(holds & (states.person >= 0)).tolist():
        word = words[states.state.codes[row]]
        details = [
            column.values[column.codes[row]]
            for column in (
                states.table.coded("management_type"),
                states.table.coded("entry_route"),
            )
            if column is not None and column.codes[row] >= 0
        ]
        if details and word == _WORDS[PersonState.MANAGED]:
            word = f"{word} ({', by '.join(details)})"
        found.append((int(states.person[row]), word))
    return found
