"""Ledgers put together: one numbering of people and types for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError
from hhpu.ledger._people import match_people
from hhpu.ledger._types import Types
from hhpu.tables import NO_DAY, Days, Texts

if TYPE_CHECKING:
    from hhpu.ledger._ledger import Ledger

__all__ = ["join_births", "join_people", "join_types"]


def join_births(
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


def join_people(parts: Sequence[Texts]) -> tuple[Texts, list[npt.NDArray[np.int32]]]:
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


def join_types(parts: Sequence[Types]) -> tuple[Types, list[npt.NDArray[np.int32]]]:
    """Every type once, and the new place of each ledger's types."""
    names = sorted(parts[0].columns)
    places: dict[tuple[str | None, ...], int] = {}
    retyped = [
        np.array([places.setdefault(row, len(places)) for row in part.rows], dtype=np.int32)
        for part in parts
    ]
    columns = {name: tuple(row[i] for row in places) for i, name in enumerate(names)}
    return Types(columns=columns), retyped
