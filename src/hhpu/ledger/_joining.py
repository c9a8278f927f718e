"""Ledgers put together: one numbering of people and types for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError
from hhpu.ledger._people import match_people
from hhpu.ledger._types import Types
from hhpu.ledger._unusable import Unusable
from hhpu.tables import NO_DAY, Days, Texts

if TYPE_CHECKING:
    from hhpu.ledger._ledger import Ledger

__all__ = ["joined"]


def joined(parts: list[Ledger], *, of: type[Ledger]) -> Ledger:
    """Add ledgers; one is given back as it is.

    Raises
    ------
    ArgumentError
        If there are none, or they were not encoded alike.
    """
    if not parts or not all(isinstance(part, of) for part in parts):
        message = "concat takes ledgers, at least one"
        raise ArgumentError(message)
    if len(parts) > 1 and any(part.extracts for part in parts):
        message = "a ledger that takes extracts is not added to another: update() takes the next"
        raise ArgumentError(message)
    first = parts[0]
    for other in parts[1:]:
        settings = ("date", "notation", "criminal_age")
        unlike = [s for s in settings if getattr(first, s) != getattr(other, s)]
        if set(first.types.columns) != set(other.types.columns):
            unlike.append("classify")
        if (first.born is None) != (other.born is None):
            unlike.append("people")
        if unlike:
            message = f"the ledgers were not encoded alike: they differ in {', '.join(unlike)}"
            raise ArgumentError(message)
    if len(parts) == 1:
        return first
    people, renamed = _people([part.people for part in parts])
    types, retyped = _types([part.types for part in parts])
    born = _births(parts, renamed, len(people))
    sides = [side for part in parts for side in part.parts]
    return of(
        people=people,
        born=born,
        types=types,
        offender=np.concatenate(
            [names[p.offender] for p, names in zip(parts, renamed, strict=True)]
        ),
        kind=np.concatenate([kinds[p.kind] for p, kinds in zip(parts, retyped, strict=True)]),
        day=np.concatenate([part.day for part in parts]),
        known_from=np.concatenate([part.known_from for part in parts]),
        known_to=np.concatenate([part.known_to for part in parts]),
        status=np.concatenate([part.status for part in parts]),
        key=np.concatenate([part.key for part in parts]),
        mask=np.concatenate([part.mask for part in parts]),
        delay=np.concatenate([part.delay for part in parts]),
        date=first.date,
        notation=first.notation,
        criminal_age=first.criminal_age,
        parts=tuple(attrs.evolve(side, number=i) for i, side in enumerate(sides)),
        unusable=Unusable.joined([part.unusable for part in parts]),
    )


def _births(
    parts: Sequence[Ledger], renamed: list[npt.NDArray[np.int32]], size: int
) -> Days | None:
    """The dates of birth of everybody; ledgers that differ in one are refused."""
    if parts[0].born is None:
        return None
    born = np.full(size, NO_DAY, dtype=np.int32)
    seen = np.zeros(size, dtype=bool)
    for part, names in zip(parts, renamed, strict=True):
        mine = np.full(size, NO_DAY, dtype=np.int32)
        mine[names] = NO_DAY if part.born is None else part.born
        again = np.zeros(size, dtype=bool)
        again[names] = True
        if (born != mine)[seen & again].any():
            message = (
                "the ledgers were encoded with people tables that differ in dates of birth: give "
                "every part the same people table"
            )
            raise ArgumentError(message)
        born[names] = mine[names]
        seen |= again
    return born


def _people(parts: Sequence[Texts]) -> tuple[Texts, list[npt.NDArray[np.int32]]]:
    """Everybody once, and the new place of each ledger's people."""
    joined = parts[0]
    renamed = [np.arange(len(joined), dtype=np.int32)]
    for part in parts[1:]:
        at = match_people(part, joined)
        new = np.flatnonzero(at < 0)
        at[new] = len(joined) + np.arange(len(new))
        renamed.append(at.astype(np.int32))
        if len(new):
            joined = Texts.joined([joined, part.take(new).compact()])
    return joined, renamed


def _types(parts: Sequence[Types]) -> tuple[Types, list[npt.NDArray[np.int32]]]:
    """Every type once, and the new place of each ledger's types."""
    names = sorted(parts[0].columns)
    places: dict[tuple[str | None, ...], int] = {}
    retyped = [
        np.array([places.setdefault(row, len(places)) for row in part.rows], dtype=np.int32)
        for part in parts
    ]
    columns = {name: tuple(row[i] for row in places) for i, name in enumerate(names)}
    return Types(columns=columns), retyped
