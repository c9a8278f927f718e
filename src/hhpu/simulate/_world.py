"""A synthetic world: the truth, its records as versions, and extracts of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import get_args

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import ArgumentError, expect
from hhpu.simulate._arguments import check_choice, check_effect, check_whole, last_day
from hhpu.simulate._columns import dates, numbered, person_ids
from hhpu.simulate._events import draw_events, events_frame
from hhpu.simulate._extract import Extract, extract_of
from hhpu.simulate._law import LAWS, Law, World
from hhpu.simulate._lives import draw_lives, truth_frame
from hhpu.simulate._mixture import mixture_of, shipped_reference
from hhpu.simulate._people import spells_frame
from hhpu.simulate._pitfalls import PITFALLS, Tables, add_pitfalls
from hhpu.simulate._versions import versions_frame

__all__ = ["SyntheticWorld", "synthetic_world"]

_EPOCH = dt.date(1970, 1, 1)
_FIRST = dt.date(1900, 1, 1)
_MOST_PEOPLE = 10_000_000
_MOST_YEARS = 50


def _frozen_counts(counts: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(counts))


@attrs.frozen(eq=False)
class SyntheticWorld:
    """A force that does not exist, with the truth behind its records.

    Parameters
    ----------
    truth : pandas.DataFrame
        A row for each person: ``offender_id``, ``rate`` (offences a year while active, at large and
        not managed), ``leaning``, ``management_effect`` (1 for those never managed), ``died_on``,
        and for each of ``active``, ``custody``, ``away`` and ``managed`` the first day (``_from``)
        and the first day after (``_until``). People of pitfalls are not in it.
    events : pandas.DataFrame
        Every offence that a person of the truth committed: ``offence_id, offender_id, code,
        committed_on, reported_on, recorded_on, recorded`` (whether ever), ``managed`` (whether the
        person then was) and ``opening`` (whether it began a career).
    records : pandas.DataFrame
        Every person record: ``offender_id, date_of_birth, name, known_from, known_to``.
    spells : pandas.DataFrame
        Every version of every spell: the columns of the record ``Spell``.
    identities : pandas.DataFrame
        ``record_id, person_id, known_from, known_to``: whose record it is, from when it is known.
        A record that is not listed is its own person.
    planted : pandas.DataFrame
        ``pitfall, offence_id, offender_id``: the links that pitfalls put in.
    pitfalls : mapping of str to int
        How many cases of each pitfall were put in.
    seed : int
        What it was made with.
    start, end : datetime.date
        First and last day.
    world : {"persistent", "no-history", "attention"}
        The kind of world.
    law : Law
        Its law.
    management_effect : float
        By what management multiplies a rate.
    """

    _versions: pd.DataFrame
    truth: pd.DataFrame
    events: pd.DataFrame
    records: pd.DataFrame
    spells: pd.DataFrame
    identities: pd.DataFrame
    planted: pd.DataFrame
    pitfalls: Mapping[str, int] = attrs.field(converter=_frozen_counts)
    seed: int
    start: dt.date
    end: dt.date
    world: World
    law: Law
    management_effect: float

    def versions(self) -> pd.DataFrame:
        """Give what a system that keeps history would hold on the last day.

        Returns
        -------
        pandas.DataFrame
            The columns of the record ``Offence`` but ``victim_age`` (given as ``child_victim``),
            a row for each version of each link: what it said from ``known_from`` on, and before
            ``known_to`` where it no longer stands.
        """
        return self._versions.copy()

    def extract(self, day: dt.date | str) -> Extract:
        """Give what a system that overwrites would export at the end of a day.

        Parameters
        ----------
        day : datetime.date or str
            From the first day of the world to the last.

        Returns
        -------
        Extract
            Every version with ``known_from <= day < known_to``, without those two columns.

        Raises
        ------
        ArgumentError
            A day outside the world.

        Examples
        --------
        >>> world = synthetic_world(200, seed=1)
        >>> len(world.extract("2026-03-31").people)
        200
        """
        date = last_day(day, name="day", earliest=_FIRST)
        if not self.start <= date <= self.end:
            message = (
                f"day must be from {self.start} to {self.end}, the days of this world; got {date}: "
                "make the world with another as_of or more years"
            )
            raise ArgumentError(message)
        return extract_of(self._versions, self.records, self.spells, day=date, seed=self.seed)

    def extracts(
        self, *, first: dt.date | str | None = None, count: int = 26, every: int = 14
    ) -> Iterator[Extract]:
        """Give one extract after another, made when it is asked for.

        Parameters
        ----------
        first : datetime.date or str, optional
            Day of the first; by default such that the last is of the last day.
        count : int, optional
            How many, 1 to 10,000.
        every : int, optional
            Days from one to the next, from 1 up.

        Returns
        -------
        iterator of Extract

        Raises
        ------
        ArgumentError
            An argument out of range, or a day outside the world.

        Examples
        --------
        >>> world = synthetic_world(50, seed=1)
        >>> [extract.day.isoformat() for extract in world.extracts(count=3)]
        ['2026-03-03', '2026-03-17', '2026-03-31']
        """
        check_whole("count", count, least=1, most=10_000)
        check_whole("every", every, least=1, most=10_000)
        span = dt.timedelta(days=every * (count - 1))
        begin = self.end - span if first is None else last_day(first, name="first", earliest=_FIRST)
        if begin < self.start or begin + span > self.end:
            message = (
                f"first, count and every ask for extracts from {begin} to {begin + span}, and this "
                f"world has the days from {self.start} to {self.end}: ask for fewer, or make it "
                "with more years"
            )
            raise ArgumentError(message)
        return (self.extract(begin + dt.timedelta(days=every * place)) for place in range(count))


def synthetic_world(
    offenders: int = 2_000,
    *,
    seed: int,
    as_of: dt.date | str = "2026-03-31",
    years: int = 7,
    world: World = "persistent",
    law: Law | None = None,
    management_effect: float = 1.0,
    pitfalls: Collection[str] = (),
) -> SyntheticWorld:
    """Make a force that does not exist, with the truth behind its records.

    Everything is synthetic. The worlds ``persistent`` and ``no-history`` are set to three published
    figures [1]_ [2]_, with the definitions given under "The synthetic worlds" of the documentation:
    seven in a hundred offenders hold 80% of harm, 77.6% commit no further crime in two years, and
    over 95% of a yearly top list were on no earlier one. No other rate, share or delay is an
    estimate for any force. How offences come about and are recorded is the formula of `Law`.

    * ``persistent``: people differ in how often and how gravely they offend, and stop; history
      predicts harm, weakly.
    * ``no-history``: one rate and one mix of offences for everybody, for ever. A person's offences
      in any days they are at large are independent of everything before, so no ranking can predict
      harm.
    * ``attention``: offending as in ``no-history``, and an offence is the likelier to be recorded
      the more of the person's offences are on record, or if the person is managed.

    Custody, moving out and death stop offending altogether. Management begins on a day drawn
    from the person's rate and not from their offences, and multiplies the rate from that day on.

    Parameters
    ----------
    offenders : int, optional
        How many people, 1 to 10 million.
    seed : int
        Not negative. The same arguments give the same world, and a pitfall leaves every other row
        as it is.
    as_of : datetime.date or str, optional
        Last day, from 1980 on; a text in ISO form.
    years : int, optional
        Length in years of 365.25 days, 1 to 50. The figures above are met with 7.
    world : {"persistent", "no-history", "attention"}, optional
        The kind of world.
    law : Law, optional
        Another law than the one of the kind, for instance by ``attrs.evolve(LAWS[world], ...)``.
    management_effect : float, optional
        By what management multiplies a rate: 1 is no effect, 0.5 halves it; 0 to 10.
    pitfalls : collection of str, optional
        Names out of ``PITFALLS``; each is put in so often as ``pitfalls`` of the result tells.

    Returns
    -------
    SyntheticWorld

    Raises
    ------
    ArgumentError
        An argument out of the range above, an unknown pitfall, or too little data for one.

    References
    ----------
    .. [1] Felonious few, Northamptonshire 2010-16. https://core.ac.uk/works/94026156,
       doi:10.1007/s41887-019-00039-7
    .. [2] Targeting escalation of intimate partner violence, Thames Valley 2010-15.
       doi:10.1007/s41887-017-0008-9

    Examples
    --------
    >>> world = synthetic_world(300, seed=1, world="no-history")
    >>> world.start.isoformat(), world.end.isoformat(), sorted(set(world.truth["rate"]))
    ('2019-04-01', '2026-03-31', [0.127])
    """
    end = last_day(as_of)
    check_whole("offenders", offenders, least=1, most=_MOST_PEOPLE)
    check_whole("seed", seed, least=0)
    check_whole("years", years, least=1, most=_MOST_YEARS)
    check_choice("world", world, get_args(World))
    _check_pitfalls(pitfalls)
    check_effect(management_effect)
    if law is not None:
        expect(law, Law, "law", "give a Law, such as attrs.evolve(LAWS['persistent'], rate=0.5)")
    chosen = LAWS[world] if law is None else law

    last = (end - _EPOCH).days
    first = last - round(365.25 * years) + 1
    for_lives, for_events, for_versions, for_pitfalls = np.random.SeedSequence(seed).spawn(4)
    mixture = mixture_of(shipped_reference(), None, serious=chosen.serious, petty=chosen.petty)
    ids = person_ids(offenders, "text")
    lives = draw_lives(offenders, chosen, first=first, last=last, root=for_lives)
    events = draw_events(
        lives, mixture, chosen, effect=management_effect, first=first, root=for_events
    )
    tables = Tables(
        versions=versions_frame(events, lives, ids, mixture, last=last, root=for_versions),
        records=pd.DataFrame(
            {
                "offender_id": ids,
                "date_of_birth": dates(lives.born),
                "name": numbered("Person ", offenders, 6),
                "known_from": dates(np.full(offenders, first, np.int32)),
                "known_to": np.full(offenders, np.datetime64("NaT", "s")),
            }
        ),
        spells=spells_frame(lives.spells, ids, last=last),
    )
    counts: dict[str, int] = {}
    if pitfalls:
        tables, counts = add_pitfalls(
            tables,
            tuple(pitfalls),
            first=first,
            last=last,
            offences=int(events.offence.max(initial=-1)) + 1,
            root=for_pitfalls,
        )
    return SyntheticWorld(
        versions=tables.versions,
        truth=truth_frame(lives, ids, chosen, effect=management_effect, last=last),
        events=events_frame(events, ids, mixture),
        records=tables.records,
        spells=tables.spells,
        identities=tables.identities,
        planted=tables.planted,
        pitfalls=counts,
        seed=seed,
        start=_EPOCH + dt.timedelta(days=first),
        end=end,
        world=world,
        law=chosen,
        management_effect=float(management_effect),
    )


def _check_pitfalls(names: Collection[str]) -> None:
    unknown = (
        [names] if isinstance(names, str) else [name for name in names if name not in PITFALLS]
    )
    if unknown:
        message = (
            f"pitfalls must be a collection of names; unknown: {', '.join(map(repr, unknown))}; "
            f"there are {', '.join(PITFALLS)}"
        )
        raise ArgumentError(message)
