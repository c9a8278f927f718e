"""The ledger: the offence table encoded once, from which everything is computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import Identity
from hhpu.errors import ArgumentError, InputRefused, expect
from hhpu.files import write_whole
from hhpu.ledger._faults import Contested, Links
from hhpu.ledger._file import dump, parse, read
from hhpu.ledger._history import (
    BeliefNames,
    ExtractTaken,
    back_to,
    content_of,
    known_on,
    opened,
    refuse_persons,
    updated,
    without_last,
)
from hhpu.ledger._identities import as_persons
from hhpu.ledger._joining import joined
from hhpu.ledger._problems import problems_of
from hhpu.ledger._types import Types
from hhpu.ledger._unusable import Unusable
from hhpu.provenance import canonical_json, sha256_of
from hhpu.tables import (
    NO_DAY,
    STATUS_CODES,
    Checked,
    Days,
    Identifiers,
    Problems,
    Tabular,
    Texts,
    read_day,
)

__all__ = ["BELOW_AGE", "NO_DELAY", "UNREADABLE_STATUS", "Ledger", "Part"]

UNREADABLE_STATUS: Final = len(STATUS_CODES) + 1
BELOW_AGE: Final = 1
NO_DELAY: Final = -(2**15)


@attrs.frozen(eq=False)
class Part:
    """Where a run of ledger rows came from; outside equality, digest and the byte count.

    Parameters
    ----------
    size : int
        How many ledger rows it gave.
    rows : numpy.ndarray of int32
        The source row of each.
    ids : Identifiers or None
        The offence ids, referred to and not copied.
    problems : Problems
        What the check of this part found.
    split : int
        Rows that became two because their status was known later than the row.
    number : int
        Its place among the parts.
    same : int
        Rows of a later extract that were in the ledger already, and so gave none.
    extract : int or None
        Day of the extract that gave it; None for rows that were loaded, or of no extract.
    """

    size: int
    rows: npt.NDArray[np.int32]
    ids: Identifiers | None
    problems: Problems
    split: int
    number: int = 0
    same: int = 0
    extract: int | None = None


@attrs.frozen(eq=False, repr=False)
class Ledger:
    """Person-offence links as compact integer columns; immutable.

    Two ledgers are equal when they hold the same multiset of rows, whatever the order, the
    chunking or the dataframe library they came from.

    Parameters
    ----------
    people : Texts
        Offender ids.
    born : numpy.ndarray of int32 or None
        Day of birth of each person; None where no people table was given.
    types : Types
        The distinct combinations of classifying columns.
    offender, kind : numpy.ndarray of int32
        Places in ``people`` and ``types``, one for each row.
    day, known_from, known_to : numpy.ndarray of int32
        Placing day, first day known (`NO_DAY` for always), first day no longer known.
    status : numpy.ndarray of int8
        Place of the evidential status, from 1; 0 for none given.
    key : numpy.ndarray of uint64
        Digest of the offence id; 0 for none.
    mask : numpy.ndarray of uint8
        1 where the offence was committed below the age of criminal responsibility.
    delay : numpy.ndarray of int16
        Days from the placing day to the day it was recorded, or known where that is not given; at
        most 32,767, and `NO_DELAY` where neither is.
    date : str
        The placing date.
    notation : str or None
        The declared notation of the codes.
    criminal_age : int
        The age of criminal responsibility.
    parts : tuple of Part
        Where the rows came from.
    extracts : tuple of ExtractTaken
        The full extracts of a source that overwrites, in order; empty where rows carry their own
        versions.
    persons : numpy.ndarray of int32 or None
        The person whom each of ``people`` is, where identities were applied.
    unusable : Unusable
        Links that extracts show in rows that cannot be used; outside equality and digest, as the
        extracts are.
    seen : tuple of datetime.date or None
        First and last extract of the history from which `known_on` took the ledger.
    """

    people: Texts
    born: Days | None
    types: Types
    offender: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int32]
    day: Days
    known_from: Days
    known_to: Days
    status: npt.NDArray[np.int8]
    key: npt.NDArray[np.uint64]
    mask: npt.NDArray[np.uint8]
    delay: npt.NDArray[np.int16]
    date: str
    notation: str | None
    criminal_age: int
    parts: tuple[Part, ...]
    extracts: tuple[ExtractTaken, ...] = ()
    persons: npt.NDArray[np.int32] | None = None
    unusable: Unusable = attrs.field(factory=lambda: Unusable.of(np.zeros((0, 2), dtype=np.uint64)))
    seen: tuple[dt.date, dt.date] | None = None

    def __attrs_post_init__(self) -> None:
        for array in (*self._columns(), self.born, self.persons):
            if array is not None:
                array.flags.writeable = False

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the fields alone: what is computed from them is computed again, and read-only."""
        return type(self), tuple(getattr(self, field.name) for field in attrs.fields(Ledger))

    def _columns(self) -> tuple[npt.NDArray[Any], ...]:
        return (
            self.offender, self.kind, self.day, self.known_from, self.known_to, self.status,
            self.key, self.mask, self.delay,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.offender)

    def __repr__(self) -> str:
        return f"Ledger({len(self)} rows, {len(self.people)} people, {len(self.types)} types)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ledger):
            return NotImplemented
        return self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def bytes_per_row(self) -> int:
        """Bytes that one row takes in the columns."""
        return sum(array.itemsize for array in self._columns())

    @property
    def rows_in(self) -> int:
        """Rows of the sources."""
        return sum(part.problems.rows_in for part in self.parts)

    @property
    def rows_rejected(self) -> int:
        """Rows that the check excluded."""
        return sum(part.problems.rows_excluded for part in self.parts)

    def count_of(self, reason: str) -> int:
        """How many source rows the check of the parts found with a reason."""
        return sum(part.problems.count(reason) for part in self.parts)

    @property
    def rows_split(self) -> int:
        """Rows that became two versions because the status was known later than the row."""
        return sum(part.split for part in self.parts)

    @property
    def rows_same(self) -> int:
        """Rows of later extracts that were in the ledger already."""
        return sum(part.same for part in self.parts)

    @cached_property
    def people_rank(self) -> npt.NDArray[np.int32]:
        """The place of each person in the order of the ids' bytes."""
        rank = np.empty(len(self.people), dtype=np.int32)
        rank[self.people.order()] = np.arange(len(self.people), dtype=np.int32)
        rank.flags.writeable = False
        return rank

    @cached_property
    def canonical_order(self) -> npt.NDArray[np.int64]:
        """The rows in the one order that does not depend on how they came."""
        first = self.people_rank[self.offender].astype(np.uint64) << np.uint64(32)
        first |= (self.day.astype(np.int64) - NO_DAY).astype(np.uint64)
        order = np.argsort(first)
        same = first[order][1:] == first[order][:-1]
        tied = np.concatenate([[False], same]) | np.concatenate([same, [False]])
        rows = order[tied]
        keys: list[npt.NDArray[Any]] = [
            self.delay[rows], self.mask[rows], self.key[rows], self.known_to[rows],
            self.known_from[rows], self.status[rows], self.types.rank[self.kind[rows]], first[rows],
        ]  # fmt: skip
        order[tied] = rows[np.lexsort(keys)]
        order.flags.writeable = False
        return order

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rows in canonical order, the people, the types and the settings."""
        order = self.canonical_order
        named = np.unique(self.offender)
        used = np.unique(self.kind)
        people = named[np.argsort(self.people_rank[named])]
        types = used[np.argsort(self.types.rank[used])]
        place_of_person = np.zeros(len(self.people), dtype="<i4")
        place_of_person[people] = np.arange(len(people))
        place_of_type = np.zeros(len(self.types), dtype="<i4")
        place_of_type[types] = np.arange(len(types))
        ids = self.people.take(people)
        born = None if self.born is None else self.born[people].tolist()
        names = sorted(self.types.columns)
        settings = {
            "date": self.date,
            "notation": self.notation,
            "criminal_age": self.criminal_age,
            "columns": names,
            "types": [self.types.rows[kind] for kind in types.tolist()],
        }
        columns = (
            place_of_person[self.offender[order]],
            place_of_type[self.kind[order]],
            *(column[order] for column in self._columns()[2:]),
        )
        return sha256_of(
            b"hhpu ledger 1",
            canonical_json(settings),
            canonical_json(born),
            *ids.packed(),
            *(np.ascontiguousarray(c, dtype=c.dtype.newbyteorder("<")).tobytes() for c in columns),
        )

    @property
    def _links(self) -> Links:
        return Links(
            key=self.key,
            offender=self.offender,
            kind=self.kind,
            day=self.day,
            known_from=self.known_from,
            known_to=self.known_to,
            status=self.status,
            mask=self.mask,
            delay=self.delay,
            types=self.types,
            same_ids=self._same_ids,
            as_read=self._as_read,
        )

    def _as_read(self, rows: npt.NDArray[np.int64]) -> tuple[Days, Days, npt.NDArray[np.int8]]:
        """First and last day known and status of the source row of each of some rows."""
        first, last = self.known_from[rows], self.known_to[rows]
        status = self.status[rows]
        start = 0
        for part in self.parts:
            whole, end = start + part.size - part.split, start + part.size
            earlier = start + np.searchsorted(
                part.rows[: whole - start], part.rows[whole - start :]
            )
            second = np.flatnonzero((rows >= whole) & (rows < end))
            first[second] = self.known_from[earlier[rows[second] - whole]]
            later = np.full(whole - start, -1, dtype=np.int64)
            later[earlier - start] = np.arange(whole, end)
            split = np.flatnonzero((rows >= start) & (rows < whole))
            split = split[later[rows[split] - start] >= 0]
            last[split] = self.known_to[later[rows[split] - start]]
            status[split] = self.status[later[rows[split] - start]]
            start = end
        return first, last, status

    def _same_ids(self, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> bool:
        return self.id_texts(one).same_as(self.id_texts(other))

    def confirm_ids(self, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> None:
        """Make sure that rows whose keys are equal pair by pair have equal offence ids.

        Raises
        ------
        InputRefused
            If two different offence ids share one 64-bit key.
        """
        if not self._same_ids(one, other):
            message = (
                "two different offence ids share one 64-bit key: change one of the two at source"
            )
            raise InputRefused(message)

    @cached_property
    def _contested(self) -> Contested:
        return self._links.contested()

    def duplicates_on(self, t: int) -> npt.NDArray[np.int64]:
        """The rows masked as duplicates on a day, found over all parts.

        Where several versions of one person, offence and role are in force on the day, the one
        known latest counts, and of those the most final status; the others are duplicates.
        """
        return self._contested.masked_on(t)

    def contested(self) -> tuple[npt.NDArray[np.int64], Days, Days]:
        """The rows of which another version is in force at once, on the days on which each counts.

        Returns
        -------
        rows : numpy.ndarray of int64
            A row stands there once for each interval, and not at all if it is a duplicate for ever.
        known_from, known_to : numpy.ndarray of int32
            First day of the interval, and first day no longer.
        """
        return self._contested.unmasked()

    @cached_property
    def contested_rows(self) -> npt.NDArray[np.int64]:
        """The ledger rows of which another version of the link is in force at once, ascending."""
        return np.sort(self._contested.rows)

    @cached_property
    def problems(self) -> Problems:
        """Everything found, in the parts and across them, by part and source row."""
        across = dict(self._links.faults(self._contested.ever_masked()))
        across["below-criminal-age"] = np.flatnonzero(self.mask == BELOW_AGE)
        return problems_of(self, across)

    def offence_ids(self, rows: npt.NDArray[np.int64]) -> list[str]:
        """The offence ids of some rows, as in the source; empty where there are none."""
        return self.id_texts(rows).tolist()

    def unusable_on(self, t: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
        """Person and offence key of the links that the extract in force on a day shows unusable.

        Empty for a ledger that takes no extracts: its source dates its versions itself.
        """
        held = self.unusable.known_on(t)
        if not len(held) or not self.extracts:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
        keys = self.people.keys()
        order = np.argsort(keys)
        at = order[np.minimum(np.searchsorted(keys, held.person, sorter=order), len(keys) - 1)]
        there = keys[at] == held.person
        places = at[there] if self.persons is None else self.persons[at[there]].astype(np.int64)
        return places, held.offence[there]

    def id_texts(self, rows: npt.NDArray[np.int64]) -> Texts:
        """The offence ids of some rows, packed."""
        found = [Texts.of([""])]
        place = np.zeros(len(rows), dtype=np.int64)
        start, known = 0, 1
        for part in self.parts:
            inside = np.flatnonzero((rows >= start) & (rows < start + part.size))
            if len(inside) and part.ids is not None:
                place[inside] = known + np.arange(len(inside))
                found.append(part.ids.packed(rows[inside] - start))
                known += len(inside)
            start += part.size
        return (found[0] if len(found) == 1 else Texts.joined(found)).take(place)

    def source_rows(self, rows: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
        """Where some rows stood: (number of the part, row below its header) each."""
        starts = np.cumsum([0, *(part.size for part in self.parts)])
        number = np.searchsorted(starts, rows, side="right") - 1
        return [
            (int(n), int(self.parts[n].rows[row - starts[n]]))
            for n, row in zip(number.tolist(), rows.tolist(), strict=True)
        ]

    def take(self, rows: npt.NDArray[np.int64]) -> Ledger:
        """Keep some rows, given in ascending order; people and types stay."""
        parts, start = [], 0
        for part in self.parts:
            first, last = np.searchsorted(rows, (start, start + part.size))
            mine = rows[first:last] - start
            ids = None if part.ids is None else part.ids.take(mine)
            parts.append(attrs.evolve(part, size=len(mine), rows=part.rows[mine], ids=ids, split=0))
            start += part.size
        names = (
            "offender", "kind", "day", "known_from", "known_to", "status", "key", "mask", "delay",
        )  # fmt: skip
        columns = {name: getattr(self, name)[rows] for name in names}
        return attrs.evolve(self, **columns, parts=tuple(parts))

    def begin(self, *, day: dt.date | str, source: str) -> Ledger:
        """Take this ledger as the first full extract of a source that overwrites its records.

        What was known before is then inferred: a row is taken to have been known from the day on
        which it was recorded, and results say so.

        Parameters
        ----------
        day : datetime.date or str
            The end of the day that the extract shows.
        source : str
            Whose extract it is; later ones must be of the same.

        Returns
        -------
        Ledger
            Ready for `update`.

        Raises
        ------
        ArgumentError
            If it has taken extracts already, holds closed versions, or stands under persons.
        """
        return opened(self, read_day(day, "day"), source)

    def update(
        self,
        extract: Ledger,
        *,
        day: dt.date | str,
        source: str,
        most_fall: float | None = None,
        least_same: float | None = None,
        named: BeliefNames | None = None,
    ) -> Ledger:
        """Take the next full extract of a source that overwrites its records.

        The extract is compared with the versions that are open: what is gone or changed is known
        until ``day``, what is new or changed is known from ``day``. So the ledger gains true
        known-from and known-to, and every extract taken can be had again by `known_on`.

        Parameters
        ----------
        extract : Ledger
            The extract, encoded like this ledger.
        day : datetime.date or str
            The end of the day that it shows, later than the last one's.
        source : str
            Whose it is.
        most_fall : float, optional
            The largest fall in rows, as a share, that is believed; without it any.
        least_same : float, optional
            The smallest share of the open rows that must stand in the extract unchanged; without
            it none.
        named : BeliefNames, optional
            How the last two are called where the reader of a message stands; as here if not given.

        Returns
        -------
        Ledger
            The old rows, some of them closed, and the new ones.

        Raises
        ------
        InputRefused
            If the extract is older than the last, of another source, has fewer rows than is
            believed or too few in common.
        ArgumentError
            If the ledger has no first extract, was not encoded alike, or stands under persons.

        Examples
        --------
        >>> import pandas as pd
        >>> from hhpu import encode
        >>> table = pd.DataFrame({"offender_id": ["1"], "offence_id": ["A"], "code": ["8N"],
        ...                       "committed_on": ["2025-01-04"], "recorded_on": ["2025-01-05"]})
        >>> first = encode(table).begin(day="2025-02-01", source="Exampleshire")
        >>> second = first.update(encode(table.assign(code="5D")), day="2025-02-15",
        ...                       source="Exampleshire")
        >>> second.extracts[-1].opened, second.extracts[-1].closed
        (1, 1)
        >>> second.known_on("2025-02-01") == first.known_on("2025-02-01")
        True
        """
        expect(extract, Ledger, "update()", "encode() makes one from a table")
        if not self.extracts:
            message = "the ledger has no first extract: ledger.begin(day=, source=) makes it one"
            raise ArgumentError(message)
        return updated(
            self, extract, read_day(day, "day"), source=source, most_fall=most_fall,
            least_same=least_same, named=named or BeliefNames(),
        )  # fmt: skip

    def known_on(self, day: dt.date | str) -> Ledger:
        """Take the versions in force on a day: what an extract of that day showed.

        Parameters
        ----------
        day : datetime.date or str
            The day.

        Returns
        -------
        Ledger
            With nothing closed, and nothing known later; results of it still say what was
            inferred, and of when the last extract is.
        """
        return known_on(self, read_day(day, "day"))

    def back_to(self, day: dt.date | str) -> Ledger:
        """Give the ledger as it was after one of its extracts, with nothing learnt since.

        Parameters
        ----------
        day : datetime.date or str
            The day of an extract that it took.

        Returns
        -------
        Ledger
            Equal to the one of then; dates of birth are those known now.

        Raises
        ------
        ArgumentError
            If it took no extract of that day.
        """
        return back_to(self, read_day(day, "day"))

    def withdraw_last(self) -> Ledger:
        """Give the ledger without its last extract, which should not have been taken.

        An extract that is repaired can then be taken in its place, under the same day or another.

        Returns
        -------
        Ledger
            The ledger of the extract before, as by `back_to`; this one stays as it is.

        Raises
        ------
        ArgumentError
            If there is no extract before the last.
        """
        return without_last(self)

    def as_persons(
        self, identities: Tabular[Identity] | Checked, *, as_of: dt.date | str
    ) -> Ledger:
        """Give every link to the person whose record it stands under, as known at a date.

        This ledger stays as it is. An offence that two records of one person share counts once:
        the other link is then a duplicate.

        Parameters
        ----------
        identities : dataframe, path, iterable of Identity, or Checked
            Which records are one person, and since when that was known.
        as_of : datetime.date or str
            The date.

        Returns
        -------
        Ledger
            The same rows, under persons.

        Raises
        ------
        InputRefused
            If a record is given to two persons at once, or the map goes round in a circle.
        """
        return as_persons(self, identities, read_day(as_of, "as_of"))

    def save(self, path: str | Path) -> Path:
        """Keep the ledger as one file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            The file, by custom ``.npz``: arrays that NumPy reads, a header in JSON, a digest. Equal
            ledgers give equal bytes. Problems of rows are not kept.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OutputError
            If it cannot be written.
        ArgumentError
            If identities were applied to it: the file holds records.
        """
        write_whole(Path(path), self.to_bytes())
        return Path(path)

    def to_bytes(self) -> bytes:
        """Give the bytes of the file in which the ledger is kept.

        Raises
        ------
        ArgumentError
            If identities were applied to it: the file holds records.
        """
        refuse_persons(self, "save()")
        return dump(self)

    @classmethod
    def from_bytes(cls, raw: bytes, *, name: str) -> Ledger:
        """Read the bytes of a ledger file; ``name`` stands for it in messages.

        Raises
        ------
        InputRefused
            As in `load`.
        """
        fields = parse(raw, name)
        part = Part(**fields.pop("part"))
        return cls(**fields, parts=(part,))

    @classmethod
    def load(cls, path: str | Path) -> Ledger:
        """Read a ledger that was saved.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Ledger
            Equal to the one that was saved; it counts its own rows as those that came in.

        Raises
        ------
        InputRefused
            If it is no ledger file, of a newer version, or changed since it was written.
        ArgumentError
            If it cannot be read.
        """
        return cls.from_bytes(read(Path(path)), name=Path(path).name)

    @property
    def content(self) -> str:
        """Digest of the rows, whenever they were known; an extract and its return have the same."""
        return content_of(self)

    @classmethod
    def concat(cls, parts: Iterable[Ledger]) -> Ledger:
        """Add ledgers: chunks give the ledger of the whole.

        Parameters
        ----------
        parts : iterable of Ledger
            Encoded with the same placing date, notation, age and classifying columns.

        Returns
        -------
        Ledger
            Their sum; one part is returned as it is.

        Raises
        ------
        ArgumentError
            If there are none, or they were not encoded alike.
        """
        return joined(list(parts), of=cls)
