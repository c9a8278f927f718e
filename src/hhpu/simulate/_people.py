"""The people of the synthetic force and the spells of their lives."""

from __future__ import annotations

import attrs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhpu.domain import EntryRoute, ManagementType, PersonState
from hhpu.simulate._columns import dates, words
from hhpu.simulate._draws import SLOTS, Days, Flags, Index, slot_table, streams, uniform_days
from hhpu.simulate._mixture import PROFILES

__all__ = [
    "DIVISIONS",
    "DIVISION_SHARES",
    "NEVER",
    "PROFILE_SHARES",
    "ROUTE_SHARES",
    "STATES",
    "TYPE_SHARES",
    "People",
    "Spells",
    "birthday",
    "by_slots",
    "draw_people",
    "spells_frame",
]

DIVISIONS = ("Central", "East", "North", "South", "West")
NEVER = np.int32(2**30)
"""A day after every other, for what does not happen."""

_YEAR = 365.25
_SIGMA = 1.5
_MOST_A_YEAR = 60.0
PROFILE_SHARES = (0.45, 0.25, 0.2, 0.04, 0.06)
DIVISION_SHARES = (0.28, 0.2, 0.22, 0.18, 0.12)
_CRIMINAL_AGE = 10

STATES = tuple(member.value for member in PersonState)
_TYPES = tuple(member.value for member in ManagementType)
_ROUTES = tuple(member.value for member in EntryRoute)
TYPE_SHARES = np.array(  # rows: PROFILES; columns: IOM, ViSOR, HHPU
    [[0.45, 0.05, 0.5], [0.8, 0.0, 0.2], [0.4, 0.05, 0.55], [0.05, 0.85, 0.1], [0.7, 0.0, 0.3]]
)
ROUTE_SHARES = np.array(  # rows: IOM, ViSOR, HHPU; columns: the entry routes in order
    [
        [0.0, 0.85, 0.0, 0.1, 0.05],
        [0.9, 0.0, 0.0, 0.1, 0.0],
        [0.0, 0.0, 0.5, 0.3, 0.2],
    ]
)

_STREAMS = (
    "intensity",
    "count",
    "profile",
    "age",
    "birth_missing",
    "home",
    "dies",
    "death",
    "whole",
    "active_from",
    "active_for",
    "jailed",
    "jailed_from",
    "jailed_for",
    "jailed_known",
    "moved",
    "moved_from",
    "moved_for",
    "managed",
    "managed_from",
    "managed_for",
    "management_type",
    "entry_route",
    "spell_known",
    "end_known",
)


@attrs.frozen(eq=False)
class Spells:
    """Spells before their versions: one element for each spell."""

    person: Index
    state: NDArray[np.int8]
    starts: Days
    ends: Days
    known: Days
    end_known: Days
    management: NDArray[np.int8]
    route: NDArray[np.int8]


@attrs.frozen(eq=False)
class People:
    """One element for each person; days are days since 1970-01-01, ``NEVER`` where none.

    Parameters
    ----------
    count : array of int64
        Suspect links drawn for the person.
    profile, home : array of int8
        Places in ``PROFILES`` and ``DIVISIONS``.
    born, ten : array of int32
        Date of birth and tenth birthday.
    birth_missing : array of bool
        Whether the force does not hold the date of birth.
    active_from, active_to : array of int32
        First and last day on which an offence of the person is recorded.
    last : array of int32
        Last day of the data or of the person's life.
    jailed_from, jailed_to : array of int32
        First day in custody and day of release.
    spells : Spells
        Every state of every person.
    """

    count: Index
    profile: NDArray[np.int8]
    home: NDArray[np.int8]
    born: Days
    ten: Days
    birth_missing: Flags
    active_from: Days
    active_to: Days
    last: Days
    jailed_from: Days
    jailed_to: Days
    spells: Spells


def draw_people(
    offenders: int, mean: float, *, first: int, last: int, root: np.random.SeedSequence
) -> People:
    """Draw the people: how much, what kind, how old, active when, and where they are.

    Parameters
    ----------
    offenders : int
        How many people.
    mean : float
        Mean of the suspect links of a person.
    first, last : int
        First and last day of the data, in days since 1970-01-01.
    root : numpy.random.SeedSequence
        Spawned into one stream for each drawn quantity.

    Returns
    -------
    People
    """
    rng = streams(root, _STREAMS)
    years = (last - first + 1) / _YEAR
    rate = mean * np.exp(_SIGMA * rng["intensity"].standard_normal(offenders) - _SIGMA**2 / 2)
    rate = np.minimum(rate, _MOST_A_YEAR * years)
    profile = by_slots(rng["profile"], offenders, PROFILE_SHARES)

    age = np.minimum(12 + 8 * rng["age"].standard_gamma(3.0, offenders), 90.0)
    born = (last - np.floor(age * _YEAR)).astype(np.int32)
    ten = birthday(born, _CRIMINAL_AGE)
    start = np.maximum(ten, np.int32(first))

    dies = rng["dies"].random(offenders) < 0.015
    death = uniform_days(rng["death"], start + 1, np.full(offenders, last, np.int32))
    death = np.where(dies, death, NEVER).astype(np.int32)
    end = np.minimum(death, np.int32(last))

    whole = rng["whole"].random(offenders) < 0.4
    since = np.where(whole, start, uniform_days(rng["active_from"], start, end))
    length = np.floor(548 * rng["active_for"].standard_exponential(offenders)).astype(np.int32)
    until = np.where(whole, end, np.minimum(since + length, end))

    spells, jailed_from, jailed_to = _draw_spells(rng, rate, profile, start, end, death)
    return People(
        count=rng["count"].poisson(rate).astype(np.int64),
        profile=profile,
        home=by_slots(rng["home"], offenders, DIVISION_SHARES),
        born=born,
        ten=ten,
        birth_missing=rng["birth_missing"].random(offenders) < 0.02,
        active_from=since,
        active_to=until,
        last=end,
        jailed_from=jailed_from,
        jailed_to=jailed_to,
        spells=spells,
    )


def by_slots(rng: np.random.Generator, size: int, shares: tuple[float, ...]) -> NDArray[np.int8]:
    table = slot_table(np.array([shares]))[0].astype(np.int8)
    drawn: NDArray[np.int8] = table[rng.integers(0, SLOTS, size, dtype=np.uint16)]
    return drawn


def birthday(born: Days, years: int) -> Days:
    """Give the birthday; of somebody born on 29 February, 1 March of a common year."""
    day = born.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    into = (day - month.astype("datetime64[D]")).astype(np.int32)
    later = (month + np.timedelta64(12 * years, "M")).astype("datetime64[D]")
    birthday: Days = later.astype(np.int32) + into
    return birthday


def _draw_spells(
    rng: dict[str, np.random.Generator],
    rate: NDArray[np.float64],
    profile: NDArray[np.int8],
    start: Days,
    end: Days,
    death: Days,
) -> tuple[Spells, Days, Days]:
    size = len(rate)
    jailed = rng["jailed"].random(size) < np.minimum(0.5, 0.01 + 0.02 * rate)
    jailed_from = uniform_days(rng["jailed_from"], start, end - 1)
    for_days = np.exp(np.log(120) + rng["jailed_for"].standard_normal(size))
    jailed_to = jailed_from + 1 + np.minimum(np.floor(for_days), 9_000).astype(np.int32)
    early = rng["jailed_known"].random(size) < 0.5
    jailed_until_known = np.where(
        early, jailed_from, uniform_days(rng["end_known"], jailed_from, jailed_to)
    )

    moved = rng["moved"].random(size) < 0.03
    moved_from = uniform_days(rng["moved_from"], start, end - 1)
    back = 30 + np.floor(400 * rng["moved_for"].standard_exponential(size))
    moved_to = np.where(back < 430, moved_from + back, NEVER).astype(np.int32)

    sexual = profile == PROFILES.index("sexual")
    wanted = np.minimum(0.6, 0.002 + 0.015 * rate) + 0.25 * sexual
    managed = rng["managed"].random(size) < wanted
    managed_from = uniform_days(rng["managed_from"], start, end - 1)
    kept = 180 + np.floor(400 * rng["managed_for"].standard_exponential(size))
    managed_to = np.where(kept < 500, managed_from + kept, NEVER).astype(np.int32)
    drawn = rng["management_type"].integers(0, SLOTS, size, dtype=np.uint16)
    management = slot_table(TYPE_SHARES)[profile, drawn].astype(np.int8)
    drawn = rng["entry_route"].integers(0, SLOTS, size, dtype=np.uint16)
    route = slot_table(ROUTE_SHARES)[management, drawn].astype(np.int8)

    parts = (
        (death < NEVER, death, np.full(size, NEVER, np.int32), death),
        (jailed, jailed_from, jailed_to, jailed_until_known),
        (moved, moved_from, moved_to, moved_to),
        (managed, managed_from, managed_to, managed_to),
    )
    people = [np.flatnonzero(has) for has, *_ in parts]
    person = np.concatenate(people)
    state = np.repeat(np.arange(len(parts), dtype=np.int8), [len(ids) for ids in people])
    starts, ends, end_known = (
        np.concatenate([part[which][ids] for part, ids in zip(parts, people, strict=True)])
        for which in (1, 2, 3)
    )
    delay = np.floor(rng["spell_known"].standard_exponential(len(person)) * 3).astype(np.int32)
    cut = (state != STATES.index("deceased")) & (ends > death[person])
    is_managed = state == STATES.index("managed")
    spells = Spells(
        person=person,
        state=state,
        starts=starts,
        ends=np.where(cut, death[person], ends),
        known=starts + np.minimum(delay, 60),
        end_known=np.where(cut, death[person], end_known),
        management=np.where(is_managed, management[person], -1).astype(np.int8),
        route=np.where(is_managed, route[person], -1).astype(np.int8),
    )
    return (
        spells,
        np.where(jailed, jailed_from, NEVER).astype(np.int32),
        np.where(jailed, jailed_to, NEVER).astype(np.int32),
    )


def spells_frame(spells: Spells, ids: pd.Series, *, last: int) -> pd.DataFrame:
    """Give the spells known by the last day; an end learnt later makes a second version.

    Parameters
    ----------
    spells : Spells
        Every state of every person.
    ids : pandas.Series
        The ids of the people.
    last : int
        Last day of the data.

    Returns
    -------
    pandas.DataFrame
        Columns of the record ``Spell``, ordered by person, state and day of knowledge.
    """
    opens = spells.known <= last
    ends = spells.ends < NEVER
    learnt = ends & (spells.end_known > spells.known)
    closes = learnt & (spells.end_known <= last)
    first = np.flatnonzero(opens)
    second = np.flatnonzero(opens & closes)
    rows = np.concatenate([first, second])
    is_second = np.arange(len(rows)) >= len(first)
    has_end = ends[rows] & (is_second | ~learnt[rows])
    known_from = np.where(is_second, spells.end_known[rows], spells.known[rows]).astype(np.int32)
    superseded = ~is_second & closes[rows]
    order = np.lexsort((known_from, spells.state[rows], spells.person[rows]))
    rows, known_from = rows[order], known_from[order]
    return pd.DataFrame(
        {
            "offender_id": ids.take(spells.person[rows]).array,
            "state": words(spells.state[rows], STATES),
            "starts_on": dates(spells.starts[rows]),
            "ends_on": dates(spells.ends[rows], missing=~has_end[order]),
            "known_from": dates(known_from),
            "known_to": dates(spells.end_known[rows], missing=~superseded[order]),
            "management_type": words(spells.management[rows], _TYPES),
            "entry_route": words(spells.route[rows], _ROUTES),
        }
    )
