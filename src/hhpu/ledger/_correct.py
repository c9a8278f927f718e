"""A ledger as it would have been, had records been right from the beginning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import Correction, Wrong
from hhpu.ledger._ledger import BELOW_AGE, NO_DELAY, Ledger
from hhpu.ledger._people import birthdays, born_of, match_people
from hhpu.ledger._types import Types
from hhpu.tables import FOREVER, NO_DAY, STATUS_CODES, Checked, Texts, day_number, keys_of_texts

__all__ = ["corrected", "versions_of"]

Ints = npt.NDArray[np.int64]
_CLASSIFYING: Final = (
    "code", "domestic_abuse", "hate", "child_abuse", "child_victim", "detection",
)  # fmt: skip


def versions_of(ledger: Ledger, links: Iterable[tuple[str, str]]) -> list[tuple[Ints, bool]]:
    """Find every version of some links.

    Parameters
    ----------
    ledger : Ledger
        The ledger, its records not joined to persons.
    links : iterable of (str, str)
        Offence id and offender id of each.

    Returns
    -------
    list of (numpy.ndarray of int64, bool)
        For each link its rows, ascending, and whether the offence is there at all.
    """
    pairs = list(links)
    keys = keys_of_texts([offence for offence, _ in pairs])
    people = match_people(Texts.of([person for _, person in pairs]), ledger.people)
    rows = np.flatnonzero(np.isin(ledger.key, keys))
    texts = np.array([*ledger.offence_ids(rows), ""], dtype=object)[:-1]
    found = []
    for (offence, _), person in zip(pairs, people.tolist(), strict=True):
        mine = rows[texts == offence]
        found.append((mine[ledger.offender[mine] == person], bool(len(mine))))
    return found


def corrected(
    ledger: Ledger,
    corrections: Sequence[Correction],
    rows: Sequence[Ints],
    *,
    people: Checked | None = None,
) -> Ledger:
    """Correct every version of some links, whenever it was known.

    The rows stay in their places. A link that is withdrawn is never known; one that is another
    person's is theirs, whether they were in the ledger before or not; a value that was wrong is
    right in each version that had one, and what was not known then stays unknown.

    Parameters
    ----------
    ledger : Ledger
        The ledger; it stays as it is.
    corrections : sequence of Correction
        At most one for each link.
    rows : sequence of numpy.ndarray of int64
        The versions of the link of each, as `versions_of` finds them.
    people : Checked, optional
        The people table, for the dates of birth of right persons who are not in the ledger.
    """
    columns: dict[str, Any] = {
        name: getattr(ledger, name).copy()
        for name in ("offender", "kind", "day", "known_from", "status", "mask", "delay")
    }
    everybody, born = _with_people(ledger, corrections, people)
    right_people = match_people(
        Texts.of([correction.to_offender_id or "" for correction in corrections]), everybody
    )
    places = {row: place for place, row in enumerate(ledger.types.rows)}
    for correction, mine, person in zip(corrections, rows, right_people.tolist(), strict=True):
        if correction.what is Wrong.CORRECTED:
            _replace(ledger, columns, correction, mine, places)
            changed_age = ledger.date == "committed_on" and correction.day is not None
        elif correction.to_offender_id is None:
            columns["known_from"][mine] = FOREVER
            changed_age = False
        else:
            columns["offender"][mine] = person
            changed_age = True
        if changed_age and born is not None:
            of_age = birthdays(born[columns["offender"][mine]], ledger.criminal_age)
            below = (of_age != NO_DAY) & (columns["day"][mine] < of_age)
            columns["mask"][mine] = np.where(below, BELOW_AGE, 0)
    names = sorted(ledger.types.columns)
    return attrs.evolve(
        ledger,
        people=everybody,
        born=born,
        types=Types(columns={n: tuple(row[i] for row in places) for i, n in enumerate(names)}),
        **columns,
    )


def _with_people(
    ledger: Ledger, corrections: Sequence[Correction], table: Checked | None
) -> tuple[Texts, Any]:
    """The people of the ledger, and behind them the right ones who are not there yet."""
    named = sorted({c.to_offender_id for c in corrections if c.to_offender_id is not None})
    people, born = ledger.people, ledger.born
    new = np.flatnonzero(match_people(Texts.of(named), people) < 0)
    if len(new):
        strangers = Texts.of(named).take(new)
        people = Texts.joined([people, strangers])
        if born is not None:
            unknown = np.full(len(new), NO_DAY, dtype=np.int32)
            born = np.concatenate([born, unknown if table is None else born_of(strangers, table)])
    return people, born


def _replace(
    ledger: Ledger,
    columns: dict[str, Any],
    correction: Correction,
    rows: Ints,
    places: dict[tuple[str | None, ...], int],
) -> None:
    right = {
        name: _word(getattr(correction, name))
        for name in _CLASSIFYING
        if getattr(correction, name) is not None
    }
    if right:
        names = sorted(ledger.types.columns)
        for row in rows.tolist():
            held = ledger.types.rows[int(ledger.kind[row])]
            new = tuple(right.get(n, cell) for n, cell in zip(names, held, strict=True))
            columns["kind"][row] = places.setdefault(new, len(places))
    if correction.status is not None:
        given = rows[ledger.status[rows] != 0]
        columns["status"][given if len(given) else rows] = STATUS_CODES[correction.status]
    if correction.day is not None:
        day = day_number(correction.day)
        delay = ledger.delay[rows].astype(np.int64) + ledger.day[rows] - day
        farthest = -NO_DELAY - 1
        columns["delay"][rows] = np.where(
            ledger.delay[rows] == NO_DELAY, NO_DELAY, np.clip(delay, -farthest, farthest)
        )
        columns["day"][rows] = day


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
