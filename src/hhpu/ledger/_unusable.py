"""Links that stand in an extract in a row that cannot be used: there, and not removed."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.tables import FOREVER, NO_DAY, Days

__all__ = ["Unusable"]

Keys = npt.NDArray[np.uint64]


@attrs.frozen(eq=False, kw_only=True)
class Unusable:
    """Links whose rows cannot be used though person and offence can be read, by their digests.

    Parameters
    ----------
    person, offence : numpy.ndarray of uint64
        Digests of the offender id and of the offence id, in order.
    known_from, known_to : numpy.ndarray of int32
        First day on which an extract showed it so, and first day on which one no longer did.
    """

    person: Keys
    offence: Keys
    known_from: Days
    known_to: Days

    def __attrs_post_init__(self) -> None:
        for array in (self.person, self.offence, self.known_from, self.known_to):
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.person)

    @classmethod
    def of(cls, pairs: Keys) -> Unusable:
        """Take pairs of digests as they came, whenever they were known."""
        size = len(pairs)
        return cls(
            person=pairs[:, 0].copy(),
            offence=pairs[:, 1].copy(),
            known_from=np.full(size, NO_DAY, dtype=np.int32),
            known_to=np.full(size, FOREVER, dtype=np.int32),
        )

    @classmethod
    def joined(cls, parts: Sequence[Unusable]) -> Unusable:
        """Put the links of several ledgers together, each version once."""
        names = [field.name for field in attrs.fields(cls)]
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        order = np.lexsort([columns[name] for name in reversed(names)])
        columns = {name: column[order] for name, column in columns.items()}
        like = np.logical_and.reduce([c[1:] == c[:-1] for c in columns.values()])
        new = np.concatenate([np.ones(min(len(order), 1), dtype=bool), ~like])
        return cls(**{name: column[new] for name, column in columns.items()})

    @property
    def pairs(self) -> Keys:
        """The digests, a row for each link."""
        return np.stack([self.person, self.offence], axis=1)

    def take(self, which: npt.NDArray[np.bool_]) -> Unusable:
        """Keep some."""
        fields = attrs.fields(type(self))
        return Unusable(**{field.name: getattr(self, field.name)[which] for field in fields})

    def begun(self, day: int) -> Unusable:
        """Take them as those of the first extract."""
        return attrs.evolve(self, known_from=np.full(len(self), day, dtype=np.int32))

    def updated(self, fresh: Unusable, day: int) -> Unusable:
        """Close what the next extract does not show so any more, open what is new in it."""
        both = np.concatenate([self.pairs, fresh.pairs])
        _, number = np.unique(both, axis=0, return_inverse=True)
        number = number.reshape(-1)
        mine, theirs = number[: len(self)], number[len(self) :]
        is_open = self.known_to == FOREVER
        ends = is_open & ~np.isin(mine, theirs)
        held = attrs.evolve(self, known_to=np.where(ends, np.int32(day), self.known_to))
        return Unusable.joined([held, fresh.take(~np.isin(theirs, mine[is_open])).begun(day)])

    def back_to(self, day: int) -> Unusable:
        """Give them as they were after the extract of a day."""
        held = self.take(self.known_from <= day)
        ends = np.where(held.known_to > day, np.int32(FOREVER), held.known_to)
        return attrs.evolve(held, known_to=ends)

    def known_on(self, day: int) -> Unusable:
        """Give those in force on a day."""
        return self.take((self.known_from <= day) & (self.known_to > day)).back_to(day)
