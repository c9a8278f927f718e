"""The person-offence links of the synthetic force, with their versions."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhpu.domain import EvidentialStatus, Role
from hhpu.simulate._columns import Ids, dates, numbered, words
from hhpu.simulate._draws import SLOTS, Days, Draw, Flags, Index, slot_table, streams, uniform_days
from hhpu.simulate._mixture import DETECTIONS, Mixture
from hhpu.simulate._people import DIVISIONS, People

__all__ = [
    "PROVEN",
    "ROLES",
    "STATUSES",
    "STATUS_SHARES",
    "draw_offences",
    "flags_of",
    "some_delay",
]

ROLES = tuple(member.value for member in Role)
STATUSES = tuple(member.value for member in EvidentialStatus)

_SUSPECT_ROLE = ROLES.index("suspect")
_SUSPECT = STATUSES.index("suspect")
_CANCELLED = STATUSES.index("cancelled")
PROVEN = [place for place, status in enumerate(EvidentialStatus) if status.proven]

STATUS_SHARES = {  # share and mean days until it is known
    "suspect": (0.22, 0),
    "arrested": (0.04, 2),
    "charged": (0.1, 45),
    "convicted": (0.14, 240),
    "cautioned": (0.06, 30),
    "no-further-action": (0.37, 90),
    "eliminated": (0.03, 40),
    "acquitted": (0.02, 300),
    "not-guilty": (0.02, 280),
    "cancelled": (0.0, 0),
}
_JOINS = 0.1
_MOST_SUSPECTS = 4
_OTHERS = 0.04
_RECLASSIFIED = 0.03
_CANCELS = 0.01

_STREAMS = (
    "recorded",
    "code",
    "is_late",
    "late",
    "is_slow",
    "slow",
    "non_recent",
    "non_recent_days",
    "custody",
    "joins",
    "other_offence",
    "other_person",
    "other_role",
    "elsewhere",
    "division",
    "spans",
    "span",
    "domestic",
    "hate",
    "child",
    "abuse",
    "identified",
    "identified_days",
    "status",
    "status_days",
    "role",
    "change",
    "change_days",
)


@attrs.frozen(eq=False)
class _Allegations:
    """One element for each suspect link as it was drawn, in order of recording."""

    person: NDArray[np.int32]
    code: NDArray[np.int16]
    recorded: Days
    reported: Days
    committed: Days

    def keep(self, where: Flags) -> _Allegations:
        """Give those that a mask selects."""
        return _Allegations(
            self.person[where],
            self.code[where],
            self.recorded[where],
            self.reported[where],
            self.committed[where],
        )


@attrs.frozen(eq=False)
class _Links:
    """One element for each link of a person to an offence, offences in order of recording."""

    offence: NDArray[np.int32]
    person: NDArray[np.int32]
    role: NDArray[np.int8]
    status: NDArray[np.int8]
    known: Days
    status_from: Days


def draw_offences(
    people: People,
    person_id: pd.Series[Any],
    mixture: Mixture,
    *,
    first: int,
    last: int,
    root: np.random.SeedSequence,
    ids: Ids,
) -> pd.DataFrame:
    """Draw every link of every person, and the superseded versions.

    Parameters
    ----------
    people : People
        The people; ``count`` is how many suspect links each has before custody thins them.
    person_id : pandas.Series
        Their ids.
    mixture : Mixture
        The codes.
    first, last : int
        First and last day of the data.
    root : numpy.random.SeedSequence
        Spawned into one stream for each drawn quantity.
    ids : {"text", "integer"}
        How offence ids are written.

    Returns
    -------
    pandas.DataFrame
        One row for each version of each link, by offence.
    """
    rng = streams(root, _STREAMS)
    drawn = _draw_allegations(people, mixture, rng, first=first)
    leads = _leads(drawn, people, rng["joins"])
    offences = drawn.keep(leads)
    changed, change_day, cancelled = _changes(offences, mixture, rng, last=last)
    links = _link(drawn, leads, people, rng)
    links = _with_evidence(links, offences.recorded, changed, rng, last=last)
    return _frame(
        links, offences, changed, change_day, cancelled, people, person_id, mixture, rng, ids=ids
    )


def _draw_allegations(people: People, mixture: Mixture, rng: Draw, *, first: int) -> _Allegations:
    person = np.repeat(np.arange(len(people.count), dtype=np.int32), people.count)
    recorded = uniform_days(rng["recorded"], people.active_from[person], people.active_to[person])
    order = np.argsort((recorded - first).astype(np.uint16), kind="stable")
    person, recorded = person[order], recorded[order]
    size = len(person)

    slot = rng["code"].integers(0, SLOTS, size, dtype=np.uint16)
    code = mixture.slots[people.profile[person], slot]

    slow = some_delay(rng["is_slow"], rng["slow"], size, share=0.25, median=2, sigma=1.2)
    late = some_delay(rng["is_late"], rng["late"], size, share=0.4, median=2, sigma=1.8)
    years_ago = rng["non_recent"].random(size, dtype=np.float32) < mixture.non_recent[code]
    ago = rng["non_recent_days"].integers(366, 366 * 25, int(years_ago.sum()), dtype=np.int32)
    late[years_ago] = ago
    too_young = recorded - slow - late < people.ten[person]
    slow[too_young] = 0
    late[too_young] = 0
    reported = recorded - slow
    committed = reported - late

    inside = _in_custody(people, person, committed)
    stays = ~inside | (rng["custody"].random(size, dtype=np.float32) < 0.05)
    return _Allegations(person, code, recorded, reported, committed).keep(stays)


def some_delay(
    which: np.random.Generator,
    how_long: np.random.Generator,
    size: int,
    *,
    share: float,
    median: float,
    sigma: float,
) -> Days:
    """Give 0 days to most and a lognormal delay, at most ten years, to a share."""
    days = np.zeros(size, dtype=np.int32)
    some = which.random(size, dtype=np.float32) < share
    normal = how_long.standard_normal(int(some.sum()), dtype=np.float32)
    days[some] = np.minimum(np.exp(np.float32(np.log(median)) + sigma * normal), 3650.0)
    return days


def _in_custody(people: People, person: NDArray[np.int32], day: Days) -> Flags:
    return (people.jailed_from[person] <= day) & (day < people.jailed_to[person])


def _leads(drawn: _Allegations, people: People, rng: np.random.Generator) -> Flags:
    """Mark the first suspect of each offence; an unmarked one shares the offence before it.

    That offence was recorded no later than the one drawn for the person, hence in their life.
    """
    person = drawn.person
    place = np.arange(len(person), dtype=np.int64)
    joins = rng.random(len(person), dtype=np.float32) < _JOINS
    joins[:1] = False
    for back in range(1, _MOST_SUSPECTS):
        joins[back:] &= person[back:] != person[:-back]
    while True:
        candidates = np.flatnonzero(joins)
        lead = np.maximum.accumulate(np.where(joins, 0, place))[candidates]
        who = person[candidates]
        fits = candidates - lead < _MOST_SUSPECTS
        fits &= drawn.committed[lead] >= people.ten[who]
        fits &= ~_in_custody(people, who, drawn.committed[lead])
        if fits.all():
            return ~joins
        joins[candidates[~fits]] = False


def _link(drawn: _Allegations, leads: Flags, people: People, rng: Draw) -> _Links:
    """Add the victims and witnesses: people who are suspects elsewhere."""
    offence = (np.cumsum(leads) - 1).astype(np.int32)
    lead = np.flatnonzero(leads)
    wanted = round(_OTHERS * len(lead))
    if wanted == 0:
        chosen = np.zeros(0, dtype=np.int64)
        who = np.zeros(0, dtype=np.int32)
    else:
        chosen = np.unique(rng["other_offence"].integers(0, len(lead), wanted))
        who = drawn.person[rng["other_person"].integers(0, len(drawn.person), len(chosen))]
    fits = drawn.committed[lead[chosen]] >= people.ten[who]
    fits &= drawn.recorded[lead[chosen]] <= people.last[who]
    for offset in range(_MOST_SUSPECTS):
        place = np.minimum(lead[chosen] + offset, len(drawn.person) - 1)
        fits &= (offence[place] != chosen) | (drawn.person[place] != who)
    witness = rng["other_role"].random(len(chosen)) < 0.3
    other = np.where(witness, ROLES.index("witness"), ROLES.index("victim"))[fits]
    size = len(offence) + len(other)
    return _Links(
        offence=np.concatenate([offence, chosen[fits].astype(np.int32)]),
        person=np.concatenate([drawn.person, who[fits]]),
        role=np.concatenate([np.full(len(offence), _SUSPECT_ROLE), other]).astype(np.int8),
        status=np.full(size, -1, dtype=np.int8),
        known=np.zeros(size, dtype=np.int32),
        status_from=np.zeros(size, dtype=np.int32),
    )


def _changes(
    offences: _Allegations, mixture: Mixture, rng: Draw, *, last: int
) -> tuple[Flags, Days, Flags]:
    """Draw which offences get a second version, from which day, and which are cancelled by it."""
    size = len(offences.recorded)
    lot = rng["change"].random(size)
    waits = np.floor(60 * rng["change_days"].standard_exponential(size))
    day = offences.recorded + 1 + waits.astype(np.int32)
    cancelled = (lot < _CANCELS) & (day <= last)
    other_code = mixture.alternate[offences.code] != offences.code
    reclassified = (lot >= _CANCELS) & (lot < _CANCELS + _RECLASSIFIED) & other_code & (day <= last)
    return cancelled | reclassified, day, cancelled


def _with_evidence(
    links: _Links, recorded: Days, changed: Flags, rng: Draw, *, last: int
) -> _Links:
    size = len(links.offence)
    alleged = links.role == _SUSPECT_ROLE
    known = recorded[links.offence]
    later = (rng["identified"].random(size, dtype=np.float32) < 0.12) & ~changed[links.offence]
    waits = np.floor(20 * rng["identified_days"].standard_exponential(size)).astype(np.int32)
    known = np.where(later & (known + waits <= last), known + waits, known)

    shares = slot_table(np.array([[share for share, _ in STATUS_SHARES.values()]]))[0]
    status = shares[rng["status"].integers(0, SLOTS, size, dtype=np.uint16)].astype(np.int8)
    mean = np.array([days for _, days in STATUS_SHARES.values()], dtype=np.float64)
    waits = np.floor(mean[status] * rng["status_days"].standard_exponential(size)).astype(np.int32)
    open_still = known + waits > last
    status[open_still] = _SUSPECT
    status_from = np.where(open_still, known, known + waits)

    proven = np.isin(status, PROVEN) & ~changed[links.offence] & alleged
    named = proven & (rng["role"].random(size, dtype=np.float32) < 0.8)
    status[~alleged] = -1
    return attrs.evolve(
        links,
        role=np.where(named, ROLES.index("offender"), links.role).astype(np.int8),
        status=status,
        known=known,
        status_from=status_from,
    )


def _frame(
    links: _Links,
    offences: _Allegations,
    changed: Flags,
    change_day: Days,
    cancelled: Flags,
    people: People,
    person_id: pd.Series[Any],
    mixture: Mixture,
    rng: Draw,
    *,
    ids: Ids,
) -> pd.DataFrame:
    offence = links.offence
    alleged = links.role <= ROLES.index("offender")
    versioned = changed[offence] & (alleged | ~cancelled[offence])
    earlier = np.flatnonzero(versioned)
    link = np.concatenate([earlier, np.arange(len(offence))])
    order = np.argsort(offence[link], kind="stable")
    link, is_earlier = link[order], (order < len(earlier))
    offence, is_versioned = offence[link], versioned[link]
    is_later = is_versioned & ~is_earlier

    day = change_day[offence]
    known_from = np.where(is_later, day, links.known[link])
    status, status_from = _versions_of_status(
        links, link, day, is_earlier, is_later & cancelled[offence]
    )
    code = offences.code[offence]
    previous = is_earlier & ~cancelled[offence]
    code = np.where(previous, mixture.alternate[code], code)

    spans, last_day = _spans(offences, rng)
    domestic, hate, abuse, child = flags_of(offences.code, mixture, rng)
    division = _divisions(offences, people, rng)
    number = (
        pd.Series(np.arange(1, len(offences.code) + 1, dtype=np.int64))
        if ids == "integer"
        else numbered("O", len(offences.code), 9)
    )
    return pd.DataFrame(
        {
            "offence_id": number.take(offence).array,
            "offender_id": person_id.take(links.person[link]).array,
            "code": words(code, mixture.codes),
            "role": words(links.role[link], ROLES),
            "status": words(status, STATUSES),
            "committed_on": dates(offences.committed)[offence],
            "committed_to": dates(last_day, missing=~spans)[offence],
            "reported_on": dates(offences.reported)[offence],
            "recorded_on": dates(offences.recorded)[offence],
            "known_from": dates(known_from),
            "known_to": dates(day, missing=~is_earlier),
            "status_from": dates(status_from, missing=status < 0),
            "domestic_abuse": domestic[offence],
            "hate": hate[offence],
            "child_abuse": abuse[offence],
            "child_victim": child[offence],
            "detection": words(mixture.detection[offences.code][offence], DETECTIONS),
            "division": words(division[offence], DIVISIONS),
        },
        copy=False,
    )


def _versions_of_status(
    links: _Links, link: Index, day: Days, is_earlier: Flags, is_cancelled: Flags
) -> tuple[NDArray[np.int8], Days]:
    """Give each version the status that was known while it stood."""
    status, status_from = links.status[link], links.status_from[link]
    not_yet = is_earlier & (status >= 0) & (status_from >= day)
    status = np.where(not_yet, _SUSPECT, np.where(is_cancelled, _CANCELLED, status))
    since = np.where(is_cancelled, day, status_from)
    return status.astype(np.int8), np.where(not_yet, links.known[link], since)


def _spans(offences: _Allegations, rng: Draw) -> tuple[Flags, Days]:
    size = len(offences.code)
    spans = (rng["spans"].random(size, dtype=np.float32) < 0.05) & (
        offences.reported > offences.committed
    )
    return spans, uniform_days(rng["span"], offences.committed, offences.reported)


def flags_of(
    code: NDArray[np.int16], mixture: Mixture, rng: Draw
) -> tuple[Flags, Flags, Flags, Flags]:
    """Give domestic abuse, hate, child abuse and child victim; abuse implies the victim."""
    size = len(code)
    domestic = rng["domestic"].random(size, dtype=np.float32) < mixture.domestic[code]
    hate = rng["hate"].random(size, dtype=np.float32) < mixture.hate[code]
    child = rng["child"].random(size, dtype=np.float32) < mixture.child[code]
    abuse = child & (rng["abuse"].random(size, dtype=np.float32) < mixture.abuse[code])
    return domestic, hate, abuse, child


def _divisions(offences: _Allegations, people: People, rng: Draw) -> NDArray[np.int8]:
    size = len(offences.code)
    elsewhere = rng["elsewhere"].random(size, dtype=np.float32) < 0.15
    anywhere = rng["division"].integers(0, len(DIVISIONS), size, dtype=np.int8)
    return np.where(elsewhere, anywhere, people.home[offences.person])
