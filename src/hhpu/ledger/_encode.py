"""An offence table encoded as a ledger."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.blocks import in_blocks
from hhpu.domain import Offence, Offender
from hhpu.errors import ArgumentError, as_whole, expect
from hhpu.indices import Notation
from hhpu.ledger._ledger import BELOW_AGE, NO_DELAY, UNREADABLE_STATUS, Ledger, Part
from hhpu.ledger._people import (
    birthdays,
    born_of,
    contradicting_births,
    match_people,
    repeated_people,
)
from hhpu.ledger._types import combine
from hhpu.ledger._unusable import Unusable
from hhpu.tables import (
    CLASSIFYING,
    FOREVER,
    NO_DAY,
    PEOPLE,
    STATUS_CODES,
    Checked,
    Coded,
    DateOrder,
    Days,
    Outcome,
    Problem,
    SettingNames,
    Tabular,
    check,
    gathered,
    in_order,
    placeholder_rows,
    refuse,
    whole_column,
)

__all__ = ["encode"]


def encode(
    data: Tabular[Offence] | Checked,
    *,
    people: Tabular[Offender] | Checked | None = None,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    classify: tuple[str, ...] = (),
    date: str = "committed_on",
    date_order: DateOrder = "iso",
    timezone: str = "Europe/London",
    notation: str | None = None,
    criminal_age: int = 10,
    policy: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> Ledger:
    """Check an offence table and encode it as a ledger.

    Parameters
    ----------
    data : dataframe, path, iterable of Offence, or Checked
        The offences: see `hhpu.check`. A `Checked` is encoded as it is.
    people : dataframe, path, iterable of Offender, or Checked, optional
        The people table, for dates of birth.
    columns, values, date_order, timezone, policy, encoding
        As in `hhpu.check`.
    classify : tuple of str
        Further text columns by which offences are classified (an index's key columns).
    date : str
        The placing date; fixed from here on.
    notation : str, optional
        The notation of the codes, e.g. ``home-office-recorded``; without it a code is recognised
        only where that is unambiguous.
    criminal_age : int
        Age of criminal responsibility in years; 10 in England and Wales.

    Returns
    -------
    Ledger
        Every usable row.

    Raises
    ------
    InputRefused
        For structural faults only, all at once.
    ArgumentError
        For an argument that cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"offender_id": ["1", "2"], "code": ["8/06", "39/00"],
    ...                       "committed_on": ["2025-01-04", "2025-02-01"]})
    >>> encode(table)
    Ledger(2 rows, 2 people, 2 types)
    """
    criminal_age = as_whole(criminal_age)
    if criminal_age not in range(31):
        message = f"criminal_age={criminal_age!r}: whole years"
        raise ArgumentError(message)
    expect(notation or "", str, "notation=", "a word such as home-office-class")
    near = difflib.get_close_matches(str(notation), list(Notation), n=1)
    if notation not in (None, *Notation) and near:
        named = data.named if isinstance(data, Checked) else SettingNames()
        told = named.written("notation", value=str(notation))
        message = f"{told}: did you mean {str(near[0])!r}?"
        raise ArgumentError(message)
    if isinstance(data, Checked):
        checked = data
        given = (columns, values, classify or None)
        if any(argument is not None for argument in given) or date not in (
            "committed_on",
            checked.date,
        ):
            message = (
                "the table is checked already: columns, values, date and the rest go to check()"
            )
            raise ArgumentError(message)
    else:
        checked = check(
            data, columns=columns, values=values, classify=classify, date=date,
            date_order=date_order, timezone=timezone, policy=policy, encoding=encoding,
        )  # fmt: skip
    known: Checked | None = None
    if isinstance(people, Checked):
        known = people
    elif people is not None:
        known = check(
            people, contract=PEOPLE, date_order=date_order, timezone=timezone,
            policy=policy, encoding=encoding,
        )  # fmt: skip
    if known is not None and (policy or {}).get("placeholder-person") != Outcome.KEPT:
        checked = _without_placeholders(checked, known)
    return _encode(checked, known, notation, criminal_age)


def _without_placeholders(checked: Checked, people: Checked) -> Checked:
    names, known = people.coded("name"), people.coded("offender_id")
    named = checked.coded("offender_id")
    if names is None or known is None or named is None:
        return checked
    odd = np.zeros(len(known.values) + 1, dtype=bool)
    odd[known.codes[placeholder_rows(names)]] = True
    at = match_people(named.values, known.values)
    rows = np.flatnonzero(odd[at][named.codes])
    if not len(rows):
        return checked
    problem = Problem(
        reason="placeholder-person",
        column="people.name",
        rows=checked.rows[rows],
        outcome=Outcome.EXCLUDED,
        advice=people.named.written("placeholders"),
    )
    if len(rows) == len(checked):
        found = "every row's person has a placeholder's name"
        raise refuse([("no-usable-rows", "", found)])
    return checked.without(rows, problem)


def _encode(
    checked: Checked, people: Checked | None, notation: str | None, criminal_age: int
) -> Ledger:
    size = len(checked)
    named = checked.coded("offender_id")
    placed = checked.days(checked.date)
    if named is None or placed is None:
        message = "only a checked offence table can be encoded"
        raise ArgumentError(message)
    ids = named.values
    classifying = {name: checked.coded(name) for name in (*CLASSIFYING, *sorted(_further(checked)))}
    kind, types = combine(classifying, size)
    recorded = checked.days("recorded_on")
    stated = checked.days("known_from")
    known_from = recorded if stated is None else stated
    if known_from is None:
        known_from = np.full(size, NO_DAY, dtype=np.int32)
    elif stated is not None and recorded is not None:
        known_from = np.where(stated == NO_DAY, recorded, stated)
    ended = checked.days("known_to")
    known_to = (
        np.full(size, FOREVER, dtype=np.int32)
        if ended is None
        else np.where(ended == NO_DAY, np.int32(FOREVER), ended)
    )
    status = _status(checked.coded("status"), size)
    born = None if people is None else born_of(ids, people)
    mask = np.zeros(size, dtype=np.uint8)
    found = list(checked.problems.found)
    committed = checked.days("committed_on")
    if born is not None and committed is not None:
        of_age = birthdays(born, criminal_age)[named.codes]
        below = (of_age != NO_DAY) & (committed != NO_DAY) & (committed < of_age)
        mask[below] = BELOW_AGE
        unaged = np.flatnonzero((of_age == NO_DAY) | (committed == NO_DAY))
        if len(unaged):
            found.append(
                Problem(
                    reason="age-unchecked",
                    column="date_of_birth",
                    rows=checked.rows[unaged],
                    outcome=Outcome.KEPT,
                )
            )
    else:
        found.append(whole_column("age-unchecked", "date_of_birth", size))
    if people is not None:
        found += _problems_of_people(people)
    rows = checked.rows
    delay = _delay(placed, recorded, known_from)
    columns: list[npt.NDArray[Any]] = [
        named.codes, kind, placed, known_from, known_to, status, mask, delay,
    ]  # fmt: skip
    identifiers = checked.identifiers("offence_id")
    keys = np.zeros(size, dtype=np.uint64) if identifiers is None else identifiers.keys
    since = checked.days("status_from")
    split = 0
    if since is not None:
        late = np.flatnonzero((status != 0) & (since != NO_DAY) & (since > known_from))
        split = len(late)
        if split:
            again = np.concatenate([np.arange(size), late])
            columns = [column[again] for column in columns]
            rows, keys = rows[again], keys[again]
            identifiers = None if identifiers is None else identifiers.take(again)
            change = np.minimum(since[late], columns[4][late])
            columns[4][late] = change
            columns[5][late] = 0
            columns[3][size:] = change
    problems = attrs.evolve(checked.problems, found=in_order(found), reveal=None)
    part = Part(size=len(rows), rows=rows, ids=identifiers, problems=problems, split=split)
    offender, kind, day, known_from, known_to, status, mask, delay = columns
    return Ledger(
        people=ids,
        born=born,
        types=types,
        offender=offender,
        kind=kind,
        day=day,
        known_from=known_from,
        known_to=known_to,
        status=status,
        key=keys,
        mask=mask,
        delay=delay,
        date=checked.date,
        notation=notation,
        criminal_age=criminal_age,
        parts=(part,),
        unusable=Unusable.of(checked.unusable),
    )


def _further(checked: Checked) -> set[str]:
    return {name for name in checked.columns if name not in checked.contract.names}


def _delay(placed: Days, recorded: Days | None, known_from: Days) -> npt.NDArray[np.int16]:
    farthest = -NO_DELAY - 1
    delay = np.empty(len(placed), dtype=np.int16)

    def fill(rows: slice) -> None:
        since = known_from[rows]
        if recorded is not None:
            since = np.where(recorded[rows] == NO_DAY, since, recorded[rows])
        days = since.astype(np.int64) - placed[rows]
        delay[rows] = np.clip(days, -farthest, farthest)
        delay[rows][since == NO_DAY] = NO_DELAY

    in_blocks(fill, len(placed))
    return delay


def _status(column: Coded | None, size: int) -> npt.NDArray[np.int8]:
    if column is None:
        return np.zeros(size, dtype=np.int8)
    table = [STATUS_CODES.get(value, UNREADABLE_STATUS) for value in column.values.tolist()]
    return gathered(np.array([*table, 0], dtype=np.int8), column.codes)


def _problems_of_people(people: Checked) -> list[Problem]:
    found = [
        attrs.evolve(p, column=f"people.{p.column}")
        for p in people.problems.found
        if p.reason not in ("number-as-id", "placeholder-person")
    ]
    across = (
        ("duplicate-person", "people.offender_id", repeated_people(people)),
        ("contradicting-birth-date", "people.date_of_birth", contradicting_births(people)),
    )
    for reason, column, rows in across:
        if len(rows):
            outcome = Outcome.KEPT
            at = people.rows[rows]
            found.append(Problem(reason=reason, column=column, rows=at, outcome=outcome))
    return found
