"""The people of a synthetic world: how they are, and what happens to them."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhpu.simulate._columns import dates, words
from hhpu.simulate._draws import SLOTS, Days, Draw, Flags, Index, slot_table, streams, uniform_days
from hhpu.simulate._law import Law
from hhpu.simulate._mixture import PROFILES
from hhpu.simulate._people import (
    DIVISION_SHARES,
    NEVER,
    PROFILE_SHARES,
    ROUTE_SHARES,
    STATES,
    TYPE_SHARES,
    Spells,
    birthday,
    by_slots,
)

__all__ = ["YEAR", "Lives", "draw_lives", "truth_frame"]

YEAR = 365.25
_FASTEST = 50.0
_LIKELIEST = 5.0
_TEN = 10
_STREAMS = (
    "intensity",
    "profile",
    "home",
    "age",
    "active",
    "active_from",
    "active_for",
    "died",
    "died_on",
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
    "management",
    "route",
    "known",
    "end_known",
)


@attrs.frozen(eq=False)
class _Once:
    """One stretch of days for each person, ``[starts, ends)``; ``NEVER`` where there is none."""

    starts: Days
    ends: Days

    def holds(self, person: NDArray[Any], day: Days) -> Flags:
        """Tell whether it holds for the people on the days."""
        holds: Flags = (self.starts[person] <= day) & (day < self.ends[person])
        return holds


@attrs.frozen(eq=False)
class Lives:
    """One element for each person; days are days since 1970-01-01, ``NEVER`` where none.

    Parameters
    ----------
    rate : array of float64
        Offences a year while active, at large and not managed.
    profile, home : array of int8
        Places in ``PROFILES`` and ``DIVISIONS``.
    born : array of int32
        Date of birth.
    opens : array of bool
        Whether the career begins inside the span, with an offence.
    career, custody, away, managed : _Once
        When the person is active, in custody, moved out and managed.
    died : array of int32
        Day of death.
    management, route : array of int8
        Type and route of management; -1 where never managed.
    spells : Spells
        Every state with the day on which it was known.
    """

    rate: NDArray[np.float64]
    profile: NDArray[np.int8]
    home: NDArray[np.int8]
    born: Days
    opens: Flags
    career: _Once
    custody: _Once
    away: _Once
    managed: _Once
    died: Days
    management: NDArray[np.int8]
    route: NDArray[np.int8]
    spells: Spells

    def may_offend(self, person: NDArray[Any], day: Days) -> Flags:
        """Tell whether the people are active, alive, out of custody and here on the days."""
        stopped = self.custody.holds(person, day) | self.away.holds(person, day)
        free: Flags = self.career.holds(person, day) & (day < self.died[person]) & ~stopped
        return free


def draw_lives(
    offenders: int, law: Law, *, first: int, last: int, root: np.random.SeedSequence
) -> Lives:
    """Draw the people: how often they offend, when, and what happens to them.

    States are drawn from a person's rate, never from their offences.

    Parameters
    ----------
    offenders : int
        How many people.
    law : Law
        The law of the world.
    first, last : int
        First and last day of the world, in days since 1970-01-01.
    root : numpy.random.SeedSequence
        Spawned into one stream for each drawn quantity.

    Returns
    -------
    Lives
    """
    rng = streams(root, _STREAMS)
    normal = rng["intensity"].standard_normal(offenders)
    relative = np.exp(law.spread * normal - law.spread**2 / 2)
    born, start = _ages(rng["age"], offenders, first)
    dies = rng["died"].random(offenders) < law.deaths
    upto = np.full(offenders, last, np.int32)
    died = np.where(dies, uniform_days(rng["died_on"], start + 1, upto), NEVER).astype(np.int32)
    end = np.minimum(died - 1, upto)

    likelier = np.minimum(relative, _LIKELIEST)
    jailed = rng["jailed"].random(offenders) < law.custody * likelier
    for_days = np.exp(np.log(120) + rng["jailed_for"].standard_normal(offenders))
    moved = rng["moved"].random(offenders) < law.moves
    away_days = 30 + 400 * rng["moved_for"].standard_exponential(offenders)
    managed = rng["managed"].random(offenders) < law.managed * likelier
    kept = 180 + 400 * rng["managed_for"].standard_exponential(offenders)
    custody = _once(rng["jailed_from"], jailed, start, end, for_days)
    away = _once(rng["moved_from"], moved, start, end, np.where(away_days < 430, away_days, NEVER))
    with_unit = _once(rng["managed_from"], managed, start, end, np.where(kept < 500, kept, NEVER))

    career, opens = _careers(rng, offenders, law.career, first, last)
    profile = by_slots(rng["profile"], offenders, PROFILE_SHARES)
    drawn = rng["management"].integers(0, SLOTS, offenders, dtype=np.uint16)
    management = slot_table(TYPE_SHARES)[profile, drawn].astype(np.int8)
    drawn = rng["route"].integers(0, SLOTS, offenders, dtype=np.uint16)
    route = slot_table(ROUTE_SHARES)[management, drawn].astype(np.int8)
    management = np.where(managed, management, -1).astype(np.int8)
    route = np.where(managed, route, -1).astype(np.int8)
    return Lives(
        rate=np.minimum(law.rate * relative, _FASTEST),
        profile=profile,
        home=by_slots(rng["home"], offenders, DIVISION_SHARES),
        born=born,
        opens=opens,
        career=career,
        custody=custody,
        away=away,
        managed=with_unit,
        died=died,
        management=management,
        route=route,
        spells=_spells(rng, died, custody, away, with_unit, management, route),
    )


def _ages(rng: np.random.Generator, size: int, first: int) -> tuple[Days, Days]:
    """Give days of birth that make everybody ten or older on the first day, and that day."""
    age = _TEN + 1 + np.minimum(8 * rng.standard_gamma(3.0, size), 70.0)
    born = (first - np.floor(age * YEAR)).astype(np.int32)
    return born, np.maximum(birthday(born, _TEN), np.int32(first))


def _careers(
    rng: Draw, size: int, mean: float | None, first: int, last: int
) -> tuple[_Once, Flags]:
    """Give careers that meet the span, and which begin in it.

    They are stationary: the share begun before is L / (L + T), L the mean and T the span.
    """
    starts = np.full(size, first, np.int32)
    if mean is None:
        return _Once(starts, np.full(size, last + 1, np.int32)), np.zeros(size, dtype=np.bool_)
    opens = rng["active"].random(size) >= mean / (mean + (last - first + 1) / YEAR)
    begins = uniform_days(rng["active_from"], starts, np.full(size, last, np.int32))
    starts = np.where(opens, begins, starts)
    days = 1 + np.floor(mean * YEAR * rng["active_for"].standard_exponential(size))
    return _Once(starts, np.minimum(starts + days, last + 1).astype(np.int32)), opens


def _once(
    rng: np.random.Generator, happens: Flags, start: Days, end: Days, days: NDArray[np.float64]
) -> _Once:
    """Begin on a day of the closed interval and last so many days, at least one."""
    starts = np.where(happens, uniform_days(rng, start, end), NEVER)
    ends = np.minimum(starts.astype(np.int64) + 1 + np.floor(days).astype(np.int64), int(NEVER))
    return _Once(starts.astype(np.int32), ends.astype(np.int32))


def _spells(
    rng: Draw,
    died: Days,
    custody: _Once,
    away: _Once,
    managed: _Once,
    management: NDArray[np.int8],
    route: NDArray[np.int8],
) -> Spells:
    size = len(died)
    parts = (_Once(died, np.full(size, NEVER, np.int32)), custody, away, managed)
    people = [np.flatnonzero(part.starts < NEVER) for part in parts]
    person: Index = np.concatenate(people)
    state = np.repeat(np.arange(len(parts), dtype=np.int8), [len(ids) for ids in people])
    pairs = list(zip(parts, people, strict=True))
    starts = np.concatenate([part.starts[ids] for part, ids in pairs])
    ends = np.concatenate([part.ends[ids] for part, ids in pairs])
    is_dead, is_managed = state == STATES.index("deceased"), state == STATES.index("managed")
    cut = ~is_dead & (ends > died[person])
    ends = np.where(cut, died[person], ends)

    waits = np.floor(3 * rng["known"].standard_exponential(len(person))).astype(np.int32)
    known = starts + np.minimum(waits, 60)
    planned = (state == STATES.index("in-custody")) & (
        rng["jailed_known"].random(len(person)) < 0.5
    )
    learnt = uniform_days(rng["end_known"], starts, np.maximum(starts, np.minimum(ends, NEVER)))
    end_known = np.where(planned & ~cut, learnt, ends)
    return Spells(
        person=person,
        state=state,
        starts=starts,
        ends=ends.astype(np.int32),
        known=known.astype(np.int32),
        end_known=np.where(is_dead, known, end_known).astype(np.int32),
        management=np.where(is_managed, management[person], -1).astype(np.int8),
        route=np.where(is_managed, route[person], -1).astype(np.int8),
    )


def truth_frame(
    lives: Lives, ids: pd.Series[Any], law: Law, *, effect: float, last: int
) -> pd.DataFrame:
    """Give what no force knows: each person's rate and every date of their life.

    Parameters
    ----------
    lives : Lives
        The people.
    ids : pandas.Series
        Their ids.
    law : Law
        The law of the world.
    effect : float
        By what management multiplies a rate.
    last : int
        Last day of the world: ends after it are missing.

    Returns
    -------
    pandas.DataFrame
        ``offender_id, rate`` (a year, while active, at large and not managed), ``leaning``, and
        for each state the first day and the first day after.
    """
    table = pd.DataFrame(
        {
            "offender_id": ids.array,
            "rate": lives.rate,
            "leaning": words(
                lives.profile if law.leaning else np.full(len(ids), -1, np.int8), PROFILES
            ),
            "management_effect": np.where(lives.managed.starts < NEVER, effect, 1.0),
            "died_on": dates(lives.died, missing=lives.died == NEVER),
        }
    )
    stretches = {
        "active": lives.career,
        "custody": lives.custody,
        "away": lives.away,
        "managed": lives.managed,
    }
    for name, once in stretches.items():
        ends = np.minimum(once.ends, lives.died)
        table[f"{name}_from"] = dates(once.starts, missing=once.starts == NEVER)
        table[f"{name}_until"] = dates(ends, missing=(once.starts == NEVER) | (ends > last))
    return table
