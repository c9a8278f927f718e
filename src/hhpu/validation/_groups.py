"""Protected characteristics of people, read from their own table for one call.

They reach no score, ledger, manifest or log; nothing here prints a value of theirs but the labels
of groups in a result that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError, expect
from hhpu.ledger import Ledger, match_people
from hhpu.tables import PEOPLE, Checked, check

__all__ = ["NOT_GIVEN", "Group", "Groups", "Partition", "partitioned", "read_groups"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NOT_GIVEN: Final = "not given"
_CONTRACT: Final = attrs.evolve(PEOPLE, name="groups", columns=(PEOPLE.column("offender_id"),))
_MOST_VALUES: Final = 50


@attrs.frozen(eq=False, repr=False)
class Groups:
    """Characteristics of people, for one call; its repr shows none of their values.

    Parameters
    ----------
    people : numpy.ndarray of int64
        Whose, as places in the ledger's people.
    characteristics : tuple of str
        The columns.
    values : tuple of tuple of str
        The values of each that occur, in order.
    codes : numpy.ndarray of int64, shape (people, characteristics)
        Places in ``values``; -1 where none is given.
    contradicted : tuple of int
        For each characteristic, people given different values: they stand as not given.
    strangers : int
        Rows of nobody among the people.
    excluded : int
        Rows that the check could not use.
    """

    people: Ints
    characteristics: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Ints
    contradicted: tuple[int, ...]
    strangers: int
    excluded: int

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[str | None]]) -> Groups:
        """Make groups from columns of values in the order of the people.

        Raises
        ------
        ArgumentError
            If there are no columns, or they differ in length.
        """
        sizes = {len(column) for column in columns.values()}
        if len(sizes) != 1 or not max(sizes):
            message = "columns= takes characteristics with one value (or None) for each person"
            raise ArgumentError(message)
        values, codes = [], []
        for name, column in columns.items():
            texts = [None if text is None else text.strip() or None for text in column]
            found = tuple(sorted({text for text in texts if text is not None}))
            _few_enough(name, len(found))
            place = {text: at for at, text in enumerate(found)}
            values.append(found)
            codes.append([-1 if text is None else place[text] for text in texts])
        size = max(sizes)
        return cls(
            people=np.arange(size),
            characteristics=tuple(columns),
            values=tuple(values),
            codes=np.array(codes, dtype=np.int64).T.reshape(size, len(columns)),
            contradicted=(0,) * len(columns),
            strangers=0,
            excluded=0,
        )

    @property
    def not_given(self) -> tuple[int, ...]:
        """People without each characteristic, those with contradicting values among them."""
        return tuple((self.codes < 0).sum(axis=0).tolist())

    def __len__(self) -> int:
        return len(self.people)

    def __repr__(self) -> str:
        return f"Groups({len(self)} people by {', '.join(self.characteristics)})"

    def among(self, people: npt.ArrayLike) -> Groups:
        """The groups of some of the people, in their order.

        Parameters
        ----------
        people : array_like of int
            Places in the ledger's people.

        Raises
        ------
        ArgumentError
            If somebody was not read.
        """
        places = np.asarray(people, dtype=np.int64)
        at = np.full(int(max(self.people.max(), places.max(initial=0))) + 1, -1, dtype=np.int64)
        at[self.people] = np.arange(len(self))
        rows = at[places]
        if (rows < 0).any():
            message = f"{int((rows < 0).sum())} people are not among those whose groups were read"
            raise ArgumentError(message)
        return attrs.evolve(self, people=places, codes=self.codes[rows])


def _few_enough(name: str, size: int) -> None:
    if size > _MOST_VALUES:
        message = f"{name} has {size} values; at most {_MOST_VALUES}: group them first"
        raise ArgumentError(message)


def read_groups(
    data: Any,
    ledger: Ledger,
    *,
    people: npt.ArrayLike | None = None,
    characteristics: Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> Groups:
    """Read protected characteristics of people from their own table, for one call.

    Parameters
    ----------
    data : dataframe, path or Checked
        One row for each person: ``offender_id`` and a column of texts for each characteristic,
        compared as written.
    ledger : Ledger
        The people; where identities were applied, a row stands for the person of its record. The
        ledger is read and not changed.
    people : array_like of int, optional
        Places in the ledger's people; without it, everybody.
    characteristics : sequence of str, optional
        Which columns; without it, all but ``offender_id``.
    columns : mapping, optional
        Our column name to theirs, where they differ.
    encoding : str
        Of a CSV file.

    Returns
    -------
    Groups
        Everybody asked for: those whom the table does not name are not given.

    Raises
    ------
    InputRefused
        If the table has no such columns, or a characteristic holds numbers.
    ArgumentError
        If no characteristic is left, one has too many values, or a place is not in the ledger.

    Examples
    --------
    >>> import pandas as pd
    >>> from hhpu import encode
    >>> ledger = encode(pd.DataFrame({"offender_id": ["P1", "P2"], "code": "8N",
    ...                               "committed_on": "2025-01-04"}))
    >>> read_groups(pd.DataFrame({"offender_id": ["P2"], "sex": ["F"]}), ledger).not_given
    (1,)
    """
    expect(ledger, Ledger, "ledger", "encode() makes one from a table")
    size = len(ledger.people)
    places = np.arange(size) if people is None else np.asarray(people, dtype=np.int64)
    if not len(places) or places.min() < 0 or places.max() >= size:
        message = f"people= takes places in ledger.people, from 0 to {size - 1}, at least one"
        raise ArgumentError(message)
    table = data
    if not isinstance(data, Checked):
        named = dict(columns or {})
        if characteristics is None:
            first = {k: v for k, v in named.items() if k == "offender_id"}
            plain = check(data, contract=_CONTRACT, columns=first, encoding=encoding)
            renamed = {theirs: ours for ours, theirs in named.items()}
            characteristics = [renamed.get(name, name) for name in plain.unused]
        table = check(
            data,
            contract=_CONTRACT,
            columns=named,
            classify=tuple(characteristics),
            encoding=encoding,
        )
    if characteristics is None:
        characteristics = [name for name in table.columns if name not in table.contract.names]
    if not characteristics:
        message = "the table of groups has no column but offender_id"
        raise ArgumentError(message)
    who = table.coded("offender_id")
    if who is None:
        message = "the table of groups has no offender_id that can be read"
        raise ArgumentError(message)
    person = match_people(who.values, ledger.people)[who.codes]
    if ledger.persons is not None:
        person = np.where(person >= 0, ledger.persons[person], person)
    wanted = np.zeros(size + 1, dtype=bool)
    wanted[places] = True
    values, codes, contradicted = [], [], []
    for name in characteristics:
        column = table.coded(name)
        if column is None:
            message = f"the table of groups was checked without {name}"
            raise ArgumentError(message)
        texts = column.values.tolist()
        held = np.flatnonzero((column.codes >= 0) & (person >= 0) & wanted[person])
        found = sorted({texts[code] for code in np.unique(column.codes[held]).tolist()})
        _few_enough(name, len(found))
        order = {text: at for at, text in enumerate(found)}
        renumbered = np.array([order.get(text, -1) for text in texts], dtype=np.int64)
        each, unlike = _one_each(person[held], renumbered[column.codes[held]], size)
        values.append(tuple(found))
        codes.append(each[places])
        contradicted.append(int(unlike[places].sum()))
    return Groups(
        people=places,
        characteristics=tuple(characteristics),
        values=tuple(values),
        codes=np.stack(codes, axis=1),
        contradicted=tuple(contradicted),
        strangers=int((~wanted[person]).sum()),
        excluded=table.problems.rows_excluded,
    )


def _one_each(person: Ints, code: Ints, size: int) -> tuple[Ints, Bools]:
    lowest = np.full(size, np.iinfo(np.int64).max)
    highest = np.full(size, -1, dtype=np.int64)
    np.minimum.at(lowest, person, code)
    np.maximum.at(highest, person, code)
    unlike = (highest >= 0) & (lowest < highest)
    return np.where(unlike, -1, highest), unlike


@attrs.frozen(repr=False)
class Group:
    """People alike in some characteristics; its repr does not show in what.

    Parameters
    ----------
    by : tuple of str
        The characteristics.
    values : tuple of str or None
        The value of each; None for the people of whom one or more of them is not given.
    people : int
        How many.
    reference : bool
        Whether the others of the same characteristics are compared with it.
    """

    by: tuple[str, ...]
    values: tuple[str, ...] | None
    people: int
    reference: bool = False

    @property
    def label(self) -> str:
        """Such as ``sex=F``, for a table that is asked for."""
        if self.values is None:
            return f"{' and '.join(self.by)}: {NOT_GIVEN}"
        return ", ".join(f"{a}={b}" for a, b in zip(self.by, self.values, strict=True))

    def __repr__(self) -> str:
        return f"Group(by {' and '.join(self.by)}, {self.people} people)"


@attrs.frozen(eq=False, repr=False)
class Partition:
    """Groups as sums of cells: people alike in every characteristic.

    Parameters
    ----------
    groups : tuple of Group
        All groups, by characteristic and then by crossing.
    cell : numpy.ndarray of int64, shape (people,)
        The cell of each person.
    patterns : numpy.ndarray of int64, shape (cells, characteristics)
        The codes of each cell; -1 where not given.
    members : numpy.ndarray, shape (cells, groups)
        1 where a cell is of a group.
    against : numpy.ndarray of int64, shape (groups,)
        The reference of each group; -1 where it has none.
    """

    groups: tuple[Group, ...]
    cell: Ints
    patterns: Ints
    members: Floats
    against: Ints


def partitioned(
    groups: Groups,
    intersections: Sequence[Sequence[str]] | None,
    reference: Mapping[str, str],
) -> Partition:
    """List the groups, and the cells of people that they are made of."""
    names = groups.characteristics
    _judge_reference(groups, reference)
    if intersections is None:
        intersections = [
            by for size in range(2, len(names) + 1) for by in combinations(names, size)
        ]
    for by in intersections:
        if len(set(by)) < max(2, len(by)) or set(by) - set(names):
            message = f"intersections= are of two or more of {', '.join(names)}"
            raise ArgumentError(message)
    patterns, cell = np.unique(groups.codes, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    sizes = np.bincount(cell, minlength=len(patterns))
    found: list[Group] = []
    members: list[Bools] = []
    against: list[int] = []
    for by in [*((name,) for name in names), *(tuple(by) for by in intersections)]:
        columns = [names.index(name) for name in by]
        mine = patterns[:, columns]
        given: Bools = np.all(mine >= 0, axis=1)
        kinds = np.unique(mine[given], axis=0)
        masks: list[Bools] = [np.all(mine == kind, axis=1) for kind in kinds]
        counts = [int(sizes[mask].sum()) for mask in masks]
        texts = [
            tuple(groups.values[c][v] for c, v in zip(columns, kind, strict=True))
            for kind in kinds.tolist()
        ]
        chosen = tuple(reference.get(name, "") for name in by)
        if len(by) == 1 and by[0] in reference and chosen not in texts:
            message = f"reference= gives {by[0]} a value that nobody has: see Groups.values"
            raise ArgumentError(message)
        to = texts.index(chosen) if chosen in texts else (int(np.argmax(counts)) if counts else -1)
        start = len(found)
        for at, (text, count, mask) in enumerate(zip(texts, counts, masks, strict=True)):
            found.append(Group(by=by, values=text, people=count, reference=at == to))
            members.append(mask)
            against.append(-1 if at == to else start + to)
        found.append(Group(by=by, values=None, people=int(sizes[~given].sum())))
        members.append(~given)
        against.append(-1)
    return Partition(
        groups=tuple(found),
        cell=cell,
        patterns=patterns,
        members=np.stack(members, axis=1).astype(np.float64),
        against=np.array(against),
    )


def _judge_reference(groups: Groups, reference: Mapping[str, str]) -> None:
    strangers = sorted(set(reference) - set(groups.characteristics))
    if strangers:
        message = f"reference= takes one value for any of {', '.join(groups.characteristics)}"
        raise ArgumentError(message)
