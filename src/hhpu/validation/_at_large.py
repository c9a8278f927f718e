"""Time at large: how long each person could offend in a follow-up, from the table of states."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import PersonState
from hhpu.errors import ArgumentError, expect
from hhpu.ledger import Ledger
from hhpu.ranking import States, read_states
from hhpu.tables import FOREVER

__all__ = [
    "LEAST_DAYS_AT_LARGE",
    "RATE_DAYS",
    "CompetingTimes",
    "RatesAtLarge",
    "TimeAtLarge",
    "competing_times",
    "rates_at_large",
    "time_at_large",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LEAST_DAYS_AT_LARGE: Final = 30
RATE_DAYS: Final = 365
_NO_TABLE: Final = "no table of states was given: time at large is not known"
_NOBODY: Final = "the table of states holds rows, and nobody of the people asked for"
_AWAY: Final = (PersonState.IN_CUSTODY, PersonState.DECEASED, PersonState.MOVED_OUT)


@attrs.frozen(eq=False, repr=False)
class TimeAtLarge:
    """Days at large of people in the follow-up of one origin.

    All days are counted from the origin: the first day of the follow-up is 1, the last is
    ``follow_up``. Without a table of states every figure is NaN and `why` says so.

    Parameters
    ----------
    people : numpy.ndarray of int64
        Places in the ledger's people, as asked.
    origin : int
        Day number; the follow-up is ``(origin, origin + follow_up]``.
    follow_up, delay : int
        Days.
    long_custody : int
        Days from which a stretch of custody is long.
    days : numpy.ndarray, shape (people,)
        Person-days at large: the follow-up less days in custody, from the first day of death on,
        and away from the area; a day on which several states hold is taken once.
    died, left, taken : numpy.ndarray, shape (people,)
        First day dead, away, in a long stretch of custody; 0 where that held at the origin already
        and lasted into the follow-up, infinite where none falls in it.
    checked : bool
        Whether a table of states was given.
    strangers : int
        Spells, known by the end, of nobody in the ledger.
    why : str
        Why figures are not known, or what is odd about the table; empty where all is well.
    """

    people: Ints
    origin: int
    follow_up: int
    delay: int
    long_custody: int
    days: Floats
    died: Floats
    left: Floats
    taken: Floats
    checked: bool
    strangers: int
    why: str

    def __len__(self) -> int:
        return len(self.people)

    def __repr__(self) -> str:
        said = self.why or f"{self.total:,.0f} person-days"
        return f"TimeAtLarge({len(self)} people, {self.follow_up} days: {said})"

    @property
    def throughout(self) -> Mask:
        """Who was at large on every day; nobody where it is not known."""
        found: Mask = self.days == self.follow_up
        return found

    @property
    def total(self) -> float:
        """Person-days at large of everybody."""
        return float(self.days.sum())


def time_at_large(
    ledger: Ledger,
    people: npt.ArrayLike,
    *,
    origin: int,
    follow_up: int,
    delay: int,
    long_custody: int,
    spells: Any = None,
) -> TimeAtLarge:
    """Count the days at large of people between an origin and the end of its follow-up.

    Days at large = F - |days of (t, t + F] covered by custody, death or absence|, each spell
    holding on ``[starts_on, ends_on)``. A spell counts if it is known at t + F + D:
    ``known_from <= t + F + D < known_to``.

    Parameters
    ----------
    ledger : Ledger
        The people; where identities were applied, spells go to the person.
    people : array_like of int
        Places in the ledger's people, each once.
    origin : int
        Day number t.
    follow_up : int
        F, in days, at least 1.
    delay : int
        D, the days that records are given to arrive, not negative.
    long_custody : int
        From how many days a stretch of custody is long, at least 1. Spells of custody that touch
        or overlap are one stretch. One that is open is as long as it is known to have lasted, at
        t + F + D.
    spells : dataframe, path, iterable of Spell, or Checked, optional
        The table of states. Without it the result says that nothing is known.

    Returns
    -------
    TimeAtLarge
        In the order of ``people``.

    Raises
    ------
    ArgumentError
        If an argument is out of its range, or the table has no states.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from hhpu import Spell, encode
    >>> from hhpu.tables import day_number
    >>> ledger = encode(pd.DataFrame({"offender_id": ["P1", "P2"], "code": "8N",
    ...                               "committed_on": "2025-01-04"}))
    >>> inside = Spell(offender_id="P1", state="in-custody", starts_on=dt.date(2025, 6, 1),
    ...                ends_on=dt.date(2025, 6, 11))
    >>> found = time_at_large(ledger, [0, 1], origin=day_number(dt.date(2025, 5, 31)),
    ...                       follow_up=365, delay=0, long_custody=90, spells=[inside])
    >>> found.days.tolist(), found.throughout.tolist()
    ([355.0, 365.0], [False, True])
    """
    expect(ledger, Ledger, "ledger", "encode() makes one from a table")
    places = _places(people, len(ledger.people))
    for name, value, least in (
        ("follow_up", follow_up, 1),
        ("delay", delay, 0),
        ("long_custody", long_custody, 1),
    ):
        if value < least:
            message = f"{name}={value}: days, at least {least}"
            raise ArgumentError(message)
    if spells is None:
        unknown = np.full(len(places), np.nan)
        return TimeAtLarge(
            people=places, origin=origin, follow_up=follow_up, delay=delay,
            long_custody=long_custody, days=unknown, died=unknown, left=unknown, taken=unknown,
            checked=False, strangers=0, why=_NO_TABLE,
        )  # fmt: skip
    states = read_states(ledger, spells)
    if states is None:
        message = "spells= takes a table of states: check(..., contract=SPELLS)"
        raise ArgumentError(message)
    last = origin + follow_up + delay
    at = np.full(len(ledger.people) + 1, -1, dtype=np.int64)
    at[places] = np.arange(len(places))
    known = states.known_on(last)
    held = _Held(states, at[states.person], known, origin, len(places))
    person, starts, ends = held.stretches(_AWAY)
    covered = np.clip(ends, 1, follow_up + 1) - np.clip(starts, 1, follow_up + 1)
    away = np.bincount(person, weights=covered, minlength=len(places)).astype(np.float64)
    none = len(states) > 0 and not (at[states.person] >= 0).any()
    return TimeAtLarge(
        people=places,
        origin=origin,
        follow_up=follow_up,
        delay=delay,
        long_custody=long_custody,
        days=follow_up - away,
        died=held.first((PersonState.DECEASED,), follow_up),
        left=held.first((PersonState.MOVED_OUT,), follow_up),
        taken=held.first(
            (PersonState.IN_CUSTODY,), follow_up, least=long_custody, seen=last + 1 - origin
        ),
        checked=True,
        strangers=int((known & (states.person < 0)).sum()),
        why=_NOBODY if none else "",
    )


def _places(people: npt.ArrayLike, size: int) -> Ints:
    places = np.asarray(people)
    if places.ndim != 1 or not len(places) or places.dtype.kind not in "iu":
        message = "people= takes places in ledger.people, whole numbers, at least one"
        raise ArgumentError(message)
    if places.min() < 0 or places.max() >= size or len(np.unique(places)) < len(places):
        message = f"people= takes places in ledger.people, from 0 to {size - 1}, each once"
        raise ArgumentError(message)
    return places.astype(np.int64)


class _Held:
    """Known spells of the people asked for, in days from the origin."""

    def __init__(self, states: States, person: Ints, known: Mask, origin: int, size: int) -> None:
        self.rows = np.flatnonzero(known & (person >= 0) & (states.ends > states.starts))
        self.states = states
        self.person = person[self.rows]
        self.starts = states.starts[self.rows].astype(np.int64) - origin
        self.ends = states.ends[self.rows].astype(np.int64) - origin
        self.open_end = FOREVER - origin
        self.size = size

    def stretches(self, among: tuple[PersonState, ...]) -> tuple[Ints, Ints, Ints]:
        """Join the spells of some states that touch or overlap: person, start and end of each."""
        mine = np.logical_or.reduce([self.states.of(state)[self.rows] for state in among])
        return _joined(self.person[mine], self.starts[mine], self.ends[mine])

    def first(
        self,
        among: tuple[PersonState, ...],
        follow_up: int,
        *,
        least: int = 1,
        seen: int | None = None,
    ) -> Floats:
        """First day of a stretch in the follow-up; 0 if it holds before, infinite for none."""
        person, starts, ends = self.stretches(among)
        lasting = ends if seen is None else np.where(ends == self.open_end, seen, ends)
        mine = (lasting - starts >= least) & (ends > 1) & (starts <= follow_up)
        found = np.full(self.size, np.inf)
        np.minimum.at(found, person[mine], np.maximum(starts[mine], 0).astype(np.float64))
        return found


def _joined(person: Ints, starts: Ints, ends: Ints) -> tuple[Ints, Ints, Ints]:
    if not len(person):
        return person, starts, ends
    order = np.lexsort((starts, person))
    person, starts, ends = person[order], starts[order], ends[order]
    apart = person << np.int64(33)  # beyond any day, so that a running end stays with its person
    reached = np.maximum.accumulate(ends + apart)
    new = np.concatenate([[True], starts[1:] + apart[1:] > reached[:-1]])
    at = np.flatnonzero(new)
    closing = np.concatenate([at[1:] - 1, [len(person) - 1]])
    return person[at], starts[at], (reached - apart)[closing]


@attrs.frozen(eq=False, repr=False)
class RatesAtLarge:
    """What is known of each person per 365 days at large.

    Parameters
    ----------
    rates : numpy.ndarray, shape (people,)
        Amount x 365 / days at large; NaN for people left out.
    kept : numpy.ndarray of bool
        Who has a rate.
    least_days : int
        Fewer days at large than this leave a person out.
    left_out : int
        How many people are left out.
    amount_left_out : float
        What they have together.
    pooled : float
        All amounts x 365 / all days at large, over the people kept.
    why : str
        Why nobody has a rate; empty otherwise.
    """

    rates: Floats
    kept: Mask
    least_days: int
    left_out: int
    amount_left_out: float
    pooled: float
    why: str

    def __repr__(self) -> str:
        return f"RatesAtLarge({int(self.kept.sum())} people kept, {self.left_out} left out)"


def rates_at_large(
    found: TimeAtLarge, amounts: npt.ArrayLike, *, least_days: int = LEAST_DAYS_AT_LARGE
) -> RatesAtLarge:
    """Give later harm or counts per 365 days at large.

    Parameters
    ----------
    found : TimeAtLarge
        The days.
    amounts : array_like, shape (people,)
        Later harm or number of offences of the same people, not negative.
    least_days : int
        People with fewer days at large are left out, and counted; at least 1.

    Returns
    -------
    RatesAtLarge
        In the order of the people.

    Raises
    ------
    ArgumentError
        If there is not one amount for each person, one is no amount, or ``least_days`` is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> alike = dict(origin=0, follow_up=365, delay=0, long_custody=90, checked=True, strangers=0,
    ...              why="", died=np.full(2, np.inf), left=np.full(2, np.inf),
    ...              taken=np.full(2, np.inf))
    >>> held = TimeAtLarge(people=np.array([0, 1]), days=np.array([73.0, 10.0]), **alike)
    >>> rates_at_large(held, [2, 1])
    RatesAtLarge(1 people kept, 1 left out)
    >>> rates_at_large(held, [2, 1]).rates.tolist()
    [10.0, nan]
    """
    values = np.asarray(amounts, dtype=np.float64)
    if values.shape != (len(found),):
        message = f"amounts: one for each of {len(found)} people, not {values.shape}"
        raise ArgumentError(message)
    if not np.isfinite(values).all() or (values < 0).any():
        message = "amounts are finite and not negative: 0 where nothing followed"
        raise ArgumentError(message)
    if least_days < 1:
        message = f"least_days={least_days}: at least 1"
        raise ArgumentError(message)
    kept = found.days >= least_days
    rates = np.full(len(found), np.nan)
    rates[kept] = values[kept] * RATE_DAYS / found.days[kept]
    why = ""
    if not kept.any():
        why = found.why or f"nobody was at large for {least_days} days"
    days = float(found.days[kept].sum())
    return RatesAtLarge(
        rates=rates,
        kept=kept,
        least_days=least_days,
        left_out=int((~kept).sum()),
        amount_left_out=float(values[~kept].sum()),
        pooled=float(values[kept].sum()) * RATE_DAYS / days if days else float("nan"),
        why=why,
    )


@attrs.frozen(eq=False, repr=False)
class CompetingTimes:
    """Time to a first offence, or to what came before it, of people at risk at an origin.

    Parameters
    ----------
    place : numpy.ndarray of int64
        Who, as places among the people asked for.
    times : numpy.ndarray of int64
        Days from the origin.
    events : numpy.ndarray of int64
        0 censored, 1 the offence, 2 death, 3 long custody.
    not_at_risk : int
        People left out: dead, away or in long custody at the origin already.
    censored_early : int
        People censored by leaving the area before the end of the follow-up.
    states_known : bool
        Whether a table of states was given; without it nothing competes and nobody leaves, and
        `why` says so.
    why : str
        What is not known.
    """

    place: Ints
    times: Ints
    events: Ints
    not_at_risk: int
    censored_early: int
    states_known: bool
    why: str

    def __len__(self) -> int:
        return len(self.place)

    def __repr__(self) -> str:
        return f"CompetingTimes({len(self)} people at risk, {self.not_at_risk} not)"


def competing_times(found: TimeAtLarge, first: npt.ArrayLike) -> CompetingTimes:
    """Say what came first to each person: the offence, death, long custody, or censoring.

    On one day the offence comes first, then death, then long custody, then leaving the area: a
    person is arrested after the offence. Leaving the area censors; so does the end of the
    follow-up.

    Parameters
    ----------
    found : TimeAtLarge
        States in the follow-up.
    first : array_like, shape (people,)
        Day of the first offence (or first serious one), from the origin: 1 to the last day of the
        follow-up; infinite where there is none.

    Returns
    -------
    CompetingTimes
        Of those at risk.

    Raises
    ------
    ArgumentError
        If there is not one day for each person, or a day is not in the follow-up.
    """
    days = np.asarray(first, dtype=np.float64)
    if days.shape != (len(found),):
        message = f"first: one day for each of {len(found)} people, not {days.shape}"
        raise ArgumentError(message)
    inside = (days >= 1) & (days <= found.follow_up) & (days == np.floor(days))
    if not (inside | np.isposinf(days)).all():
        message = f"first: whole days from 1 to {found.follow_up}, or infinite where none followed"
        raise ArgumentError(message)
    never = np.full(len(found), np.inf)
    died, taken, left = (
        (found.died, found.taken, found.left) if found.checked else (never, never, never)
    )
    came = np.stack([days, died, taken, left, np.full(len(found), float(found.follow_up))])
    what = np.argmin(came, axis=0)
    times = came[what, np.arange(len(found))]
    gone = times < 1
    place = np.flatnonzero(~gone)
    codes = np.array([1, 2, 3, 0, 0], dtype=np.int64)
    return CompetingTimes(
        place=place,
        times=times[place].astype(np.int64),
        events=codes[what[place]],
        not_at_risk=int(gone.sum()),
        censored_early=int((what[place] == 3).sum()),
        states_known=found.checked,
        why=found.why,
    )
