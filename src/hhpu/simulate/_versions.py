"""What the records of a synthetic world said, and from when until when they said it."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhpu.simulate._columns import dates, numbered, words
from hhpu.simulate._draws import SLOTS, Days, Draw, Flags, Index, slot_table, streams
from hhpu.simulate._events import Events
from hhpu.simulate._lives import Lives
from hhpu.simulate._mixture import DETECTIONS, Mixture
from hhpu.simulate._offences import PROVEN, ROLES, STATUS_SHARES, STATUSES, flags_of
from hhpu.simulate._people import DIVISIONS, NEVER

__all__ = ["in_force", "versions_frame"]

_SUSPECT = STATUSES.index("suspect")
_CANCELLED = STATUSES.index("cancelled")
_RECLASSIFIED = 0.03
_CANCELS = 0.015
_VANISHES = 0.5
_UNLINKED = 0.005
_IDENTIFIED_LATER = 0.12
_NAMED_OFFENDER = 0.8
_VICTIMS = 0.05
_WITNESS = 0.3
_STREAMS = (
    "change",
    "change_days",
    "vanishes",
    "identified",
    "identified_days",
    "status",
    "status_days",
    "role",
    "unlinked",
    "unlinked_days",
    "victim_offence",
    "victim",
    "victim_role",
    "division",
    "elsewhere",
    "domestic",
    "hate",
    "child",
    "abuse",
)


@attrs.frozen(eq=False)
class _Offences:
    """One element for each recorded offence, in order of recording."""

    code: NDArray[np.int16]
    committed: Days
    reported: Days
    recorded: Days
    home: NDArray[np.int8]
    reclassified: Days
    cancelled: Days
    vanishes: Flags


@attrs.frozen(eq=False)
class _Links:
    """One element for each link on record: when it is known, decided and ended."""

    offence: Index
    person: Index
    role: NDArray[np.int8]
    named: Flags
    status: NDArray[np.int8]
    known: Days
    decided: Days
    ends: Days


def versions_frame(
    events: Events,
    lives: Lives,
    ids: pd.Series[Any],
    mixture: Mixture,
    *,
    last: int,
    root: np.random.SeedSequence,
) -> pd.DataFrame:
    """Give every version of every link that was known by the last day.

    A link becomes known when its offence is recorded, or up to some months later where the person
    is identified later. Its status is ``suspect`` until it is decided. One offence in 33 is
    re-classified; one in 67 is cancelled, after which half vanish and half stay with the status
    ``cancelled``; one link in 200 is taken back. Each such day ends a version and, unless the link
    is gone, begins another.

    Parameters
    ----------
    events : Events
        The true offences.
    lives : Lives
        The people.
    ids : pandas.Series
        Their ids.
    mixture : Mixture
        The codes.
    last : int
        Last day of the world.
    root : numpy.random.SeedSequence
        Spawned into one stream for each drawn quantity.

    Returns
    -------
    pandas.DataFrame
        The columns of the record ``Offence`` but ``victim_age``, by offence, person and first
        day known.
    """
    rng = streams(root, _STREAMS)
    offences = _recorded(events, lives, mixture, rng)
    links = _links(events, offences, len(lives.rate), rng)
    link, begins, ends = _intervals(links, offences, last)
    return _frame(links, offences, link, begins, ends, ids, mixture, rng)


def _recorded(events: Events, lives: Lives, mixture: Mixture, rng: Draw) -> _Offences:
    at = np.flatnonzero(events.is_recorded)
    number, place = np.unique(events.offence[at], return_index=True)
    at = at[place]
    size = len(number)
    lot = rng["change"].random(size)
    waits = np.floor(60 * rng["change_days"].standard_exponential(size)).astype(np.int32)
    day = events.recorded[at] + 1 + waits
    code = events.code[at]
    moves = (lot >= _CANCELS) & (lot < _CANCELS + _RECLASSIFIED) & (mixture.alternate[code] != code)
    elsewhere = rng["elsewhere"].random(size) < 0.15
    anywhere = rng["division"].integers(0, len(DIVISIONS), size, dtype=np.int8)
    return _Offences(
        code=code,
        committed=events.committed[at],
        reported=events.reported[at],
        recorded=events.recorded[at],
        home=np.where(elsewhere, anywhere, lives.home[events.person[at]]),
        reclassified=np.where(moves, day, NEVER).astype(np.int32),
        cancelled=np.where(lot < _CANCELS, day, NEVER).astype(np.int32),
        vanishes=rng["vanishes"].random(size) < _VANISHES,
    )


def _links(events: Events, offences: _Offences, people: int, rng: Draw) -> _Links:
    at = np.flatnonzero(events.is_recorded)
    offence, person = events.offence[at], events.person[at]
    role = np.full(len(at), ROLES.index("suspect"), dtype=np.int8)
    bystanders = np.setdiff1d(np.arange(people), events.person)
    if len(bystanders) and len(offences.code):
        wanted = rng["victim_offence"].random(len(offences.code)) < _VICTIMS
        hurt = np.flatnonzero(wanted)
        chosen = bystanders[rng["victim"].integers(0, len(bystanders), len(hurt))]
        witness = rng["victim_role"].random(len(hurt)) < _WITNESS
        other = np.where(witness, ROLES.index("witness"), ROLES.index("victim")).astype(np.int8)
        offence, person = np.concatenate([offence, hurt]), np.concatenate([person, chosen])
        role = np.concatenate([role, other])
    order = np.lexsort((person, offence))
    offence, person, role = offence[order], person[order], role[order]
    size = len(offence)
    alleged = role == ROLES.index("suspect")

    later = alleged & (rng["identified"].random(size) < _IDENTIFIED_LATER)
    waits = np.floor(20 * rng["identified_days"].standard_exponential(size)).astype(np.int32)
    known = offences.recorded[offence] + np.where(later, waits, 0).astype(np.int32)
    shares = slot_table(np.array([[share for share, _ in STATUS_SHARES.values()]]))[0]
    status = shares[rng["status"].integers(0, SLOTS, size, dtype=np.uint16)].astype(np.int8)
    mean = np.array([days for _, days in STATUS_SHARES.values()], dtype=np.float64)
    waits = np.floor(mean[status] * rng["status_days"].standard_exponential(size)).astype(np.int32)
    decided = np.where(alleged & (status != _SUSPECT), known + waits, NEVER)
    named = np.isin(status, PROVEN) & (rng["role"].random(size) < _NAMED_OFFENDER)

    taken_back = alleged & (rng["unlinked"].random(size) < _UNLINKED)
    waits = np.floor(90 * rng["unlinked_days"].standard_exponential(size)).astype(np.int32)
    ends = np.where(taken_back, known + 1 + waits, NEVER).astype(np.int32)
    gone = np.where(
        offences.vanishes[offence] | ~alleged, offences.cancelled[offence], np.int32(NEVER)
    )
    return _Links(
        offence=offence,
        person=person,
        role=role,
        named=alleged & named,
        status=np.where(alleged, status, -1).astype(np.int8),
        known=known,
        decided=decided.astype(np.int32),
        ends=np.minimum(ends, gone),
    )


def _intervals(links: _Links, offences: _Offences, last: int) -> tuple[Index, Days, Days]:
    """Cut the days of each link where something changes: link, first day, first day after."""
    cancelled = offences.cancelled[links.offence]
    final = np.minimum(links.ends, np.where(cancelled < NEVER, cancelled + 1, NEVER))
    cuts = np.stack(
        [links.known, links.decided, offences.reclassified[links.offence], cancelled], axis=1
    )
    over = (cuts < links.known[:, None]) | (cuts >= final[:, None])
    cuts = np.sort(np.where(over, NEVER, cuts), axis=1)
    ends = np.minimum(np.roll(cuts, -1, axis=1), links.ends[:, None])
    ends[:, -1] = links.ends
    real = (cuts < ends) & (cuts <= last)
    link, place = np.nonzero(real)
    return link, cuts[link, place], np.where(ends > last, NEVER, ends)[link, place]


def _frame(
    links: _Links,
    offences: _Offences,
    link: Index,
    begins: Days,
    ends: Days,
    ids: pd.Series[Any],
    mixture: Mixture,
    rng: Draw,
) -> pd.DataFrame:
    offence = links.offence[link]
    code = offences.code[offence]
    changes = offences.reclassified[offence]
    code = np.where((changes < NEVER) & (begins < changes), mixture.alternate[code], code)
    dropped = begins >= offences.cancelled[offence]
    decided = ~dropped & (begins >= links.decided[link])
    status = np.where(dropped, _CANCELLED, np.where(decided, links.status[link], _SUSPECT))
    since = np.where(
        dropped,
        offences.cancelled[offence],
        np.where(decided, links.decided[link], links.known[link]),
    )
    alleged = links.status[link] >= 0
    role = np.where(decided & links.named[link], np.int8(ROLES.index("offender")), links.role[link])
    domestic, hate, abuse, child = flags_of(offences.code, mixture, rng)
    return pd.DataFrame(
        {
            "offence_id": numbered("O", len(offences.code), 9).take(offence).array,
            "offender_id": ids.take(links.person[link]).array,
            "code": words(code, mixture.codes),
            "role": words(role, ROLES),
            "status": words(np.where(alleged, status, -1), STATUSES),
            "committed_on": dates(offences.committed)[offence],
            "committed_to": np.full(len(link), np.datetime64("NaT", "s")),
            "reported_on": dates(offences.reported)[offence],
            "recorded_on": dates(offences.recorded)[offence],
            "known_from": dates(begins),
            "known_to": dates(ends, missing=ends == NEVER),
            "status_from": dates(since, missing=~alleged),
            "domestic_abuse": domestic[offence],
            "hate": hate[offence],
            "child_abuse": abuse[offence],
            "child_victim": child[offence],
            "detection": words(mixture.detection[offences.code][offence], DETECTIONS),
            "division": words(offences.home[offence], DIVISIONS),
        },
        copy=False,
    )


def in_force(table: pd.DataFrame, day: np.datetime64) -> Flags:
    """Tell which versions stand at the end of a day: ``known_from <= day < known_to``.

    Parameters
    ----------
    table : pandas.DataFrame
        With ``known_from`` and ``known_to``, missing while it stands.
    day : numpy.datetime64
        The day.

    Returns
    -------
    array of bool
    """
    begun = table["known_from"].to_numpy() <= day
    ended = table["known_to"].to_numpy() <= day
    stands: Flags = begun & ~ended
    return stands
