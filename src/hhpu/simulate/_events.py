"""What people did, recorded or not: the true offences of a synthetic world."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhpu.simulate._columns import dates, numbered, words
from hhpu.simulate._draws import SLOTS, Days, Flags, Index, streams
from hhpu.simulate._law import Law
from hhpu.simulate._lives import YEAR, Lives
from hhpu.simulate._mixture import Mixture
from hhpu.simulate._offences import some_delay
from hhpu.simulate._people import PROFILE_SHARES, by_slots

__all__ = ["Events", "draw_events", "events_frame"]

_JOINS = 0.1
_NEAR = 7
_LONGEST_DELAY = 150
_STREAMS = (
    "count",
    "day",
    "managed",
    "profile",
    "code",
    "is_late",
    "late",
    "is_slow",
    "slow",
    "recorded",
    "joins",
)


@attrs.frozen(eq=False)
class Events:
    """One element for each person-offence link, in order of commission.

    Parameters
    ----------
    person : array of int64
        Who.
    offence : array of int64
        Which offence; recorded ones are numbered first, in order of recording.
    code : array of int16
        Place in the codes of the mixture.
    committed, reported, recorded : array of int32
        Days; the last two mean nothing for an offence that is not recorded.
    is_recorded : array of bool
        Whether it is ever recorded.
    managed : array of bool
        Whether the person was managed when it was committed.
    opening : array of bool
        Whether it begins a career.
    """

    person: Index
    offence: Index
    code: NDArray[np.int16]
    committed: Days
    reported: Days
    recorded: Days
    is_recorded: Flags
    managed: Flags
    opening: Flags


def draw_events(
    lives: Lives,
    mixture: Mixture,
    law: Law,
    *,
    effect: float,
    first: int,
    root: np.random.SeedSequence,
) -> Events:
    """Draw every offence by thinning, then what is recorded of it and when.

    Candidates come at the rate times ``max(1, effect)``; of a managed person's a share
    ``effect / max(1, effect)`` is kept and of anybody else's ``1 / max(1, effect)``, so the rates
    are exact.

    Parameters
    ----------
    lives : Lives
        The people.
    mixture : Mixture
        The codes.
    law : Law
        The law of the world.
    effect : float
        By what management multiplies a rate.
    first : int
        First day of the world.
    root : numpy.random.SeedSequence
        Spawned into one stream for each drawn quantity.

    Returns
    -------
    Events
    """
    rng = streams(root, _STREAMS)
    most = max(1.0, effect)
    active = (lives.career.ends - lives.career.starts) / YEAR
    count = rng["count"].poisson(lives.rate * most * active)
    person: Index = np.repeat(np.arange(len(count), dtype=np.int64), count)
    length = (lives.career.ends - lives.career.starts)[person]
    into = np.floor(rng["day"].random(len(person)) * length).astype(np.int32)
    day = lives.career.starts[person] + np.minimum(into, length - 1)
    wanted = rng["managed"].random(len(person)) * most
    keep = wanted < np.where(lives.managed.holds(person, day), effect, 1.0)

    begun = np.flatnonzero(lives.opens)
    opening = np.repeat([False, True], [len(person), len(begun)])
    person = np.concatenate([person, begun])
    day = np.concatenate([day, lives.career.starts[begun]])
    keep = np.concatenate([keep, np.ones(len(begun), dtype=np.bool_)])
    keep &= lives.may_offend(person, day)

    profile = lives.profile[person]
    if not law.leaning:
        profile = by_slots(rng["profile"], len(person), PROFILE_SHARES)
    code = mixture.slots[profile, rng["code"].integers(0, SLOTS, len(person), dtype=np.uint16)]
    late = some_delay(rng["is_late"], rng["late"], len(person), share=0.4, median=2, sigma=1.8)
    slow = some_delay(rng["is_slow"], rng["slow"], len(person), share=0.25, median=2, sigma=1.2)
    chance, joins = rng["recorded"].random(len(person)), rng["joins"].random(len(person))

    order = np.flatnonzero(keep)
    order = order[np.argsort(day[order] - first, kind="stable")]
    committed = day[order]
    reported = committed + np.minimum(late[order], _LONGEST_DELAY)
    events = Events(
        person=person[order],
        offence=np.zeros(len(order), dtype=np.int64),
        code=code[order],
        committed=committed,
        reported=reported,
        recorded=reported + np.minimum(slow[order], _LONGEST_DELAY),
        is_recorded=np.ones(len(order), dtype=np.bool_),
        managed=lives.managed.holds(person[order], committed),
        opening=opening[order],
    )
    events = attrs.evolve(events, is_recorded=_noticed(events, law, chance[order]))
    return _joined(events, lives, joins[order] < _JOINS)


def _noticed(events: Events, law: Law, chance: NDArray[np.float64]) -> Flags:
    """Decide person by person, in order of commission, which offences are recorded."""
    plain = law.noticed + law.watched * events.managed
    if law.attention == 0.0:
        noticed: Flags = chance < plain
        return noticed
    by_person = np.argsort(events.person, kind="stable")
    person = events.person[by_person]
    begins = np.concatenate([[True], person[1:] != person[:-1]])[: len(person)]
    start = np.maximum.accumulate(np.where(begins, np.arange(len(person)), 0))
    rank = np.arange(len(person)) - start
    committed, recorded = events.committed[by_person], events.recorded[by_person]
    chance, plain = chance[by_person], plain[by_person]
    is_recorded = np.zeros(len(person), dtype=np.bool_)
    for place in range(int(rank.max(initial=-1)) + 1):
        here = np.flatnonzero(rank == place)
        known = np.zeros(len(here))
        for back in range(1, place + 1):
            known += is_recorded[here - back] & (recorded[here - back] <= committed[here])
        is_recorded[here] = chance[here] < plain[here] + law.attention * known
    decided = np.empty(len(person), dtype=np.bool_)
    decided[by_person] = is_recorded
    return decided


def _joined(events: Events, lives: Lives, joins: Flags) -> Events:
    """Make some recorded offences one with the recorded offence before, and number them all.

    The two people differ, it lies at most seven days before, and the second person was free to
    offend on that day and in the same hands.
    """
    at = np.flatnonzero(events.is_recorded)
    lead, second = at[:-1], at[1:]
    who, day = events.person[second], events.committed[lead]
    fits = joins[second] & (who != events.person[lead])
    fits &= (events.committed[second] - day <= _NEAR) & lives.may_offend(who, day)
    fits &= lives.managed.holds(who, day) == events.managed[second]
    fits[1:] &= ~fits[:-1]
    lead, second = lead[fits], second[fits]

    columns = {}
    for name in ("code", "committed", "reported", "recorded"):
        values = getattr(events, name).copy()
        values[second] = values[lead]
        columns[name] = values
    first = np.ones(len(events.person), dtype=np.bool_)
    first[second] = False
    order = np.lexsort((columns["recorded"], ~events.is_recorded, ~first))[: int(first.sum())]
    number = np.empty(len(first), dtype=np.int64)
    number[order] = np.arange(len(order))
    number[second] = number[lead]
    return attrs.evolve(events, offence=number, **columns)


def events_frame(events: Events, ids: pd.Series[Any], mixture: Mixture) -> pd.DataFrame:
    """Give the true offences as a table.

    Parameters
    ----------
    events : Events
        The offences.
    ids : pandas.Series
        The ids of the people.
    mixture : Mixture
        The codes.

    Returns
    -------
    pandas.DataFrame
        ``offence_id, offender_id, code, committed_on, reported_on, recorded_on, recorded,
        managed, opening``; the day of recording may lie after the end of the world.
    """
    number = numbered("O", int(events.offence.max(initial=-1)) + 1, 9)
    return pd.DataFrame(
        {
            "offence_id": number.take(events.offence).array,
            "offender_id": ids.take(events.person).array,
            "code": words(events.code, mixture.codes),
            "committed_on": dates(events.committed),
            "reported_on": dates(events.reported, missing=~events.is_recorded),
            "recorded_on": dates(events.recorded, missing=~events.is_recorded),
            "recorded": events.is_recorded,
            "managed": events.managed,
            "opening": events.opening,
        },
        copy=False,
    )
